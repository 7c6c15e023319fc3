drop function trueprice.vectors(integer, boolean, timestamptz, text, text, integer[], text[], integer[], integer[]);
drop function trueprice.marks(integer, boolean, text, text, timestamptz, timestamp, date, date, date[], boolean, bigint);
drop function trueprice.admit(uuid, integer, bytea, text, timestamptz, interval, boolean);
