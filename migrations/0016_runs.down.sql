drop function trueprice.board(integer, boolean, timestamptz, text, text, integer[], text[], integer[], integer[], integer);
alter table trueprice.snapshot drop column first_values;
