-- Who may see what: users, their sessions, and the grants that are compiled into every read.
create table trueprice.user_account (
    id integer generated always as identity primary key,
    email text not null check (email = lower(email)),
    role text not null check (role in ('admin', 'read_write_user', 'read_only_user')),
    password_hash text not null,
    enabled boolean not null default true,
    created_at timestamptz not null,
    password_changed_at timestamptz not null,
    constraint one_user_per_email unique (email)
);
comment on table trueprice.user_account is 'People and programs that log in';
comment on column trueprice.user_account.id is 'Key, the subject of a token';
comment on column trueprice.user_account.email is 'E-mail address in lower case, the name to log in with';
comment on column trueprice.user_account.role is 'admin, read_write_user or read_only_user';
comment on column trueprice.user_account.password_hash is 'Argon2id in PHC form';
comment on column trueprice.user_account.enabled is 'A disabled user is turned away at once, whatever token it holds';
comment on column trueprice.user_account.created_at is 'When the account was made';
comment on column trueprice.user_account.password_changed_at is 'When the password was last set';

create table trueprice.session (
    id uuid primary key,
    user_id integer not null references trueprice.user_account,
    refresh_digest bytea not null check (length(refresh_digest) = 32),
    created_at timestamptz not null,
    refreshed_at timestamptz not null,
    expires_at timestamptz not null,
    revoked_at timestamptz
);
comment on table trueprice.session is 'One log-in: the access tokens of a session end when it is revoked';
comment on column trueprice.session.id is 'Key, the sid of a token';
comment on column trueprice.session.user_id is 'Who logged in';
comment on column trueprice.session.refresh_digest is 'SHA-256 of the refresh token that is good now; any other ends the session';
comment on column trueprice.session.created_at is 'When it began';
comment on column trueprice.session.refreshed_at is 'When its refresh token last rotated';
comment on column trueprice.session.expires_at is 'When it ends if it is not refreshed';
comment on column trueprice.session.revoked_at is 'When it was ended by log-out, a new password, or reuse of a refresh token';
create index session_by_user on trueprice.session (user_id);

create table trueprice.access_grant (
    id integer generated always as identity primary key,
    user_id integer not null references trueprice.user_account,
    data_type text,
    market text,
    granted_at timestamptz not null,
    constraint one_grant_per_series unique nulls not distinct (user_id, data_type, market)
);
comment on table trueprice.access_grant is 'A rule that lets one user see some curves; admins need none';
comment on column trueprice.access_grant.id is 'Key';
comment on column trueprice.access_grant.user_id is 'Who may see';
comment on column trueprice.access_grant.data_type is 'Data type, or null for all';
comment on column trueprice.access_grant.market is 'Market, or null for all';
comment on column trueprice.access_grant.granted_at is 'Since when';
