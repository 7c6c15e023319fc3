//! The data paths of the old system. Guarantees: paths, names and success bodies are unchanged; status codes are real, nothing is
//! modified, and data without a grant appear not to exist. They call the code of the `/v1` routes.

mod asked;
mod components;
mod days;
mod download;
mod gone;
mod hours;
pub mod labels;
mod options;
mod stamps;
mod store;
mod zones;

use crate::downloads::parameters::DOWNLOAD;
use crate::http::route::routes;
use crate::http::{Audience, Route};

/// The routes of the old data paths.
#[must_use]
pub fn routes() -> Vec<Route> {
    let reader = |routes| Route::new(Audience::Reader, routes);
    vec![
        reader(routes!(options::get_options: options::CURVE)).legacy("/v1/data-types"),
        reader(routes!(options::get_options_for_strips: options::CURVE)).legacy("/v1/data-types"),
        reader(routes!(days::get_operating_day: days::SERIES)).legacy("/v1/snapshots"),
        reader(routes!(days::get_operating_days: days::ZONE)).legacy("/v1/snapshots"),
        reader(routes!(days::cob_check: days::DAYS)).legacy("/v1/snapshots"),
        reader(routes!(stamps::intraday_timestamps_download: stamps::STAMPS)).legacy("/v1/snapshots"),
        reader(routes!(stamps::intraday_timestamps: stamps::DAY)).legacy("/v1/snapshots").with_fields(),
        reader(routes!(zones::load_zones: zones::TABLE)).legacy("/v1/curves").with_fields(),
        reader(routes!(zones::get_locations: zones::TABLE)).legacy("/v1/curves"),
        reader(routes!(components::allcomponents)).legacy("/v1/curves"),
        reader(routes!(hours::curves_catalog: hours::HOURS)).legacy("/v1/calendars/{market}/{month}"),
        Route::new(
            Audience::Reader,
            routes!(download::download_data_by_query: DOWNLOAD, download::download_data),
        )
        .legacy("/v1/values"),
        Route::new(Audience::Reader, routes!(download::generate_garph_view)).legacy("/v1/values"),
        Route::new(Audience::Admin, routes!(gone::get_logs)).legacy("/v1/audit"),
        Route::new(Audience::Admin, routes!(gone::log_stream)).legacy("/v1/audit"),
        Route::new(Audience::Public, routes!(gone::contactus)).legacy("/apidocs"),
        Route::new(Audience::Public, routes!(gone::contact)).legacy("/apidocs"),
        Route::new(Audience::Public, routes!(gone::root)).legacy("/apidocs"),
        Route::new(Audience::Public, routes!(gone::home)).legacy("/apidocs"),
        Route::new(Audience::Public, routes!(gone::apispec)).legacy("/openapi.json"),
        Route::new(Audience::Public, routes!(gone::apidocs)).legacy("/apidocs"),
    ]
}
