-- One arrival has one row, one outcome and its place in the order. The object store says the order of the versions of a key, so the
-- journal keeps which version was read; entries of a zip are identified by their number; and a row without an outcome ends as
-- abandoned. Everything here adds: the code of the release before goes on working.

alter table trueprice.upload
    add column version text,
    add column last_modified timestamptz,
    add column entry integer check (entry >= 0),
    add column attempted_at timestamptz,
    add constraint one_row_per_entry unique (parent_id, entry),
    drop constraint upload_status_check,
    add constraint upload_status_check check (
        status in ('received', 'published', 'unchanged', 'corrected', 'rejected', 'failed', 'checked', 'abandoned')
    );
comment on column trueprice.upload.version is 'Version of the object that was read, if the bucket keeps versions; the store says in which order those of a key came';
comment on column trueprice.upload.last_modified is 'When the object was stored, by the clock of the store, which counts whole seconds; tells the order of objects under different keys';
comment on column trueprice.upload.entry is 'Number of the entry in its zip, from 0; null for an object of its own';
comment on column trueprice.upload.attempted_at is 'When its reading last began; null for rows of earlier releases';
comment on column trueprice.upload.status is 'received, published, unchanged, corrected, rejected (the sender''s to fix), failed (ours, tried again), checked (judged, on request not published) or abandoned (no outcome within the hour; a notification that comes later takes it up again)';
comment on column trueprice.upload.snapshot_id is 'The snapshot it made, or found unchanged; null if a newer arrival was published before';
comment on column trueprice.upload.received_at is 'When we first heard of it; of an entry, of its zip';

-- Entries are found by their zip through one_row_per_entry.
drop index trueprice.upload_parent;
create index upload_unfinished on trueprice.upload (id) where status in ('received', 'failed');
