//! Finds, adds and removes spellings of places. Guarantees: within a kind and a market, a spelling means one place; every change
//! may safely be repeated.

use crate::catalog::text::{normalised, visible};
use crate::catalog::{Market, PlaceKind};
use crate::db::Tx;
use crate::fault::{During, Fault};
use chrono::{DateTime, Utc};

/// The outcome of a change of the spellings.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Change {
    /// It was made.
    Made,
    /// Nothing had to be changed.
    Unchanged,
    /// It was refused, and why.
    Refused(String),
}

/// The key of the place with this spelling, ignoring case; `None` for an unknown spelling.
///
/// # Errors
/// A fault if the database does not answer.
pub async fn key_of(
    tx: &mut Tx,
    kind: PlaceKind,
    market: Market,
    spelling: &str,
) -> Result<Option<String>, Fault> {
    let key = sqlx::query_scalar!(
        "select key
        from trueprice.place_alias
        where kind = $1 and market = $2 and normalised = $3",
        kind.word(),
        market.code(),
        normalised(spelling)
    );
    key.fetch_optional(tx).await.during("looking up a place")
}

/// Adds a spelling of a place, and the place itself if its key is new. May run twice.
///
/// # Errors
/// A fault if the database does not answer.
pub async fn add_alias(
    tx: &mut Tx,
    kind: PlaceKind,
    market: Market,
    key: &str,
    spelling: &str,
    now: DateTime<Utc>,
) -> Result<Change, Fault> {
    let (key, spelling) = (visible(key), visible(spelling));
    let (key, spelling) = (key.trim(), spelling.trim());
    if [key, spelling].iter().any(|text| normalised(text).is_empty() || text.chars().count() > 200) {
        return Ok(Change::Refused("key, spelling: expected 1 to 200 characters each".to_owned()));
    }
    let known = key_of(tx, kind, market, key).await?;
    if let Some(known) = known.as_deref().filter(|known| normalised(known) != normalised(key)) {
        return Ok(Change::Refused(format!("key: {key:?} is a spelling of {known:?}; use that as the key")));
    }
    // In the spelling of its first entry.
    let key = known.unwrap_or_else(|| key.to_owned());
    let mut made = insert(tx, kind, market, &key, &key, now).await?;
    match key_of(tx, kind, market, spelling).await? {
        Some(before) if before == key => {}
        Some(before) => {
            return Ok(Change::Refused(format!(
                "spelling: {spelling:?} is already a spelling of {before:?}; remove it there first"
            )));
        }
        None => made = insert(tx, kind, market, &key, spelling, now).await? || made,
    }
    Ok(if made { Change::Made } else { Change::Unchanged })
}

/// Inserts a spelling; false if it already exists. Of two concurrent inserts, the later one changes nothing.
async fn insert(
    tx: &mut Tx,
    kind: PlaceKind,
    market: Market,
    key: &str,
    spelling: &str,
    now: DateTime<Utc>,
) -> Result<bool, Fault> {
    let added = sqlx::query!(
        "insert into trueprice.place_alias (kind, market, key, spelling, normalised, added_at)
        values ($1, $2, $3, $4, $5, $6)
        on conflict (kind, market, normalised) do nothing",
        kind.word(),
        market.code(),
        key,
        spelling,
        normalised(spelling),
        now
    );
    Ok(added.execute(tx).await.during("adding a spelling")?.rows_affected() == 1)
}

/// Removes a spelling. A key is removed only if it has no other spelling. May run twice.
///
/// # Errors
/// A fault if the database does not answer.
pub async fn remove_alias(
    tx: &mut Tx,
    kind: PlaceKind,
    market: Market,
    spelling: &str,
) -> Result<Change, Fault> {
    let Some(key) = key_of(tx, kind, market, spelling).await? else { return Ok(Change::Unchanged) };
    let removed = sqlx::query!(
        "delete from trueprice.place_alias a
        where kind = $1 and market = $2 and normalised = $3
          and (spelling <> key or not exists (
            select
            from trueprice.place_alias other
            where (other.kind, other.market, other.key) = (a.kind, a.market, a.key)
              and other.spelling <> a.spelling
          ))",
        kind.word(),
        market.code(),
        normalised(spelling)
    );
    match removed.execute(tx).await.during("removing a spelling")?.rows_affected() {
        0 => Ok(Change::Refused(format!(
            "spelling: {key:?} is a key with other spellings; remove those first"
        ))),
        _ => Ok(Change::Made),
    }
}

/// Recomputes the normalised form of all spellings, and returns how many changed. A spelling whose form would equal that of another
/// keeps its old form and no longer matches anything: which of two places it means cannot be decided here.
///
/// # Errors
/// A fault if the database does not answer.
pub async fn recompute(tx: &mut Tx) -> Result<u64, Fault> {
    let rows =
        sqlx::query!("select kind, market, spelling, normalised from trueprice.place_alias order by 1, 2, 3");
    let mut changed = 0;
    for row in rows.fetch_all(&mut *tx).await.during("reading spellings")? {
        let normal = normalised(&row.spelling);
        if normal == row.normalised {
            continue;
        }
        let written = sqlx::query!(
            "update trueprice.place_alias a
            set normalised = $4
            where kind = $1
              and market = $2
              and spelling = $3
              and not exists (
                select
                from trueprice.place_alias o
                where (o.kind, o.market, o.normalised) = ($1, $2, $4)
              )",
            row.kind,
            row.market,
            row.spelling,
            normal
        );
        changed += written
            .execute(&mut *tx)
            .await
            .during("saving the normalised form of a spelling")?
            .rows_affected();
    }
    Ok(changed)
}
