-- Functions that nothing calls any more: `vectors` (0014) gave way to `board`, and `board` without `most` (0015) to that of 0016.
drop function trueprice.vectors(integer, boolean, timestamptz, text, text, integer[], text[], integer[], integer[]);
drop function trueprice.board(integer, boolean, timestamptz, text, text, integer[], text[], integer[], integer[]);
