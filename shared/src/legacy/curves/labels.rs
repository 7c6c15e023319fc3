//! The old system's cascade of labels, from control area to sub-component, and its catalog. Both list the curves of the newest mark
//! of each series, where the old system read a file.

use crate::access::rules;
use crate::catalog::label::normalised;
use crate::catalog::{DataType, Market};
use crate::ctx::Ctx;
use crate::db::Tx;
use crate::fault::{During, Fault};
use crate::http::parameter::kind::Kind;
use crate::http::route::routes;
use crate::http::{Audience, Parameter, ParameterTable, Problem, Route};
use crate::legacy::forms::fields::Fields;
use axum::Json;
use axum::extract::State;
use serde::Serialize;
use std::collections::BTreeMap;
use utoipa::ToSchema;

/// The old paths of labels.
#[must_use]
pub fn routes() -> Vec<Route> {
    let admin = |routes| Route::new(Audience::Admin, routes).legacy("/v1/curves");
    vec![
        admin(routes!(get_control_area: ABOVE, get_control_area_by_get: ABOVE_BY_QUERY)).with_fields(),
        admin(routes!(get_state: ABOVE, get_state_by_get: ABOVE_BY_QUERY)).with_fields(),
        admin(routes!(get_loadzone: ABOVE, get_loadzone_by_get: ABOVE_BY_QUERY)).with_fields(),
        admin(routes!(get_capacityzone: ABOVE, get_capacityzone_by_get: ABOVE_BY_QUERY)).with_fields(),
        admin(routes!(get_utility: ABOVE, get_utility_by_get: ABOVE_BY_QUERY)).with_fields(),
        admin(routes!(get_blocktype: ABOVE, get_blocktype_by_get: ABOVE_BY_QUERY)).with_fields(),
        admin(routes!(get_costgroup: ABOVE, get_costgroup_by_get: ABOVE_BY_QUERY)).with_fields(),
        admin(routes!(get_costcomponent: ABOVE, get_costcomponent_by_get: ABOVE_BY_QUERY)).with_fields(),
        admin(routes!(get_subcostcomponent: ABOVE, get_subcostcomponent_by_get: ABOVE_BY_QUERY))
            .with_fields(),
        admin(routes!(get_catalog_data, get_catalog_data_by_get)),
    ]
}

/// Labels of a curve, as the old catalog has them.
#[derive(Debug, Serialize, ToSchema)]
struct CatalogEntry {
    /// Control area.
    control_area: String,
    /// State; `-` for hubs.
    state: String,
    /// Load zone.
    load_zone: String,
    /// Capacity zone.
    capacity_zone: String,
    /// Utility code, or `ALL`.
    utility: String,
    /// Block, as spelled in the sheet.
    #[schema(example = "5x16")]
    block_type: String,
    /// Cost group.
    cost_group: String,
    /// Cost component.
    cost_component: String,
    /// Sub cost component.
    sub_cost_component: String,
}

/// Curves by data type and market, both in lower case.
type Catalog = BTreeMap<String, BTreeMap<String, Vec<CatalogEntry>>>;

/// The curves of the newest mark, of one series or of all.
async fn live(
    tx: &mut Tx,
    (data_type, market): (Option<DataType>, Option<Market>),
) -> Result<Vec<(String, String, CatalogEntry)>, Fault> {
    let rows = sqlx::query!(
        "select distinct r.data_type, r.market, c.control_area, c.state, c.load_zone, c.capacity_zone, c.utility, c.block_type,
            c.cost_group, c.cost_component, c.sub_cost_component
        from trueprice.series r
        cross join lateral trueprice.day_marks(r.id, true, null, null, null, null, null, null, 1) newest
        join trueprice.snapshot_curve i on i.snapshot_id = newest.id
        join trueprice.curve c on c.id = i.curve_id
        where ($1::text is null or r.data_type = $1)
          and ($2::text is null or r.market = $2)
        order by r.data_type, r.market, c.control_area, c.state, c.load_zone, c.capacity_zone, c.utility, c.block_type,
            c.cost_group, c.cost_component, c.sub_cost_component",
        data_type.map(DataType::word),
        market.map(Market::code)
    );
    let rows = rows.fetch_all(tx).await.during("listing the labels of live curves")?.into_iter();
    let rows = rows.map(|row| {
        let entry = CatalogEntry {
            control_area: row.control_area,
            state: row.state,
            load_zone: row.load_zone,
            capacity_zone: row.capacity_zone,
            utility: row.utility,
            block_type: row.block_type,
            cost_group: row.cost_group,
            cost_component: row.cost_component,
            sub_cost_component: row.sub_cost_component,
        };
        (row.data_type, row.market.to_lowercase(), entry)
    });
    Ok(rows.collect())
}

/// The values at a level of the labels, 0 to 8, among curves that have the given labels above it. A label that is absent or `*`
/// matches anything; letter case does not count, and a run of spaces and underscores counts as one space.
async fn level(ctx: &Ctx, mut fields: Fields, level: i32) -> Result<Json<Vec<String>>, Problem> {
    let table = fields.text("control_table");
    let series = rules::control_table(&table).unwrap_or_else(|detail| {
        fields.wrong("control_table", detail);
        (None, None)
    });
    // Pages of the old system send all chosen labels, whichever level they request.
    for name in rules::label_names().chain(["strip"]) {
        fields.take(&[name]);
    }
    let depth = usize::try_from(level).unwrap_or_default();
    let mut above = Vec::with_capacity(depth);
    for name in rules::label_names().take(depth) {
        let text = fields
            .optional(name)
            .or_else(|| (name == "block_type").then(|| fields.optional("strip")).flatten());
        let text = text.filter(|text| text != "*");
        above.push(text.map(|text| normalised(&text)));
    }
    fields.end()?;
    let mut tx = ctx.db().begin_read("list labels").await?;
    let values = values(&mut tx, series, &above, level).await?;
    tx.commit().await?;
    Ok(Json(values))
}

async fn values(
    tx: &mut Tx,
    (data_type, market): (Option<DataType>, Option<Market>),
    above: &[Option<String>],
    level: i32,
) -> Result<Vec<String>, Fault> {
    let values = sqlx::query_scalar!(
        r#"select distinct (array[c.control_area, c.state, c.load_zone, c.capacity_zone, c.utility, c.block_type, c.cost_group,
            c.cost_component, c.sub_cost_component])[$4::int + 1] as "value!"
        from trueprice.series r
        cross join lateral trueprice.day_marks(r.id, true, null, null, null, null, null, null, 1) newest
        join trueprice.snapshot_curve i on i.snapshot_id = newest.id
        join trueprice.curve c on c.id = i.curve_id
        where ($1::text is null or r.data_type = $1)
          and ($2::text is null or r.market = $2)
          and not exists (
            select
            from unnest($3::text[]) with ordinality as a (label, place)
            where a.label is not null
              and c.normal[a.place] <> a.label
          )
        order by 1"#,
        data_type.map(DataType::word),
        market.map(Market::code),
        above as &[Option<String>],
        level
    );
    values.fetch_all(tx).await.during("listing labels")
}

/// Shows the catalog: labels of all curves in the newest marks, by data type and market.
#[utoipa::path(
    post,
    path = "/get_catalog_data",
    tag = "Old paths",
    responses((status = 200, body = Catalog), (status = 413, body = Problem))
)]
async fn get_catalog_data(State(ctx): State<Ctx>) -> Result<Json<Catalog>, Problem> {
    let mut tx = ctx.db().begin_read("show the catalog").await?;
    let live = live(&mut tx, (None, None)).await?;
    tx.commit().await?;
    let mut catalog = Catalog::new();
    for (data_type, market, entry) in live {
        catalog.entry(data_type).or_default().entry(market).or_default().push(entry);
    }
    Ok(Json(catalog))
}

/// Shows the catalog: labels of all curves in the newest marks, by data type and market.
#[utoipa::path(
    get,
    path = "/get_catalog_data",
    tag = "Old paths",
    responses((status = 200, body = Catalog), (status = 413, body = Problem))
)]
async fn get_catalog_data_by_get(state: State<Ctx>) -> Result<Json<Catalog>, Problem> {
    get_catalog_data(state).await
}

/// A series, and the labels above a level; labels at the level or below are ignored.
static ABOVE: ParameterTable = ParameterTable::new(|| {
    above("Market and data type, as `<iso>_<curve>`, in the query string or the body.")
});

/// A series and labels, in the query string only.
static ABOVE_BY_QUERY: ParameterTable = ParameterTable::new(|| {
    let mut parameters = above("Market and data type, as `<iso>_<curve>`.");
    parameters[0].is_required = true;
    parameters
});

fn above(table: &'static str) -> Vec<Parameter> {
    let label = |name, description, example| Parameter::new(name, Kind::Label, description, example);
    vec![
        Parameter::new("control_table", Kind::Text, table, "ercot_energy"),
        label("control_area", "Control area.", "ERCOT"),
        label("state", "State.", "TX"),
        label("load_zone", "Load zone or hub.", "NORTH ZONE"),
        label("capacity_zone", "Capacity zone.", "*"),
        label("utility", "Utility.", "*"),
        label("block_type", "Block.", "5x16"),
        label("strip", "Block, under the name that some pages use.", "5x16"),
        label("cost_group", "Cost group.", "*"),
        label("cost_component", "Cost component.", "*"),
        label("sub_cost_component", "Sub cost component.", "*"),
    ]
}

/// A path of the cascade, for both methods.
macro_rules! cascade {
    ($post:ident, $get:ident, $path:tt, $level:tt, $about:tt) => {
        #[doc = $about]
        ///
        /// Read from the newest mark of a series. Labels above this level, in the query, a form or JSON, narrow it; `*` or nothing matches any.
        #[utoipa::path(
            post,
            path = $path,
            tag = "Old paths",
            responses((status = 200, body = Vec<String>), (status = 413, body = Problem), (status = 415, body = Problem))
        )]
        async fn $post(State(ctx): State<Ctx>, fields: Fields) -> Result<Json<Vec<String>>, Problem> {
            level(&ctx, fields, $level).await
        }

        #[doc = $about]
        ///
        /// Read from the newest mark of a series. Labels above this level narrow it; `*` or nothing matches any.
        #[utoipa::path(
            get,
            path = $path,
            tag = "Old paths",
            responses((status = 200, body = Vec<String>), (status = 413, body = Problem), (status = 415, body = Problem))
        )]
        async fn $get(State(ctx): State<Ctx>, fields: Fields) -> Result<Json<Vec<String>>, Problem> {
            level(&ctx, fields, $level).await
        }
    };
}

cascade!(get_control_area, get_control_area_by_get, "/get_control_area", 0, "Lists control areas.");
cascade!(get_state, get_state_by_get, "/get_state", 1, "Lists states.");
cascade!(get_loadzone, get_loadzone_by_get, "/get_loadzone", 2, "Lists load zones.");
cascade!(get_capacityzone, get_capacityzone_by_get, "/get_capacityzone", 3, "Lists capacity zones.");
cascade!(get_utility, get_utility_by_get, "/get_utility", 4, "Lists utilities.");
cascade!(get_blocktype, get_blocktype_by_get, "/get_blocktype", 5, "Lists blocks.");
cascade!(get_costgroup, get_costgroup_by_get, "/get_costgroup", 6, "Lists cost groups.");
cascade!(get_costcomponent, get_costcomponent_by_get, "/get_costcomponent", 7, "Lists cost components.");
cascade!(
    get_subcostcomponent,
    get_subcostcomponent_by_get,
    "/get_subcostcomponent",
    8,
    "Lists sub cost components."
);
