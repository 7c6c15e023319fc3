-- Saved graphs: lines that a user keeps and shows to others. A share points at the one row, so that what is edited is seen
-- by all, and one that is taken back ends at once. Everything here adds.

create table trueprice.saved_graph (
    id integer generated always as identity primary key,
    owner_id integer not null references trueprice.user_account on delete cascade,
    name text not null check (length(name) <= 200),
    lines jsonb not null check (
        jsonb_typeof(lines) = 'array'
        and jsonb_array_length(lines) between 1 and 50
        and octet_length(lines::text) <= 131072
    ),
    created_at timestamptz not null,
    changed_at timestamptz not null
);
comment on table trueprice.saved_graph is 'Graphs that users keep: what each line is of, and no prices';
comment on column trueprice.saved_graph.id is 'Key';
comment on column trueprice.saved_graph.owner_id is 'Whose it is';
comment on column trueprice.saved_graph.name is 'What it is called; may be empty';
comment on column trueprice.saved_graph.lines is 'The lines, as /graphs reads them: data, which nothing runs';
comment on column trueprice.saved_graph.created_at is 'When it was saved first';
comment on column trueprice.saved_graph.changed_at is 'When it was saved last';
create index saved_graph_by_owner on trueprice.saved_graph (owner_id, id desc);

create table trueprice.graph_share (
    graph_id integer not null references trueprice.saved_graph on delete cascade,
    email text not null check (email = lower(email) and length(email) between 3 and 320),
    may text not null check (may in ('view', 'edit')),
    shared_at timestamptz not null,
    primary key (graph_id, email)
);
comment on table trueprice.graph_share is 'Who else may see or edit a graph. By address, so that sharing does not say who has an account';
comment on column trueprice.graph_share.graph_id is 'The graph';
comment on column trueprice.graph_share.email is 'E-mail address in lower case; it counts when a user has it';
comment on column trueprice.graph_share.may is 'view or edit';
comment on column trueprice.graph_share.shared_at is 'Since when';
create index graph_share_by_email on trueprice.graph_share (email, graph_id desc);
