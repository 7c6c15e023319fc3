-- Quotes of the pricing desk, and the jobs that price large ones. Everything here adds.

create table trueprice.quote (
    id uuid primary key,
    user_id integer not null references trueprice.user_account,
    created_at timestamptz not null,
    request jsonb not null,
    known_at timestamptz not null,
    snapshots integer[] not null,
    hash text not null check (hash ~ '^[0-9a-f]{64}$'),
    answer bytea not null
);
create index quotes_of_a_user on trueprice.quote (user_id, created_at);
comment on table trueprice.quote is 'Prices that were quoted, as they were answered; never edited';
comment on column trueprice.quote.id is 'Key; random, so that nobody guesses it';
comment on column trueprice.quote.user_id is 'Who asked';
comment on column trueprice.quote.created_at is 'When it was priced';
comment on column trueprice.quote.request is 'What was asked, in one way of saying it';
comment on column trueprice.quote.known_at is 'The moment whose knowledge counted';
comment on column trueprice.quote.snapshots is 'The snapshots that it was priced from; those of others that were purged since stay named';
comment on column trueprice.quote.hash is 'SHA-256 over request, snapshots and prices';
comment on column trueprice.quote.answer is 'The answer, byte by byte';

create table trueprice.job (
    id uuid primary key,
    kind text not null check (kind in ('quote')),
    user_id integer not null references trueprice.user_account,
    request jsonb not null,
    state text not null check (state in ('queued', 'running', 'done', 'failed')),
    done integer not null default 0,
    total integer not null,
    attempts integer not null default 0,
    created_at timestamptz not null,
    started_at timestamptz,
    finished_at timestamptz,
    lease_until timestamptz,
    quote_id uuid references trueprice.quote,
    result_key text,
    problem jsonb,
    constraint what_runs_has_a_lease check ((state = 'running') = (lease_until is not null)),
    constraint what_ended_says_when check ((state in ('done', 'failed')) = (finished_at is not null)),
    constraint what_is_done_has_a_result check ((state = 'done') = (result_key is not null)),
    constraint what_failed_says_why check ((state = 'failed') = (problem is not null)),
    constraint no_more_is_done_than_there_is check (done between 0 and total)
);
create index jobs_of_a_user on trueprice.job (user_id, created_at);
create index jobs_to_do on trueprice.job (created_at) where state in ('queued', 'running');
create index jobs_by_quote on trueprice.job (quote_id);
comment on table trueprice.job is 'Work that takes longer than a request may: it is claimed with a lease, and who takes it up again after a crash begins anew';
comment on column trueprice.job.id is 'Key; random, so that nobody guesses it';
comment on column trueprice.job.kind is 'What is to be done: quote';
comment on column trueprice.job.user_id is 'Who asked; its grants when it is done are what counts';
comment on column trueprice.job.request is 'What is to be done, in words of its kind';
comment on column trueprice.job.state is 'queued, running, done or failed';
comment on column trueprice.job.done is 'How much of it is done: of a quote accounts';
comment on column trueprice.job.total is 'How much there is';
comment on column trueprice.job.attempts is 'How often it was begun';
comment on column trueprice.job.created_at is 'When it was asked';
comment on column trueprice.job.started_at is 'When it was begun last';
comment on column trueprice.job.finished_at is 'When it ended';
comment on column trueprice.job.lease_until is 'Until when whoever runs it must be heard of; then it is anybody''s';
comment on column trueprice.job.quote_id is 'The quote that it made';
comment on column trueprice.job.result_key is 'The object with its result in the bucket for exports, which forgets it after a day';
comment on column trueprice.job.problem is 'Why it failed, as a problem document';
