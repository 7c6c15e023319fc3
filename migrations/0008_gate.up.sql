-- The gate: keys of programs, the switches of the site, and how many requests each caller has made.

create table trueprice.api_key (
    id integer generated always as identity primary key,
    user_id integer not null references trueprice.user_account,
    name text not null check (length(name) between 1 and 100),
    scope text not null check (scope in ('read', 'upload')),
    digest bytea not null check (length(digest) = 32),
    created_at timestamptz not null,
    expires_at timestamptz not null,
    used_at timestamptz,
    revoked_at timestamptz,
    constraint a_key_ends_after_it_begins check (expires_at > created_at)
);
comment on table trueprice.api_key is 'Keys that programs of a user read or upload with; none of them administers';
comment on column trueprice.api_key.id is 'Key, the number in the text of an API key';
comment on column trueprice.api_key.user_id is 'Whose key it is; its grants are the user''s';
comment on column trueprice.api_key.name is 'What the user calls it';
comment on column trueprice.api_key.scope is 'read, or upload, which reads too; never more than the role of the user';
comment on column trueprice.api_key.digest is 'SHA-256 of its secret, which has 256 random bits and needs no salt';
comment on column trueprice.api_key.created_at is 'When it was made';
comment on column trueprice.api_key.expires_at is 'When it ends by itself';
comment on column trueprice.api_key.used_at is 'When it was last used, to the minute; null if never';
comment on column trueprice.api_key.revoked_at is 'When it was taken back; null if it was not';
create unique index one_name_per_key_in_use on trueprice.api_key (user_id, lower(name)) where revoked_at is null;

create table trueprice.site_switch (
    name text primary key check (name in ('api', 'ui')),
    enabled boolean not null,
    reason text check (length(reason) between 3 and 500),
    changed_at timestamptz,
    constraint what_is_off_has_a_reason check (enabled or reason is not null)
);
comment on table trueprice.site_switch is 'What admins have switched off for everybody else';
comment on column trueprice.site_switch.name is 'api or ui';
comment on column trueprice.site_switch.enabled is 'Whether it is on';
comment on column trueprice.site_switch.reason is 'Why it is off, as users are told; null while it is on';
comment on column trueprice.site_switch.changed_at is 'Since when it is so; null if it was never switched';
insert into trueprice.site_switch (name, enabled) values ('api', true), ('ui', true);

-- Unlogged: every request writes here, and a commit that touches nothing else does not wait for the disk. After a crash
-- of the server the counts begin at nothing, which costs no more than a minute of limits. Room on the pages keeps the
-- updates off the index.
create unlogged table trueprice.request_count (
    caller text primary key,
    since timestamptz not null,
    requests integer not null check (requests > 0)
) with (fillfactor = 50);
comment on table trueprice.request_count is 'Requests of each caller in its current minute, for the limits that all instances share';
comment on column trueprice.request_count.caller is 'user and its id, or what the limit is for and the address';
comment on column trueprice.request_count.since is 'When the minute began: at the first request after the one before was over';
comment on column trueprice.request_count.requests is 'Requests since then, refused ones too';
