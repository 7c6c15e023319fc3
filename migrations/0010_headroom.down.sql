drop view trueprice.headroom_history;
drop view trueprice.headroom;
drop table trueprice.headroom_pair;
