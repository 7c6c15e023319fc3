//! The last step of every response: it gets its tag, becomes a 304 if the client already has it, and goes through the object store
//! if Lambda cannot carry it. HEAD takes the same way as GET, so that it has the same status and tag, and loses its body at the
//! end; but nothing is written to the store for it, so its 303 has no `Location`.
//!
//! A body is buffered until it is clear that it fits and only then sent: one that breaks off becomes a problem, never a truncated
//! file with status 200. A body that does not fit is uploaded to the export bucket part by part while it is still being written,
//! and a 303 sends the client there; clients that follow redirects notice nothing. The URL is signed and valid for 15 minutes.

use super::answer::{ASK_AGAIN, NEXT, NextPage};
use super::out::Stopped;
use super::{Format, Problem, etag};
use crate::ctx::Ctx;
use crate::fault::During;
use crate::objects::Upload;
use axum::Json;
use axum::body::{Body, BodyDataStream};
use axum::extract::{Request, State};
use axum::http::header::{
    CACHE_CONTROL, CONTENT_DISPOSITION, CONTENT_LENGTH, CONTENT_TYPE, ETAG, LINK, LOCATION, VARY,
};
use axum::http::{HeaderMap, HeaderValue, Method, StatusCode, Uri};
use axum::middleware::Next;
use axum::response::{IntoResponse as _, Response};
use bytes::Bytes;
use futures_util::StreamExt as _;
use futures_util::stream::Fuse;
use serde::Serialize;
use std::sync::{Arc, Mutex};
use std::time::Duration;
use utoipa::ToSchema;

/// One part of an upload; S3 accepts none below 5 MiB except the last (Amazon S3, multipart upload limits).
const PART: usize = 5 << 20;
/// How long a signed URL is valid.
const VALID: Duration = Duration::from_mins(15);

/// The body of an answer that is elsewhere, for clients that do not follow `Location`.
#[derive(Debug, Serialize, ToSchema)]
pub struct Elsewhere {
    /// Where the answer is; whoever has this address may read it.
    #[schema(
        example = "https://example-exports.s3.us-east-1.amazonaws.com/exports/…/values.json?X-Amz-Signature=…"
    )]
    location: String,
    /// For how many seconds.
    #[schema(example = 900)]
    expires_in: u64,
    /// How large it is.
    #[schema(example = 28_311_552)]
    bytes: u64,
    /// Its media type.
    #[schema(example = "application/json")]
    content_type: String,
}

/// The unread rest of a body.
type Pieces = Fuse<BodyDataStream>;

/// Headers known only once the body has been written; a response extension.
#[derive(Clone, Debug, Default)]
pub struct Afterwards(Arc<Mutex<HeaderMap>>);

impl Afterwards {
    /// Sets a header of the finished response.
    pub fn set(&self, name: axum::http::HeaderName, value: HeaderValue) {
        self.0.lock().expect("nothing panics while it holds the headers").insert(name, value);
    }
}

/// The middleware that delivers every response.
pub async fn deliver(State(ctx): State<Ctx>, request: Request, next: Next) -> Response {
    let head = request.method() == Method::HEAD;
    let conditions = (head || request.method() == Method::GET).then(|| request.headers().clone());
    let uri = request.uri().clone();
    let mut response = next.run(request).await;
    if let Some(page) = response.extensions_mut().remove::<NextPage>()
        && let Ok(link) = HeaderValue::try_from(link(&uri, &page))
    {
        response.headers_mut().insert(LINK, link);
    }
    let delivered = match response.status() {
        StatusCode::OK => carry(&ctx, response, conditions.as_ref(), head).await,
        _ => Ok(response),
    };
    delivered.unwrap_or_else(|stopped| Problem::from(stopped).into_response())
}

/// The `Link` header to the next page: the same request with another starting point.
fn link(uri: &Uri, page: &NextPage) -> String {
    let others = uri.query().unwrap_or_default().split('&');
    let others = others.filter(|pair| !pair.is_empty() && pair.split('=').next() != Some(page.parameter));
    let query: String = others.flat_map(|pair| [pair, "&"]).collect();
    format!("<{}?{query}{}={}>; rel=\"next\"", uri.path(), page.parameter, page.value)
}

async fn carry(
    ctx: &Ctx,
    response: Response,
    conditions: Option<&HeaderMap>,
    head: bool,
) -> Result<Response, Stopped> {
    let (mut parts, body) = response.into_parts();
    let is_text = parts.headers.get(CONTENT_TYPE).and_then(|kind| kind.to_str().ok()).is_some_and(is_text);
    // The stream may be polled again after its end.
    let mut body = body.into_data_stream().fuse();
    let most = ctx.settings().max_answer_bytes;
    let mut bytes = take(&mut body, most).await?;
    let fits = bytes.len() <= most && carried(&bytes, is_text, most) <= most;
    refuse_to_lose_next(&parts.headers, fits)?;
    let mut elsewhere = None;
    if !fits && head {
        // For HEAD nothing is uploaded; but the body is read to its end, because it may break off.
        while next(&mut body).await?.is_some() {}
    } else if !fits {
        let read = std::mem::take(&mut bytes);
        elsewhere = Some(export(ctx, &parts.headers, read, body).await?);
    }
    if let Some(Afterwards(headers)) = parts.extensions.remove() {
        parts.headers.extend(std::mem::take(&mut *headers.lock().expect("the body has been written")));
    }
    refuse_to_lose_next(&parts.headers, fits)?;
    parts.headers.remove(CONTENT_LENGTH);
    if !fits {
        parts.status = StatusCode::SEE_OTHER;
        parts.headers.remove(CONTENT_DISPOSITION);
        // The URL expires and is for this client only.
        parts.headers.insert(CACHE_CONTROL, HeaderValue::from_static("no-store"));
        let Some(elsewhere) = elsewhere else {
            // For HEAD: there is no URL because nothing was uploaded.
            parts.headers.insert(CONTENT_TYPE, HeaderValue::from_static("application/json"));
            let unknown_length = futures_util::stream::empty::<Result<Bytes, Stopped>>();
            return Ok(Response::from_parts(parts, Body::from_stream(unknown_length)));
        };
        let location = HeaderValue::try_from(elsewhere.location.as_str()).during("writing an address")?;
        parts.headers.insert(LOCATION, location);
        parts.headers.remove(CONTENT_TYPE);
        let mut response = Json(elsewhere).into_response();
        *response.status_mut() = parts.status;
        response.headers_mut().extend(parts.headers);
        return Ok(response);
    }
    let Some(conditions) = conditions else { return Ok(Response::from_parts(parts, bytes.into())) };
    let tag = etag::of(&bytes);
    let known = etag::is_known(conditions, &tag);
    parts.headers.insert(ETAG, tag);
    parts.headers.entry(CACHE_CONTROL).or_insert(ASK_AGAIN);
    parts.headers.entry(VARY).or_insert(HeaderValue::from_static("Authorization, X-Api-Key"));
    if known {
        parts.status = StatusCode::NOT_MODIFIED;
        parts.headers.remove(CONTENT_TYPE);
        parts.headers.remove(CONTENT_DISPOSITION);
        return Ok(Response::from_parts(parts, Body::empty()));
    }
    Ok(Response::from_parts(parts, bytes.into()))
}

/// Refuses to redirect a page whose cursor exists only in a header: a client that follows the redirect would not see the cursor and
/// take the page for the whole list.
fn refuse_to_lose_next(headers: &HeaderMap, fits: bool) -> Result<(), Problem> {
    let kind = headers.get(CONTENT_TYPE).and_then(|kind| kind.to_str().ok()).unwrap_or_default();
    let inside = [Format::Json, Format::Parquet, Format::Arrow].map(Format::content_type);
    if fits || !headers.contains_key(NEXT) || inside.contains(&kind) {
        return Ok(());
    }
    Err(Problem::too_large(
        "the page is too large for one answer, and in this format the cursor of the next page would be lost; ask for a \
        smaller limit, for all rows without limit, or for json, parquet or arrow",
    ))
}

/// Reads until there are more than `most` bytes, or to the end.
async fn take(body: &mut Pieces, most: usize) -> Result<Bytes, Stopped> {
    let Some(first) = next(body).await? else { return Ok(Bytes::new()) };
    let Some(second) = next(body).await? else { return Ok(first) };
    let mut bytes = Vec::with_capacity(4 * (first.len() + second.len()));
    bytes.extend_from_slice(&first);
    bytes.extend_from_slice(&second);
    while bytes.len() <= most {
        let Some(piece) = next(body).await? else { break };
        bytes.extend_from_slice(&piece);
    }
    Ok(bytes.into())
}

async fn next(body: &mut Pieces) -> Result<Option<Bytes>, Stopped> {
    let Some(piece) = body.next().await else { return Ok(None) };
    piece.map(Some).map_err(stopped)
}

/// Why a body broke off. Each layer that the body passed may have wrapped the reason again.
fn stopped(error: axum::Error) -> Stopped {
    let mut error = error.into_inner();
    loop {
        error = match error.downcast::<Stopped>() {
            Ok(stopped) => return *stopped,
            Err(error) => match error.downcast::<axum::Error>() {
                Ok(wrapped) => wrapped.into_inner(),
                Err(error) => {
                    let broken = Err::<(), _>(error).during("buffering an answer");
                    return broken.expect_err("it is an error").into();
                }
            },
        };
    }
}

/// Uploads a body to the export bucket: what was already read and the rest.
async fn export(ctx: &Ctx, headers: &HeaderMap, read: Bytes, mut rest: Pieces) -> Result<Elsewhere, Stopped> {
    let text = |name| headers.get(name).and_then(|value: &HeaderValue| value.to_str().ok());
    let content_type = text(CONTENT_TYPE).unwrap_or("application/octet-stream").to_owned();
    let given = text(CONTENT_DISPOSITION).unwrap_or("attachment; filename=answer").to_owned();
    let name = given.split_once("filename=").map_or("answer", |(_, name)| name);
    // The key cannot be guessed and does not reveal its owner.
    let mut random = [0; 16];
    getrandom::fill(&mut random).during("making a key")?;
    let key = format!("exports/{:032x}/{name}", u128::from_be_bytes(random));
    let (objects, bucket) = (ctx.objects(), ctx.export_bucket()?);
    let mut upload = objects.upload(bucket, &key, &content_type, &given).await?;
    let size = match send(&mut upload, read, &mut rest).await {
        Ok(size) => size,
        Err(stopped) => {
            // A partial upload is useless. If the abort fails as well, the bucket deletes it after a day.
            if let Err(fault) = upload.abort().await {
                tracing::warn!(fault = fault.chain(), "could not abort a failed export upload");
            }
            return Err(stopped);
        }
    };
    let location = objects.presigned(bucket, &key, VALID).await?;
    Ok(Elsewhere { location, expires_in: VALID.as_secs(), bytes: size, content_type })
}

async fn send(upload: &mut Upload, read: Bytes, rest: &mut Pieces) -> Result<u64, Stopped> {
    let (mut part, mut size) = (read, 0);
    // One part is held at a time; the writer runs ahead by its pieces. Every part except the last exceeds S3's minimum.
    while !part.is_empty() {
        size += part.len() as u64;
        upload.part(part).await?;
        part = take(rest, PART).await?;
    }
    upload.finish().await?;
    Ok(size)
}

/// The size of a body inside the JSON that a Lambda function returns: text is escaped, the rest is base64.
fn carried(bytes: &[u8], text: bool, most: usize) -> usize {
    /// Status, headers and the rest of the JSON.
    const ENVELOPE: usize = 4096;
    /// The longest escape sequence.
    const LONGEST: usize = 6;
    if !text {
        return bytes.len().div_ceil(3) * 4 + ENVELOPE;
    }
    if bytes.len() < (most / LONGEST).saturating_sub(ENVELOPE) {
        // Most answers are far below the limit and are not scanned.
        return bytes.len();
    }
    let escaped = bytes.iter().map(|byte| match byte {
        b'"' | b'\\' | b'\n' | b'\r' | b'\t' => 2,
        0..0x20 => LONGEST,
        _ => 1,
    });
    escaped.sum::<usize>() + ENVELOPE
}

/// Whether Lambda's HTTP adapter sends this media type as text.
fn is_text(kind: &str) -> bool {
    let kind = kind.split(';').next().unwrap_or_default();
    kind.starts_with("text/") || kind == "application/json" || kind.ends_with("+json")
}

#[cfg(test)]
mod tests;
