drop view trueprice.curve_place;
drop table trueprice.place_alias;
drop function trueprice.normalised;
