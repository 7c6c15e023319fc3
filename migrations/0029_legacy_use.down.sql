drop function trueprice.admit(uuid, integer, bytea, text, timestamptz, interval, boolean, text);
drop table trueprice.legacy_use;
