-- Accounts that admins run over HTTP: lock-out, links that set a password, sessions that say where they came from and why
-- they ended. Everything here adds; the release before goes on without knowing of it.

create table trueprice.login_failure (
    account bytea not null check (length(account) = 32),
    failures integer not null check (failures > 0),
    last_failed_at timestamptz not null,
    locked_until timestamptz,
    constraint one_count_per_account primary key (account)
);
comment on table trueprice.login_failure is 'Wrong passwords in a row, of accounts that are there and of such that are not; a log-in or a day without one ends the row';
comment on column trueprice.login_failure.account is 'SHA-256 of the e-mail address in lower case: people type passwords into the wrong field';
comment on column trueprice.login_failure.failures is 'How many wrong passwords were judged since the last right one';
comment on column trueprice.login_failure.last_failed_at is 'When the last of them was judged';
comment on column trueprice.login_failure.locked_until is 'Until when no password is judged; null below five failures';

create table trueprice.password_link (
    user_id integer not null references trueprice.user_account,
    token_digest bytea not null check (length(token_digest) = 32),
    made_at timestamptz not null,
    expires_at timestamptz not null,
    constraint one_link_per_user primary key (user_id),
    constraint one_link_per_token unique (token_digest),
    constraint a_link_is_good_for_a_while check (made_at < expires_at)
);
comment on table trueprice.password_link is 'The link, at most one of a user, that lets whoever holds it set the password once';
comment on column trueprice.password_link.user_id is 'Whose password';
comment on column trueprice.password_link.token_digest is 'SHA-256 of the token in the link';
comment on column trueprice.password_link.made_at is 'When it was made';
comment on column trueprice.password_link.expires_at is 'When it ends if nobody uses it';

alter table trueprice.session
    add column number bigint not null generated always as identity,
    add column user_agent text check (length(user_agent) between 1 and 200),
    add column ended_by text
        check (ended_by in ('logout', 'password', 'reuse', 'user', 'admin', 'disabled')),
    add constraint only_what_has_ended_says_why check (ended_by is null or revoked_at is not null);
comment on column trueprice.session.number is 'Order in which sessions began, for pages';
comment on column trueprice.session.user_agent is 'What the program that logged in says it is, cut at 200 characters; null if it says nothing';
comment on column trueprice.session.ended_by is 'Why it ended: logout, password (a new one was set), reuse (of a refresh token), user (ended it from the list), admin, disabled; null if it has not, or the release before ended it';
drop index trueprice.session_by_user;
create index session_by_user on trueprice.session (user_id, number);
