alter table trueprice.upload
    drop column own_warning_count,
    drop column own_warnings;
