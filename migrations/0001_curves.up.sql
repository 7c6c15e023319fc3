-- Versioned curves, stored like a git repository: who (curve), what (curve_values), when (snapshot), and the manifest
-- that joins them (snapshot_curve). Measured on PostgreSQL 15: one PJM non-energy sheet is 283 rows here, 71,316 in a long table.
create schema trueprice;

create table trueprice.series (
    id integer generated always as identity primary key,
    data_type text not null check (data_type ~ '^[a-z]+$'),
    market text not null check (market ~ '^[A-Z]+$'),
    unique (data_type, market)
);
comment on table trueprice.series is 'One row per data type and market; its row lock orders the writers of that series';
comment on column trueprice.series.id is 'Key';
comment on column trueprice.series.data_type is 'Data type, as in file names and URLs: energy, nonenergy, rec';
comment on column trueprice.series.market is 'Market (ISO), in capitals';

create table trueprice.curve (
    id integer generated always as identity primary key,
    series_id integer not null references trueprice.series,
    identity uuid not null,
    control_area text not null,
    state text not null,
    load_zone text not null,
    capacity_zone text not null,
    utility text not null,
    block_type text not null,
    cost_group text not null,
    cost_component text not null,
    sub_cost_component text not null,
    sub_cost_component_raw text,
    uom text,
    constraint one_curve_per_identity unique (series_id, identity)
);
comment on table trueprice.curve is 'Who: one row per curve identity, with its labels as first written and its unit';
comment on column trueprice.curve.id is 'Key';
comment on column trueprice.curve.series_id is 'Data type and market';
comment on column trueprice.curve.identity is 'First 16 bytes of the SHA-256 of the normalised labels and the unit';
comment on column trueprice.curve.control_area is 'Control area as the sheet spells it';
comment on column trueprice.curve.state is 'State; - for hubs, ALL for market-wide';
comment on column trueprice.curve.load_zone is 'Load zone or hub';
comment on column trueprice.curve.capacity_zone is 'Capacity zone';
comment on column trueprice.curve.utility is 'Utility code, or ALL';
comment on column trueprice.curve.block_type is 'Strip: 5x16, 2x16, 7x8, 7x24, wd, we, on-peak, off-peak, wrap, in the letter case of the sheet';
comment on column trueprice.curve.cost_group is 'Family of the component';
comment on column trueprice.curve.cost_component is 'Name of the curve, without its unit';
comment on column trueprice.curve.sub_cost_component is 'Label row of the sheet; for rec the state and label, normalised';
comment on column trueprice.curve.sub_cost_component_raw is 'Label row as written, where the normalised one differs';
comment on column trueprice.curve.uom is 'Unit of measure; null when the sheet does not say';

create table trueprice.curve_values (
    id bigint generated always as identity primary key,
    curve_id integer not null references trueprice.curve,
    start date not null check (extract(day from start) = 1),
    digest uuid not null,
    values float8[] not null check (array_ndims(values) = 1 and array_lower(values, 1) = 1),
    constraint content_addressed unique (curve_id, start, digest)
);
comment on table trueprice.curve_values is 'What: the numbers of one curve, stored once however many snapshots say the same';
comment on column trueprice.curve_values.id is 'Key';
comment on column trueprice.curve_values.curve_id is 'Whose numbers';
comment on column trueprice.curve_values.start is 'Delivery month of the first value';
comment on column trueprice.curve_values.digest is 'First 16 bytes of the SHA-256 of the values';
comment on column trueprice.curve_values.values is 'One value per month from start on, null where the sheet has none';

create table trueprice.upload (
    id bigint generated always as identity primary key,
    parent_id bigint references trueprice.upload,
    bucket text not null,
    key text not null,
    arrival text not null,
    member text not null default '',
    sequencer text,
    uploaded_by text,
    status text not null default 'received'
        check (status in ('received', 'published', 'unchanged', 'corrected', 'rejected', 'failed')),
    attempts integer not null default 0,
    received_at timestamptz not null,
    finished_at timestamptz,
    size bigint,
    sha256 bytea check (length(sha256) = 32),
    data_type text,
    market text,
    stamp timestamp,
    cob boolean,
    snapshot_id integer,
    curves integer,
    months integer,
    cells bigint,
    missing bigint,
    flaws jsonb not null default '[]',
    flaw_count integer not null default 0,
    warnings jsonb not null default '[]',
    warning_count integer not null default 0,
    note text,
    constraint one_row_per_arrival unique (bucket, key, arrival, member),
    constraint an_end_has_a_time check ((status = 'received') = (finished_at is null) or status = 'failed')
);
comment on table trueprice.upload is 'Journal: everything that arrived, with its outcome';
comment on column trueprice.upload.id is 'Key';
comment on column trueprice.upload.parent_id is 'The archive that this sheet came in';
comment on column trueprice.upload.bucket is 'Bucket of the object';
comment on column trueprice.upload.key is 'Key of the object';
comment on column trueprice.upload.arrival is 'What tells one arrival under a key from another: version id, else sequencer, else ETag';
comment on column trueprice.upload.member is 'Name inside an archive; empty for a sheet of its own';
comment on column trueprice.upload.sequencer is 'Order of the arrivals under one key, as S3 gives it: hexadecimal, the shorter to be padded with zeros';
comment on column trueprice.upload.uploaded_by is 'E-mail of the user who uploaded through the API; null for the bucket';
comment on column trueprice.upload.status is 'received, published, unchanged, corrected, rejected (the sender''s to fix) or failed (ours, tried again)';
comment on column trueprice.upload.attempts is 'How often its reading began';
comment on column trueprice.upload.received_at is 'When we first heard of it';
comment on column trueprice.upload.finished_at is 'When it had its outcome';
comment on column trueprice.upload.size is 'Bytes';
comment on column trueprice.upload.sha256 is 'SHA-256 of the bytes';
comment on column trueprice.upload.data_type is 'From the file name';
comment on column trueprice.upload.market is 'From the file name';
comment on column trueprice.upload.stamp is 'From the file name; wall clock of the market';
comment on column trueprice.upload.cob is 'From the file name: marked close of business';
comment on column trueprice.upload.snapshot_id is 'The snapshot it made, or found unchanged';
comment on column trueprice.upload.curves is 'Curves in the sheet';
comment on column trueprice.upload.months is 'Months (rows) in the sheet';
comment on column trueprice.upload.cells is 'Value cells in the sheet, missing ones included';
comment on column trueprice.upload.missing is 'Value cells without a value';
comment on column trueprice.upload.flaws is 'The first 100 flaws: line, column, code, found, expected';
comment on column trueprice.upload.flaw_count is 'All flaws';
comment on column trueprice.upload.warnings is 'The first 100 warnings, in the same form';
comment on column trueprice.upload.warning_count is 'All warnings';
comment on column trueprice.upload.note is 'One sentence about the outcome';
create index upload_parent on trueprice.upload (parent_id) where parent_id is not null;

create table trueprice.snapshot (
    id integer generated always as identity primary key,
    series_id integer not null references trueprice.series,
    stamp timestamp not null,
    operating_day date not null generated always as (stamp::date) stored,
    cob boolean not null,
    revision integer not null check (revision >= 1),
    known tstzrange not null check (not isempty(known) and lower_inc(known) and not upper_inc(known)),
    content uuid not null,
    upload_id bigint not null references trueprice.upload,
    unique (series_id, stamp, revision),
    -- Ranges of one point, so that no extension is needed for the equality of the first two.
    constraint one_known_at_a_time exclude using gist (
        int4range(series_id, series_id, '[]') with &&,
        tsrange(stamp, stamp, '[]') with &&,
        known with &&
    )
);
comment on table trueprice.snapshot is 'When: everything one accepted sheet said; never edited, only closed';
comment on column trueprice.snapshot.id is 'Key';
comment on column trueprice.snapshot.series_id is 'Data type and market';
comment on column trueprice.snapshot.stamp is 'Wall-clock moment in the file name, in the market''s time zone';
comment on column trueprice.snapshot.operating_day is 'Date of the stamp';
comment on column trueprice.snapshot.cob is 'Marked close of business';
comment on column trueprice.snapshot.revision is '1, and one more for each correction under the same stamp';
comment on column trueprice.snapshot.known is 'From when until when this was what we knew for the stamp';
comment on column trueprice.snapshot.content is 'First 16 bytes of the SHA-256 of the manifest: equal content, equal number';
comment on column trueprice.snapshot.upload_id is 'The arrival that made it';
-- The order in which the marks of days are looked for, newest first, among what is known now.
create index mark_by_day on trueprice.snapshot (series_id, operating_day desc, cob desc, stamp desc)
    where upper_inf(known);
alter table trueprice.upload add foreign key (snapshot_id) references trueprice.snapshot;

create table trueprice.snapshot_curve (
    snapshot_id integer not null references trueprice.snapshot,
    curve_id integer not null references trueprice.curve,
    values_id bigint not null references trueprice.curve_values,
    primary key (snapshot_id, curve_id)
);
comment on table trueprice.snapshot_curve is 'Manifest: which values each curve had in a snapshot';
comment on column trueprice.snapshot_curve.snapshot_id is 'The snapshot';
comment on column trueprice.snapshot_curve.curve_id is 'The curve';
comment on column trueprice.snapshot_curve.values_id is 'Its numbers in this snapshot';
