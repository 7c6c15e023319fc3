-- Identities stay as they are: those of labels without invisible characters are the same in both forms.
drop view trueprice.curve_place;
drop trigger fill_in on trueprice.curve;
drop trigger fill_in on trueprice.access_grant;
drop trigger fill_in on trueprice.place_alias;
drop function trueprice.fill_in_curve();
drop function trueprice.fill_in_rule();
drop function trueprice.fill_in_place();

alter table trueprice.curve
    drop column uom_normal,
    drop column normal;
alter table trueprice.curve
    add column normal text[] not null generated always as (trueprice.normals(array[control_area, state, load_zone,
        capacity_zone, utility, block_type, cost_group, cost_component, sub_cost_component] || details)) stored;
comment on column trueprice.curve.normal is 'The eight labels, the sub component and the details, as they are compared';
comment on column trueprice.curve.identity is 'First 16 bytes of the SHA-256 of the normalised labels and the unit';

-- Two spellings that the program told apart may be one here.
delete from trueprice.place_alias a
using trueprice.place_alias b
where (a.kind, a.market, trueprice.normalised(a.spelling)) = (b.kind, b.market, trueprice.normalised(b.spelling))
  and a.spelling > b.spelling
  and a.key <> a.spelling;
alter table trueprice.place_alias drop column normalised;
alter table trueprice.place_alias
    add column normalised text not null generated always as (trueprice.normalised(spelling)) stored,
    add constraint one_place_per_spelling unique (kind, market, normalised);
comment on column trueprice.place_alias.normalised is 'The spelling as labels are compared';

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

drop view trueprice.access_rule;
alter table trueprice.access_grant
    drop column patterns,
    drop column key;
alter table trueprice.access_grant
    add column patterns text[] not null generated always as (trueprice.like_patterns(labels)) stored,
    add column key text[] generated always as (trueprice.rule_key(labels)) stored;
comment on column trueprice.access_grant.patterns is 'The same for LIKE';
comment on column trueprice.access_grant.key is 'The same without block and sub component as curves have them, if it names each of the seven; what rules are found by';
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
