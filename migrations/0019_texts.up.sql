-- Texts are compared in the form that the program gives them: lower() depends on the locale of the database, and left invisible
-- characters in. What was computed here becomes what is written. Code of before this migration leaves it out, and then it is
-- filled in as it was computed; `migrate` gives all rows the form of the program.
alter table trueprice.curve
    alter column normal drop expression,
    add column uom_normal text;
comment on column trueprice.curve.normal is 'The eight labels, the sub component and the details, as the program compares them';
comment on column trueprice.curve.uom_normal is 'The unit as the program compares texts, for searches; null when the sheet does not say';
comment on column trueprice.curve.identity is 'First 16 bytes of the SHA-256 of the normal forms of labels and unit; of a curve whose labels became those of another with version 19, that of before';
update trueprice.curve set uom_normal = lower(uom collate "C") where uom is not null;

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

alter table trueprice.access_grant
    alter column patterns drop expression,
    alter column key drop expression;
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

alter table trueprice.place_alias alter column normalised drop expression;
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

create or replace view trueprice.curve_place as
select c.id as curve_id,
    coalesce(z.key, btrim(c.load_zone)) as zone,
    coalesce(cz.key, capacity_as_zone.key, btrim(c.capacity_zone)) as capacity_zone,
    coalesce(u.key, btrim(c.utility)) as utility,
    z.key is not null and u.key is not null and coalesce(cz.key, capacity_as_zone.key) is not null as known
from trueprice.curve c
join trueprice.series r on r.id = c.series_id
left join trueprice.place_alias z on z.kind = 'zone' and z.market = r.market and z.normalised = c.normal[3]
left join trueprice.place_alias cz on cz.kind = 'capacity_zone' and cz.market = r.market and cz.normalised = c.normal[4]
left join trueprice.place_alias capacity_as_zone
    on capacity_as_zone.kind = 'zone' and capacity_as_zone.market = r.market and capacity_as_zone.normalised = c.normal[4]
left join trueprice.place_alias u on u.kind = 'utility' and u.market = r.market and u.normalised = c.normal[5];
