-- A third of what 69 curves over 250 days cost the database was to look up in the manifest where each vector lies, and to send
-- months that nobody had asked for (2026-11-22). A sheet brings its vectors one behind the other, so the key of the first and their
-- count say where all of them are; and a month that is asked for lies near the beginning of its vector.

alter table trueprice.snapshot add column first_values bigint;
comment on column trueprice.snapshot.first_values is 'Key of the first of its values, if each curve has one vector and their keys follow each other without a gap; else null, and the manifest says where they are';

update trueprice.snapshot s
set first_values = i.first
from (
    select snapshot_id, min(values_id) as first, max(values_id) as last, count(*) as count
    from trueprice.snapshot_curve
    group by snapshot_id
) i
where i.snapshot_id = s.id
  and i.count = s.curves
  and i.last - i.first + 1 = i.count;

-- The one without `most` stays for the code that runs while this is applied.
create function trueprice.board(
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
    with filters as materialized (
        select f.place, array_agg(trueprice.like_pattern(f.pattern)) as patterns
        from unnest(board.places, board.patterns) as f (place, pattern)
        group by f.place
    ), visible as materialized (
        select c.id, c.identity, array[c.control_area, c.state, c.load_zone, c.capacity_zone, c.utility, c.block_type,
            c.cost_group, c.cost_component, c.sub_cost_component] as labels,
            c.sub_cost_component_raw, c.uom, c.details,
            -- To call it costs more than all else here, so whoever sees all months does not.
            case when s.months <> '{(,)}' then trueprice.month_numbers(s.months) end as months
        from trueprice.series r
        join trueprice.curve c on c.series_id = r.id
        cross join lateral trueprice.seen(board.viewer, board.everything, board.now, r.data_type, r.market, c.normal) s
        where r.data_type = board.data_type
          and r.market = board.market
          and (board.only_curves is null or c.id = any(board.only_curves))
          and not exists (
            select
            from filters f
            where not coalesce(c.normal[f.place] like any (f.patterns), false)
          )
    ), keys as materialized (
        select range_agg(int4range(v.id, v.id, '[]')) as curves, count(*) as count,
            -- A packed number takes at most nine bytes, behind the one that says how many decimals they have. Of whom sees some
            -- months alone, all are sent: whether one of them is his shows whether he may know of the vector.
            1 + 9 * case when bool_and(v.months is null) then board.most end as bytes
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
        where s.id = any(board.snapshot_ids)
    )
    select c.id, c.identity, c.labels, c.sub_cost_component_raw, c.uom, c.details, c.months,
        null::integer as snapshot_id, null::date, null::bytea
    from visible c
    union all
    select null, null, null, null, null, null, null, s.id, told.start, told.cells
    from keys k
    cross join sheets s
    cross join lateral (
        select case when min(v.start) = max(v.start) then min(v.start) end as start,
            string_agg(
                case
                    when v.packed is null
                        then int8send((v.curve_id::bigint << 32) | (octet_length(array_send(v.values)) << 1) | 1) || array_send(v.values)
                    when v.start >= s.month and octet_length(v.packed) > k.bytes
                        then int8send((v.curve_id::bigint << 32) | (k.bytes << 1)) || substring(v.packed, 1, k.bytes)
                    else int8send((v.curve_id::bigint << 32) | (octet_length(v.packed) << 1)) || v.packed
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
                where r.data_type = board.data_type
                  and r.market = board.market
            ) then true
            else k.curves @> v.curve_id
        end
    ) told
    where told.cells is not null
    order by snapshot_id nulls first, id;
end
$$;
comment on function trueprice.board(integer, boolean, timestamptz, text, text, integer[], text[], integer[], integer[], integer) is 'First a row for each curve that passes the filters and may be seen, by their keys; then one for each snapshot, with the day that its months begin on (all curves of a monthly sheet share it) and what it says of these curves: for each 31 bits of its key, 31 of the size and one that says whether the numbers are an array, and the numbers. With `most`, of packed numbers those of so many months at least, counted from that of the operating day, and the rest cut off; of vectors that begin before it, all';
