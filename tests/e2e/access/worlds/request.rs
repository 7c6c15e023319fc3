//! A request sent to both worlds.

use reqwest::Method;
use reqwest::multipart::{Form, Part};
use serde_json::Value;
use tests::Running;

/// The body of a request.
#[derive(Clone, Debug)]
pub enum Body {
    None,
    Json(Value),
    /// A form, as `name=value&…`.
    Fields(&'static str),
    /// A file with a name and content.
    File(String, String),
}

#[derive(Clone, Debug)]
pub struct SentRequest {
    pub method: Method,
    pub path: String,
    pub body: Body,
    /// The market of the resource that it names by id.
    pub market: String,
}

impl SentRequest {
    pub(super) fn get(path: impl Into<String>) -> Self {
        Self { method: Method::GET, path: path.into(), body: Body::None, market: String::new() }
    }

    pub fn post(path: impl Into<String>, body: Body) -> Self {
        Self { method: Method::POST, path: path.into(), body, market: String::new() }
    }

    pub(super) fn of(mut self, market: &str) -> Self {
        market.clone_into(&mut self.market);
        self
    }

    /// The request, ready to be sent.
    pub fn request(&self, world: &Running, token: &str) -> reqwest::RequestBuilder {
        let request = world.request(self.method.clone(), &self.path).bearer_auth(token);
        match &self.body {
            Body::None => request,
            Body::Json(body) => request.json(body),
            Body::Fields(fields) => {
                request.header("content-type", "application/x-www-form-urlencoded").body(*fields)
            }
            Body::File(name, bytes) => {
                let part = Part::bytes(bytes.clone().into_bytes()).file_name(name.clone());
                request.multipart(Form::new().part("file", part))
            }
        }
    }
}
