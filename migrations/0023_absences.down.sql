drop function trueprice.is_in_known_sheet;
alter table trueprice.snapshot drop column archived_curves;
drop function trueprice.has_month;
