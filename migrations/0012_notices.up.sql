-- Who is told: subscriptions, what was found for them, and whether it has been delivered. Everything here adds.

create table trueprice.subscription (
    id integer generated always as identity primary key,
    user_id integer not null references trueprice.user_account,
    name text not null check (length(name) between 1 and 100),
    rule jsonb not null,
    series text[] not null check (cardinality(series) > 0),
    deadline boolean not null,
    cron text check (length(cron) between 9 and 100),
    zone text not null check (length(zone) between 1 and 50),
    channel text not null check (channel in ('inbox', 'email', 'webhook')),
    url text check (length(url) between 8 and 500),
    secret bytea not null check (length(secret) = 32),
    created_at timestamptz not null,
    changed_at timestamptz not null,
    looked_at timestamptz not null,
    ended_at timestamptz,
    ended_by text check (ended_by in ('user', 'unsubscribed')),
    constraint a_webhook_has_an_address check ((channel = 'webhook') = (url is not null)),
    constraint what_has_ended_says_why check ((ended_at is null) = (ended_by is null))
);
comment on table trueprice.subscription is 'What users want to be told, and how';
comment on column trueprice.subscription.id is 'Key';
comment on column trueprice.subscription.user_id is 'Who is told, of what it may see';
comment on column trueprice.subscription.name is 'What the user calls it';
comment on column trueprice.subscription.rule is 'When there is something to tell, as the API takes it; checked before it is stored';
comment on column trueprice.subscription.series is 'What the rule looks at, each as data type:MARKET';
comment on column trueprice.subscription.deadline is 'Whether the rule is about a snapshot that is not there in time, which the clock says and not a change';
comment on column trueprice.subscription.cron is 'When what was found is told together, in the time of zone; null to tell at once';
comment on column trueprice.subscription.zone is 'IANA time zone of the user';
comment on column trueprice.subscription.channel is 'inbox, email (to the address of the account) or webhook';
comment on column trueprice.subscription.url is 'Where a webhook is posted to';
comment on column trueprice.subscription.secret is 'What its webhooks and unsubscribe links are signed with: 32 random bytes of its own. Not derived from the signing keys, which rotate: a receiver would be cut off by every rotation';
comment on column trueprice.subscription.created_at is 'When it was made: what became known before is not told';
comment on column trueprice.subscription.changed_at is 'When it was last changed';
comment on column trueprice.subscription.looked_at is 'Up to when its digests are made';
comment on column trueprice.subscription.ended_at is 'When it ended; null while it is on';
comment on column trueprice.subscription.ended_by is 'user, or unsubscribed by the link of a mail';
create unique index one_name_per_subscription_that_is_on on trueprice.subscription (user_id, lower(name)) where ended_at is null;
create index subscription_by_user on trueprice.subscription (user_id, id);
create index subscription_by_series on trueprice.subscription using gin (series) where ended_at is null;

create table trueprice.notice (
    id bigint generated always as identity primary key,
    subscription_id integer not null references trueprice.subscription,
    event text not null check (length(event) between 1 and 100),
    found jsonb not null,
    channel text not null check (channel in ('inbox', 'email', 'webhook')),
    state text not null check (state in ('collected', 'waiting', 'delivered', 'dead', 'withheld')),
    digest_id bigint references trueprice.notice,
    attempts integer not null default 0 check (attempts >= 0),
    next_at timestamptz not null,
    leased_until timestamptz,
    made_at timestamptz not null,
    ended_at timestamptz,
    read_at timestamptz,
    failure text check (length(failure) <= 500),
    content jsonb,
    constraint one_notice_per_subscription_and_event unique (subscription_id, event)
);
comment on table trueprice.notice is 'What was found for a subscription, and whether it was delivered: one row for each event, however often that is looked at';
comment on column trueprice.notice.id is 'Key, the id of the delivery';
comment on column trueprice.notice.subscription_id is 'For whom';
comment on column trueprice.notice.event is 'change:number of the feed, late:data type:MARKET:day, or digest:moment';
comment on column trueprice.notice.found is 'What was found: the snapshot, and the lines with their curves and months, so that it can be asked again whether they may be seen';
comment on column trueprice.notice.channel is 'Channel of the subscription when it was found';
comment on column trueprice.notice.state is 'collected (for a digest), waiting (to be sent), delivered, dead (given up) or withheld (the user was disabled, the grant or the subscription was gone)';
comment on column trueprice.notice.digest_id is 'The digest that told it';
comment on column trueprice.notice.attempts is 'How often its sending began';
comment on column trueprice.notice.next_at is 'When it is sent next';
comment on column trueprice.notice.leased_until is 'Until when one sender has it; one that was killed loses it then';
comment on column trueprice.notice.made_at is 'When it was found';
comment on column trueprice.notice.ended_at is 'When it was delivered, given up or withheld';
comment on column trueprice.notice.read_at is 'When the user marked it as read';
comment on column trueprice.notice.failure is 'Why the last attempt failed';
comment on column trueprice.notice.content is 'What was sent, and to whom';
create index notice_to_send on trueprice.notice (next_at) where state = 'waiting';
create index notice_to_collect on trueprice.notice (subscription_id, id) where state = 'collected';
create index notice_by_digest on trueprice.notice (digest_id) where digest_id is not null;

create table trueprice.notice_cursor (
    only_row boolean primary key default true check (only_row),
    change_id bigint not null,
    held boolean not null default false
);
comment on table trueprice.notice_cursor is 'Up to which change of the feed subscriptions were told; its row lock lets one look at a change at a time';
comment on column trueprice.notice_cursor.only_row is 'There is one row';
comment on column trueprice.notice_cursor.change_id is 'The last change that was looked at';
comment on column trueprice.notice_cursor.held is 'Whether an admin holds everything back, as while history is loaded';
-- What is there already is no news.
insert into trueprice.notice_cursor (change_id)
select last
from trueprice.change_count;
