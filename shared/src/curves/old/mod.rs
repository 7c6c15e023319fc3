//! The data paths of the old system. Promises: paths, names and bodies of success are as they were; statuses are real,
//! nothing is changed, and what is not granted does not exist. Underneath is the code of the others.

mod asked;
mod components;
mod days;
mod download;
mod gone;
mod hours;
mod options;
mod stamps;
mod store;
mod zones;

use crate::ctx::Ctx;
use crate::web::{Audience, Route};
use utoipa_axum::router::UtoipaMethodRouter;
use utoipa_axum::routes;

/// The routes of the old data paths.
#[must_use]
pub fn routes() -> Vec<Route> {
    let reader = |routes| Route::new(Audience::Reader, both(routes));
    vec![
        reader(routes!(options::get_options)),
        reader(routes!(options::get_options_for_strips)),
        reader(routes!(days::get_operating_day)),
        reader(routes!(days::get_operating_days)),
        reader(routes!(days::cob_check)),
        reader(routes!(stamps::intraday_timestamps_download)),
        reader(routes!(stamps::intraday_timestamps)),
        reader(routes!(zones::load_zones)),
        reader(routes!(zones::get_locations)),
        reader(routes!(components::allcomponents)),
        reader(routes!(hours::curves_catalog)),
        Route::new(Audience::Reader, routes!(download::download_data_by_query, download::download_data)),
        Route::new(Audience::Reader, routes!(download::generate_garph_view)),
        Route::new(Audience::Admin, both(routes!(gone::get_logs))),
        Route::new(Audience::Admin, both(routes!(gone::log_stream))),
        Route::new(Audience::Public, routes!(gone::contactus)),
        Route::new(Audience::Public, both(routes!(gone::contact))),
        Route::new(Audience::Public, both(routes!(gone::root))),
        Route::new(Audience::Public, both(routes!(gone::home))),
        Route::new(Audience::Public, routes!(gone::apispec)),
        Route::new(Audience::Public, routes!(gone::apidocs)),
    ]
}

/// A route that answers GET and POST alike, documented as it is: parameters of the one, body of the other, and an operation
/// id for each.
pub(crate) fn both(mut routes: UtoipaMethodRouter<Ctx>) -> UtoipaMethodRouter<Ctx> {
    use utoipa::openapi::RefOr;
    use utoipa::openapi::path::{Parameter, ParameterIn};
    for item in routes.1.paths.values_mut() {
        if item.get.is_none() || item.post.is_none() {
            continue;
        }
        if let Some(get) = &mut item.get {
            get.request_body = None;
        }
        if let Some(post) = &mut item.post {
            post.operation_id = post.operation_id.take().map(|id| id + "_by_post");
            if post.request_body.is_some() {
                let in_query = |one: &RefOr<Parameter>| matches!(one, RefOr::T(one) if one.parameter_in == ParameterIn::Query);
                let parameters = post.parameters.take().unwrap_or_default().into_iter();
                post.parameters = Some(parameters.filter(|one| !in_query(one)).collect());
            }
        }
    }
    routes
}
