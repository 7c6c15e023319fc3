-- Who still uses which path of the old API, so that an owner can see what may be switched off. Everything here adds: the release
-- before calls `admit` with seven arguments, and this one with eight.

-- Logged, unlike the counts for the limits: it is kept for years. Room on the pages keeps the updates off the index.
create table trueprice.legacy_use (
    path text not null check (length(path) between 1 and 200),
    user_id integer not null check (user_id >= 0),
    email text,
    month date not null check (extract(day from month) = 1),
    count bigint not null check (count > 0),
    last_used timestamptz not null,
    primary key (path, user_id, month),
    constraint nobody_has_no_address check ((user_id = 0) = (email is null))
) with (fillfactor = 50);
comment on table trueprice.legacy_use is 'How often each user asked each path of the old API, by month. There are few rows, and they are kept: a row is as many bytes for one request as for a million';
comment on column trueprice.legacy_use.path is 'Path as the route is declared, with its parameters in braces';
comment on column trueprice.legacy_use.user_id is 'Who asked; 0 where a path asks nobody who it is. No foreign key: the counts of a user stay when it is deleted';
comment on column trueprice.legacy_use.email is 'E-mail address of the user at its last request, as in the audit; null for 0';
comment on column trueprice.legacy_use.month is 'First day of the month, in UTC';
comment on column trueprice.legacy_use.count is 'Requests in this month, refused ones too';
comment on column trueprice.legacy_use.last_used is 'When the last of them came';

create function trueprice.admit(
    session_id uuid, key_id integer, digest bytea, address text, at timestamptz, per interval, counts boolean, legacy_path text
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
    ),
    -- Of a session or key that is none of ours, nobody's use is counted: it gets no answer.
    used_legacy as (
        insert into trueprice.legacy_use as l (path, user_id, email, month, count, last_used)
        select admit.legacy_path, h.id, h.email, date_trunc('month', admit.at at time zone 'UTC')::date, 1, admit.at
        from holder h
        where admit.legacy_path is not null
        on conflict (path, user_id, month) do update
        set email = excluded.email, count = l.count + 1, last_used = greatest(l.last_used, excluded.last_used)
    )
    select h.id, h.email, h.role, h.enabled, h.scope, case when w.enabled then null else w.reason end, c.since, c.requests
    from trueprice.site_switch w
    left join counted c on true
    left join holder h on true
    where w.name = 'api';
end
$$;
comment on function trueprice.admit(uuid, integer, bytea, text, timestamptz, interval, boolean, text) is 'Whose session or key it is, whether the API is switched on, and how many requests the caller has made with this one; one row. A path of the old API is counted for its user, too';
revoke execute on function trueprice.admit(uuid, integer, bytea, text, timestamptz, interval, boolean, text) from public;
