//! What a route accepts. Guarantees: a route without parameters refuses every parameter, and one that reads no body refuses any
//! content in it. A GET of `/v1` answers in the requested format or with 406: lists in all formats, anything else only as JSON,
//! except for routes with a `format` parameter of their own, which negotiate themselves.

use super::answer::accepted;
use super::list::List;
use super::parameter::table::{ParameterTable, query_names};
use super::wrong::Wrong;
use super::{Format, Problem, form, without_body};
use axum::extract::{Request, State};
use axum::http::{Method, Uri};
use axum::middleware::Next;
use axum::response::{IntoResponse as _, Response};
use std::sync::{Arc, OnceLock};
use utoipa::openapi::path::{HttpMethod, Operation};

/// A documented handler: its method and its parameters.
#[derive(Debug)]
pub struct Documented {
    /// The method that it answers.
    pub method: Method,
    /// The parameters that it takes.
    pub table: &'static ParameterTable,
    operation: fn() -> Operation,
    reads_body: OnceLock<bool>,
}

impl Documented {
    /// For the handler of a method.
    #[must_use]
    pub fn new(method: &HttpMethod, table: &'static ParameterTable, operation: fn() -> Operation) -> Self {
        Self { method: name_of(method), table, operation, reads_body: OnceLock::new() }
    }

    /// Whether it is documented to read the body; the documentation is built on the first call.
    fn reads_body(&self) -> bool {
        *self.reads_body.get_or_init(|| (self.operation)().request_body.is_some())
    }
}

/// What the layer knows about a route.
#[derive(Clone, Debug)]
pub struct AcceptedParameters {
    documented: Arc<[Documented]>,
    list: Option<&'static List>,
    /// Whether the route is part of `/v1`.
    versioned: bool,
    /// Whether its handlers read documented parameters from the body.
    fields: bool,
}

impl AcceptedParameters {
    /// For the route at a path: what its handlers are documented to take, the list that its GET answers, and whether its parameters
    /// may also come in a body.
    #[must_use]
    pub fn new(path: &str, documented: Vec<Documented>, list: Option<&'static List>, fields: bool) -> Self {
        Self { documented: documented.into(), list, versioned: path.starts_with("/v1/"), fields }
    }

    /// The methods that the route answers.
    #[must_use]
    pub fn methods(&self) -> Vec<Method> {
        self.documented.iter().map(|handler| handler.method.clone()).collect()
    }

    /// The handler of a method; GET's handler also answers HEAD.
    fn handler(&self, method: &Method) -> Option<&Documented> {
        let method = if *method == Method::HEAD { &Method::GET } else { method };
        self.documented.iter().find(|handler| handler.method == *method)
    }

    /// Whether a handler reads the request body.
    fn reads_body(&self, method: &Method) -> bool {
        self.fields || self.handler(method).is_none_or(Documented::reads_body)
    }

    /// Checks the request against the route and takes out the format if the list is to be written as anything but JSON.
    fn take(&self, request: &mut Request) -> Result<Option<(&'static List, Format)>, Problem> {
        let reads = request.method().is_safe();
        let Some(handler) = self.handler(request.method()) else { return Ok(None) };
        let names = query_names(handler.table);
        let formats = self.versioned && reads && !names.contains(&"format");
        let pairs = if request.uri().query().is_some() { form::query(request.uri())? } else { vec![] };
        let wanted: Vec<&str> = pairs
            .iter()
            .filter(|(name, value)| formats && name == "format" && !value.trim().is_empty())
            .map(|(_, value)| value.as_str())
            .collect();
        let mut wrong = vec![];
        if names.is_empty() {
            let known: &[&str] = if formats { &["format"] } else { &[] };
            let unknown = super::parameters::unknown(pairs.iter().map(|(name, _)| name.as_str()), known);
            wrong.extend(unknown.into_iter().map(|name| Wrong::unknown_parameter(name, known)));
        }
        if wanted.len() > 1 {
            wrong.push(Wrong::repeated("format", &wanted));
        }
        if !wrong.is_empty() {
            return Err(Problem::bad_request(wrong));
        }
        if !formats {
            return Ok(None);
        }
        let among: &[Format] = if self.list.is_some() { &Format::ALL } else { &[Format::Json] };
        let format = Format::among(among, accepted(request.headers()).as_deref(), wanted.first().copied())?;
        if let Some(uri) = without_format(request.uri()) {
            *request.uri_mut() = uri;
        }
        Ok(self.list.filter(|_| format != Format::Json).map(|list| (list, format)))
    }
}

/// The URI without its `format` parameter; `None` if it has no query.
fn without_format(uri: &Uri) -> Option<Uri> {
    let pairs = uri.query()?.split('&');
    let others: Vec<&str> = pairs.filter(|pair| pair.split('=').next() != Some("format")).collect();
    let path = uri.path();
    let text = if others.is_empty() { path.to_owned() } else { format!("{path}?{}", others.join("&")) };
    text.parse().ok()
}

/// The layer: refuses what the route does not accept, and writes a list in the requested format.
pub async fn check(State(asked): State<AcceptedParameters>, mut request: Request, next: Next) -> Response {
    let listed = match asked.take(&mut request) {
        Ok(listed) => listed,
        Err(problem) => return problem.into_response(),
    };
    if !asked.reads_body(request.method()) {
        request = match without_body::refuse(request).await {
            Ok(request) => request,
            Err(problem) => return problem.into_response(),
        };
    }
    match listed {
        None => next.run(request).await,
        Some((list, format)) => {
            let response = next.run(request).await;
            list.write(response, format).await.unwrap_or_else(Problem::into_response)
        }
    }
}

/// A method as HTTP names it.
#[must_use]
pub fn name_of(method: &HttpMethod) -> Method {
    match method {
        HttpMethod::Get => Method::GET,
        HttpMethod::Post => Method::POST,
        HttpMethod::Put => Method::PUT,
        HttpMethod::Delete => Method::DELETE,
        HttpMethod::Options => Method::OPTIONS,
        HttpMethod::Head => Method::HEAD,
        HttpMethod::Patch => Method::PATCH,
        HttpMethod::Trace => Method::TRACE,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::http::Parameter;
    use crate::http::parameter::kind::Kind;
    use crate::http::parameter::table::NO_PARAMETERS;
    use axum::body::Body;
    use axum::http::header::ACCEPT;
    use utoipa::openapi::path::OperationBuilder;

    static LIST: List = List { name: "rows", columns: &[] };

    static WITH_LIMIT: ParameterTable =
        ParameterTable::new(|| vec![Parameter::new("limit", Kind::Int32(1..=200), "How many.", 50)]);

    fn asked(
        table: &'static ParameterTable,
        list: Option<&'static List>,
        versioned: bool,
    ) -> AcceptedParameters {
        let operation = || OperationBuilder::new().build();
        let documented = Arc::new([Documented::new(&HttpMethod::Get, table, operation)]);
        AcceptedParameters { documented, list, versioned, fields: false }
    }

    /// The status of a refusal, or the format and the URI that is passed on.
    fn take(asked: &AcceptedParameters, uri: &str, accept: &str) -> Result<(Option<Format>, String), u16> {
        let mut request = Request::get(uri).header(ACCEPT, accept).body(Body::empty()).unwrap();
        match asked.take(&mut request) {
            Ok(taken) => Ok((taken.map(|(_, format)| format), request.uri().to_string())),
            Err(problem) => Err(problem.into_response().status().as_u16()),
        }
    }

    #[test]
    fn a_route_without_parameters_refuses_all() {
        let old = asked(&NO_PARAMETERS, None, false);
        assert_eq!(take(&old, "/x", "*/*"), Ok((None, "/x".to_owned())));
        assert_eq!(take(&old, "/x?", "text/csv"), Ok((None, "/x?".to_owned())));
        for uri in ["/x?a=1", "/x?format=json", "/x?=", "/x?%66ormat=csv"] {
            assert_eq!(take(&old, uri, "*/*"), Err(400), "{uri}");
        }
        assert_eq!(
            take(&asked(&WITH_LIMIT, None, false), "/x?a=1", "*/*"),
            Ok((None, "/x?a=1".to_owned())),
            "its handler's"
        );
    }

    #[test]
    fn a_list_has_every_format_and_an_object_only_json() {
        let (list, object) = (asked(&WITH_LIMIT, Some(&LIST), true), asked(&NO_PARAMETERS, None, true));
        for (word, format) in Format::WORDS {
            let other = Some(format).filter(|format| *format != Format::Json);
            let by_word = take(&list, &format!("/v1/x?limit=1&format={word}"), "text/html");
            assert_eq!(by_word, Ok((other, "/v1/x?limit=1".to_owned())), "{word}");
            assert_eq!(
                take(&list, "/v1/x?limit=1", format.media_type()),
                Ok((other, "/v1/x?limit=1".to_owned()))
            );
            let status = if other.is_none() { Ok((None, "/v1/x".to_owned())) } else { Err(406) };
            assert_eq!(take(&object, &format!("/v1/x?format={word}"), "*/*"), status, "{word}");
            assert_eq!(take(&object, "/v1/x", format.media_type()), status, "{word}");
        }
        for uri in ["/v1/x?format=pdf", "/v1/x?format=json&format=csv"] {
            assert_eq!(take(&list, uri, "*/*"), Err(400), "{uri}");
            assert_eq!(take(&object, uri, "*/*"), Err(400), "{uri}");
        }
        assert_eq!(take(&object, "/v1/x?a=1", "*/*"), Err(400));
    }
}
