-- The feed of changes: every publication, correction and withdrawal, numbered in the order in which they became visible, so
-- that a reader who goes on behind the last number it has seen misses none. Everything here adds; triggers write it, so that
-- the code of the release before writes it too.

create table trueprice.change (
    id bigint primary key,
    kind text not null check (kind in ('published', 'corrected', 'withdrawn')),
    snapshot_id integer not null references trueprice.snapshot on delete cascade,
    previous_id integer,
    constraint each_kind_once_per_snapshot unique (snapshot_id, kind)
);
comment on table trueprice.change is 'The feed: what became of snapshots, in the order in which it became visible';
comment on column trueprice.change.id is 'Number in the feed, without a gap when it is given: whoever sees it sees all smaller ones';
comment on column trueprice.change.kind is 'published (a new stamp), corrected (a new revision of a stamp) or withdrawn';
comment on column trueprice.change.snapshot_id is 'The snapshot that was published or withdrawn';
comment on column trueprice.change.previous_id is 'What it takes the place of: of a correction the revision before, else the latest stamp before it that was known then';

create table trueprice.change_count (
    only_row boolean primary key default true check (only_row),
    last bigint not null
);
comment on table trueprice.change_count is 'The last number of the feed; its row lock orders the commits of those who write to it';
comment on column trueprice.change_count.only_row is 'There is one row';
comment on column trueprice.change_count.last is 'The last number';

create table trueprice.difference (
    snapshot_id integer primary key references trueprice.snapshot on delete cascade,
    curves integer[] not null,
    what text not null,
    months datemultirange[] not null,
    constraint as_many_of_each check (
        length(what) = cardinality(curves)
        and cardinality(months) = cardinality(curves)
    )
);
comment on table trueprice.difference is 'What a snapshot changed when it was published, curve by curve; kept when its values go to the archive. Not of snapshots of earlier releases, nor where the one before was in the archive';
comment on column trueprice.difference.snapshot_id is 'The snapshot';
comment on column trueprice.difference.curves is 'The curves that it changed, against what it takes the place of';
comment on column trueprice.difference.what is 'Of each a letter: a for added, r for removed, c for changed';
comment on column trueprice.difference.months is 'Of each the delivery months that changed, and no others; null where months do not apply';

-- Nothing is published between what is there already and the triggers.
lock table trueprice.snapshot, trueprice.withdrawal in share row exclusive mode;

-- What is there already, in the order in which it became known.
with events as (
    select case when s.revision = 1 then 'published' else 'corrected' end as kind, s.id as snapshot_id,
        case when s.revision = 1 then s.previous_id else (
            select b.id
            from trueprice.snapshot b
            where b.series_id = s.series_id and b.stamp = s.stamp and b.revision < s.revision
            order by b.revision desc
            limit 1
        ) end as previous_id,
        lower(s.known) as at
    from trueprice.snapshot s
    union all
    select 'withdrawn', s.id, s.previous_id, w.at
    from trueprice.withdrawal w
    join trueprice.snapshot s on s.id = w.snapshot_id
)
insert into trueprice.change (id, kind, snapshot_id, previous_id)
select row_number() over (order by at, snapshot_id, kind), kind, snapshot_id, previous_id
from events;

insert into trueprice.change_count (last)
select coalesce(max(id), 0)
from trueprice.change;

-- A number that is drawn in the middle of a transaction may become visible after a higher one, and a reader that has gone on
-- behind the higher one misses it. These triggers run at the commit: there the row of the count is locked until the
-- transaction is visible, so that the next number is given when this one can be seen. It is held for the commit alone.
create function trueprice.announce() returns trigger
    language plpgsql as $$
declare
    number bigint;
    subject integer;
    this trueprice.snapshot;
    before integer;
begin
    -- One statement each: a record is asked only for the fields that it has.
    if tg_table_name = 'snapshot' then
        subject := new.id;
    else
        subject := new.snapshot_id;
    end if;
    select * into this from trueprice.snapshot where id = subject;
    if not found then
        return null;
    end if;
    before := this.previous_id;
    if tg_table_name = 'snapshot' and this.revision > 1 then
        select b.id into before
        from trueprice.snapshot b
        where b.series_id = this.series_id and b.stamp = this.stamp and b.revision < this.revision
        order by b.revision desc
        limit 1;
    end if;
    update trueprice.change_count set last = last + 1 returning last into strict number;
    insert into trueprice.change (id, kind, snapshot_id, previous_id)
    values (
        number,
        case when tg_table_name = 'withdrawal' then 'withdrawn' when this.revision = 1 then 'published' else 'corrected' end,
        subject,
        before
    );
    return null;
end
$$;
comment on function trueprice.announce is 'Writes a snapshot, or its withdrawal, into the feed';

create constraint trigger announced after insert on trueprice.snapshot
    deferrable initially deferred
    for each row execute function trueprice.announce();
create constraint trigger announced after insert on trueprice.withdrawal
    deferrable initially deferred
    for each row execute function trueprice.announce();
