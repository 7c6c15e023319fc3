do $$
begin
    if exists (select from trueprice.snapshot where archive_id is not null) then
        raise exception 'snapshots are in the archive: export everything and import it into the older release instead';
    end if;
end
$$;
alter table trueprice.upload
    drop constraint upload_status_check,
    add constraint upload_status_check
        check (status in ('received', 'published', 'unchanged', 'corrected', 'rejected', 'failed'));
comment on column trueprice.upload.status is 'received, published, unchanged, corrected, rejected (the sender''s to fix) or failed (ours, tried again)';
comment on column trueprice.upload.months is 'Months (rows) in the sheet';
drop table trueprice.compaction;
drop table trueprice.retention;
drop table trueprice.withdrawal;
drop index trueprice.upload_by_snapshot;
alter table trueprice.snapshot_curve
    add constraint snapshot_curve_curve_id_fkey foreign key (curve_id) references trueprice.curve;
drop index trueprice.manifest_by_values;
create index mark_by_day on trueprice.snapshot (series_id, operating_day desc, cob desc, stamp desc)
    where upper_inf(known);
drop index trueprice.snapshot_by_day;
alter table trueprice.snapshot
    drop column curves, drop column cells, drop column missing, drop column previous_id, drop column added,
    drop column removed, drop column changed, drop column archive_id, drop column archive_group;
drop table trueprice.archive_file;
alter table trueprice.snapshot_curve
    drop constraint snapshot_curve_pkey,
    add primary key (snapshot_id, curve_id);
alter table trueprice.curve drop column details;
update trueprice.curve_values set values = trueprice.unpack(packed), packed = null where packed is not null;
alter table trueprice.curve_values
    drop constraint one_form_of_the_values,
    drop column packed,
    alter column values set not null,
    add constraint curve_values_start_check check (extract(day from start) = 1);
drop function trueprice.unpack;
comment on column trueprice.curve_values.start is 'Delivery month of the first value';
comment on column trueprice.curve_values.values is 'One value per month from start on, null where the sheet has none';
