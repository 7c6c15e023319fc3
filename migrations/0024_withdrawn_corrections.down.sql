create or replace function trueprice.announce() returns trigger
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
comment on column trueprice.change.previous_id is 'What it takes the place of: of a correction the revision before, else the latest stamp before it that was known then';
comment on column trueprice.snapshot.previous_id is 'The snapshot that it is compared with: the latest stamp before it, by what is known; as it was when this one ceased to be known';
