drop trigger announced on trueprice.withdrawal;
drop trigger announced on trueprice.snapshot;
drop function trueprice.announce;
drop table trueprice.difference;
drop table trueprice.change_count;
drop table trueprice.change;
