drop table trueprice.job;
drop table trueprice.quote;
