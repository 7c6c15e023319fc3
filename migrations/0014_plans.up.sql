-- The statements behind nearly every request, as functions. RDS Proxy pins a connection that keeps a statement by name, and
-- one without a name is planned each time: that was 3.5 of the 7 ms that one curve took (2026-11-21). What a function runs,
-- each server connection plans once. `plan_cache_mode` is the function's own and ends with it, so that no session keeps it;
-- without it the first five calls are planned all the same, and what is compared then are guesses.

create function trueprice.admit(
    session_id uuid, key_id integer, digest bytea, address text, at timestamptz, per interval, counts boolean
)
    returns table (user_id integer, email text, role text, enabled boolean, scope text, switched_off text, since timestamptz, requests integer)
    language plpgsql rows 1 set plan_cache_mode to force_generic_plan
as $$
#variable_conflict use_column
begin
    return query
    with holder as (
        select u.id, u.email, u.role, u.enabled, null::integer as key_id, null::text as scope
        from trueprice.session s
        join trueprice.user_account u on u.id = s.user_id
        where s.id = admit.session_id
          and s.revoked_at is null
          and s.expires_at > admit.at
        union all
        select u.id, u.email, u.role, u.enabled, k.id, k.scope
        from trueprice.api_key k
        join trueprice.user_account u on u.id = k.user_id
        where k.id = admit.key_id
          and k.digest = admit.digest
          and k.revoked_at is null
          and k.expires_at > admit.at
    ),
    -- Once a minute: reads are not to become writes of a table that must last.
    used as (
        update trueprice.api_key k
        set used_at = admit.at
        from holder h
        where k.id = h.key_id
          and h.enabled
          and (k.used_at is null or k.used_at <= admit.at - interval '1 minute')
    ),
    counted as (
        insert into trueprice.request_count as c (caller, since, requests)
        select coalesce('key ' || h.key_id, 'user ' || h.id, admit.address), admit.at, 1
        from (values (true)) as request (made)
        left join holder h on request.made
        where admit.counts
        on conflict (caller) do update
        set since = case when c.since + admit.per <= excluded.since then excluded.since else c.since end,
            requests = case when c.since + admit.per <= excluded.since then 1 else c.requests + 1 end
        returning since, requests
    )
    select h.id, h.email, h.role, h.enabled, h.scope, case when w.enabled then null else w.reason end, c.since, c.requests
    from trueprice.site_switch w
    left join counted c on true
    left join holder h on true
    where w.name = 'api';
end
$$;
comment on function trueprice.admit is 'Whose session or key it is, whether the API is switched on, and how many requests the caller has made with this one; one row';
revoke execute on function trueprice.admit from public;

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
comment on function trueprice.marks is 'The snapshot that stands for each operating day of a series, newest day first; none of a series of which the viewer sees nothing';

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
