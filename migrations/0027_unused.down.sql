create function trueprice.vectors(
    viewer integer, everything boolean, now timestamptz, data_type text, market text,
    places integer[], patterns text[], only_curves integer[], snapshot_ids integer[]
)
    returns table (
        id integer, identity uuid, labels text[], sub_cost_component_raw text, uom text, details text[], months integer[],
        snapshot_id integer, curves integer[], starts date[], packed boolean[], bytes bytea[]
    )
    language plpgsql stable set plan_cache_mode to force_generic_plan
as $$
#variable_conflict use_column
begin
    return query
    with filters as materialized (
        select f.place, array_agg(trueprice.like_pattern(f.pattern)) as patterns
        from unnest(vectors.places, vectors.patterns) as f (place, pattern)
        group by f.place
    ), visible as materialized (
        select c.id, c.identity, array[c.control_area, c.state, c.load_zone, c.capacity_zone, c.utility, c.block_type,
            c.cost_group, c.cost_component, c.sub_cost_component] as labels,
            c.sub_cost_component_raw, c.uom, c.details,
            -- To call it costs more than all else here, so whoever sees all months does not.
            case when s.months <> '{(,)}' then trueprice.month_numbers(s.months) end as months
        from trueprice.series r
        join trueprice.curve c on c.series_id = r.id
        cross join lateral trueprice.seen(vectors.viewer, vectors.everything, vectors.now, r.data_type, r.market, c.normal) s
        where r.data_type = vectors.data_type
          and r.market = vectors.market
          and (vectors.only_curves is null or c.id = any(vectors.only_curves))
          and not exists (
            select
            from filters f
            where not coalesce(c.normal[f.place] like any (f.patterns), false)
          )
    ), keys as (
        select range_agg(int4range(id, id, '[]')) as curves
        from visible
    ), told as (
        select i.snapshot_id, min(i.values_id) as first, max(i.values_id) as last, count(*) as count
        from trueprice.snapshot_curve i
        where i.snapshot_id = any(vectors.snapshot_ids)
          and (select curves from keys) @> i.curve_id
        group by i.snapshot_id
    ), runs as (
        -- A sheet brings its vectors one behind the other. Read as ranges of keys they take half the time (17,250 of them,
        -- 12 ms for 26), and each range holds exactly what the manifest names: all of it is one, or it is cut where a key
        -- of something else lies between.
        select t.snapshot_id, r.run
        from told t
        cross join lateral (
            select int8range(t.first, t.last, '[]') as run
            where t.last - t.first + 1 = t.count
            union all
            select unnest(range_agg(int8range(i.values_id, i.values_id, '[]')))
            from trueprice.snapshot_curve i
            where t.last - t.first + 1 <> t.count
              and i.snapshot_id = t.snapshot_id
              and (select curves from keys) @> i.curve_id
        ) r
    )
    select c.id, c.identity, c.labels, c.sub_cost_component_raw, c.uom, c.details, c.months,
        null::integer as snapshot_id, null::integer[], null::date[], null::boolean[], null::bytea[]
    from visible c
    union all
    select null, null, null, null, null, null, null, n.snapshot_id, array_agg(v.curve_id), array_agg(v.start),
        array_agg(v.packed is not null), array_agg(coalesce(v.packed, array_send(v.values)))
    from runs n
    join trueprice.curve_values v on v.id >= lower(n.run) and v.id < upper(n.run)
    group by n.snapshot_id
    order by snapshot_id nulls first, id;
end
$$;
comment on function trueprice.vectors is 'First a row for each curve that passes the filters and may be seen, by their keys; then one for each snapshot, with what it says of these curves';

create function trueprice.board(
    viewer integer, everything boolean, now timestamptz, data_type text, market text,
    places integer[], patterns text[], only_curves integer[], snapshot_ids integer[]
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
    ), keys as (
        select range_agg(int4range(id, id, '[]')) as curves
        from visible
    ), told as (
        select i.snapshot_id, min(i.values_id) as first, max(i.values_id) as last, count(*) as count
        from trueprice.snapshot_curve i
        where i.snapshot_id = any(board.snapshot_ids)
          and (select curves from keys) @> i.curve_id
        group by i.snapshot_id
    ), runs as (
        -- A sheet brings its vectors one behind the other. Read as ranges of keys they take half the time (17,250 of them,
        -- 12 ms for 26), and each range holds exactly what the manifest names: all of it is one, or it is cut where a key
        -- of something else lies between.
        select t.snapshot_id, r.run
        from told t
        cross join lateral (
            select int8range(t.first, t.last, '[]') as run
            where t.last - t.first + 1 = t.count
            union all
            select unnest(range_agg(int8range(i.values_id, i.values_id, '[]')))
            from trueprice.snapshot_curve i
            where t.last - t.first + 1 <> t.count
              and i.snapshot_id = t.snapshot_id
              and (select curves from keys) @> i.curve_id
        ) r
    )
    select c.id, c.identity, c.labels, c.sub_cost_component_raw, c.uom, c.details, c.months,
        null::integer as snapshot_id, null::date, null::bytea
    from visible c
    union all
    select null, null, null, null, null, null, null, n.snapshot_id,
        case when min(v.start) = max(v.start) then min(v.start) end,
        string_agg(
            coalesce(
                int8send((v.curve_id::bigint << 32) | (octet_length(v.packed) << 1)) || v.packed,
                int8send((v.curve_id::bigint << 32) | (octet_length(array_send(v.values)) << 1) | 1) || array_send(v.values)
            ),
            ''::bytea
        )
    from runs n
    join trueprice.curve_values v on v.id >= lower(n.run) and v.id < upper(n.run)
    group by n.snapshot_id
    order by snapshot_id nulls first, id;
end
$$;
comment on function trueprice.board(integer, boolean, timestamptz, text, text, integer[], text[], integer[], integer[]) is 'First a row for each curve that passes the filters and may be seen, by their keys; then one for each snapshot, with the day that its months begin on (all curves of a monthly sheet share it) and what it says of these curves: for each 31 bits of its key, 31 of the size and one that says whether the numbers are an array, and the numbers';
