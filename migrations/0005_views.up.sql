-- The tables of the old system, as views, for those who read with SQL: of each data type and market the marks of the days,
-- and beside them the other snapshots of the days. They are written once, below, and made for all.

-- Every vector that is known now. The manifest of a snapshot is looked up when the snapshot has been chosen, so that a
-- condition on its stamp spares the rest; what is unpacked, is unpacked last.
create view trueprice.known_vector as
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
comment on view trueprice.known_vector is 'Every vector of every snapshot that is known now and not archived, still packed; the views for readers are made of it';

-- Who reads with SQL: a role for log-ins to be in. It is the server's, not the database's.
do $$
begin
    if to_regrole('trueprice_reader') is null then
        create role trueprice_reader nologin;
    end if;
exception when duplicate_object or unique_violation then
    -- Another database of the server made it at this moment.
    null;
end
$$;
grant usage on schema trueprice to trueprice_reader;

do $$
declare
    markets constant text[] := '{ERCOT,ISONE,MISO,NYISO,PJM}';
    labels constant text := 'k.control_area, k.state, k.load_zone, k.capacity_zone, k.utility, k.block_type as %s, k.cost_group,
        k.cost_component';
    monthly constant text := '(k.start + (n.place - 1)::int * interval ''1 month'')::date as month';
    hour constant text := '((n.place - 1) % 25 + 1)::int as he';
    day constant text := 'k.start + ((n.place - 1) / 25)::int as month';
    kind record;
    market text;
    history boolean;
    name text;
    about text;
    made text[] := '{known_vector}';
    named record;
begin
    for kind in
        -- Its columns, {curveend} standing where a history has one more; whether each market has a view of its own; whether
        -- places without a number are rows; and what it holds.
        select *
        from (values
            ('energy', true, true, 'k.cob, k.curvestart, {curveend} {month}, n.data, {labels}, k.sub_cost_component',
                'Energy prices'),
            ('nonenergy', true, true, 'k.curvestart, {curveend} {month}, n.data, {labels}, k.sub_cost_component',
                'Charges other than energy'),
            ('rec', true, true, 'k.curvestart, {curveend} {month}, n.data, {labels}, k.sub_cost_component',
                'Renewable energy certificates and obligations'),
            ('ptc', false, true, 'k.curvestart, {curveend} {month}, lower(k.market) as control_area_type, n.data, {labels},
                k.details[2] as utility_name, k.details[1] as profile_load, k.details[3] as matching_id,
                k.details[4] as lookup_id', 'Prices to compare'),
            ('matrix', false, true, 'k.curvestart, {curveend} lower(k.market) as control_area_type, {labels},
                k.sub_cost_component, k.details[2]::numeric as term, k.start as beginning_date, k.details[1] as load_profile,
                n.data, k.details[3] as matching_id, k.details[4] as lookup_id', 'Components of retail offers'),
            ('lineloss', false, true, '{levels}, k.curvestart, {curveend} n.data', 'Loss factors'),
            ('loadprofile', true, false, '{levels}, k.details[1] as customer_type, k.curvestart, {curveend} {day}, {hour},
                n.data', 'Hourly loads'),
            ('shaping', true, false, '{levels}, k.curvestart, {curveend} {day}, {hour}, n.data', 'Hourly shaping factors'),
            ('vlr', true, false, '{levels}, k.curvestart, {curveend} ((n.place - 1) / 24 + 1)::int as datemonth,
                ((n.place - 1) % 24 + 1)::int as he, n.data', 'Variable load risk')
        ) as kinds (data_type, by_market, blanks, columns, about)
    loop
        foreach market in array case when kind.by_market then markets else array['ALL'] end loop
            continue when kind.data_type = 'rec' and market = 'MISO';
            foreach history in array array[false, true] loop
                name := case when kind.by_market then lower(market) || '_' else '' end || kind.data_type
                    || case when history then '_history' else '' end;
                about := kind.about || case when kind.by_market then ' of ' || market else ' of all markets' end;
                execute format(
                    'create view trueprice.%I as
                    select k.id + n.place - 1 as id, %s
                    from trueprice.known_vector k
                    cross join lateral unnest(coalesce(k.values, trueprice.unpack(k.packed)))
                        with ordinality as n (data, place)
                    where k.data_type = %L and %s and k.curveend is %s null%s',
                    name,
                    replace(replace(replace(replace(replace(replace(kind.columns,
                        '{curveend}', case when history then 'k.curveend,' else '' end),
                        '{month}', monthly),
                        '{labels}', format(labels, 'strip')),
                        '{levels}', format(labels, 'block_type')),
                        '{day}', day),
                        '{hour}', hour),
                    kind.data_type,
                    case when kind.by_market then format('k.market = %L', market) else 'true' end,
                    case when history then 'not' else '' end,
                    case when kind.blanks then '' else ' and n.data is not null' end
                );
                execute format(
                    'comment on view trueprice.%I is %L',
                    name,
                    about || case when history
                        then ': of each operating day the snapshots that are known now and are not its mark'
                        else ': of each operating day its mark, the close of business if there is one, else the latest stamp'
                    end
                );
                execute format('grant select on trueprice.%I to trueprice_reader', name);
                made := made || name;
            end loop;
        end loop;
    end loop;

    for named in
        select a.attrelid::regclass as view, a.attname as name, d.about
        from pg_class c
        join pg_attribute a on a.attrelid = c.oid and a.attnum > 0
        join (values
            ('id', 'Unique; divided by 4294967296 it is the id of the snapshot'),
            ('data_type', 'Data type'),
            ('market', 'Market'),
            ('cob', 'Marked close of business'),
            ('curvestart', 'Stamp of the snapshot: the wall clock of the market, as if it were UTC'),
            ('curveend', 'Stamp of the snapshot that took its place as the mark of the day; its own if it never was the mark'),
            ('month', 'Delivery month by its first day; of hours the day'),
            ('datemonth', 'Month of the year, 1 to 12'),
            ('he', 'Hour ending, 1 to 24, and 25 for the repeated hour in autumn'),
            ('data', 'The number; null if it is missing'),
            ('control_area_type', 'Market, in lower case'),
            ('control_area', 'Control area'),
            ('state', 'State; - for hubs'),
            ('load_zone', 'Load zone or hub'),
            ('capacity_zone', 'Capacity zone'),
            ('utility', 'Utility code, or ALL'),
            ('strip', 'Block type, in the letter case of the sheet'),
            ('block_type', 'Block type, in the letter case of the sheet'),
            ('cost_group', 'Family of the component'),
            ('cost_component', 'Name of the curve, without its unit'),
            ('sub_cost_component', 'Label row of the sheet; of an offer the component'),
            ('customer_type', 'Class of customers'),
            ('utility_name', 'Utility by its name'),
            ('profile_load', 'Rate class'),
            ('load_profile', 'Load profile of the offer'),
            ('term', 'Term of the offer in months'),
            ('beginning_date', 'Beginning of the offer'),
            ('matching_id', 'Key that joins a price to compare to offers'),
            ('lookup_id', 'Key in the analysts'' workbook'),
            ('details', 'What else tells the curve apart'),
            ('start', 'Day of the first number'),
            ('values', 'The numbers, if they are not packed'),
            ('packed', 'The numbers, packed: see trueprice.unpack')
        ) as d (name, about) on d.name = a.attname
        where c.relnamespace = 'trueprice'::regnamespace and c.relname = any(made)
    loop
        execute format('comment on column %s.%I is %L', named.view, named.name, named.about);
    end loop;
end
$$;
