alter table trueprice.headroom_pair
    drop column unit_unknown,
    drop column impossible;
