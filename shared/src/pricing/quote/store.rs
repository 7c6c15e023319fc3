//! The SQL of quotes.

use super::priced::Quote;
use super::request::Request;
use crate::access::Grants;
use crate::db::Tx;
use crate::fault::{During, Fault};
use chrono::{DateTime, Utc};
use serde_json::Value;
use uuid::Uuid;

/// A stored quote.
#[derive(Debug)]
pub struct Kept {
    /// The request that was priced.
    pub request: Value,
    /// The inputs are those known at this moment.
    pub known_at: DateTime<Utc>,
    /// The snapshots of its inputs.
    pub snapshots: Vec<i32>,
    /// The hash over request, snapshots and accounts.
    pub hash: String,
    /// The answer, byte for byte.
    pub answer: Vec<u8>,
}

/// Stores a quote. Returns the answer exactly as it will be served from now on.
///
/// # Errors
/// A fault if the database refuses it.
pub async fn keep(tx: &mut Tx, user: i32, request: &Request, quote: &Quote) -> Result<Vec<u8>, Fault> {
    let answer = serde_json::to_vec(quote).during("writing a quote")?;
    let id = |about: &Value| about["id"].as_i64().and_then(|id| i32::try_from(id).ok());
    let snapshots: Vec<i32> = quote.snapshots.iter().filter_map(id).collect();
    let kept = sqlx::query!(
        "insert into trueprice.quote (id, user_id, created_at, request, known_at, snapshots, hash, answer)
        values ($1, $2, $3, $4, $5, $6, $7, $8)",
        quote.id,
        user,
        quote.created_at,
        request.canonical(),
        quote.known_at,
        &snapshots,
        quote.hash,
        answer
    );
    kept.execute(tx).await.during("storing a quote")?;
    Ok(answer)
}

/// The quote with this id, if it is the caller's or the caller is an admin.
///
/// # Errors
/// A fault if the database does not respond.
pub async fn find(tx: &mut Tx, id: Uuid, grants: &Grants) -> Result<Option<Kept>, Fault> {
    let row = sqlx::query_as!(
        Kept,
        "select request, known_at, snapshots, hash, answer
        from trueprice.quote
        where id = $1
          and (user_id = $2 or $3)",
        id,
        grants.user_id(),
        grants.everything()
    );
    row.fetch_optional(tx).await.during("looking for a quote")
}
