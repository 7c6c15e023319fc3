//! Places: one key for each zone and utility of a market, and the spellings that sheets have for it.
//!
//! Sheets are published as they are spelled; the keys bridge what is spelled in several ways, for those who join curves
//! of several types. In SQL the view `trueprice.curve_place` says it of each curve.

use crate::access::{Caller, Grants};
use crate::catalog::text::{normalised, visible};
use crate::catalog::{Market, PlaceKind};
use crate::ctx::Ctx;
use crate::db::Tx;
use crate::fault::{During, Fault};
use crate::http::parameter::kind::Kind;
use crate::http::route::routes;
use crate::http::{Audience, Parameter, ParameterTable, Parameters, Problem, Route};
use crate::parameters::common;
use axum::Json;
use axum::extract::{Query, State};
use chrono::{DateTime, Utc};
use serde::Serialize;
use utoipa::ToSchema;

/// The routes of places.
#[must_use]
pub fn routes() -> Vec<Route> {
    vec![Route::new(Audience::Reader, routes!(list_places: PLACES))]
}

/// What a change of the spellings came to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Change {
    /// It was made.
    Made,
    /// It was so already.
    Unchanged,
    /// It cannot be made, and why.
    Refused(String),
}

/// A place.
#[derive(Debug, PartialEq, Eq, Serialize, ToSchema)]
pub struct Place {
    /// `zone`, `capacity_zone` or `utility`.
    #[schema(example = "zone")]
    kind: String,
    /// Market.
    #[schema(example = "NYISO")]
    market: String,
    /// Its one name.
    #[schema(example = "ZONE A")]
    key: String,
    /// What sheets call it, the key first.
    spellings: Vec<String>,
}

impl Place {
    /// Its one name.
    #[must_use]
    pub fn key(&self) -> &str {
        &self.key
    }

    /// What sheets call it, the key first.
    #[must_use]
    pub fn spellings(&self) -> &[String] {
        &self.spellings
    }
}

/// All places, and their spellings.
#[derive(Serialize, ToSchema)]
struct Places {
    /// By kind, market and key.
    places: Vec<Place>,
}

/// What `/v1/places` takes.
static PLACES: ParameterTable = ParameterTable::new(|| {
    vec![
        Parameter::new(
            "kind",
            Kind::WordPattern(PlaceKind::ALL.map(PlaceKind::word).to_vec()),
            "`zone`, `capacity_zone` or `utility`; all if absent.",
            "zone",
        ),
        common::market("`ERCOT`, `ISONE`, `MISO`, `NYISO` or `PJM`; all if absent."),
    ]
});

/// Lists zones and utilities, and how sheets spell them.
///
/// They are a table that came with the schema and to which admins add, and not found in sheets: what a sheet calls a place is listed if
/// somebody has added it. What was added is listed if you may see a curve of the place.
#[utoipa::path(
    get,
    path = "/v1/places",
    tag = "Curves",
    responses((status = 200, body = Places))
)]
async fn list_places(
    State(ctx): State<Ctx>,
    caller: Caller,
    Query(pairs): Query<Vec<(String, String)>>,
) -> Result<Json<Places>, Problem> {
    let mut read = Parameters::new(&pairs, &PLACES);
    let asked = (read.parsed::<PlaceKind>("kind"), read.parsed::<Market>("market"));
    let (kind, market) = read.end(asked).map_err(Problem::bad_request)?;
    let mut tx = ctx.db().begin_read("list places").await?;
    let places = seen(&mut tx, kind, market, &Grants::from(&caller)).await?;
    tx.commit().await?;
    Ok(Json(Places { places }))
}

/// The places of a kind and market, or of all, as far as a caller may know of them: what came with the schema is known to
/// everybody, and what was added to who sees a curve of the place, because a sheet has named it.
///
/// # Errors
/// A fault if the database does not answer.
async fn seen(
    tx: &mut Tx,
    kind: Option<PlaceKind>,
    market: Option<Market>,
    grants: &Grants,
) -> Result<Vec<Place>, Fault> {
    let rows = sqlx::query_as!(
        Place,
        r#"with added as materialized (
            select distinct kind, market, key
            from trueprice.place_alias
            where added_at is not null
              and ($1::text is null or kind = $1)
              and ($2::text is null or market = $2)
        ), known as materialized (
            select a.kind, a.market, a.key
            from added a
            where $4::boolean or exists (
                select
                from trueprice.place_alias o
                join trueprice.series r on r.market = o.market
                join trueprice.curve c on c.series_id = r.id
                    and o.normalised in (
                        case when o.kind = 'zone' then trueprice.normalised(c.load_zone) end,
                        case when o.kind <> 'utility' then trueprice.normalised(c.capacity_zone) end,
                        case when o.kind = 'utility' then trueprice.normalised(c.utility) end
                    )
                cross join lateral trueprice.sees_known_curve($3, $4, $5, r.data_type, r.market, r.id, c.id, c.normal) n
                where (o.kind, o.market, o.key) = (a.kind, a.market, a.key)
            )
        )
        select kind, market, key, array_agg(spelling order by spelling <> key, spelling) as "spellings!"
        from trueprice.place_alias a
        where ($1::text is null or kind = $1)
          and ($2::text is null or market = $2)
          and (added_at is null or exists (
            select
            from known k
            where (k.kind, k.market, k.key) = (a.kind, a.market, a.key)
          ))
        group by kind, market, key
        order by kind desc, market, key"#,
        kind.map(PlaceKind::word),
        market.map(Market::code),
        grants.user_id(),
        grants.everything(),
        grants.now()
    );
    rows.fetch_all(tx).await.during("listing the places that may be seen")
}

/// The places of a kind and market, or of all.
///
/// # Errors
/// A fault if the database does not answer.
pub async fn places(
    tx: &mut Tx,
    kind: Option<PlaceKind>,
    market: Option<Market>,
) -> Result<Vec<Place>, Fault> {
    let rows = sqlx::query_as!(
        Place,
        r#"select kind, market, key, array_agg(spelling order by spelling <> key, spelling) as "spellings!"
        from trueprice.place_alias
        where ($1::text is null or kind = $1)
          and ($2::text is null or market = $2)
        group by kind, market, key
        order by kind desc, market, key"#,
        kind.map(PlaceKind::word),
        market.map(Market::code)
    );
    rows.fetch_all(tx).await.during("listing places")
}

/// The key of the place that a spelling means, in any letter case; `None` if none is known by it.
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

/// Adds a spelling of a place; a key that is not known yet becomes one. May be done again.
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
        return Ok(Change::Refused("a key and a spelling have 1 to 200 characters".to_owned()));
    }
    let known = key_of(tx, kind, market, key).await?;
    if let Some(known) = known.as_deref().filter(|known| normalised(known) != normalised(key)) {
        return Ok(Change::Refused(format!("{key} is no key but a spelling of {known}")));
    }
    // As it was first written.
    let key = known.unwrap_or_else(|| key.to_owned());
    let mut made = insert(tx, kind, market, &key, &key, now).await?;
    match key_of(tx, kind, market, spelling).await? {
        Some(before) if before == key => {}
        Some(before) => {
            return Ok(Change::Refused(format!(
                "{spelling} is a spelling of {before}; remove it there first"
            )));
        }
        None => made = insert(tx, kind, market, &key, spelling, now).await? || made,
    }
    Ok(if made { Change::Made } else { Change::Unchanged })
}

/// Writes a spelling down; false if it was there. Two that do so at once meet here, and the later one changes nothing.
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

/// Removes a spelling; a key only when no other spelling is left of it. May be done again.
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
        0 => Ok(Change::Refused(format!("{key} is a key that has other spellings; remove those first"))),
        _ => Ok(Change::Made),
    }
}

/// Gives all spellings the form of today in which they are compared; how many had another. One that would become the same as
/// another keeps its form, and nothing is found by it any more: two that mean two places are not settled here.
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
        changed += written.execute(&mut *tx).await.during("writing the form of a spelling")?.rows_affected();
    }
    Ok(changed)
}
