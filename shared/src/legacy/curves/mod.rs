//! The data paths of the old system. Promises: paths, names and bodies of success are as they were; statuses are real,
//! nothing is changed, and what is not granted does not exist. Underneath is the code of the others.

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

use crate::http::route::routes;
use crate::http::{Audience, Route};

/// The routes of the old data paths.
#[must_use]
pub fn routes() -> Vec<Route> {
    let reader = |routes| Route::new(Audience::Reader, routes);
    vec![
        reader(routes!(options::get_options)),
        reader(routes!(options::get_options_for_strips)),
        reader(routes!(days::get_operating_day)),
        reader(routes!(days::get_operating_days)),
        reader(routes!(days::cob_check)),
        reader(routes!(stamps::intraday_timestamps_download)),
        reader(routes!(stamps::intraday_timestamps)).with_fields(),
        reader(routes!(zones::load_zones)).with_fields(),
        reader(routes!(zones::get_locations)),
        reader(routes!(components::allcomponents)),
        reader(routes!(hours::curves_catalog)),
        Route::new(Audience::Reader, routes!(download::download_data_by_query, download::download_data)),
        Route::new(Audience::Reader, routes!(download::generate_garph_view)),
        Route::new(Audience::Admin, routes!(gone::get_logs)),
        Route::new(Audience::Admin, routes!(gone::log_stream)),
        Route::new(Audience::Public, routes!(gone::contactus)),
        Route::new(Audience::Public, routes!(gone::contact)),
        Route::new(Audience::Public, routes!(gone::root)),
        Route::new(Audience::Public, routes!(gone::home)),
        Route::new(Audience::Public, routes!(gone::apispec)),
        Route::new(Audience::Public, routes!(gone::apidocs)),
    ]
}
