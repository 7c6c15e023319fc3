//! Headers of every answer of a legacy path: since when it is deprecated (RFC 9745), when it may be removed (RFC 8594), and what
//! replaces it (RFC 5829). Guarantees: every answer has them, problems and redirects included.

use super::Route;
use crate::ctx::{DEPRECATED_SINCE, Sunset};
use axum::extract::{MatchedPath, Request, State};
use axum::http::header::LINK;
use axum::http::{HeaderMap, HeaderName, HeaderValue};
use axum::middleware::Next;
use axum::response::Response;
use std::collections::HashMap;
use std::sync::Arc;

/// The header with the date since when a path is deprecated.
pub const DEPRECATION: HeaderName = HeaderName::from_static("deprecation");
/// The header with the date from which a path may be removed.
pub const SUNSET: HeaderName = HeaderName::from_static("sunset");

/// The headers of all legacy paths.
#[derive(Debug)]
pub struct Legacy {
    deprecation: HeaderValue,
    sunset: Option<HeaderValue>,
    /// By route path, as declared.
    links: HashMap<String, HeaderValue>,
}

impl Legacy {
    /// For the routes that have a successor.
    #[must_use]
    pub fn new(routes: &[Route], sunset: Option<Sunset>) -> Self {
        let text = |text: String| HeaderValue::try_from(text).expect("paths and dates are ASCII");
        let links = routes.iter().filter_map(|route| Some((route, link(route.successor?))));
        Self {
            deprecation: text(format!("@{DEPRECATED_SINCE}")),
            sunset: sunset.map(|sunset| text(sunset.http_date())),
            links: links.map(|(route, link)| (route.handlers.path.clone(), text(link))).collect(),
        }
    }

    fn write(&self, path: &str, headers: &mut HeaderMap) {
        let Some(link) = self.links.get(path) else { return };
        headers.insert(DEPRECATION, self.deprecation.clone());
        if let Some(sunset) = &self.sunset {
            headers.insert(SUNSET, sunset.clone());
        }
        // Appended, because the answer may already link to its next page.
        headers.append(LINK, link.clone());
    }
}

/// The link to a successor. Braces of path parameters are escaped because a URI cannot contain them (RFC 3986, section 2).
fn link(successor: &str) -> String {
    let target = successor.replace('{', "%7B").replace('}', "%7D");
    format!("<{target}>; rel=\"successor-version\"")
}

/// The middleware that adds the headers.
pub async fn announce(State(legacy): State<Arc<Legacy>>, request: Request, next: Next) -> Response {
    let path = request.extensions().get::<MatchedPath>().cloned();
    let mut response = next.run(request).await;
    if let Some(path) = path {
        legacy.write(path.as_str(), response.headers_mut());
    }
    response
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::http::Audience;
    use crate::http::route::Handlers;

    #[test]
    fn a_legacy_path_links_its_successor_beside_other_links_and_a_new_one_does_not() {
        let route = |path: &str| {
            Route::new(Audience::Reader, Handlers { path: path.to_owned(), ..Handlers::default() })
        };
        let routes = [route("/old").legacy("/v1/new/{id}"), route("/v1/new/{id}")];
        let legacy = Legacy::new(&routes, Some(Sunset::parse("2027-06-30").unwrap()));
        let mut headers = HeaderMap::new();
        legacy.write("/v1/new/{id}", &mut headers);
        assert!(headers.is_empty());
        headers.insert(LINK, HeaderValue::from_static("</old?cursor=a>; rel=\"next\""));
        legacy.write("/old", &mut headers);
        assert_eq!(headers["deprecation"], "@1795219200");
        assert_eq!(headers["sunset"], "Wed, 30 Jun 2027 00:00:00 GMT");
        let links: Vec<_> = headers.get_all(LINK).iter().collect();
        assert_eq!(links, ["</old?cursor=a>; rel=\"next\"", "</v1/new/%7Bid%7D>; rel=\"successor-version\""]);
        let mut headers = HeaderMap::new();
        Legacy::new(&routes, None).write("/old", &mut headers);
        assert!(!headers.contains_key(SUNSET) && headers.len() == 2);
    }
}
