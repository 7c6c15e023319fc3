drop table trueprice.access_grant;
drop table trueprice.session;
drop table trueprice.user_account;
