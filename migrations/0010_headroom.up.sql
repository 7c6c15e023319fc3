-- Headroom: what was computed from which snapshots, and the numbers for those who read with SQL. Everything here adds.

create table trueprice.headroom_pair (
    id bigint generated always as identity primary key,
    matrix_id integer not null references trueprice.snapshot on delete cascade,
    ptc_id integer references trueprice.snapshot on delete cascade,
    loadprofile_id integer references trueprice.snapshot on delete cascade,
    snapshot_id integer references trueprice.snapshot on delete cascade,
    method text not null,
    current boolean not null default true,
    computed_at timestamptz not null,
    times integer not null default 1 check (times >= 1),
    offers integer not null,
    joined integer not null,
    computed integer not null,
    unpublished integer not null,
    months_missing integer not null,
    without_partner integer not null,
    without_price integer not null,
    ambiguous integer not null,
    constraint headroom_once_per_pair unique nulls not distinct (matrix_id, ptc_id, loadprofile_id),
    constraint joined_is_computed_or_says_why check (joined = computed + unpublished + months_missing)
);
comment on table trueprice.headroom_pair is 'What headroom was computed from: a row for each pair of a matrix and a price to compare, with the load profile that weighted it';
comment on column trueprice.headroom_pair.id is 'Key';
comment on column trueprice.headroom_pair.matrix_id is 'The snapshot of offers';
comment on column trueprice.headroom_pair.ptc_id is 'The snapshot of prices to compare; null if the market had none up to that day';
comment on column trueprice.headroom_pair.loadprofile_id is 'The snapshot of loads; null if the market had none up to that day';
comment on column trueprice.headroom_pair.snapshot_id is 'The snapshot of headroom that says it; null if nothing could be compared';
comment on column trueprice.headroom_pair.method is 'How it was computed: another method computes all pairs anew';
comment on column trueprice.headroom_pair.current is 'Whether it is what the matrix is compared with now; of each matrix one at most';
comment on column trueprice.headroom_pair.computed_at is 'When it was computed last';
comment on column trueprice.headroom_pair.times is 'How often: a price to compare may come, be withdrawn, and be right again';
comment on column trueprice.headroom_pair.offers is 'Offers in the matrix';
comment on column trueprice.headroom_pair.joined is 'Offers and prices to compare that belong together';
comment on column trueprice.headroom_pair.computed is 'Of these, those with a headroom';
comment on column trueprice.headroom_pair.unpublished is 'Of these, those of whose months none has a published price';
comment on column trueprice.headroom_pair.months_missing is 'Of these, those of whose months some have no published price';
comment on column trueprice.headroom_pair.without_partner is 'Offers that no price to compare belongs to';
comment on column trueprice.headroom_pair.without_price is 'Offers without a total price';
comment on column trueprice.headroom_pair.ambiguous is 'Left out, because two prices to compare of one name belong to the offer';
create unique index headroom_current on trueprice.headroom_pair (matrix_id) where current;
create index headroom_by_ptc on trueprice.headroom_pair (ptc_id) where ptc_id is not null;
create index headroom_by_loadprofile on trueprice.headroom_pair (loadprofile_id) where loadprofile_id is not null;
create index headroom_by_snapshot on trueprice.headroom_pair (snapshot_id) where snapshot_id is not null;

-- The table of the old system, as a view, and its history: a row per offer.
do $$
declare
    history boolean;
    name text;
    named record;
begin
    foreach history in array array[false, true] loop
        name := 'headroom' || case when history then '_history' else '' end;
        execute format(
            'create view trueprice.%I as
            select min(k.id) as id, k.curvestart, %s date_trunc(''month'', k.start)::date as month,
                lower(k.market) as control_area_type, k.control_area, k.state, k.load_zone, k.capacity_zone, k.utility,
                k.block_type as strip, k.cost_group, k.cost_component,
                max(n.data) filter (where k.sub_cost_component = ''Headroom'') as headroom,
                max(n.data) filter (where k.sub_cost_component = ''Headroom Percent'') as headroom_prct,
                k.details[2]::numeric as term, k.start as beginning_date, k.details[1] as load_profile,
                k.details[6] as utility_name, k.details[5] as profile_load,
                max(n.data) filter (where k.sub_cost_component = ''Retail Price'') as total_bundled_price,
                max(n.data) filter (where k.sub_cost_component = ''Price to Compare'') as ptc,
                k.details[3] as matching_id, k.details[4] as lookup_id
            from trueprice.known_vector k
            cross join lateral unnest(coalesce(k.values, trueprice.unpack(k.packed))) as n (data)
            where k.data_type = ''headroom''
              and k.sub_cost_component in (''Headroom'', ''Headroom Percent'', ''Retail Price'', ''Price to Compare'')
              and k.curveend is %s null
            group by k.curvestart, k.curveend, k.market, k.control_area, k.state, k.load_zone, k.capacity_zone, k.utility,
                k.block_type, k.cost_group, k.cost_component, k.details, k.start',
            name,
            case when history then 'k.curveend,' else '' end,
            case when history then 'not' else '' end
        );
        execute format(
            'comment on view trueprice.%I is %L',
            name,
            'Headroom of all markets' || case when history
                then ': of each operating day the snapshots that are known now and are not its mark'
                else ': of each operating day its mark, the close of business if there is one, else the latest stamp'
            end
        );
        execute format('grant select on trueprice.%I to trueprice_reader', name);
    end loop;

    for named in
        select a.attrelid::regclass as view, a.attname as name, d.about
        from pg_class c
        join pg_attribute a on a.attrelid = c.oid and a.attnum > 0
        join (values
            ('id', 'Unique; divided by 4294967296 it is the id of the snapshot'),
            ('curvestart', 'Stamp of the snapshot, which is that of its matrix: the wall clock of the market, as if it were UTC'),
            ('curveend', 'Stamp of the snapshot that took its place as the mark of the day; its own if it never was the mark'),
            ('month', 'First delivery month of the offer'),
            ('control_area_type', 'Market, in lower case'),
            ('control_area', 'Control area'),
            ('state', 'State'),
            ('load_zone', 'Load zone'),
            ('capacity_zone', 'Capacity zone'),
            ('utility', 'Utility code'),
            ('strip', 'Block type, in the letter case of the sheet'),
            ('cost_group', 'Family of the component'),
            ('cost_component', 'Class of the offer'),
            ('headroom', 'Price to compare less retail price, $/kWh; null if it cannot be computed'),
            ('headroom_prct', 'Percent of the price to compare'),
            ('term', 'Term of the offer in months'),
            ('beginning_date', 'Beginning of the offer'),
            ('load_profile', 'Load profile of the offer'),
            ('utility_name', 'Utility by its name'),
            ('profile_load', 'Rate class that the offer is compared with'),
            ('total_bundled_price', 'Price of the offer, $/kWh'),
            ('ptc', 'Price to compare over the months of the offer, $/kWh; null if a month of them is not published'),
            ('matching_id', 'Matching id of the offer'),
            ('lookup_id', 'Lookup id of the offer, which is the matching id of the price to compare')
        ) as d (name, about) on d.name = a.attname
        where c.relnamespace = 'trueprice'::regnamespace and c.relname in ('headroom', 'headroom_history')
    loop
        execute format('comment on column %s.%I is %L', named.view, named.name, named.about);
    end loop;
end
$$;
