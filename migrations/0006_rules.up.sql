-- Who may see what, by label and delivery month, alone or in packages; and who did what. Everything here adds: a grant of
-- the release before (data type and market alone) means what it meant.

create function trueprice.normal(label text) returns text
    language sql immutable strict parallel safe
    return trim(regexp_replace(lower(label), '[\s_\u0085\u00a0\u1680\u2000-\u200a\u2028\u2029\u202f\u205f\u3000]+', ' ', 'g'));
comment on function trueprice.normal is 'A label as labels are compared: blanks and underscores are one blank, letter case does not count';

create function trueprice.normals(labels text[]) returns text[]
    language sql immutable strict parallel safe
    return array(select trueprice.normal(label) from unnest(labels) with ordinality as l (label, place) order by place);
comment on function trueprice.normals is 'Labels as they are compared, in their order; null stays null';

create function trueprice.like_pattern(pattern text) returns text
    language sql immutable strict parallel safe
    return regexp_replace(regexp_replace(trueprice.normal(pattern), '([\\%])', '\\\1', 'g'), '\*$', '%');
comment on function trueprice.like_pattern is 'A label, or the beginning of one before an asterisk, for LIKE against trueprice.normal';

create function trueprice.like_patterns(patterns text[]) returns text[]
    language sql immutable strict parallel safe
    return array(select trueprice.like_pattern(pattern) from unnest(patterns) with ordinality as l (pattern, place) order by place);
comment on function trueprice.like_patterns is 'Patterns for LIKE, in their order; null stays null';

alter table trueprice.curve
    add column normal text[] not null generated always as (trueprice.normals(array[control_area, state, load_zone,
        capacity_zone, utility, block_type, cost_group, cost_component, sub_cost_component] || details)) stored;
comment on column trueprice.curve.normal is 'The eight labels, the sub component and the details, as they are compared';

create function trueprice.rule_key(labels text[]) returns text[]
    language sql immutable parallel safe
    return case when num_nulls(labels[1], labels[2], labels[3], labels[4], labels[5], labels[7], labels[8]) = 0
        and not exists (select from unnest(labels[1:5] || labels[7:8]) as l (label) where label like '%*%')
        then trueprice.normals(labels[1:5] || labels[7:8]) end;
comment on function trueprice.rule_key is 'What curves are found by that a rule names label by label; null for a rule that leaves labels open';

create table trueprice.access_package (
    id integer generated always as identity primary key,
    name text not null check (length(name) between 1 and 100),
    about text not null default '' check (length(about) <= 1000),
    created_at timestamptz not null,
    constraint one_package_per_name unique (name)
);
comment on table trueprice.access_package is 'Named sets of rules, granted to many users';
comment on column trueprice.access_package.id is 'Key';
comment on column trueprice.access_package.name is 'Name';
comment on column trueprice.access_package.about is 'What it is for';
comment on column trueprice.access_package.created_at is 'When it was made';

create table trueprice.package_user (
    package_id integer not null references trueprice.access_package on delete cascade,
    user_id integer not null references trueprice.user_account,
    granted_at timestamptz not null,
    primary key (package_id, user_id)
);
comment on table trueprice.package_user is 'Who has which package';
comment on column trueprice.package_user.package_id is 'The package';
comment on column trueprice.package_user.user_id is 'The user';
comment on column trueprice.package_user.granted_at is 'Since when';
create index package_user_by_user on trueprice.package_user (user_id);

alter table trueprice.access_grant
    alter column user_id drop not null,
    add column package_id integer references trueprice.access_package on delete cascade,
    add column labels text[] not null default '{}'
        check (cardinality(labels) <= 9 and coalesce(array_ndims(labels), 1) = 1 and coalesce(array_lower(labels, 1), 1) = 1),
    add column patterns text[] not null generated always as (trueprice.like_patterns(labels)) stored,
    add column key text[] generated always as (trueprice.rule_key(labels)) stored,
    add column from_month date check (extract(day from from_month) = 1),
    add column to_month date check (extract(day from to_month) = 1),
    add column balanced_months integer check (balanced_months between 1 and 1200),
    drop constraint one_grant_per_series,
    add constraint one_grant_per_series
        unique nulls not distinct (user_id, package_id, data_type, market, labels, from_month, to_month, balanced_months),
    add constraint a_rule_is_of_a_user_or_of_a_package check (num_nonnulls(user_id, package_id) = 1),
    add constraint months_are_a_range check (from_month < to_month),
    add constraint months_are_absolute_or_balanced check (balanced_months is null or num_nonnulls(from_month, to_month) = 0);
comment on table trueprice.access_grant is 'Rules: what a user, or everybody with a package, may see; admins need none';
comment on column trueprice.access_grant.user_id is 'Who may see; null for a rule of a package';
comment on column trueprice.access_grant.package_id is 'The package that it is part of; null for a rule of a user';
comment on column trueprice.access_grant.labels is 'Up to nine labels (the eight and the sub component) as they were given; null for any, an asterisk at the end for any that begin so';
comment on column trueprice.access_grant.patterns is 'The same for LIKE';
comment on column trueprice.access_grant.key is 'The same without block and sub component as curves have them, if it names each of the seven; what rules are found by';
comment on column trueprice.access_grant.from_month is 'First delivery month; null for all';
comment on column trueprice.access_grant.to_month is 'The delivery month behind the last; null for all';
comment on column trueprice.access_grant.balanced_months is 'Instead of a range: this many delivery months, the current one included';
create index access_grant_by_key on trueprice.access_grant (user_id, key) where user_id is not null;
create index access_grant_by_package on trueprice.access_grant (package_id, key) where package_id is not null;

create view trueprice.access_rule as
    select g.user_id as viewer, g.id, g.data_type, g.market, g.patterns, g.key, g.from_month, g.to_month, g.balanced_months,
        num_nonnulls(variadic g.patterns) + num_nonnulls(g.from_month, g.to_month, g.balanced_months) = 0 as whole
    from trueprice.access_grant g
    where g.user_id is not null
    union all
    select p.user_id, g.id, g.data_type, g.market, g.patterns, g.key, g.from_month, g.to_month, g.balanced_months,
        num_nonnulls(variadic g.patterns) + num_nonnulls(g.from_month, g.to_month, g.balanced_months) = 0
    from trueprice.package_user p
    join trueprice.access_grant g using (package_id);
comment on view trueprice.access_rule is 'All rules of a viewer, its own and those of its packages; whole: of all curves and months of its data types and markets';
comment on column trueprice.access_rule.viewer is 'Whose rule it is';
comment on column trueprice.access_rule.id is 'Key of the rule';
comment on column trueprice.access_rule.data_type is 'Data type, or null for all';
comment on column trueprice.access_rule.market is 'Market, or null for all';
comment on column trueprice.access_rule.patterns is 'Labels for LIKE; null for any';
comment on column trueprice.access_rule.key is 'What finds a rule that names seven labels exactly';
comment on column trueprice.access_rule.from_month is 'First delivery month; null for all';
comment on column trueprice.access_rule.to_month is 'The delivery month behind the last; null for all';
comment on column trueprice.access_rule.balanced_months is 'Instead of a range: this many delivery months from the current one on';
comment on column trueprice.access_rule.whole is 'Whether it is about all curves and months of its data types and markets';

-- The one place that says what a rule means. Every read joins it laterally to the curves that it is about; PostgreSQL
-- puts its text in place of the call. A rule that names the labels one by one is found by them, because a user may have
-- thousands; whether it is of the curve is decided as for any other. The month turns at midnight Eastern.
--
-- A block is a label like any other: a rule on 7x24 is one on curves that are stored as 7x24, and opens no blocks.
create function trueprice.seen(viewer integer, everything boolean, now timestamptz, data_type text, market text, normal text[])
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

create function trueprice.month_numbers(months datemultirange) returns integer[]
    language sql immutable strict parallel safe
    return case when months <> '{(,)}'::datemultirange then array(
        select number
        from unnest(months) as m (month),
            lateral unnest(array[
                case when lower_inf(month) then -2147483648 else extract(year from lower(month)) * 12 + extract(month from lower(month)) - 1 end,
                case when upper_inf(month) then 2147483647 else extract(year from upper(month)) * 12 + extract(month from upper(month)) - 1 end
            ]::integer[]) as n (number)
        order by number) end;
comment on function trueprice.month_numbers is 'Ranges of months as pairs of numbers, year x 12 + month - 1, the second excluded; null for all months';

-- Not one that PostgreSQL puts into the statement: without named statements each is planned anew, and this one, which a
-- session plans once, would take most of that time.
create function trueprice.sees_series(viewer integer, everything boolean, data_type text, market text, whole boolean) returns boolean
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
comment on function trueprice.sees_series is 'Whether a viewer may see something of a data type and market, or all of it; of rules with labels only if there is a curve that they are about';

create table trueprice.audit (
    id bigint generated always as identity primary key,
    at timestamptz not null,
    by text not null,
    came_from text,
    action text not null check (action ~ '^[a-z_]+\.[a-z_]+$'),
    subject text not null,
    detail jsonb not null default '{}'
);
comment on table trueprice.audit is 'Who did what, when and from where; written with what was done, and never changed';
comment on column trueprice.audit.id is 'Key';
comment on column trueprice.audit.at is 'When';
comment on column trueprice.audit.by is 'E-mail address of the user, or the function that an operator invoked';
comment on column trueprice.audit.came_from is 'Network address, where there is one';
comment on column trueprice.audit.action is 'What, as kind.verb: user.create, grant.replace, switch.set, snapshot.withdraw';
comment on column trueprice.audit.subject is 'To whom or what';
comment on column trueprice.audit.detail is 'The rest; never a secret';
create index audit_by_subject on trueprice.audit (subject, id desc);

-- Append-only: by privilege for every role, and by trigger for one that privileges do not bind.
revoke update, delete, truncate on trueprice.audit from current_user;
create function trueprice.refuse_change() returns trigger
    language plpgsql as $$
begin
    raise exception '% of trueprice.% is refused: it is append-only', tg_op, tg_table_name;
end
$$;
comment on function trueprice.refuse_change is 'Refuses to change what is append-only';
create trigger append_only before update or delete or truncate on trueprice.audit
    for each statement execute function trueprice.refuse_change();
