//! Error answers: RFC 9457 problem documents. Status codes of errors exist only here.
//!
//! A document also carries, in `message`, the text that the old system answered with status 200, so that its clients
//! find what they look for.

use super::nearest::did_you_mean;
use super::words::counted;
pub use super::wrong::Wrong;
use super::wrong::quoted;
use crate::db::Unavailable;
use crate::fault::Fault;
use axum::Json;
use axum::http::{HeaderValue, Method, StatusCode, header};
use axum::response::{IntoResponse, Response};
use serde::Serialize;
use serde_json::{Map, Value};

/// A problem document (RFC 9457).
#[derive(Clone, Debug, Serialize, utoipa::ToSchema)]
pub struct Problem {
    /// HTTP status.
    #[serde(serialize_with = "as_number")]
    #[schema(value_type = u16)]
    status: StatusCode,
    /// Kind of problem; the same text for every problem of that kind.
    title: &'static str,
    /// What went wrong with this request.
    detail: String,
    /// Text that the old system sent for this problem.
    message: String,
    /// Every error found in the request.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    errors: Vec<Wrong>,
    /// What else the old system's clients expect.
    #[serde(flatten)]
    #[schema(ignore)]
    more: Map<String, Value>,
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde passes fields by reference")]
fn as_number<S: serde::Serializer>(status: &StatusCode, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.serialize_u16(status.as_u16())
}

impl Problem {
    fn new(status: StatusCode, title: &'static str, detail: impl Into<String>, message: &str) -> Self {
        let (detail, errors, more) = (detail.into(), vec![], Map::new());
        Self { status, title, detail, message: message.to_owned(), errors, more }
    }

    /// All errors of the request, for a caller that checks only part of it.
    #[must_use]
    pub fn into_errors(self) -> Vec<Wrong> {
        self.errors
    }

    /// 400: the request cannot be understood.
    #[must_use]
    pub fn bad_request(errors: Vec<Wrong>) -> Self {
        let mut problem =
            Self::new(StatusCode::BAD_REQUEST, "Bad request", joined(&errors), "Incorrect Params");
        problem.errors = errors;
        problem
    }

    /// 400: one part of the request cannot be understood.
    #[must_use]
    pub fn bad_parameter(parameter: &str, detail: impl Into<String>) -> Self {
        Self::bad_request(vec![Wrong { parameter: parameter.to_owned(), detail: detail.into() }])
    }

    /// 401: the token is missing.
    #[must_use]
    pub fn token_missing() -> Self {
        Self::new(
            StatusCode::UNAUTHORIZED,
            "Not logged in",
            "send Authorization: Bearer <token or API key>, Authorization: Basic with an API key as the password, or X-Api-Key",
            "Token is missing",
        )
    }

    /// 401: the token is not one of ours.
    #[must_use]
    pub fn token_invalid() -> Self {
        Self::new(
            StatusCode::UNAUTHORIZED,
            "Not logged in",
            "the token is not valid; log in again with POST /login",
            "Token is Invalid",
        )
    }

    /// 401: the token was valid and has expired or been revoked.
    #[must_use]
    pub fn token_expired() -> Self {
        let detail = "the token has expired or was revoked; log in again or refresh it";
        Self::new(StatusCode::UNAUTHORIZED, "Not logged in", detail, "Token is expired")
    }

    /// 401: wrong password or unknown e-mail address; the answer never says which.
    #[must_use]
    pub fn login_failed() -> Self {
        let detail = "the e-mail address or the password is wrong";
        Self::new(StatusCode::UNAUTHORIZED, "Not logged in", detail, LOGIN_FAILED).with_toast(LOGIN_FAILED)
    }

    /// 401: the API key is unknown, expired or revoked; the answer never says which.
    #[must_use]
    pub fn key_invalid() -> Self {
        let detail = "the API key is not valid: it was mistyped, has expired or was revoked";
        Self::new(StatusCode::UNAUTHORIZED, "Not logged in", detail, "Token is Invalid")
    }

    /// 401: `Basic` with something that is not an API key, most likely a password.
    #[must_use]
    pub fn key_expected() -> Self {
        let detail = "Basic authentication expects an API key (tp_…) as the password; create one with POST /v1/me/keys, because \
            account passwords work only for POST /login";
        Self::new(StatusCode::UNAUTHORIZED, "Not logged in", detail, "Token is Invalid")
    }

    /// 403: `Basic` with a method that changes something.
    #[must_use]
    pub fn basic_reads() -> Self {
        Self::key_not_allowed(
            "Basic authentication works for GET only; to change data, send Bearer or X-Api-Key",
        )
    }

    /// 403: the user may do this, but not with this key.
    #[must_use]
    pub fn key_not_allowed(detail: &str) -> Self {
        Self::new(StatusCode::FORBIDDEN, "Forbidden", detail, "Unauthorized access")
    }

    /// 403: the user is disabled.
    #[must_use]
    pub fn user_disabled() -> Self {
        Self::new(
            StatusCode::FORBIDDEN,
            "Forbidden",
            "this user is disabled; ask an administrator to enable it",
            "User Disabled",
        )
    }

    /// 403: the role may not do this.
    #[must_use]
    pub fn role_not_allowed() -> Self {
        Self::new(
            StatusCode::FORBIDDEN,
            "Forbidden",
            "your role does not allow this request; ask an administrator",
            "Unauthorized access",
        )
    }

    /// 403: the caller may see it but not change it this way.
    #[must_use]
    pub fn not_yours(detail: &str) -> Self {
        Self::new(StatusCode::FORBIDDEN, "Forbidden", detail, "Unauthorized access")
    }

    /// 412: it has changed since the caller read it.
    #[must_use]
    pub fn changed_meanwhile(detail: &str) -> Self {
        Self::new(StatusCode::PRECONDITION_FAILED, "Changed meanwhile", detail, "Changed meanwhile")
    }

    /// 404: not found, or not visible to the caller.
    #[must_use]
    pub fn not_found(detail: impl Into<String>, message: &str) -> Self {
        Self::new(StatusCode::NOT_FOUND, "Not found", detail, message)
    }

    /// 405: the path exists, but not with this method. `there` are the methods it has; GET includes HEAD.
    #[must_use]
    pub fn method_not_allowed(method: &Method, path: &str, there: &[Method]) -> Self {
        let mut named: Vec<&str> = there.iter().map(Method::as_str).collect();
        named.sort_unstable();
        let detail = format!("{} does not support {method}; use {}", quoted(path), named.join(" or "));
        let mut allowed = named;
        if let Some(get) = allowed.iter().position(|method| *method == "GET") {
            allowed.insert(get + 1, "HEAD");
        }
        Self::new(StatusCode::METHOD_NOT_ALLOWED, "Method not allowed", detail, "Method Not Allowed")
            .with(ALLOW, allowed.join(", ").into())
    }

    /// 404: no such path; names the nearest existing one.
    #[must_use]
    pub fn no_such_path<'p>(path: &str, known: impl Iterator<Item = &'p str>) -> Self {
        let nearest = did_you_mean(path.trim_end_matches('/'), known);
        Self::not_found(format!("there is no such path: {}{nearest}", quoted(path)), "Not Found")
    }

    /// 406: available, but in no format that the request accepts.
    #[must_use]
    pub fn not_acceptable(detail: impl Into<String>) -> Self {
        Self::new(StatusCode::NOT_ACCEPTABLE, "Not acceptable", detail, "Incorrect Params")
    }

    /// 409: the request conflicts with the current state.
    #[must_use]
    pub fn conflict(detail: impl Into<String>, message: &str) -> Self {
        Self::new(StatusCode::CONFLICT, "Conflict", detail, message)
    }

    /// 410: it existed in the old system and has been removed; `instead` names its replacement.
    #[must_use]
    pub fn gone(detail: impl Into<String>, instead: &str) -> Self {
        Self::new(StatusCode::GONE, "Gone", detail, "Closed Endpoint").with("instead", instead.into())
    }

    /// 413: the request or its answer does not fit through the gateway.
    #[must_use]
    pub fn too_large(detail: impl Into<String>) -> Self {
        Self::new(StatusCode::PAYLOAD_TOO_LARGE, "Too large", detail, "Too large")
    }

    /// 415: this route does not read bodies of this media type.
    #[must_use]
    pub fn unsupported_body(detail: impl Into<String>) -> Self {
        Self::new(StatusCode::UNSUPPORTED_MEDIA_TYPE, "Unsupported body", detail, "Incorrect Params")
    }

    /// 422: each part of the request is valid, but together they contradict each other.
    #[must_use]
    pub fn contradictory(errors: Vec<Wrong>) -> Self {
        let (status, title) = (StatusCode::UNPROCESSABLE_ENTITY, "Contradictory");
        let problem = Self::new(status, title, joined(&errors), "Incorrect Params");
        Self { errors, ..problem }
    }

    /// 422: the request is valid, but required inputs are missing.
    #[must_use]
    pub fn incomplete(errors: Vec<Wrong>) -> Self {
        let said = errors.iter().map(|wrong| wrong.detail.as_str()).collect::<Vec<_>>().join("; ");
        let (status, title) = (StatusCode::UNPROCESSABLE_ENTITY, "Inputs are missing");
        Self { errors, ..Self::new(status, title, said, "Exception in price calculation") }
    }

    /// 422: the request is valid, but its content is wrong.
    #[must_use]
    pub fn rejected(detail: impl Into<String>, toast: &str) -> Self {
        Self::new(StatusCode::UNPROCESSABLE_ENTITY, "Rejected", detail, toast).with_toast(toast)
    }

    /// A refusal by a library below, in the library's words if the client can use them.
    #[must_use]
    pub fn refused(status: StatusCode, said: &str) -> Self {
        let said: String = said.chars().filter(|c| !c.is_control()).take(300).collect();
        match status {
            StatusCode::SERVICE_UNAVAILABLE => {
                Self::not_now("Unavailable", said, "Unable to Fetch Data", NOT_READY_RETRY)
            }
            StatusCode::NOT_FOUND => Self::not_found("there is no such path", "Not Found"),
            StatusCode::PAYLOAD_TOO_LARGE => Self::too_large(said),
            StatusCode::UNSUPPORTED_MEDIA_TYPE => Self::unsupported_body(said),
            status if status.is_client_error() => {
                let title = status.canonical_reason().unwrap_or("Refused");
                Self::new(status, title, said, "Incorrect Params")
            }
            status => {
                tracing::error!(%status, said, "a request failed below the handlers");
                let detail = "an internal error occurred and was logged; try again later";
                Self::new(status, "Our fault", detail, "Unable to Fetch Data")
            }
        }
    }

    /// 429: too many wrong passwords; for `retry_after` seconds no password is checked, not even the right one.
    #[must_use]
    pub fn locked_out(retry_after: i64) -> Self {
        let wait = counted(retry_after, "second");
        let detail = format!("too many wrong passwords; try again in {wait}");
        Self::new(StatusCode::TOO_MANY_REQUESTS, "Locked", detail, LOGIN_FAILED)
            .with_toast(LOGIN_FAILED)
            .with(RETRY_AFTER, retry_after.into())
    }

    /// 429: more requests than the limit; the next one is answered after `retry_after` seconds.
    #[must_use]
    pub fn too_many_requests(quota: u32, retry_after: i64) -> Self {
        let (quota, wait) = (counted(quota, "request"), counted(retry_after, "second"));
        let detail = format!("more than {quota} per minute; try again in {wait}");
        Self::new(StatusCode::TOO_MANY_REQUESTS, "Too many requests", detail, "Too Many Requests")
            .with(RETRY_AFTER, retry_after.into())
    }

    /// 503: an admin has switched the API off.
    #[must_use]
    pub fn switched_off(reason: &str, retry_after: i64) -> Self {
        let detail = format!("the API is switched off: {reason}");
        Self::not_now("Switched off", detail, "API Disabled", retry_after).with("reason", reason.into())
    }

    /// 503, made only here: nothing was done, and the request may be repeated after `retry_after` seconds.
    fn not_now(title: &'static str, detail: impl Into<String>, message: &str, retry_after: i64) -> Self {
        Self::new(StatusCode::SERVICE_UNAVAILABLE, title, detail, message)
            .with(RETRY_AFTER, retry_after.into())
    }

    /// 503 if the database is unavailable; otherwise 500, our fault. Logs the fault, once, and shows nothing of it.
    #[must_use]
    pub fn fault(fault: &Fault) -> Self {
        if let Some(unavailable) = Unavailable::of(fault) {
            return Self::unavailable(unavailable, fault);
        }
        tracing::error!(fault = fault.chain(), "a request failed");
        let detail = "an internal error occurred and was logged; try again later";
        Self::new(StatusCode::INTERNAL_SERVER_ERROR, "Our fault", detail, "Unable to Fetch Data")
    }

    /// 503: the database is temporarily unavailable, and `Retry-After` is the number of seconds to wait. 500 if a change may have
    /// been committed, because a retry could apply it twice.
    fn unavailable(unavailable: Unavailable, fault: &Fault) -> Self {
        let detail = match unavailable {
            Unavailable::Busy(_) => {
                tracing::warn!(fault = fault.chain(), "a request was not served");
                "the system is busy with other requests; try again in a moment"
            }
            Unavailable::Unreachable => {
                tracing::error!(fault = fault.chain(), "a request was not served");
                "the database does not respond; try again in a moment"
            }
            Unavailable::Unconfirmed => {
                tracing::error!(fault = fault.chain(), "a request may have been served");
                "the database failed while saving the change; check whether the change was saved before you try again"
            }
        };
        if let Some(seconds) = unavailable.retry_after() {
            return Self::not_now("Unavailable", detail, "Unable to Fetch Data", seconds);
        }
        Self::new(StatusCode::INTERNAL_SERVER_ERROR, "Not confirmed", detail, "Unable to Fetch Data")
    }

    /// 503: part of the system does not respond.
    #[must_use]
    pub fn not_ready(fault: &Fault) -> Self {
        tracing::error!(fault = fault.chain(), "not ready");
        let detail = "part of the system does not respond; try again soon";
        let seconds = Unavailable::of(fault).and_then(Unavailable::retry_after).unwrap_or(NOT_READY_RETRY);
        Self::not_now("Not ready", detail, "Not ready", seconds)
    }

    /// The work continues by itself: says so instead of asking for a retry, and drops `Retry-After`, which clients obey.
    #[must_use]
    pub fn done_already(mut self, detail: &str) -> Self {
        self.more.remove(RETRY_AFTER);
        detail.clone_into(&mut self.detail);
        self
    }

    /// Adds the keys that the old pages and scripts read.
    #[must_use]
    pub fn with_toast(mut self, toast: &str) -> Self {
        self.more.extend(toast_keys(toast, "error"));
        self
    }

    /// Replaces the text of the old system.
    #[must_use]
    pub fn saying(mut self, message: &str) -> Self {
        message.clone_into(&mut self.message);
        self
    }

    /// Whether it is our fault, so that a retry may succeed.
    #[must_use]
    pub fn is_fault(&self) -> bool {
        self.status.is_server_error()
    }

    /// Whether reading was broken off, because of too much data or a fault of ours.
    #[must_use]
    pub fn may_leave_rows(&self) -> bool {
        self.status == StatusCode::PAYLOAD_TOO_LARGE || self.is_fault()
    }

    /// Adds a member to the document.
    #[must_use]
    pub fn with(mut self, key: &str, value: Value) -> Self {
        self.more.insert(key.to_owned(), value);
        self
    }
}

fn joined(errors: &[Wrong]) -> String {
    errors.iter().map(Wrong::to_string).collect::<Vec<_>>().join("; ")
}

/// Seconds after which a system that is not ready may be tried again.
const NOT_READY_RETRY: i64 = 5;
/// The member that also becomes the header `Retry-After`, in seconds.
const RETRY_AFTER: &str = "retry_after";
/// The member that also becomes the header `Allow`.
const ALLOW: &str = "allow";
/// The old system's text for a failed login.
const LOGIN_FAILED: &str = "Login Failed";

/// The three keys of the old system's answers to actions.
#[must_use]
pub fn toast_keys(toast: &str, flag: &str) -> Map<String, Value> {
    let keys =
        [("flash_message", true.into()), ("message_toast", toast.into()), ("message_flag", flag.into())];
    keys.into_iter().map(|(key, value)| (key.to_owned(), value)).collect()
}

impl From<Fault> for Problem {
    fn from(fault: Fault) -> Self {
        Self::fault(&fault)
    }
}

impl IntoResponse for Problem {
    fn into_response(self) -> Response {
        let status = self.status;
        let retry_after = self.more.get(RETRY_AFTER).and_then(Value::as_i64);
        let allow = self.more.get(ALLOW).and_then(Value::as_str).map(str::to_owned);
        // A login page asks for the password itself: the browser's own dialog would be in its way.
        let challenge = match self.message.as_str() {
            LOGIN_FAILED => "Bearer realm=\"trueprice\"",
            _ => "Bearer realm=\"trueprice\", Basic realm=\"trueprice\", charset=\"UTF-8\"",
        };
        let mut response = (status, Json(self)).into_response();
        let headers = response.headers_mut();
        headers.insert(header::CONTENT_TYPE, HeaderValue::from_static("application/problem+json"));
        if status == StatusCode::UNAUTHORIZED {
            headers.insert(header::WWW_AUTHENTICATE, HeaderValue::from_static(challenge));
        }
        if let Some(seconds) = retry_after {
            headers.insert(header::RETRY_AFTER, seconds.into());
        }
        if let Some(methods) = allow.and_then(|methods| HeaderValue::try_from(methods).ok()) {
            headers.insert(header::ALLOW, methods);
        }
        response
    }
}

#[cfg(test)]
mod tests;
