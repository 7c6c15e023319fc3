//! Places: one key for each zone and utility of a market, and the spellings that sheets use for it.
//!
//! Sheets are published with their own spellings; the keys connect different spellings, for users who join curves
//! of several types. In SQL, the view `trueprice.curve_place` has the key of each curve.

use crate::access::{Caller, Grants};
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
use serde::Serialize;
use utoipa::ToSchema;

/// The routes of places.
#[must_use]
pub fn routes() -> Vec<Route> {
    vec![Route::new(Audience::Reader, routes!(list_places: PLACES))]
}

/// A place.
#[derive(Debug, PartialEq, Eq, Serialize, ToSchema)]
pub struct Place {
    /// `zone`, `capacity_zone` or `utility`.
    #[schema(example = "zone")]
    kind: String,
    /// Market that the place belongs to.
    #[schema(example = "NYISO")]
    market: String,
    /// Canonical name.
    #[schema(example = "ZONE A")]
    key: String,
    /// Names that sheets use for it, the key first.
    spellings: Vec<String>,
}

impl Place {
    /// Canonical name.
    #[must_use]
    pub fn key(&self) -> &str {
        &self.key
    }

    /// Names that sheets use for it, the key first.
    #[must_use]
    pub fn spellings(&self) -> &[String] {
        &self.spellings
    }
}

/// Zones and utilities with their spellings.
#[derive(Serialize, ToSchema)]
struct Places {
    /// The places, ordered by kind, market and key.
    places: Vec<Place>,
}

/// The parameters of `/v1/places`.
static PLACES: ParameterTable = ParameterTable::new(|| {
    vec![
        Parameter::new(
            "kind",
            Kind::WordPattern(PlaceKind::ALL.map(PlaceKind::word).to_vec()),
            "Kind of place: `zone`, `capacity_zone` or `utility`; all if absent.",
            "zone",
        ),
        common::market("Market; all if absent."),
    ]
});

/// Lists zones and utilities, and how sheets spell them.
///
/// The list comes with the system and is extended by admins; it is not derived from sheets, so a name from a sheet is listed only after
/// an admin has added it. You see added places only if you may see a curve of the place.
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

/// The places of a kind and market, or all places, as far as a caller may know of them: everyone may know those that came with the
/// schema; added places are only for users who see a curve of the place, because their names come from sheets.
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
                        case when o.kind = 'zone' then c.normal[3] end,
                        case when o.kind <> 'utility' then c.normal[4] end,
                        case when o.kind = 'utility' then c.normal[5] end
                    )
                cross join lateral trueprice.visible_known_curve($3, $4, $5, r.data_type, r.market, r.id, c.id, c.normal) n
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
    rows.fetch_all(tx).await.during("listing the visible places")
}

/// The places of a kind and market, or all places.
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
