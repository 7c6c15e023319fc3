-- Offers that are not compared, because a unit is not known or a value is impossible, were counted as without a
-- partner or weighted by hours. They have counts of their own. The code that runs while this is applied does not name them.

alter table trueprice.headroom_pair
    add column unit_unknown integer not null default 0,
    add column impossible integer not null default 0;
comment on column trueprice.headroom_pair.unit_unknown is 'Left out, because the unit of the offer, of the price to compare or of the load profile is not known';
comment on column trueprice.headroom_pair.impossible is 'Left out, because the price of the offer, a price to compare or a load is impossible';
