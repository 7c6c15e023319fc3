//! The SQL of saved graphs. Each statement itself checks who may use the graph.

use super::graph::{GraphShare, MAX_GRAPHS, MAX_SHARES, Right, SavedGraph};
use super::line::SavedLine;
use crate::db::Tx;
use crate::fault::{During, Fault};
use chrono::{DateTime, Utc};
use serde_json::Value;

/// The user on whose behalf a statement runs.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Viewer<'v> {
    /// Id of the user.
    pub(crate) id: i32,
    /// E-mail address in lower case.
    pub(crate) email: &'v str,
}

struct GraphRow {
    id: i32,
    name: String,
    owner: String,
    may: String,
    lines: Value,
    created_at: DateTime<Utc>,
    changed_at: DateTime<Utc>,
}

impl GraphRow {
    fn graph(self) -> Result<SavedGraph, Fault> {
        let may = match self.may.as_str() {
            "own" => Right::Own,
            "edit" => Right::Edit,
            _ => Right::View,
        };
        let lines: Vec<SavedLine> = serde_json::from_value(self.lines).during("reading a saved graph")?;
        let Self { id, name, owner, created_at, changed_at, .. } = self;
        Ok(SavedGraph { id, name, owner, may, lines, created_at, changed_at })
    }
}

/// The graphs of a viewer, its own and those shared with it, newest first, before an id; or only the one with an id.
///
/// # Errors
/// A fault if the database does not respond.
pub(crate) async fn list(
    tx: &mut Tx,
    viewer: Viewer<'_>,
    id: Option<i32>,
    (before, limit): (i64, i64),
) -> Result<Vec<SavedGraph>, Fault> {
    let rows = sqlx::query_as!(
        GraphRow,
        r#"select g.id, g.name, o.email as owner, case when g.owner_id = $1 then 'own' else s.may end as "may!", g.lines,
            g.created_at, g.changed_at
        from trueprice.saved_graph g
        join trueprice.user_account o on o.id = g.owner_id
        left join trueprice.graph_share s on s.graph_id = g.id and s.email = $2
        where (g.owner_id = $1 or s.email is not null)
          and ($3::int is null or g.id = $3)
          and g.id < $4::bigint
        order by g.id desc
        limit $5"#,
        viewer.id,
        viewer.email,
        id,
        before,
        limit
    );
    rows.fetch_all(tx).await.during("listing saved graphs")?.into_iter().map(GraphRow::graph).collect()
}

/// A graph that the viewer may see. With `lock`, no other transaction can change it until this one ends.
///
/// # Errors
/// A fault if the database does not respond.
pub(crate) async fn find(
    tx: &mut Tx,
    viewer: Viewer<'_>,
    id: i32,
    lock: bool,
) -> Result<Option<SavedGraph>, Fault> {
    if lock {
        let locked = sqlx::query!("select id from trueprice.saved_graph where id = $1 for update", id);
        locked.fetch_optional(&mut *tx).await.during("locking a saved graph")?;
    }
    Ok(list(tx, viewer, Some(id), (i64::MAX, 1)).await?.pop())
}

/// Stores a graph; `None` if the viewer already has the maximum number.
///
/// # Errors
/// A fault if the database refuses it.
pub(crate) async fn add(
    tx: &mut Tx,
    viewer: Viewer<'_>,
    (name, lines): (&str, &[SavedLine]),
    now: DateTime<Utc>,
) -> Result<Option<i32>, Fault> {
    // Concurrent requests are counted one after the other.
    let held =
        sqlx::query!("select id from trueprice.user_account where id = $1 for no key update", viewer.id);
    held.fetch_optional(&mut *tx).await.during("holding a user")?;
    let added = sqlx::query_scalar!(
        "insert into trueprice.saved_graph (owner_id, name, lines, created_at, changed_at)
        select $1, $2, $3, $4, $4
        where (select count(*) from trueprice.saved_graph g where g.owner_id = $1) < $5
        returning id",
        viewer.id,
        name,
        serde_json::to_value(lines).during("writing a graph as JSON")?,
        now,
        MAX_GRAPHS
    );
    added.fetch_optional(tx).await.during("keeping a graph")
}

/// Changes a graph that the viewer owns or may edit; without a name, the graph keeps its name. Returns whether it did.
///
/// # Errors
/// A fault if the database refuses it.
pub(crate) async fn change(
    tx: &mut Tx,
    viewer: Viewer<'_>,
    id: i32,
    (name, lines): (Option<&str>, &[SavedLine]),
    now: DateTime<Utc>,
) -> Result<bool, Fault> {
    let changed = sqlx::query!(
        "update trueprice.saved_graph g
        set name = coalesce($4, g.name), lines = $5, changed_at = $6
        where g.id = $3
          and (g.owner_id = $1 or exists (
            select
            from trueprice.graph_share s
            where s.graph_id = g.id and s.email = $2 and s.may = 'edit'
          ))",
        viewer.id,
        viewer.email,
        id,
        name,
        serde_json::to_value(lines).during("writing a graph as JSON")?,
        now
    );
    Ok(changed.execute(tx).await.during("changing a saved graph")?.rows_affected() == 1)
}

/// Deletes a graph of the viewer's own. Returns whether it did.
///
/// # Errors
/// A fault if the database does not respond.
pub(crate) async fn remove(tx: &mut Tx, viewer: Viewer<'_>, id: i32) -> Result<bool, Fault> {
    let gone =
        sqlx::query!("delete from trueprice.saved_graph where id = $1 and owner_id = $2", id, viewer.id);
    Ok(gone.execute(tx).await.during("removing a saved graph")?.rows_affected() == 1)
}

/// The users that the viewer's own graph is shared with, by address.
///
/// # Errors
/// A fault if the database does not respond.
pub(crate) async fn shares(tx: &mut Tx, viewer: Viewer<'_>, id: i32) -> Result<Vec<GraphShare>, Fault> {
    let rows = sqlx::query_as!(
        GraphShare,
        "select s.email, s.may, s.shared_at
        from trueprice.graph_share s
        join trueprice.saved_graph g on g.id = s.graph_id
        where g.id = $1 and g.owner_id = $2
        order by s.email",
        id,
        viewer.id
    );
    rows.fetch_all(tx).await.during("listing the shares of a graph")
}

/// The outcome of sharing.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Shared {
    /// It is now shared.
    Done,
    /// It was already shared.
    Before,
    /// It is shared with the maximum number of users.
    TooMany,
}

/// Shares the viewer's own graph, which is locked, with an address.
///
/// # Errors
/// A fault if the database refuses it.
pub(crate) async fn share(
    tx: &mut Tx,
    viewer: Viewer<'_>,
    id: i32,
    (email, may): (&str, &str),
    now: DateTime<Utc>,
) -> Result<Shared, Fault> {
    let known = shares(tx, viewer, id).await?;
    let before = known.iter().find(|share| share.email == email);
    if before.is_some_and(|share| share.may == may) {
        return Ok(Shared::Before);
    }
    if before.is_none() && i64::try_from(known.len()).is_ok_and(|count| count >= MAX_SHARES) {
        return Ok(Shared::TooMany);
    }
    let shared = sqlx::query!(
        "insert into trueprice.graph_share (graph_id, email, may, shared_at)
        select g.id, $3, $4, $5
        from trueprice.saved_graph g
        where g.id = $1 and g.owner_id = $2
        on conflict (graph_id, email) do update
        set may = excluded.may, shared_at = excluded.shared_at",
        id,
        viewer.id,
        email,
        may,
        now
    );
    match shared.execute(tx).await.during("sharing a graph")?.rows_affected() {
        1 => Ok(Shared::Done),
        rows => Err(Fault::new(format!("sharing a graph wrote {rows} rows"))),
    }
}

/// Ends a share: one of the viewer's own graph, or the viewer's own share. Returns whether there was one.
///
/// # Errors
/// A fault if the database does not respond.
pub(crate) async fn unshare(tx: &mut Tx, viewer: Viewer<'_>, id: i32, email: &str) -> Result<bool, Fault> {
    let gone = sqlx::query!(
        "delete from trueprice.graph_share s
        using trueprice.saved_graph g
        where g.id = s.graph_id
          and g.id = $1
          and s.email = $4
          and (g.owner_id = $2 or s.email = $3)",
        id,
        viewer.id,
        viewer.email,
        email
    );
    Ok(gone.execute(tx).await.during("ending a share")?.rows_affected() == 1)
}
