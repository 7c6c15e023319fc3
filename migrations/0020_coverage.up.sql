-- What may be seen is decided by delivery months: a rule about months that no curve has shows nothing, and a snapshot can be
-- seen only if one of its curves says something of a month that is granted. Which months a snapshot covers was not written
-- down: vectors are packed, and those of the archive are in files. Here it is, written once and shared by all snapshots that
-- cover the same, as curves and values are. Everything here adds; a trigger writes it, so that the code of the release
-- before writes it too.

alter table trueprice.curve_values add column length integer check (length > 0);
comment on column trueprice.curve_values.length is 'How many values it has, missing ones included; null of what an earlier release stored';

create table trueprice.coverage (
    id integer generated always as identity primary key,
    series_id integer not null references trueprice.series,
    months daterange not null check (not isempty(months) and not lower_inf(months) and not upper_inf(months)),
    curves int4multirange not null check (not isempty(curves)),
    digest uuid not null,
    constraint coverage_is_content_addressed unique (series_id, digest)
);
comment on table trueprice.coverage is 'Curves that cover the same delivery months; one row, however many snapshots have it';
comment on column trueprice.coverage.id is 'Key';
comment on column trueprice.coverage.series_id is 'Data type and market';
comment on column trueprice.coverage.months is 'From the first month that they have a value for, or the place of one, to the month after the last; of values without delivery months those in which they hold';
comment on column trueprice.coverage.curves is 'Keys of the curves';
comment on column trueprice.coverage.digest is 'MD5 of months and curves: equal content, equal number';

create table trueprice.snapshot_coverage (
    snapshot_id integer not null references trueprice.snapshot on delete cascade,
    coverage_id integer not null references trueprice.coverage,
    primary key (snapshot_id, coverage_id)
);
comment on table trueprice.snapshot_coverage is 'Which months of which curves a snapshot covers; kept when its values go to the archive';
comment on column trueprice.snapshot_coverage.snapshot_id is 'The snapshot';
comment on column trueprice.snapshot_coverage.coverage_id is 'What it covers';
create index snapshot_coverage_by_coverage on trueprice.snapshot_coverage (coverage_id);

-- As `Grid` says it in the program; a test holds the two together.
create function trueprice.is_timeless(data_type text) returns boolean
    language sql immutable strict parallel safe
    return data_type in ('vlr', 'lineloss');
comment on function trueprice.is_timeless is 'Whether the values of a data type hold at any time, and have no delivery months of their own';

create function trueprice.delivery_months(data_type text, operating_day date, start date, length integer) returns daterange
    language sql immutable strict parallel safe
    return case
        -- From the day of their sheet on, as far as anybody prices: a rule that was over before, or begins after that, is not
        -- about them.
        when trueprice.is_timeless(data_type) then daterange(
            date_trunc('month', operating_day::timestamp)::date,
            (date_trunc('month', operating_day::timestamp) + interval '240 months')::date
        )
        else daterange(
            date_trunc('month', start::timestamp)::date,
            (date_trunc('month', case
                when data_type in ('loadprofile', 'shaping') then start + (length - 1) / 25 * interval '1 day'
                when data_type in ('matrix', 'headroom') then start + (length - 1) * interval '1 day'
                else start + (length - 1) * interval '1 month'
            end) + interval '1 month')::date
        )
    end;
comment on function trueprice.delivery_months is 'The delivery months that so many values from a day on, of a sheet of an operating day, are about';

create function trueprice.add_coverage(snapshot_id integer, curves integer[], starts date[], lengths integer[]) returns void
    language plpgsql
as $$
#variable_conflict use_column
begin
    with alike as materialized (
        select r.id as series_id, p.months, range_agg(int4range(p.curve, p.curve, '[]')) as curves
        from trueprice.snapshot s
        join trueprice.series r on r.id = s.series_id
        cross join lateral (
            select c.curve, trueprice.delivery_months(r.data_type, s.operating_day, c.start, c.length) as months
            from unnest(add_coverage.curves, add_coverage.starts, add_coverage.lengths) as c (curve, start, length)
        ) p
        where s.id = add_coverage.snapshot_id
        group by r.id, p.months
    ), keyed as materialized (
        select a.*, md5(concat_ws(' ', a.months, a.curves))::uuid as digest
        from alike a
    ), added as (
        insert into trueprice.coverage (series_id, months, curves, digest)
        select k.series_id, k.months, k.curves, k.digest
        from keyed k
        on conflict on constraint coverage_is_content_addressed do nothing
        returning id
    )
    insert into trueprice.snapshot_coverage (snapshot_id, coverage_id)
    select add_coverage.snapshot_id, a.id
    from added a
    union
    select add_coverage.snapshot_id, c.id
    from keyed k
    join trueprice.coverage c on c.series_id = k.series_id and c.digest = k.digest
    on conflict do nothing;
end
$$;
comment on function trueprice.add_coverage is 'Writes down which months of which curves a snapshot covers: a start and a number of values for each vector. The series is locked by who publishes';
revoke execute on function trueprice.add_coverage(integer, integer[], date[], integer[]) from public;

create function trueprice.cover(snapshot_id integer, values_ids bigint[]) returns void
    language plpgsql
as $$
#variable_conflict use_column
begin
    perform trueprice.add_coverage(cover.snapshot_id, array_agg(p.curve_id), array_agg(p.start), array_agg(p.length))
    from (
        with vectors as materialized (
            select v.id, v.curve_id, v.start, v.length
            from trueprice.curve_values v
            where v.id = any(cover.values_ids)
        ), starts as (
            select v.start, max(v.length) as length, min(v.id) as any_id
            from vectors v
            group by v.start
        ), known as (
            -- The columns of a sheet have the same rows: of vectors of earlier releases one is counted for all that begin with it.
            select s.start, coalesce(s.length, (
                select cardinality(coalesce(v.values, trueprice.unpack(v.packed)))
                from trueprice.curve_values v
                where v.id = s.any_id
            )) as length
            from starts s
        )
        select v.curve_id, v.start, coalesce(v.length, k.length) as length
        from vectors v
        join known k on k.start = v.start
    ) p
    having count(*) > 0;
end
$$;
comment on function trueprice.cover is 'Writes down which months a snapshot covers with these values';
revoke execute on function trueprice.cover(integer, bigint[]) from public;

create function trueprice.cover_added() returns trigger
    language plpgsql
as $$
begin
    perform trueprice.cover(a.snapshot_id, array_agg(a.values_id))
    from added a
    group by a.snapshot_id;
    return null;
end
$$;
comment on function trueprice.cover_added is 'Writes down which months snapshots cover, as their manifests are written';
create trigger covered after insert on trueprice.snapshot_curve
    referencing new table as added
    for each statement execute function trueprice.cover_added();

-- What is there already. Of snapshots in the archive compaction adds it: it has the files.
select trueprice.cover(i.snapshot_id, array_agg(i.values_id))
from trueprice.snapshot_curve i
group by i.snapshot_id;

-- The one place that says which snapshots of a series a viewer may see. One who sees all of the series sees each of them, and
-- pays nothing; of any other it is found out once for a statement which coverages have a month that is granted, and a snapshot
-- is seen if it has one of these.
create function trueprice.sight(viewer integer, everything boolean, now timestamptz, data_type text, market text)
    returns table (series_id integer, whole boolean, coverages integer[])
    language plpgsql stable parallel safe rows 1
as $$
#variable_conflict use_column
declare
    series integer;
begin
    select r.id into series
    from trueprice.series r
    where r.data_type = sight.data_type
      and r.market = sight.market;
    if series is null then
        return;
    end if;
    if trueprice.sees_series(sight.viewer, sight.everything, sight.data_type, sight.market, true) then
        return query select series, true, null::integer[];
        return;
    end if;
    return query
    with rules as materialized (
        select num_nonnulls(variadic r.patterns) > 0 as of_labels
        from trueprice.access_rule r
        where r.viewer = sight.viewer
          and (r.data_type is null or r.data_type = sight.data_type)
          and (r.market is null or r.market = sight.market)
    ), granted as materialized (
        -- Rules of months alone are about all curves alike: one of them tells it of all.
        select null::int4multirange as curves, s.months
        from (select from rules having count(*) > 0 and not bool_or(of_labels)) plain
        cross join lateral trueprice.seen(sight.viewer, false, sight.now, sight.data_type, sight.market, array_fill(''::text, array[9])) s
        union all
        select range_agg(int4range(c.id, c.id, '[]')), s.months
        from (select from rules having bool_or(of_labels)) labelled
        join trueprice.curve c on c.series_id = series
        cross join lateral trueprice.seen(sight.viewer, false, sight.now, sight.data_type, sight.market, c.normal) s
        group by s.months
    )
    select series, false, shown.coverages
    from (
        select array_agg(g.id) as coverages
        from trueprice.coverage g
        where g.series_id = series
          and exists (
            select
            from granted v
            where (v.curves is null or v.curves && g.curves)
              and v.months && g.months
          )
    ) shown
    where shown.coverages is not null;
end
$$;
comment on function trueprice.sight is 'What a viewer sees of a series: no row if nothing; whole if all of it; else the coverages of which some month of some curve is granted';

-- Not one that PostgreSQL could put into the statement, and so planned once for a session. Callers ask `whole or shows(…)`.
create function trueprice.shows(coverages integer[], snapshot_id integer) returns boolean
    language plpgsql stable parallel safe
as $$
#variable_conflict use_column
begin
    return exists (
        select
        from trueprice.snapshot_coverage l
        where l.snapshot_id = shows.snapshot_id
          and l.coverage_id = any(shows.coverages)
    );
end
$$;
comment on function trueprice.shows is 'Whether a snapshot has one of the coverages that a viewer sees, as trueprice.sight says them';

create function trueprice.sees_series(viewer integer, everything boolean, now timestamptz, data_type text, market text) returns boolean
    language plpgsql stable parallel safe cost 1000
as $$
begin
    return trueprice.sees_series(viewer, everything, data_type, market, true)
        or exists (select from trueprice.sight(viewer, everything, now, data_type, market));
end
$$;
comment on function trueprice.sees_series(integer, boolean, timestamptz, text, text) is 'Whether a viewer may see something of a data type and market: all of it, or a month of a curve that some snapshot has';

create function trueprice.sees_snapshot(viewer integer, everything boolean, now timestamptz, snapshot_id integer) returns boolean
    language plpgsql stable parallel safe cost 1000
as $$
#variable_conflict use_column
declare
    series trueprice.series;
begin
    select r.* into series
    from trueprice.snapshot s
    join trueprice.series r on r.id = s.series_id
    where s.id = sees_snapshot.snapshot_id;
    return found and (
        trueprice.sees_series(sees_snapshot.viewer, sees_snapshot.everything, series.data_type, series.market, true)
        or exists (
            select
            from trueprice.snapshot_coverage l
            join trueprice.coverage g on g.id = l.coverage_id
            join trueprice.curve c on c.series_id = g.series_id and g.curves @> c.id
            cross join lateral trueprice.seen(sees_snapshot.viewer, false, sees_snapshot.now, series.data_type, series.market, c.normal) n
            where l.snapshot_id = sees_snapshot.snapshot_id
              and n.months && g.months
        )
    );
end
$$;
comment on function trueprice.sees_snapshot is 'Whether a viewer may see a snapshot: one alone, without looking at all that the viewer sees of its series';

create function trueprice.sees_curve(
    viewer integer, everything boolean, now timestamptz, data_type text, market text, series_id integer, curve_id integer, normal text[]
)
    returns table (months datemultirange)
    language sql stable parallel safe
as $$
    select s.months
    from trueprice.seen(viewer, everything, now, data_type, market, normal) s
    where s.months = '{(,)}'::datemultirange
       or exists (
        select
        from trueprice.coverage g
        where g.series_id = sees_curve.series_id
          and g.curves @> sees_curve.curve_id
          and g.months && s.months
       )
$$;
comment on function trueprice.sees_curve is 'The delivery months of a curve that a viewer may see; no row if it may not see the curve, or has no snapshot of it that says something of these months';

create function trueprice.covers(snapshot_id integer, curve_id integer, months datemultirange) returns boolean
    language plpgsql stable parallel safe
as $$
#variable_conflict use_column
begin
    return exists (
        select
        from trueprice.snapshot_coverage l
        join trueprice.coverage g on g.id = l.coverage_id
        where l.snapshot_id = covers.snapshot_id
          and g.curves @> covers.curve_id
          and g.months && covers.months
    );
end
$$;
comment on function trueprice.covers is 'Whether a snapshot has a curve, and says something of some of these months of it';

create function trueprice.seen_before(coverages integer[], snapshot_id integer, at timestamptz) returns integer
    language plpgsql stable parallel safe
as $$
#variable_conflict use_column
begin
    return (
        select p.id
        from trueprice.snapshot s
        join trueprice.snapshot p on p.series_id = s.series_id and p.stamp < s.stamp and p.known @> seen_before.at
        where s.id = seen_before.snapshot_id
          and trueprice.shows(seen_before.coverages, p.id)
        order by p.stamp desc
        limit 1
    );
end
$$;
comment on function trueprice.seen_before is 'The latest stamp before that of a snapshot, of those known at a moment that one sees who sees these coverages';

create function trueprice.seen_base(coverages integer[], snapshot_id integer) returns integer
    language plpgsql stable parallel safe
as $$
#variable_conflict use_column
declare
    this trueprice.snapshot;
begin
    select * into this
    from trueprice.snapshot s
    where s.id = seen_base.snapshot_id;
    if this.revision = 1 then
        return trueprice.seen_before(seen_base.coverages, this.id, lower(this.known));
    end if;
    return (
        select b.id
        from trueprice.snapshot b
        where b.series_id = this.series_id
          and b.stamp = this.stamp
          and b.revision < this.revision
          and trueprice.shows(seen_base.coverages, b.id)
        order by b.revision desc
        limit 1
    );
end
$$;
comment on function trueprice.seen_base is 'What a snapshot took the place of when it was published, of those that one sees who sees these coverages: of a correction a revision before, else the latest stamp before it';

-- As the one without `now`, which stays for the code that runs while this is applied.
create function trueprice.marks(
    viewer integer, everything boolean, now timestamptz, data_type text, market text, known_at timestamptz, as_of timestamp,
    first_day date, last_day date, only_days date[], only_cob boolean, most bigint
)
    returns table (
        id integer, stamp timestamp, operating_day date, revision integer, cob boolean, known_from timestamptz,
        bucket text, key text, sha256 bytea, archive_group integer
    )
    language plpgsql stable set plan_cache_mode to force_generic_plan
as $$
#variable_conflict use_column
begin
    return query
    with sight as materialized (
        select *
        from trueprice.sight(marks.viewer, marks.everything, marks.now, marks.data_type, marks.market)
    ), chosen as (
        select distinct on (s.operating_day) s.*
        from trueprice.snapshot s
        where s.series_id = (select series_id from sight)
          -- As `shows`, of many at once.
          and ((select whole from sight) or s.id in (
            select l.snapshot_id
            from trueprice.snapshot_coverage l
            where l.coverage_id = any((select coverages from sight)::integer[])
          ))
          -- A range without an end holds infinity; one that was closed does not.
          and s.known @> coalesce(marks.known_at, 'infinity'::timestamptz)
          and s.operating_day >= coalesce(marks.first_day, (select min(o.day) from unnest(marks.only_days) as o (day)), '-infinity')
          and s.operating_day <= coalesce(marks.last_day, (select max(o.day) from unnest(marks.only_days) as o (day)), 'infinity')
          -- What was known then has no later stamp: intake takes none from the future.
          and s.operating_day <= coalesce((marks.known_at + interval '3 days')::date, 'infinity'::date)
          and s.operating_day <= coalesce(marks.as_of::date, 'infinity'::date)
          and s.stamp <= coalesce(marks.as_of, 'infinity'::timestamp)
          and (marks.only_cob is null or s.cob = marks.only_cob)
          and (marks.only_days is null or s.operating_day = any(marks.only_days))
        order by s.operating_day desc, s.cob desc, s.stamp desc
        limit marks.most
    )
    select c.id, c.stamp, c.operating_day, c.revision, c.cob, lower(c.known), a.bucket, a.key, a.sha256, c.archive_group
    from chosen c
    left join trueprice.archive_file a on a.id = c.archive_id
    order by c.operating_day desc;
end
$$;
comment on function trueprice.marks(integer, boolean, timestamptz, text, text, timestamptz, timestamp, date, date, date[], boolean, bigint) is 'The snapshot that stands for each operating day of a series, newest day first, of those that the viewer may see';
