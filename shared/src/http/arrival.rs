//! How a request arrived: its id and the client's address. Guarantees: every answer carries the id in `X-Request-Id`; so do every
//! log line of the request and the document of a fault; a client cannot choose the id. The address comes from the gateway or the
//! socket, never from a header.

use crate::db;
use axum::extract::{ConnectInfo, Request};
use axum::http::header::{CONTENT_LENGTH, CONTENT_TYPE};
use axum::http::{Extensions, HeaderName, HeaderValue};
use axum::middleware::Next;
use axum::response::Response;
use lambda_http::RequestExt as _;
use lambda_http::request::RequestContext;
use serde_json::Value;
use std::net::{IpAddr, Ipv6Addr, SocketAddr};
use std::sync::Arc;
use tracing::Instrument as _;
use uuid::Uuid;

/// The header with the id of a request.
pub const REQUEST_ID: HeaderName = HeaderName::from_static("x-request-id");

/// How a request arrived.
#[derive(Clone, Debug)]
pub struct Arrival {
    /// Lambda's request id, or a random one.
    pub id: Arc<str>,
    /// Address of the client; `None` if unknown.
    pub address: Option<IpAddr>,
}

impl Arrival {
    fn of(extensions: &Extensions) -> Self {
        let id = extensions.lambda_context_ref().map(|context| Arc::from(context.request_id.as_str()));
        let by_gateway = match extensions.request_context_ref() {
            Some(RequestContext::ApiGatewayV2(context)) => {
                context.http.source_ip.as_deref().and_then(|text| text.parse().ok())
            }
            _ => None,
        };
        let peer = || extensions.get::<ConnectInfo<SocketAddr>>().map(|peer| peer.0.ip());
        let address = by_gateway.or_else(peer).map(|address| address.to_canonical());
        Self { id: id.unwrap_or_else(|| Uuid::new_v4().to_string().into()), address }
    }

    /// The address by which requests are counted: for IPv6 the network, because a client controls all its addresses.
    #[must_use]
    pub fn counted_as(&self) -> String {
        match self.address {
            Some(IpAddr::V6(address)) => {
                let network = Ipv6Addr::from(u128::from(address) & (u128::MAX << 64));
                format!("{network}/64")
            }
            Some(IpAddr::V4(address)) => address.to_string(),
            None => "nowhere".to_owned(),
        }
    }
}

/// Attaches an [`Arrival`] and a deadline for database waits to the request, the id to its log lines, and the id
/// header to the answer.
pub async fn arrive(mut request: Request, next: Next) -> Response {
    let arrival = Arrival::of(request.extensions());
    // An error span is enabled at every log level.
    let span = tracing::error_span!("request", request_id = %arrival.id);
    let id = Arc::clone(&arrival.id);
    request.extensions_mut().insert(arrival);
    let reads = request.method().is_safe();
    let response = db::as_request(reads, next.run(request)).instrument(span).await;
    let mut response =
        if response.status().is_server_error() { named(response, &id).await } else { response };
    if let Ok(value) = HeaderValue::from_str(&id) {
        response.headers_mut().insert(REQUEST_ID, value);
    }
    response
}

/// Writes the id into the document of a fault, so that a user who reports it can quote it.
async fn named(response: Response, id: &str) -> Response {
    /// Problem documents are far smaller.
    const MAX_TEXT_BYTES: usize = 64 * 1024;
    let is_problem =
        response.headers().get(CONTENT_TYPE).is_some_and(|kind| kind == "application/problem+json");
    if !is_problem {
        return response;
    }
    let (mut parts, body) = response.into_parts();
    let bytes = axum::body::to_bytes(body, MAX_TEXT_BYTES).await.unwrap_or_default();
    let document = serde_json::from_slice::<Value>(&bytes).ok().and_then(|mut document| {
        document.as_object_mut()?.insert("request_id".to_owned(), id.into());
        serde_json::to_vec(&document).ok()
    });
    parts.headers.remove(CONTENT_LENGTH);
    Response::from_parts(parts, document.map_or_else(|| bytes.into(), Into::into))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn from(address: &str) -> Arrival {
        let mut extensions = Extensions::new();
        extensions.insert(ConnectInfo(SocketAddr::new(address.parse().unwrap(), 50_000)));
        Arrival::of(&extensions)
    }

    #[test]
    fn a_client_cannot_escape_its_limit_with_another_address_of_its_network() {
        assert_eq!(from("192.0.2.7").counted_as(), "192.0.2.7");
        assert_eq!(from("::ffff:192.0.2.7").counted_as(), "192.0.2.7");
        assert_eq!(from("2001:db8:1:2:3:4:5:6").counted_as(), "2001:db8:1:2::/64");
        assert_eq!(from("2001:db8:1:2:ffff::1").counted_as(), "2001:db8:1:2::/64");
        assert_eq!(Arrival::of(&Extensions::new()).counted_as(), "nowhere");
    }

    #[test]
    fn each_request_has_its_own_id() {
        assert_ne!(from("192.0.2.7").id, from("192.0.2.7").id);
        let id: Uuid = from("192.0.2.7").id.parse().unwrap();
        assert_eq!(id.get_version(), Some(uuid::Version::Random));
    }
}
