-- Functions of version 29, as the migrations before have them.

create or replace function trueprice.seen(viewer integer, everything boolean, now timestamptz, data_type text, market text, normal text[])
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
        select k.* from trueprice.access_rule k where k.viewer = seen.viewer and k.key = normal[1:5] || normal[7:8]
        union all
        select o.* from trueprice.access_rule o where o.viewer = seen.viewer and o.key is null
    ) r
    where not everything
      and (r.data_type is null or r.data_type = seen.data_type)
      and (r.market is null or r.market = seen.market)
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
comment on function trueprice.seen is 'The delivery months of a curve that a viewer may see; no row if it may not see the curve';

create or replace function trueprice.sight(viewer integer, everything boolean, now timestamptz, data_type text, market text)
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

create or replace function trueprice.shows(coverages integer[], snapshot_id integer) returns boolean
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

create or replace function trueprice.sees_series(viewer integer, everything boolean, data_type text, market text, whole boolean) returns boolean
    language plpgsql stable parallel safe cost 1000
as $$
begin
    return sees_series.everything or case (
        select max(case when r.whole then 3 when num_nonnulls(variadic r.patterns) = 0 then 2 else 1 end)
        from trueprice.access_rule r
        where r.viewer = sees_series.viewer
          and (r.data_type is null or r.data_type = sees_series.data_type)
          and (r.market is null or r.market = sees_series.market))
        when 3 then true
        when 2 then not sees_series.whole
        -- Rules of labels alone: there is something if there is a curve that they are about. Which months does not matter.
        when 1 then not sees_series.whole and exists (
            select
            from trueprice.series s
            join trueprice.curve c on c.series_id = s.id
            cross join lateral trueprice.seen(sees_series.viewer, false, 'epoch', s.data_type, s.market, c.normal) n
            where s.data_type = sees_series.data_type
              and s.market = sees_series.market)
        else false
    end;
end
$$;
comment on function trueprice.sees_series(integer, boolean, text, text, boolean) is 'Whether a viewer may see something of a data type and market, or all of it; of rules with labels only if there is a curve that they are about';

create or replace function trueprice.sees_series(viewer integer, everything boolean, now timestamptz, data_type text, market text) returns boolean
    language plpgsql stable parallel safe cost 1000
as $$
begin
    return trueprice.sees_series(viewer, everything, data_type, market, true)
        or exists (select from trueprice.sight(viewer, everything, now, data_type, market));
end
$$;
comment on function trueprice.sees_series(integer, boolean, timestamptz, text, text) is 'Whether a viewer may see something of a data type and market: all of it, or a month of a curve that some snapshot has';

create or replace function trueprice.sees_snapshot(viewer integer, everything boolean, now timestamptz, snapshot_id integer) returns boolean
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

create or replace function trueprice.sees_curve(
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

create or replace function trueprice.sees_known_curve(
    viewer integer, everything boolean, now timestamptz, data_type text, market text, series_id integer, curve_id integer, normal text[]
)
    returns table (months datemultirange)
    language sql stable parallel safe
as $$
    select s.months
    from trueprice.seen(viewer, everything, now, data_type, market, normal) s
    where trueprice.is_known(curve_id, series_id, s.months)
$$;
comment on function trueprice.sees_known_curve is 'The delivery months of a curve that a viewer may see; no row if it may not see the curve, or no snapshot that is known now says something of these months. trueprice.sees_curve looks at the past, too';

create or replace function trueprice.sees_correction(viewer integer, everything boolean, now timestamptz, snapshot_id integer) returns boolean
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
    where d.snapshot_id = sees_correction.snapshot_id;
    if not found then
        return null;
    end if;
    select r.* into series
    from trueprice.snapshot s
    join trueprice.series r on r.id = s.series_id
    where s.id = sees_correction.snapshot_id;
    if trueprice.sees_series(sees_correction.viewer, sees_correction.everything, series.data_type, series.market, true) then
        return cardinality(changed.curves) > 0;
    end if;
    select c.previous_id into base
    from trueprice.change c
    where c.snapshot_id = sees_correction.snapshot_id
      and c.kind <> 'withdrawn';
    if not trueprice.sees_snapshot(sees_correction.viewer, false, sees_correction.now, base) then
        return null;
    end if;
    return exists (
        select
        from unnest(changed.curves, changed.months) as l (curve_id, months)
        join trueprice.curve c on c.id = l.curve_id
        cross join lateral trueprice.seen(sees_correction.viewer, false, sees_correction.now, series.data_type, series.market, c.normal) v
        where (
            l.months && v.months
            or l.months is null and (v.months = '{(,)}'::datemultirange or trueprice.is_timeless(series.data_type))
          )
          and (
            trueprice.covers(base, l.curve_id, v.months)
            or trueprice.covers(sees_correction.snapshot_id, l.curve_id, v.months)
          )
    );
end
$$;
comment on function trueprice.sees_correction is 'Whether a correction changed something that a viewer may see; null if that is not written down, or against a revision that the viewer does not see';

create or replace function trueprice.seen_before(coverages integer[], snapshot_id integer, at timestamptz) returns integer
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

create or replace function trueprice.seen_base(coverages integer[], snapshot_id integer) returns integer
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
      and (o.cob, o.stamp) > (s.cob, s.stamp)
) outranked
cross join lateral (
    select m.curve_id, m.values_id, row_number() over (order by m.curve_id, m.values_id) - 1 as place
    from trueprice.snapshot_curve m
    where m.snapshot_id = s.id
) i
join trueprice.curve c on c.id = i.curve_id
join trueprice.curve_values v on v.id = i.values_id;

create function trueprice.marks(
    viewer integer, everything boolean, data_type text, market text, known_at timestamptz, as_of timestamp,
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
    with chosen as (
        select distinct on (s.operating_day) s.*
        from trueprice.snapshot s
        where s.series_id = (
            select r.id
            from trueprice.series r
            where r.data_type = marks.data_type
              and r.market = marks.market
              and trueprice.sees_series(marks.viewer, marks.everything, r.data_type, r.market, false)
          )
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
comment on function trueprice.marks(integer, boolean, text, text, timestamptz, timestamp, date, date, date[], boolean, bigint) is 'The snapshot that stands for each operating day of a series, newest day first; none of a series of which the viewer sees nothing';

alter table trueprice.access_grant drop constraint a_pattern_for_each_label, alter column patterns drop default;

create function trueprice.normals(labels text[]) returns text[]
    language sql immutable strict parallel safe
    return array(select trueprice.normal(label) from unnest(labels) with ordinality as l (label, place) order by place);
comment on function trueprice.normals is 'Labels as they are compared, in their order; null stays null';

create function trueprice.like_patterns(patterns text[]) returns text[]
    language sql immutable strict parallel safe
    return array(select trueprice.like_pattern(pattern) from unnest(patterns) with ordinality as l (pattern, place) order by place);
comment on function trueprice.like_patterns is 'Patterns for LIKE, in their order; null stays null';

create function trueprice.rule_key(labels text[]) returns text[]
    language sql immutable parallel safe
    return case when num_nulls(labels[1], labels[2], labels[3], labels[4], labels[5], labels[7], labels[8]) = 0
        and not exists (select from unnest(labels[1:5] || labels[7:8]) as l (label) where label like '%*%')
        then trueprice.normals(labels[1:5] || labels[7:8]) end;
comment on function trueprice.rule_key is 'What curves are found by that a rule names label by label; null for a rule that leaves labels open';

create function trueprice.fill_in_curve() returns trigger
    language plpgsql as $$
begin
    new.normal := trueprice.normals(array[new.control_area, new.state, new.load_zone, new.capacity_zone, new.utility, new.block_type,
        new.cost_group, new.cost_component, new.sub_cost_component] || new.details);
    new.uom_normal := lower(new.uom);
    return new;
end
$$;
comment on function trueprice.fill_in_curve is 'Fills in the normal forms of a curve that code of before version 19 adds';
create trigger fill_in before insert on trueprice.curve
    for each row when (new.normal is null) execute function trueprice.fill_in_curve();

create function trueprice.fill_in_rule() returns trigger
    language plpgsql as $$
begin
    new.patterns := trueprice.like_patterns(new.labels);
    new.key := trueprice.rule_key(new.labels);
    return new;
end
$$;
comment on function trueprice.fill_in_rule is 'Fills in the patterns of a rule that code of before version 19 adds';
create trigger fill_in before insert on trueprice.access_grant
    for each row when (new.patterns is null) execute function trueprice.fill_in_rule();

create function trueprice.fill_in_place() returns trigger
    language plpgsql as $$
begin
    new.normalised := trueprice.normalised(new.spelling);
    return new;
end
$$;
comment on function trueprice.fill_in_place is 'Fills in the normal form of a spelling that code of before version 19 adds';
create trigger fill_in before insert on trueprice.place_alias
    for each row when (new.normalised is null) execute function trueprice.fill_in_place();

comment on function trueprice.board(integer, boolean, timestamptz, text, text, integer[], text[], integer[], integer[], integer) is 'First a row for each curve that passes the filters and may be seen, by their keys; then one for each snapshot, with the day that its months begin on (all curves of a monthly sheet share it) and what it says of these curves: for each 31 bits of its key, 31 of the size and one that says whether the numbers are an array, and the numbers. With `most`, of packed numbers those of so many months at least, counted from that of the operating day, and the rest cut off; of vectors that begin before it, all';
comment on function trueprice.like_pattern is 'A label, or the beginning of one before an asterisk, for LIKE against trueprice.normal';
comment on function trueprice.normalised is 'A label as labels are compared: blanks and underscores are one blank, letter case does not count';

drop function trueprice.price_matrix;
drop function trueprice.stored_vector;
drop function trueprice.visible_base;
drop function trueprice.visible_predecessor;
drop function trueprice.can_see_correction;
drop function trueprice.can_see_snapshot;
drop function trueprice.can_see_series;
drop function trueprice.visible_coverage;
drop function trueprice.can_see_whole_series;
drop function trueprice.visible_curves;
drop function trueprice.visible_known_curve;
drop function trueprice.visible_curve;
drop function trueprice.visible_months;
drop function trueprice.day_marks;
drop function trueprice.visible_snapshots;
drop function trueprice.is_visible;
drop function trueprice.has_coverage;
drop function trueprice.outranks;
