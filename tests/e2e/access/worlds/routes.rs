//! Every route is requested or listed as an exception, so that no new route is forgotten.

use super::request::SentRequest;
use reqwest::Method;
use trueprice::http::Audience;

/// Routes that reveal nothing about curves: public data, the caller's own account, and what the caller made itself.
const WITHOUT_CURVES: [&str; 37] = [
    "/",
    "/apidocs",
    "/apidocs/",
    "/apispec_1.json",
    "/contact",
    "/contactus",
    "/create_user",
    "/health",
    "/home",
    "/login",
    "/logout",
    "/maintainance",
    "/openapi.json",
    "/refreshToken",
    "/set-password",
    "/unsubscribe",
    "/update_password",
    "/graph",
    "/remove_graph",
    "/save_graph",
    "/share_graphs",
    "/update_graph_filters/{graph_id}",
    "/v1/calendars/{market}/{month}",
    "/v1/data-types",
    "/v1/graphs/{id}/shares/{user}",
    "/v1/jobs/{id}",
    "/v1/me",
    "/v1/me/keys/{id}",
    "/v1/me/password",
    "/v1/me/sessions",
    "/v1/me/sessions/{session}",
    "/v1/me/subscriptions/{id}",
    "/v1/password-resets",
    "/v1/quotes/{id}",
    "/v1/quotes/{id}/explain",
    "/v1/switches/{name}",
    "/v1/switches",
];

/// Requests that change only the caller's own data and do not depend on any other data.
const OWN: [(Method, &str); 7] = [
    (Method::POST, "/v1/graphs"),
    (Method::PUT, "/v1/graphs/{id}"),
    (Method::DELETE, "/v1/graphs/{id}"),
    (Method::POST, "/v1/me/keys"),
    (Method::POST, "/v1/me/subscriptions"),
    (Method::POST, "/upload_csv"),
    (Method::POST, "/upload_zip"),
];

/// Routes that are not requested but should be. Admin routes are excluded because other tests show that they refuse everyone else.
pub fn not_asked(asked: &[SentRequest]) -> Vec<String> {
    let mut missing = vec![];
    for route in trueprice::api::routes().into_iter().filter(|route| route.audience != Audience::Admin) {
        let documented = route.handlers.documents.iter().flat_map(|of_handler| of_handler().1.paths);
        for (path, item) in documented.collect::<Vec<_>>() {
            for (operation, method) in [
                (&item.get, Method::GET),
                (&item.post, Method::POST),
                (&item.put, Method::PUT),
                (&item.patch, Method::PATCH),
                (&item.delete, Method::DELETE),
            ] {
                let exempt =
                    WITHOUT_CURVES.contains(&path.as_str()) || OWN.contains(&(method.clone(), path.as_str()));
                let is_asked =
                    || asked.iter().any(|asked| asked.method == method && is_of(&asked.path, &path));
                if operation.is_some() && !exempt && !is_asked() {
                    missing.push(format!("{method} {path}"));
                }
            }
        }
    }
    missing
}

/// Whether a path belongs to a route.
fn is_of(path: &str, route: &str) -> bool {
    let path = path.split('?').next().unwrap_or(path);
    let (parts, pattern): (Vec<&str>, Vec<&str>) = (path.split('/').collect(), route.split('/').collect());
    parts.len() == pattern.len()
        && parts.iter().zip(&pattern).all(|(part, pattern)| pattern.starts_with('{') || part == pattern)
}
