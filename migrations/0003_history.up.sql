-- Ten data types, packed numbers, and history that can be asked, withdrawn and archived. Everything here adds: the code
-- of the release before goes on working.

-- Numbers, packed. A forward price has a few decimals; as differences of whole numbers 61 of them take 120 bytes, not 512.
create function trueprice.unpack(packed bytea) returns float8[]
    language plpgsql immutable strict parallel safe as $$
declare
    divisor float8 := ('1e' || get_byte(packed, 0))::float8;
    size integer := length(packed);
    place integer := 1;
    octet integer;
    word bigint;
    shift integer;
    number bigint := 0;
    run bigint;
    result float8[] := '{}';
begin
    while place < size loop
        word := 0;
        shift := 0;
        loop
            octet := get_byte(packed, place);
            place := place + 1;
            word := word | ((octet & 127)::bigint << shift);
            exit when octet < 128;
            shift := shift + 7;
        end loop;
        if run is not null then
            result := result || array_fill(case when run = 1 then number / divisor end, array[word::integer + 1]);
            run := null;
        elsif word < 2 then
            run := word;
        else
            word := word - 1;
            number := number + ((word >> 1) # -(word & 1));
            result := result || (number / divisor);
        end if;
    end loop;
    return result;
end
$$;
comment on function trueprice.unpack is 'The numbers of a packed vector: a byte of decimals, then base-128 numbers: 0 and the length of a run of missing values less one, 1 and that of a run of values like the one before, else one more than the zigzag of the difference from the value before';

alter table trueprice.curve_values
    alter column values drop not null,
    drop constraint curve_values_start_check,
    add column packed bytea check (length(packed) > 1),
    add constraint one_form_of_the_values check (num_nonnulls(values, packed) = 1);
comment on column trueprice.curve_values.start is 'Day of the first value: the first of a month; of hours the first of January; of an offer its beginning; 2000-01-01 where time does not count';
comment on column trueprice.curve_values.values is 'The values as floats, null where the sheet has none, if they cannot be packed without loss; else null';
comment on column trueprice.curve_values.packed is 'The values, packed: see trueprice.unpack';

alter table trueprice.curve add column details text[] not null default '{}';
comment on column trueprice.curve.details is 'What else tells the curve apart, in the order of its layout (ptc: profile, utility name, matching and lookup id; matrix: load profile, term, ids; loadprofile: customer type)';

-- A curve of hours has a vector for each year.
alter table trueprice.snapshot_curve
    drop constraint snapshot_curve_pkey,
    add primary key (snapshot_id, curve_id, values_id);

create table trueprice.archive_file (
    id integer generated always as identity primary key,
    series_id integer not null references trueprice.series,
    year integer not null,
    bucket text not null,
    key text not null unique,
    planned_at timestamptz not null,
    verified_at timestamptz,
    sha256 bytea check (length(sha256) = 32),
    size bigint,
    snapshots integer,
    rows bigint,
    constraint verified_is_measured check (
        (verified_at is null) = (num_nonnulls(sha256, size, snapshots, rows) = 0)
        and num_nonnulls(sha256, size, snapshots, rows) in (0, 4)
    )
);
comment on table trueprice.archive_file is 'Parquet files that hold what compaction took out of the tables';
comment on column trueprice.archive_file.id is 'Key';
comment on column trueprice.archive_file.series_id is 'Data type and market';
comment on column trueprice.archive_file.year is 'Year of the operating days in it';
comment on column trueprice.archive_file.bucket is 'Bucket of the object';
comment on column trueprice.archive_file.key is 'Key of the object';
comment on column trueprice.archive_file.planned_at is 'When it was begun; written down first, so that what a killed run left in the bucket is found';
comment on column trueprice.archive_file.verified_at is 'When it had been read back and found right; null while it is written, or if that was broken off';
comment on column trueprice.archive_file.sha256 is 'SHA-256 of the object';
comment on column trueprice.archive_file.size is 'Bytes of the object';
comment on column trueprice.archive_file.snapshots is 'Snapshots in it, one row group each';
comment on column trueprice.archive_file.rows is 'Rows in it, one per vector';

alter table trueprice.snapshot
    add column curves integer,
    add column cells bigint,
    add column missing bigint,
    add column previous_id integer references trueprice.snapshot,
    add column added integer,
    add column removed integer,
    add column changed integer,
    add column archive_id integer references trueprice.archive_file,
    add column archive_group integer,
    add constraint archived_has_a_place check ((archive_id is null) = (archive_group is null));
comment on column trueprice.snapshot.curves is 'Curves in it';
comment on column trueprice.snapshot.cells is 'Values in it, missing ones included';
comment on column trueprice.snapshot.missing is 'Values that it lacks';
comment on column trueprice.snapshot.previous_id is 'The snapshot that it is compared with: the latest stamp before it, by what is known; as it was when this one ceased to be known';
comment on column trueprice.snapshot.added is 'Curves that the previous one did not have';
comment on column trueprice.snapshot.removed is 'Curves that the previous one had';
comment on column trueprice.snapshot.changed is 'Curves with other values than in the previous one';
comment on column trueprice.snapshot.archive_id is 'The file that holds its values, if they were archived';
comment on column trueprice.snapshot.archive_group is 'The row group in that file';

update trueprice.snapshot s
set curves = c.curves, cells = c.cells, missing = c.missing
from (
    select i.snapshot_id, count(*) as curves, sum(cardinality(v.values)) as cells,
        sum(cardinality(array_positions(v.values, null))) as missing
    from trueprice.snapshot_curve i
    join trueprice.curve_values v on v.id = i.values_id
    group by i.snapshot_id
) c
where c.snapshot_id = s.id;

-- In the order in which the marks of days are looked for, whatever is asked to be known; the old index left out what was.
create index snapshot_by_day on trueprice.snapshot (series_id, operating_day desc, cob desc, stamp desc);
drop index trueprice.mark_by_day;
create index snapshot_by_archive on trueprice.snapshot (archive_id) where archive_id is not null;
create index manifest_by_values on trueprice.snapshot_curve (values_id);
-- The values say whose they are; a second key to the curves would be looked up without an index when one goes.
alter table trueprice.snapshot_curve drop constraint snapshot_curve_curve_id_fkey;
create index snapshot_by_previous on trueprice.snapshot (previous_id) where previous_id is not null;
create index upload_by_snapshot on trueprice.upload (snapshot_id) where snapshot_id is not null;

create table trueprice.withdrawal (
    snapshot_id integer primary key references trueprice.snapshot,
    at timestamptz not null,
    by text not null,
    reason text not null check (length(reason) between 3 and 500)
);
comment on table trueprice.withdrawal is 'Snapshots that an admin took back; their known ended then, and they stay readable for earlier moments';
comment on column trueprice.withdrawal.snapshot_id is 'The snapshot';
comment on column trueprice.withdrawal.at is 'When';
comment on column trueprice.withdrawal.by is 'E-mail address of the admin';
comment on column trueprice.withdrawal.reason is 'Why';

create table trueprice.retention (
    data_type text primary key,
    intraday_days integer not null check (intraday_days >= 1),
    set_at timestamptz not null
);
comment on table trueprice.retention is 'What compaction archives; a data type without a row stays online';
comment on column trueprice.retention.data_type is 'Data type';
comment on column trueprice.retention.intraday_days is 'Snapshots that are not the mark of their day go to the archive when their operating day is so many days past';
comment on column trueprice.retention.set_at is 'When it was set';

create table trueprice.compaction (
    id integer generated always as identity primary key,
    started_at timestamptz not null,
    ends_by timestamptz not null,
    finished_at timestamptz,
    report jsonb
);
comment on table trueprice.compaction is 'Runs of compaction';
comment on column trueprice.compaction.id is 'Key';
comment on column trueprice.compaction.started_at is 'When it began';
comment on column trueprice.compaction.ends_by is 'When it has ended, whatever becomes of it: no other begins before';
comment on column trueprice.compaction.finished_at is 'When it ended; null if it was killed or goes on';
comment on column trueprice.compaction.report is 'What it did: rows and bytes before and after';

alter table trueprice.upload
    drop constraint upload_status_check,
    add constraint upload_status_check
        check (status in ('received', 'published', 'unchanged', 'corrected', 'rejected', 'failed', 'checked'));
comment on column trueprice.upload.status is 'received, published, unchanged, corrected, rejected (the sender''s to fix), failed (ours, tried again) or checked (judged, on request not published)';
comment on column trueprice.upload.months is 'Rows of numbers in the sheet';
