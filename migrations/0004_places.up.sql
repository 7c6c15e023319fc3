-- Places: one key for each zone and utility, and the spellings that sheets have for it. Data, not code: an admin extends
-- them.

create function trueprice.normalised(label text) returns text
    language sql immutable strict parallel safe
    return lower(btrim(regexp_replace(label, '[[:space:]_]+', ' ', 'g')));
comment on function trueprice.normalised is 'A label as labels are compared: blanks and underscores are one blank, letter case does not count';

create table trueprice.place_alias (
    kind text not null check (kind in ('zone', 'capacity_zone', 'utility')),
    market text not null check (market in ('ERCOT', 'ISONE', 'MISO', 'NYISO', 'PJM')),
    key text not null,
    spelling text not null check (length(spelling) between 1 and 200),
    normalised text not null generated always as (trueprice.normalised(spelling)) stored,
    added_at timestamptz,
    primary key (kind, market, spelling),
    constraint one_place_per_spelling unique (kind, market, normalised),
    constraint a_key_is_a_spelling_of_itself foreign key (kind, market, key)
        references trueprice.place_alias (kind, market, spelling)
);
comment on table trueprice.place_alias is 'Spellings of zones and utilities in sheets, each with the key of the place that it means; a key is a spelling, too';
comment on column trueprice.place_alias.kind is 'zone, capacity_zone or utility';
comment on column trueprice.place_alias.market is 'Market; places of one name in two markets are two';
comment on column trueprice.place_alias.key is 'The one name of the place';
comment on column trueprice.place_alias.spelling is 'A name that sheets have for it';
comment on column trueprice.place_alias.normalised is 'The spelling as labels are compared';
comment on column trueprice.place_alias.added_at is 'When an admin added it; null if it came with the schema';

-- Places by the name that most sheets have for them.
insert into trueprice.place_alias (kind, market, key, spelling)
select kind, market, key, key
from (
    values
    ('zone', 'ERCOT', array[
        'ALL', 'HOUSTON ZONE', 'NORTH ZONE', 'SOUTH ZONE', 'WEST ZONE']),
    ('zone', 'ISONE', array[
        'ALL', 'CONNECTICUT', 'MAINE', 'MASS HUB', 'NEMASSBOST', 'NEWHAMPSHIRE', 'RHODEISLAND', 'SEMASS',
        'VERMONT', 'WCMASS']),
    ('zone', 'MISO', array[
        'ALL', 'AMIL', 'AMILCILCO', 'AMILCIPS', 'AMILIP', 'INDY HUB']),
    ('zone', 'NYISO', array[
        'ALL', 'ZONE A', 'ZONE B', 'ZONE C', 'ZONE D', 'ZONE E', 'ZONE F', 'ZONE G', 'ZONE H', 'ZONE I',
        'ZONE J', 'ZONE K']),
    ('zone', 'PJM', array[
        'ALL', 'PJM Wide', 'MA', 'NON MA', 'AECO', 'AEP', 'APS', 'ATSI', 'BGE', 'COMED', 'DAY', 'DEOK', 'DOM',
        'DPL', 'DUQ', 'EKPC', 'JCPL', 'METED', 'PECO', 'PENELEC', 'PEPCO', 'POTED', 'PPL', 'PSEG', 'RECO',
        'SMECO', 'UGI', 'AD HUB', 'EAST HUB', 'NI HUB', 'WEST HUB']),
    ('capacity_zone', 'MISO', array[
        '4']),
    ('capacity_zone', 'NYISO', array[
        'LHV', 'NYC', 'ROS']),
    ('utility', 'ERCOT', array[
        'ALL', 'AEP-CENTRAL', 'AEP-NORTH', 'CENTERPOINT', 'ONCOR', 'TNMP']),
    ('utility', 'ISONE', array[
        'ALL', 'BECO', 'BHE', 'CECO', 'CELCO', 'CLP', 'CMP', 'FGE', 'GSECO', 'MECO', 'NARRAG', 'NGRID', 'NHEC',
        'NSTAR', 'PSNH', 'UES', 'UI', 'WMECO']),
    ('utility', 'MISO', array[
        'ALL', 'AMIL']),
    ('utility', 'NYISO', array[
        'ALL', 'CENHUD', 'CONED', 'NIMO', 'NYSEG', 'ORU', 'RGE']),
    ('utility', 'PJM', array[
        'ALL', 'MA', 'NON MA', 'AECO', 'AEP', 'APS', 'ATSI', 'BGE', 'CEI', 'COMED', 'CSPC', 'DAYTON', 'DEOK',
        'DOM', 'DPL', 'DQE', 'DUKE', 'EKPC', 'JCPL', 'METED', 'OE', 'OPC', 'PECO', 'PENELEC', 'PENNPOWER',
        'PEPCO', 'POTED', 'PPL', 'PSEG', 'RECO', 'RECO - West', 'SMECO', 'TE', 'UGI', 'WPP'])
) as places (kind, market, keys)
cross join unnest(keys) as key;

-- Other spellings. DAY and DUQ as utilities (nonenergy) are the one utility of their zone. DEOK, ATSI, APS and AEP as
-- utilities are zones with several, and stay apart from DUKE, CEI, WPP, CSPC and so on.
insert into trueprice.place_alias (kind, market, key, spelling) values
    ('zone', 'ISONE', 'CONNECTICUT', 'CT'),
    ('zone', 'ISONE', 'MAINE', 'ME'),
    ('zone', 'ISONE', 'NEWHAMPSHIRE', 'NH'),
    ('zone', 'ISONE', 'RHODEISLAND', 'RI'),
    ('zone', 'ISONE', 'VERMONT', 'VT'),
    ('zone', 'MISO', 'AMIL', 'Ameren'),
    ('zone', 'NYISO', 'ZONE A', 'A'),
    ('zone', 'NYISO', 'ZONE B', 'B'),
    ('zone', 'NYISO', 'ZONE C', 'C'),
    ('zone', 'NYISO', 'ZONE D', 'D'),
    ('zone', 'NYISO', 'ZONE E', 'E'),
    ('zone', 'NYISO', 'ZONE F', 'F'),
    ('zone', 'NYISO', 'ZONE G', 'G'),
    ('zone', 'NYISO', 'ZONE H', 'H'),
    ('zone', 'NYISO', 'ZONE I', 'I'),
    ('zone', 'NYISO', 'ZONE J', 'J'),
    ('zone', 'NYISO', 'ZONE K', 'K'),
    ('zone', 'PJM', 'AECO', 'ACE'),
    ('zone', 'PJM', 'PENELEC', 'PENLC'),
    ('utility', 'MISO', 'AMIL', 'Ameren'),
    ('utility', 'NYISO', 'CENHUD', 'CHGE'),
    ('utility', 'PJM', 'AECO', 'ACE'),
    ('utility', 'PJM', 'PENELEC', 'PENLC'),
    ('utility', 'PJM', 'DAYTON', 'DAY'),
    ('utility', 'PJM', 'DQE', 'DUQ');

create view trueprice.curve_place as
select c.id as curve_id,
    coalesce(z.key, btrim(c.load_zone)) as zone,
    coalesce(cz.key, capacity_as_zone.key, btrim(c.capacity_zone)) as capacity_zone,
    coalesce(u.key, btrim(c.utility)) as utility,
    z.key is not null and u.key is not null and coalesce(cz.key, capacity_as_zone.key) is not null as known
from trueprice.curve c
join trueprice.series r on r.id = c.series_id
left join trueprice.place_alias z
    on z.kind = 'zone' and z.market = r.market and z.normalised = trueprice.normalised(c.load_zone)
left join trueprice.place_alias cz
    on cz.kind = 'capacity_zone' and cz.market = r.market and cz.normalised = trueprice.normalised(c.capacity_zone)
left join trueprice.place_alias capacity_as_zone
    on capacity_as_zone.kind = 'zone' and capacity_as_zone.market = r.market
        and capacity_as_zone.normalised = trueprice.normalised(c.capacity_zone)
left join trueprice.place_alias u
    on u.kind = 'utility' and u.market = r.market and u.normalised = trueprice.normalised(c.utility);
comment on view trueprice.curve_place is 'Where each curve is, by the keys of its places, however its sheet spells them';
comment on column trueprice.curve_place.curve_id is 'The curve';
comment on column trueprice.curve_place.zone is 'Key of its load zone; the label itself if no place is known by it';
comment on column trueprice.curve_place.capacity_zone is 'Key of its capacity zone, which most sheets name by the load zone';
comment on column trueprice.curve_place.utility is 'Key of its utility';
comment on column trueprice.curve_place.known is 'Whether all three are known places';
