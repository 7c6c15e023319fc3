drop table trueprice.notice;
drop table trueprice.subscription;
drop table trueprice.notice_cursor;
