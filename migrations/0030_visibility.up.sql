-- The mark of the day, and what a user may see, were spelled anew by every query. Each is one function here, with a name that says
-- what it answers. Labels are compared in the form that the program has stored: nothing here folds letters any more.
--
-- At the end, the names of before: the code of the release before calls them while this one is deployed.

-- The mark of the day

create function trueprice.outranks(cob boolean, stamp timestamp, other_cob boolean, other_stamp timestamp) returns boolean
    language sql immutable parallel safe
    return (cob, stamp) > (other_cob, other_stamp);
comment on function trueprice.outranks is 'Whether a snapshot is the mark of its day rather than another one of that day: a close of business before any other, then the later stamp';

-- Not a function that PostgreSQL puts into the statement, and so planned once for a session.
create function trueprice.has_coverage(snapshot_id integer, coverages integer[]) returns boolean
    language plpgsql stable parallel safe
as $$
#variable_conflict use_column
begin
    return exists (
        select
        from trueprice.snapshot_coverage l
        where l.snapshot_id = has_coverage.snapshot_id
          and l.coverage_id = any(has_coverage.coverages)
    );
end
$$;
comment on function trueprice.has_coverage is 'Whether a snapshot has one of these coverages';

create function trueprice.is_visible(whole boolean, coverages integer[], snapshot_id integer) returns boolean
    language sql stable parallel safe
    return whole or trueprice.has_coverage(snapshot_id, coverages);
comment on function trueprice.is_visible is 'Whether a viewer may see a snapshot, by what trueprice.visible_coverage says of its series';

create function trueprice.visible_snapshots(
    series_id integer, whole boolean, coverages integer[], known_at timestamptz, as_of timestamp, only_cob boolean,
    first_day date, last_day date
)
    returns setof trueprice.snapshot
    language sql stable parallel safe
as $$
    select s.*
    from trueprice.snapshot s
    where s.series_id = visible_snapshots.series_id
      -- A range without an end holds infinity; one that was closed does not.
      and s.known @> coalesce(visible_snapshots.known_at, 'infinity'::timestamptz)
      and s.stamp <= coalesce(visible_snapshots.as_of, 'infinity'::timestamp)
      and (visible_snapshots.only_cob is null or s.cob = visible_snapshots.only_cob)
      and s.operating_day >= coalesce(visible_snapshots.first_day, '-infinity'::date)
      and s.operating_day <= coalesce(visible_snapshots.last_day, 'infinity'::date)
      -- As trueprice.has_coverage; spelled out, because PostgreSQL then looks up one snapshot, or all at once if there are many.
      and (visible_snapshots.whole or exists (
        select
        from trueprice.snapshot_coverage l
        where l.snapshot_id = s.id
          and l.coverage_id = any(visible_snapshots.coverages)
      ))
$$;
comment on function trueprice.visible_snapshots is 'The snapshots of a series that were known at a moment (null: now) and stamped up to another (null: ever), that a viewer may see by what trueprice.visible_coverage says; with only_cob, closes of business only, or others only; from the first to the last operating day';

create function trueprice.day_marks(
    series_id integer, whole boolean, coverages integer[], known_at timestamptz, as_of timestamp, only_cob boolean,
    first_day date, last_day date, most bigint
)
    returns setof trueprice.snapshot
    language sql stable parallel safe
as $$
    select distinct on (s.operating_day) s.*
    from trueprice.visible_snapshots(series_id, whole, coverages, known_at, as_of, only_cob, first_day, last_day) s
    order by s.operating_day desc, s.cob desc, s.stamp desc
    limit most
$$;
comment on function trueprice.day_marks is 'The marks of the operating days of a series: of each day the one of trueprice.visible_snapshots that outranks the others; of the newest days only, as many as `most` says';

-- What a viewer may see

-- The one place that says what a rule means. Every read joins it laterally to the curves that it is about; PostgreSQL puts its text
-- in place of the call. A rule that names the labels one by one is found by them, because a user may have thousands; whether it
-- is about the curve is decided as for any other. The month turns at midnight Eastern.
--
-- A block is a label like any other: a rule on 7x24 is one on curves that are stored as 7x24, and opens no blocks.
create function trueprice.visible_months(viewer integer, everything boolean, now timestamptz, data_type text, market text, normal text[])
    returns table (months datemultirange)
    language sql stable parallel safe
as $$
    select '{(,)}'::datemultirange where everything
    union all
    select range_agg(case
            when r.balanced_months is null then daterange(r.from_month, r.to_month)
            else daterange(
                date_trunc('month', now at time zone 'America/New_York')::date,
                (date_trunc('month', now at time zone 'America/New_York') + make_interval(months => r.balanced_months))::date)
        end)
    from (
        select k.* from trueprice.access_rule k where k.viewer = visible_months.viewer and k.key = normal[1:5] || normal[7:8]
        union all
        select o.* from trueprice.access_rule o where o.viewer = visible_months.viewer and o.key is null
    ) r
    where not everything
      and (r.data_type is null or r.data_type = visible_months.data_type)
      and (r.market is null or r.market = visible_months.market)
      and (r.patterns[8] is null or normal[8] like r.patterns[8])
      and (r.patterns[3] is null or normal[3] like r.patterns[3])
      and (r.patterns[9] is null or normal[9] like r.patterns[9])
      and (r.patterns[5] is null or normal[5] like r.patterns[5])
      and (r.patterns[7] is null or normal[7] like r.patterns[7])
      and (r.patterns[2] is null or normal[2] like r.patterns[2])
      and (r.patterns[4] is null or normal[4] like r.patterns[4])
      and (r.patterns[1] is null or normal[1] like r.patterns[1])
      and (r.patterns[6] is null or normal[6] like r.patterns[6])
    having count(*) > 0
$$;
comment on function trueprice.visible_months is 'The delivery months of a curve that a viewer may see, by its rules; no row if it may not see the curve';

create function trueprice.visible_curve(
    viewer integer, everything boolean, now timestamptz, data_type text, market text, series_id integer, curve_id integer, normal text[]
)
    returns table (months datemultirange)
    language sql stable parallel safe
as $$
    select n.months
    from trueprice.visible_months(viewer, everything, now, data_type, market, normal) n
    where n.months = '{(,)}'::datemultirange
       or exists (
        select
        from trueprice.coverage g
        where g.series_id = visible_curve.series_id
          and g.curves @> visible_curve.curve_id
          and g.months && n.months
       )
$$;
comment on function trueprice.visible_curve is 'The delivery months of a curve that a viewer may see; no row if it may not see the curve, or if no snapshot says anything about it in these months';

create function trueprice.visible_known_curve(
    viewer integer, everything boolean, now timestamptz, data_type text, market text, series_id integer, curve_id integer, normal text[]
)
    returns table (months datemultirange)
    language sql stable parallel safe
as $$
    select n.months
    from trueprice.visible_months(viewer, everything, now, data_type, market, normal) n
    where trueprice.is_known(curve_id, series_id, n.months)
$$;
comment on function trueprice.visible_known_curve is 'The delivery months of a curve that a viewer may see; no row if it may not see the curve, or if no snapshot that is known now says anything about it in these months';

-- Joined before the rules are applied: they are what costs.
create function trueprice.visible_curves(
    viewer integer, everything boolean, now timestamptz, data_type text, market text,
    places integer[], patterns text[], only_curves integer[]
)
    returns table (
        id integer, series_id integer, identity uuid, labels text[], sub_cost_component_raw text, uom text, details text[],
        normal text[], months datemultirange
    )
    language sql stable parallel safe
as $$
    select c.id, c.series_id, c.identity, array[c.control_area, c.state, c.load_zone, c.capacity_zone, c.utility, c.block_type,
        c.cost_group, c.cost_component, c.sub_cost_component], c.sub_cost_component_raw, c.uom, c.details, c.normal, n.months
    from trueprice.series r
    join trueprice.curve c on c.series_id = r.id
    cross join lateral trueprice.visible_months(viewer, everything, now, r.data_type, r.market, c.normal) n
    where r.data_type = visible_curves.data_type
      and r.market = visible_curves.market
      and (visible_curves.only_curves is null or c.id = any(visible_curves.only_curves))
      and not exists (
        select
        from (
            select f.place, array_agg(f.pattern) as patterns
            from unnest(visible_curves.places, visible_curves.patterns) as f (place, pattern)
            group by f.place
        ) f
        where not coalesce(c.normal[f.place] like any (f.patterns), false)
      )
$$;
comment on function trueprice.visible_curves is 'The curves of a series that a viewer may see, with the delivery months, of those that match one of the patterns (for LIKE) at each place of their normal labels';

-- Planned once for a session: without named statements a function that PostgreSQL puts into the statement is planned anew each time,
-- and this one would take most of that time.
create function trueprice.can_see_whole_series(viewer integer, everything boolean, data_type text, market text) returns boolean
    language plpgsql stable parallel safe cost 1000
as $$
begin
    return can_see_whole_series.everything or exists (
        select
        from trueprice.access_rule r
        where r.viewer = can_see_whole_series.viewer
          and r.whole
          and (r.data_type is null or r.data_type = can_see_whole_series.data_type)
          and (r.market is null or r.market = can_see_whole_series.market)
    );
end
$$;
comment on function trueprice.can_see_whole_series is 'Whether a viewer may see all curves and months of a data type and market, whatever there is';

-- One who may see all of a series pays nothing; for any other it is found out once for a statement which coverages have a month
-- that is granted, and a snapshot is visible if it has one of these.
create function trueprice.visible_coverage(viewer integer, everything boolean, now timestamptz, data_type text, market text)
    returns table (series_id integer, whole boolean, coverages integer[])
    language plpgsql stable parallel safe rows 1
as $$
#variable_conflict use_column
declare
    series integer;
begin
    select r.id into series
    from trueprice.series r
    where r.data_type = visible_coverage.data_type
      and r.market = visible_coverage.market;
    if series is null then
        return;
    end if;
    if trueprice.can_see_whole_series(
        visible_coverage.viewer, visible_coverage.everything, visible_coverage.data_type, visible_coverage.market
    ) then
        return query select series, true, null::integer[];
        return;
    end if;
    return query
    with rules as materialized (
        select num_nonnulls(variadic r.patterns) > 0 as of_labels
        from trueprice.access_rule r
        where r.viewer = visible_coverage.viewer
          and (r.data_type is null or r.data_type = visible_coverage.data_type)
          and (r.market is null or r.market = visible_coverage.market)
    ), granted as materialized (
        -- Rules of months only are about all curves alike: any curve tells of all.
        select null::int4multirange as curves, n.months
        from (select from rules having count(*) > 0 and not bool_or(of_labels)) plain
        cross join lateral trueprice.visible_months(visible_coverage.viewer, false, visible_coverage.now,
            visible_coverage.data_type, visible_coverage.market, array_fill(''::text, array[9])) n
        union all
        select range_agg(int4range(c.id, c.id, '[]')), n.months
        from (select from rules having bool_or(of_labels)) labelled
        join trueprice.curve c on c.series_id = series
        cross join lateral trueprice.visible_months(visible_coverage.viewer, false, visible_coverage.now,
            visible_coverage.data_type, visible_coverage.market, c.normal) n
        group by n.months
    )
    select series, false, visible.coverages
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
    ) visible
    where visible.coverages is not null;
end
$$;
comment on function trueprice.visible_coverage is 'What a viewer may see of a series: no row if nothing; whole if all of it; else the coverages of which some month of some curve is granted. Whether a snapshot is visible then says trueprice.is_visible';

create function trueprice.can_see_series(viewer integer, everything boolean, now timestamptz, data_type text, market text) returns boolean
    language plpgsql stable parallel safe cost 1000
as $$
begin
    return trueprice.can_see_whole_series(viewer, everything, data_type, market)
        or exists (select from trueprice.visible_coverage(viewer, everything, now, data_type, market));
end
$$;
comment on function trueprice.can_see_series is 'Whether a viewer may see something of a data type and market: all of it, or a month of a curve that some snapshot has';

create function trueprice.can_see_snapshot(viewer integer, everything boolean, now timestamptz, snapshot_id integer) returns boolean
    language plpgsql stable parallel safe cost 1000
as $$
#variable_conflict use_column
declare
    series trueprice.series;
begin
    select r.* into series
    from trueprice.snapshot s
    join trueprice.series r on r.id = s.series_id
    where s.id = can_see_snapshot.snapshot_id;
    return found and (
        trueprice.can_see_whole_series(can_see_snapshot.viewer, can_see_snapshot.everything, series.data_type, series.market)
        or exists (
            select
            from trueprice.snapshot_coverage l
            join trueprice.coverage g on g.id = l.coverage_id
            join trueprice.curve c on c.series_id = g.series_id and g.curves @> c.id
            cross join lateral trueprice.visible_months(can_see_snapshot.viewer, false, can_see_snapshot.now, series.data_type,
                series.market, c.normal) n
            where l.snapshot_id = can_see_snapshot.snapshot_id
              and n.months && g.months
        )
    );
end
$$;
comment on function trueprice.can_see_snapshot is 'Whether a viewer may see a snapshot: for one, without looking at all that the viewer sees of its series';

create function trueprice.can_see_correction(viewer integer, everything boolean, now timestamptz, snapshot_id integer) returns boolean
    language plpgsql stable parallel safe
as $$
#variable_conflict use_column
declare
    series trueprice.series;
    base integer;
    changed trueprice.difference;
begin
    select d.* into changed
    from trueprice.difference d
    where d.snapshot_id = can_see_correction.snapshot_id;
    if not found then
        return null;
    end if;
    select r.* into series
    from trueprice.snapshot s
    join trueprice.series r on r.id = s.series_id
    where s.id = can_see_correction.snapshot_id;
    if trueprice.can_see_whole_series(can_see_correction.viewer, can_see_correction.everything, series.data_type, series.market) then
        return cardinality(changed.curves) > 0;
    end if;
    select c.previous_id into base
    from trueprice.change c
    where c.snapshot_id = can_see_correction.snapshot_id
      and c.kind <> 'withdrawn';
    if not trueprice.can_see_snapshot(can_see_correction.viewer, false, can_see_correction.now, base) then
        return null;
    end if;
    return exists (
        select
        from unnest(changed.curves, changed.months) as l (curve_id, months)
        join trueprice.curve c on c.id = l.curve_id
        cross join lateral trueprice.visible_months(can_see_correction.viewer, false, can_see_correction.now, series.data_type,
            series.market, c.normal) v
        where (
            l.months && v.months
            or l.months is null and (v.months = '{(,)}'::datemultirange or trueprice.is_timeless(series.data_type))
          )
          and (
            trueprice.covers(base, l.curve_id, v.months)
            or trueprice.covers(can_see_correction.snapshot_id, l.curve_id, v.months)
          )
    );
end
$$;
comment on function trueprice.can_see_correction is 'Whether a correction changed something that a viewer may see, as the feed counts it; null if that is not written down, or only against a revision that the viewer may not see';

create function trueprice.visible_predecessor(coverages integer[], snapshot_id integer, at timestamptz) returns integer
    language plpgsql stable parallel safe
as $$
#variable_conflict use_column
begin
    return (
        select p.id
        from trueprice.snapshot s
        join trueprice.snapshot p on p.series_id = s.series_id and p.stamp < s.stamp and p.known @> visible_predecessor.at
        where s.id = visible_predecessor.snapshot_id
          and trueprice.has_coverage(p.id, visible_predecessor.coverages)
        order by p.stamp desc
        limit 1
    );
end
$$;
comment on function trueprice.visible_predecessor is 'The latest stamp before that of a snapshot, of those known at a moment that a viewer of these coverages may see';

create function trueprice.visible_base(coverages integer[], snapshot_id integer) returns integer
    language plpgsql stable parallel safe
as $$
#variable_conflict use_column
declare
    this trueprice.snapshot;
begin
    select * into this
    from trueprice.snapshot s
    where s.id = visible_base.snapshot_id;
    if this.revision = 1 then
        return trueprice.visible_predecessor(visible_base.coverages, this.id, lower(this.known));
    end if;
    return (
        select b.id
        from trueprice.snapshot b
        where b.series_id = this.series_id
          and b.stamp = this.stamp
          and b.revision < this.revision
          and trueprice.has_coverage(b.id, visible_base.coverages)
        order by b.revision desc
        limit 1
    );
end
$$;
comment on function trueprice.visible_base is 'What a snapshot replaced when it was published, of those that a viewer of these coverages may see: of a correction a revision before, else the latest stamp before it';

-- Vectors

create function trueprice.stored_vector(packed bytea, numbers float8[]) returns bytea
    language sql stable parallel safe
    return coalesce(packed, '\xff'::bytea || array_send(numbers));
comment on function trueprice.stored_vector is 'A vector in the one form in which the program reads it: packed, or behind a byte that no packed one begins with, the array of what cannot be packed';

create function trueprice.price_matrix(
    viewer integer, everything boolean, now timestamptz, data_type text, market text,
    places integer[], patterns text[], only_curves integer[], snapshot_ids integer[], most integer
)
    returns table (
        id integer, identity uuid, labels text[], sub_cost_component_raw text, uom text, details text[], months integer[],
        snapshot_id integer, start date, cells bytea
    )
    language plpgsql stable set plan_cache_mode to force_generic_plan
as $$
#variable_conflict use_column
begin
    return query
    with visible as materialized (
        select c.id, c.identity, c.labels, c.sub_cost_component_raw, c.uom, c.details,
            -- To call it costs more than all else here, so it is not called for one who sees all months.
            case when c.months <> '{(,)}' then trueprice.month_numbers(c.months) end as months
        from trueprice.visible_curves(price_matrix.viewer, price_matrix.everything, price_matrix.now, price_matrix.data_type,
            price_matrix.market, price_matrix.places, price_matrix.patterns, price_matrix.only_curves) c
    ), keys as materialized (
        select range_agg(int4range(v.id, v.id, '[]')) as curves, count(*) as count,
            -- A packed number takes at most nine bytes, after the one that says how many decimals they have. To one who sees some
            -- months only, all are sent: whether one of them is granted decides whether the vector may be known of.
            1 + 9 * case when bool_and(v.months is null) then price_matrix.most end as bytes
        from visible v
    ), sheets as materialized (
        select s.id, date_trunc('month', s.operating_day)::date as month,
            -- Where less than an eighth of its curves is asked for, the manifest is faster than to read all of them.
            case
                when s.first_values is not null and s.curves <= 8 * k.count
                    then int8range(s.first_values, s.first_values + s.curves)
            end as run
        from trueprice.snapshot s
        cross join keys k
        where s.id = any(price_matrix.snapshot_ids)
    )
    select c.id, c.identity, c.labels, c.sub_cost_component_raw, c.uom, c.details, c.months,
        null::integer as snapshot_id, null::date, null::bytea
    from visible c
    union all
    select null, null, null, null, null, null, null, s.id, said.start, said.cells
    from keys k
    cross join sheets s
    cross join lateral (
        select case when min(v.start) = max(v.start) then min(v.start) end as start,
            string_agg(
                case
                    when v.packed is null
                        then int4send(v.curve_id) || int4send(octet_length(trueprice.stored_vector(null, v.values)))
                            || trueprice.stored_vector(null, v.values)
                    when v.start >= s.month and octet_length(v.packed) > k.bytes
                        then int4send(v.curve_id) || int4send(k.bytes) || substring(v.packed, 1, k.bytes)
                    else int4send(v.curve_id) || int4send(octet_length(v.packed)) || v.packed
                end,
                ''::bytea
            ) as cells
        from (
            select s.run
            where s.run is not null
            union all
            -- Ranges of keys are read twice as fast as keys.
            select unnest(range_agg(int8range(i.values_id, i.values_id, '[]')))
            from trueprice.snapshot_curve i
            where s.run is null
              and i.snapshot_id = s.id
              and k.curves @> i.curve_id
        ) r
        join trueprice.curve_values v on v.id >= lower(r.run) and v.id < upper(r.run)
        -- As a `case`, because the planner expects little of a bare condition, and then reads all values for each snapshot. The
        -- curves of the series are counted once, if at all.
        where case
            when s.run is null then true
            when k.count = (
                select count(*)
                from trueprice.series r
                join trueprice.curve c on c.series_id = r.id
                where r.data_type = price_matrix.data_type
                  and r.market = price_matrix.market
            ) then true
            else k.curves @> v.curve_id
        end
    ) said
    where said.cells is not null
    order by snapshot_id nulls first, id;
end
$$;
comment on function trueprice.price_matrix is 'First a row for each curve that matches the patterns and may be seen, by their keys; then one for each snapshot, with the day that its months begin on (all curves of a monthly sheet share it) and what it says of these curves: for each 32 bits of its key, 32 of the size, and the vector as trueprice.stored_vector has it. With `most`, of packed numbers those of that many months at least, counted from that of the operating day, and the rest cut off; of vectors that begin before it, all';

create or replace function trueprice.marks(
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
declare
    visible record;
    first date := coalesce(marks.first_day, (select min(o.day) from unnest(marks.only_days) as o (day)));
    last date := least(
        coalesce(marks.last_day, (select max(o.day) from unnest(marks.only_days) as o (day))),
        -- What was known then has no later stamp: intake takes none from the future.
        (marks.known_at + interval '3 days')::date,
        marks.as_of::date
    );
begin
    select * into visible
    from trueprice.visible_coverage(marks.viewer, marks.everything, marks.now, marks.data_type, marks.market);
    if not found then
        return;
    end if;
    return query
    with chosen as (
        select m.*
        from trueprice.day_marks(visible.series_id, visible.whole, visible.coverages, marks.known_at, marks.as_of, marks.only_cob,
            first, last, case when marks.only_days is null then marks.most end) m
        where marks.only_days is null
           or m.operating_day = any(marks.only_days)
        order by m.operating_day desc
        limit marks.most
    )
    select c.id, c.stamp, c.operating_day, c.revision, c.cob, lower(c.known), a.bucket, a.key, a.sha256, c.archive_group
    from chosen c
    left join trueprice.archive_file a on a.id = c.archive_id
    order by c.operating_day desc;
end
$$;
comment on function trueprice.marks(integer, boolean, timestamptz, text, text, timestamptz, timestamp, date, date, date[], boolean, bigint) is 'The marks of the operating days of a series that a viewer may see, newest day first';

create or replace view trueprice.known_vector as
select r.data_type, r.market, s.stamp at time zone 'UTC' as curvestart, outranked.at at time zone 'UTC' as curveend, s.cob,
    -- The snapshot in the upper half, the place of the number in it in the lower: see id.
    (s.id::bigint << 32) + (i.place << 14) as id,
    c.control_area, c.state, c.load_zone, c.capacity_zone, c.utility, c.block_type, c.cost_group, c.cost_component,
    c.sub_cost_component, c.details, v.start, v.values, v.packed
from trueprice.series r
join trueprice.snapshot s on s.series_id = r.id and upper_inf(s.known)
cross join lateral (
    -- When another became the mark of the day: at its stamp, or at once if that was before.
    select min(greatest(o.stamp, s.stamp)) as at
    from trueprice.snapshot o
    where o.series_id = s.series_id
      and o.operating_day = s.operating_day
      and upper_inf(o.known)
      and trueprice.outranks(o.cob, o.stamp, s.cob, s.stamp)
) outranked
cross join lateral (
    select m.curve_id, m.values_id, row_number() over (order by m.curve_id, m.values_id) - 1 as place
    from trueprice.snapshot_curve m
    where m.snapshot_id = s.id
) i
join trueprice.curve c on c.id = i.curve_id
join trueprice.curve_values v on v.id = i.values_id;

-- The names of before. Everything below may be dropped by the first migration after all functions run the release of this one.

create or replace function trueprice.seen(viewer integer, everything boolean, now timestamptz, data_type text, market text, normal text[])
    returns table (months datemultirange)
    language sql stable parallel safe
as $$ select n.months from trueprice.visible_months(viewer, everything, now, data_type, market, normal) n $$;
comment on function trueprice.seen is 'The name of trueprice.visible_months before version 30';

create or replace function trueprice.sees_curve(
    viewer integer, everything boolean, now timestamptz, data_type text, market text, series_id integer, curve_id integer, normal text[]
)
    returns table (months datemultirange)
    language sql stable parallel safe
as $$ select n.months from trueprice.visible_curve(viewer, everything, now, data_type, market, series_id, curve_id, normal) n $$;
comment on function trueprice.sees_curve is 'The name of trueprice.visible_curve before version 30';

create or replace function trueprice.sees_known_curve(
    viewer integer, everything boolean, now timestamptz, data_type text, market text, series_id integer, curve_id integer, normal text[]
)
    returns table (months datemultirange)
    language sql stable parallel safe
as $$ select n.months from trueprice.visible_known_curve(viewer, everything, now, data_type, market, series_id, curve_id, normal) n $$;
comment on function trueprice.sees_known_curve is 'The name of trueprice.visible_known_curve before version 30';

create or replace function trueprice.sight(viewer integer, everything boolean, now timestamptz, data_type text, market text)
    returns table (series_id integer, whole boolean, coverages integer[])
    language sql stable parallel safe rows 1
as $$ select v.series_id, v.whole, v.coverages from trueprice.visible_coverage(viewer, everything, now, data_type, market) v $$;
comment on function trueprice.sight is 'The name of trueprice.visible_coverage before version 30';

create or replace function trueprice.shows(coverages integer[], snapshot_id integer) returns boolean
    language sql stable parallel safe
    return trueprice.has_coverage(snapshot_id, coverages);
comment on function trueprice.shows is 'The name of trueprice.has_coverage before version 30';

create or replace function trueprice.sees_series(viewer integer, everything boolean, data_type text, market text, whole boolean) returns boolean
    language sql stable parallel safe
    return trueprice.can_see_whole_series(viewer, everything, data_type, market);
comment on function trueprice.sees_series(integer, boolean, text, text, boolean) is 'The name of trueprice.can_see_whole_series before version 30; `whole` is true wherever it was called';

create or replace function trueprice.sees_series(viewer integer, everything boolean, now timestamptz, data_type text, market text) returns boolean
    language sql stable parallel safe
    return trueprice.can_see_series(viewer, everything, now, data_type, market);
comment on function trueprice.sees_series(integer, boolean, timestamptz, text, text) is 'The name of trueprice.can_see_series before version 30';

create or replace function trueprice.sees_snapshot(viewer integer, everything boolean, now timestamptz, snapshot_id integer) returns boolean
    language sql stable parallel safe
    return trueprice.can_see_snapshot(viewer, everything, now, snapshot_id);
comment on function trueprice.sees_snapshot is 'The name of trueprice.can_see_snapshot before version 30';

create or replace function trueprice.sees_correction(viewer integer, everything boolean, now timestamptz, snapshot_id integer) returns boolean
    language sql stable parallel safe
    return trueprice.can_see_correction(viewer, everything, now, snapshot_id);
comment on function trueprice.sees_correction is 'The name of trueprice.can_see_correction before version 30';

create or replace function trueprice.seen_before(coverages integer[], snapshot_id integer, at timestamptz) returns integer
    language sql stable parallel safe
    return trueprice.visible_predecessor(coverages, snapshot_id, at);
comment on function trueprice.seen_before is 'The name of trueprice.visible_predecessor before version 30';

create or replace function trueprice.seen_base(coverages integer[], snapshot_id integer) returns integer
    language sql stable parallel safe
    return trueprice.visible_base(coverages, snapshot_id);
comment on function trueprice.seen_base is 'The name of trueprice.visible_base before version 30';

comment on function trueprice.board(integer, boolean, timestamptz, text, text, integer[], text[], integer[], integer[], integer) is 'As trueprice.price_matrix, in the form that the code of before version 30 reads, and with patterns that are not for LIKE yet';
comment on function trueprice.like_pattern is 'A label, or the beginning of one before an asterisk, for LIKE, as the code of before version 30 asks for it; later code brings its patterns';
comment on function trueprice.normalised is 'A label as labels are compared, for the places of the code of before version 30; later code reads what the program has stored';

-- The program has stored all normal forms since version 19. What follows computed them for the release before that one, and folded
-- letters as the locale of the database has it. A rule without a pattern for each label would open what it should not.
drop trigger fill_in on trueprice.curve;
drop trigger fill_in on trueprice.access_grant;
drop trigger fill_in on trueprice.place_alias;
drop function trueprice.fill_in_curve();
drop function trueprice.fill_in_rule();
drop function trueprice.fill_in_place();
drop function trueprice.rule_key(text[]);
drop function trueprice.normals(text[]);
drop function trueprice.like_patterns(text[]);
alter table trueprice.access_grant
    alter column patterns set default '{}',
    add constraint a_pattern_for_each_label check (cardinality(patterns) = cardinality(labels));

-- Of migration 14, without `now`: nothing has called it since migration 20.
drop function trueprice.marks(integer, boolean, text, text, timestamptz, timestamp, date, date, date[], boolean, bigint);
