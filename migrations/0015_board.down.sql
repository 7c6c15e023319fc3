drop function trueprice.board(integer, boolean, timestamptz, text, text, integer[], text[], integer[], integer[]);
