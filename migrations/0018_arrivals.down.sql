update trueprice.upload set status = 'failed' where status = 'abandoned';
drop index trueprice.upload_unfinished;
create index upload_parent on trueprice.upload (parent_id) where parent_id is not null;
alter table trueprice.upload
    drop constraint one_row_per_entry,
    drop column version,
    drop column last_modified,
    drop column entry,
    drop column attempted_at,
    drop constraint upload_status_check,
    add constraint upload_status_check
        check (status in ('received', 'published', 'unchanged', 'corrected', 'rejected', 'failed', 'checked'));
comment on column trueprice.upload.status is 'received, published, unchanged, corrected, rejected (the sender''s to fix), failed (ours, tried again) or checked (judged, on request not published)';
comment on column trueprice.upload.snapshot_id is 'The snapshot it made, or found unchanged';
comment on column trueprice.upload.received_at is 'When we first heard of it';
