//! Uploads through the API, and the journal.

use super::answer::{self, UploadAnswer};
use super::journal::UploadId;
use super::journal::status::Status;
use super::upload::{self, Upload};
use super::{archive, check, form, submit};
use crate::access::{Caller, Grants};
use crate::ctx::Ctx;
use crate::fault::Fault;
use crate::http::parameter::kind::Kind;
use crate::http::route::routes;
use crate::http::{Audience, Parameter, ParameterTable, Parameters, Problem, Route, page};
use axum::Json;
use axum::extract::multipart::MultipartRejection;
use axum::extract::{Multipart, Path, Query, State};
use axum::http::StatusCode;
use serde::Serialize;
use serde_json::{Value, json};
use utoipa::ToSchema;

/// The routes of this room.
#[must_use]
pub fn routes() -> Vec<Route> {
    vec![
        Route::new(Audience::Uploader, routes!(upload_csv: UPLOAD)),
        Route::new(Audience::Uploader, routes!(list_uploads: UPLOADS)),
        Route::new(Audience::Uploader, routes!(find_upload: UPLOAD_BY_ID)),
    ]
}

/// A sheet, as a form.
#[derive(ToSchema)]
#[expect(dead_code, reason = "it documents the form")]
pub(crate) struct SheetForm {
    /// The sheet; its file name says what it is.
    #[schema(value_type = String, format = Binary)]
    file: Vec<u8>,
}

/// How an upload is taken.
pub(crate) static UPLOAD: ParameterTable = ParameterTable::new(|| {
    vec![Parameter::new("dry_run", Kind::Flag, "`true` judges the sheet and changes nothing.", true)]
});

/// Uploads a sheet (or a zip of sheets): puts it into the bucket and publishes it at once.
///
/// Answers 200 when it was published, corrected or found unchanged, and 422 with all flaws when it was rejected. Of a zip the answer
/// has each sheet with its outcome in `sheets`: 200 if none was rejected, 207 with `message_flag` `warning` if some were, 422 if
/// all were. What an operating system adds to a zip (`__MACOSX`, `._…`, `.DS_Store`, `Thumbs.db`) is passed over, and named in the
/// note. The form has one file, in the field `file`; a second one, or another field, is 400, and none is taken.
///
/// A 503 says whether the file is stored. If it is (`upload_id` is there, and no `Retry-After`), it will be published from the bucket and
/// is not to be sent again; `GET /v1/uploads/{upload_id}` says what came of it.
///
/// With `dry_run=true` nothing is stored, written down or published. The answer is 200 with what would become of it:
/// `would` (`published`, `unchanged`, `corrected` or `rejected`), all flaws and warnings; of a zip, each sheet in `sheets`.
///
/// An uploader who may not read all of a data type and market is told `accepted` instead of the first three, and only warnings
/// that the sheet has by itself: nothing that depends on what is there.
#[utoipa::path(
    post,
    path = "/upload_csv",
    tag = "Uploads",
    request_body(content = SheetForm, content_type = "multipart/form-data"),
    responses(
        (status = 200, body = UploadAnswer, description = "Published, corrected or unchanged; with `dry_run`, the report"),
        (status = 207, body = UploadAnswer, description = "Of a zip: some sheets were published or found unchanged, and some were rejected"),
        (status = 400, body = Problem, description = "No form, a form that was cut off, more than one file, or another field"),
        (status = 413, body = Problem, description = "More than 4 MB: put it into the bucket"),
        (status = 422, body = Problem, description = "Rejected, with all flaws; of a zip, all its sheets"),
        (status = 503, body = Problem, description = "The database is away. With `upload_id` the file is stored and will be published: do not send it again")
    )
)]
pub(crate) async fn upload_csv(
    State(ctx): State<Ctx>,
    caller: Caller,
    Query(pairs): Query<Vec<(String, String)>>,
    form: Result<Multipart, MultipartRejection>,
) -> Result<(StatusCode, Json<Value>), Problem> {
    let mut read = Parameters::new(&pairs, &UPLOAD);
    let dry_run = read.flag("dry_run").unwrap_or(false);
    let dry_run = read.end(dry_run).map_err(Problem::bad_request)?;
    let (name, bytes) = form::sheet(form).await?;
    if dry_run {
        let grants = Grants::from(&caller);
        let mut report = check::judge(&ctx, Some(&grants), &name, &bytes).await?.json();
        report.insert("dry_run".to_owned(), true.into());
        return Ok((StatusCode::OK, Json(Value::Object(report))));
    }
    let look_up = async |id: UploadId| {
        let found = find(&ctx, &caller, id).await?;
        let sheets = if archive::is_archive(&name) { sheets(&ctx, &caller, id).await? } else { vec![] };
        Ok((found, sheets))
    };
    let done = async {
        let submitted = submit::store(&ctx, &caller.email, &name, bytes).await?;
        submit::judge_and(&ctx, submitted, look_up).await
    };
    let (upload, sheets) = done.await.map_err(|fault| submit::problem(&fault))?;
    let upload = upload.ok_or_else(|| Problem::not_found("no such upload", "No such upload"))?;
    answer::of(&upload, &sheets)
}

/// Which uploads.
static UPLOADS: ParameterTable = ParameterTable::new(|| {
    vec![
        Parameter::new(
            "status",
            Kind::WordPattern(Status::names()),
            "Only those with this status: `received`, `published`, `unchanged`, `corrected`, `rejected`, `failed`, `checked`, \
            `abandoned`,\n\
            `accepted`.",
            "published",
        ),
        Parameter::new("limit", Kind::Whole(1..=200), "How many entries, 1 to 200; 50 if absent.", 2),
        page::cursor("Where to go on, from `next` of the page before."),
    ]
});

/// One upload.
static UPLOAD_BY_ID: ParameterTable =
    ParameterTable::new(|| vec![Parameter::in_path("id", Kind::Key, "Id of the upload", 1)]);

/// A page of the journal.
#[derive(Serialize, ToSchema)]
struct Uploads {
    /// Newest first.
    uploads: Vec<Upload>,
    /// Cursor of the next page; absent on the last.
    #[serde(skip_serializing_if = "Option::is_none")]
    next: Option<String>,
}

/// Lists everything that arrived, with its outcome, newest first.
#[utoipa::path(
    get,
    path = "/v1/uploads",
    tag = "Uploads",
    responses((status = 200, body = Uploads))
)]
async fn list_uploads(
    State(ctx): State<Ctx>,
    caller: Caller,
    Query(pairs): Query<Vec<(String, String)>>,
) -> Result<Json<Uploads>, Problem> {
    let mut read = Parameters::new(&pairs, &UPLOADS);
    let (before, limit) = page::read(&mut read);
    let before = before.unwrap_or(i64::MAX);
    let status = read.parsed::<Status>("status");
    let status = read.end(status).map_err(Problem::bad_request)?;
    let mut tx = ctx.db().begin("list uploads").await?;
    let mut uploads = upload::list(&mut tx, &caller, None, None, status, before, limit + 1).await?;
    tx.commit().await?;
    let next = page::cut(&mut uploads, limit, |upload| upload.id);
    Ok(Json(Uploads { uploads, next }))
}

/// Shows one upload; of an archive, its sheets too.
#[utoipa::path(
    get,
    path = "/v1/uploads/{id}",
    tag = "Uploads",
    responses((status = 200, body = Upload), (status = 404, body = Problem))
)]
async fn find_upload(
    State(ctx): State<Ctx>,
    caller: Caller,
    Path(id): Path<String>,
) -> Result<Json<Value>, Problem> {
    let none = || Problem::not_found("there is no such upload", "No such upload");
    let id = UploadId(id.parse().map_err(|_| none())?);
    let upload = find(&ctx, &caller, id).await?.ok_or_else(none)?;
    let sheets = sheets(&ctx, &caller, id).await?;
    let mut answer = serde_json::to_value(upload).unwrap_or_default();
    if !sheets.is_empty() {
        answer["sheets"] = json!(sheets);
    }
    Ok(Json(answer))
}

async fn find(ctx: &Ctx, caller: &Caller, id: UploadId) -> Result<Option<Upload>, Fault> {
    let mut tx = ctx.db().begin("find an upload").await?;
    let found = upload::list(&mut tx, caller, Some(id), None, None, i64::MAX, 1).await?.pop();
    tx.commit().await?;
    Ok(found)
}

/// The sheets of an archive, in its order.
async fn sheets(ctx: &Ctx, caller: &Caller, id: UploadId) -> Result<Vec<Upload>, Fault> {
    let mut tx = ctx.db().begin("list the sheets of an archive").await?;
    let most = i64::try_from(archive::MAX_FILES).unwrap_or(i64::MAX);
    let mut sheets = upload::list(&mut tx, caller, None, Some(id), None, i64::MAX, most).await?;
    tx.commit().await?;
    sheets.reverse();
    Ok(sheets)
}
