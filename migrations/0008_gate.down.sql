drop table trueprice.request_count;
drop table trueprice.site_switch;
drop table trueprice.api_key;
