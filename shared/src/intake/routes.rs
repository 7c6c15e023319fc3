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
use crate::http::wrong::quoted;
use crate::http::{Audience, Parameter, ParameterTable, Parameters, Problem, Route, page};
use axum::Json;
use axum::extract::multipart::MultipartRejection;
use axum::extract::{Multipart, Path, Query, State};
use axum::http::StatusCode;
use serde::Serialize;
use serde_json::{Value, json};
use utoipa::ToSchema;

/// The routes of uploads.
#[must_use]
pub fn routes() -> Vec<Route> {
    vec![
        Route::new(Audience::Uploader, routes!(upload_csv: UPLOAD)),
        Route::new(Audience::Uploader, routes!(list_uploads: UPLOADS)),
        Route::new(Audience::Uploader, routes!(find_upload: UPLOAD_BY_ID)),
    ]
}

/// A form with a sheet.
#[derive(ToSchema)]
#[expect(dead_code, reason = "it documents the form")]
pub(crate) struct SheetForm {
    /// The sheet or zip; its file name states its data type, market and stamp.
    #[schema(value_type = String, format = Binary)]
    file: Vec<u8>,
}

/// The parameters of an upload.
pub(crate) static UPLOAD: ParameterTable = ParameterTable::new(|| {
    vec![Parameter::new(
        "dry_run",
        Kind::Flag,
        "`true` to check the sheet without publishing it; `false` if absent.",
        true,
    )]
});

/// Uploads a sheet (or a zip of sheets): stores it in the bucket and publishes it immediately.
///
/// Returns 200 if the sheet was published, corrected or found unchanged, and 422 with all flaws if it was rejected. For a zip, `sheets`
/// has the outcome of each sheet, and the status is 200 if none was rejected, 207 with `message_flag` `warning` if some were, and 422
/// if all were. Files that an operating system adds to a zip (`__MACOSX`, `._…`, `.DS_Store`, `Thumbs.db`) are skipped, and listed in
/// the note. The form must have exactly one file, in the field `file`; a second file or another field gets 400, and nothing is stored.
///
/// A 503 states whether the file was stored. If it was (there is an `upload_id`, and no `Retry-After`), it will be published
/// from the bucket: do not send it again. `GET /v1/uploads/{upload_id}` shows the outcome.
///
/// With `dry_run=true` nothing is stored, recorded or published. The response is 200 with the outcome that an upload would have:
/// `would` (`published`, `unchanged`, `corrected` or `rejected`), all flaws and all warnings; for a zip, for each sheet in `sheets`.
///
/// Uploaders who may not read all of a data type and market see `accepted` instead of the first three outcomes, and only those warnings
/// that follow from the sheet alone and not from published data.
#[utoipa::path(
    post,
    path = "/upload_csv",
    tag = "Uploads",
    request_body(content = SheetForm, content_type = "multipart/form-data"),
    responses(
        (status = 200, body = UploadAnswer, description = "Published, corrected or unchanged; with `dry_run`, the expected outcome"),
        (status = 207, body = UploadAnswer, description = "For a zip: some sheets were published or found unchanged, and some were rejected"),
        (status = 400, body = Problem, description = "The body is not a form or is cut off, or has more than one file or another field"),
        (status = 413, body = Problem, description = "The file is larger than 4 MB: put it into the bucket instead"),
        (status = 422, body = Problem, description = "Rejected, with all flaws; for a zip, all its sheets were rejected"),
        (status = 503, body = Problem, description = "The database is unavailable. If there is an `upload_id`, the file is stored and will be published: do not send it again")
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
    let upload = upload.ok_or_else(|| {
        Problem::not_found("The file was stored, but its upload cannot be found.", "No such upload")
    })?;
    answer::of(&upload, &sheets)
}

/// The parameters of a page of uploads.
static UPLOADS: ParameterTable = ParameterTable::new(|| {
    vec![
        Parameter::new(
            "status",
            Kind::WordPattern(Status::names()),
            "Only uploads with this status: `received`, `published`, `unchanged`, `corrected`, `rejected`, `failed`, `checked`,\n\
            `abandoned` or `accepted`; all if absent.",
            "published",
        ),
        Parameter::new(
            "limit",
            Kind::Whole(1..=200),
            "Maximum number of uploads per page, 1 to 200; 50 if absent.",
            2,
        ),
        page::cursor("Where the page begins: `next` of the previous page. The first page if absent."),
    ]
});

/// One upload.
static UPLOAD_BY_ID: ParameterTable =
    ParameterTable::new(|| vec![Parameter::in_path("id", Kind::Key, "Id of the upload.", 1)]);

/// A page of uploads.
#[derive(Serialize, ToSchema)]
struct Uploads {
    /// The uploads, newest first.
    uploads: Vec<Upload>,
    /// Cursor of the next page; absent on the last page.
    #[serde(skip_serializing_if = "Option::is_none")]
    next: Option<String>,
}

/// Lists everything that arrived, by upload or in the bucket, with its outcome, newest first.
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

/// Shows one upload, and for an archive its sheets.
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
    let none = || {
        let detail = format!("There is no upload {} that you may see. /v1/uploads lists yours.", quoted(&id));
        Problem::not_found(detail, "No such upload")
    };
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

/// The sheets of an archive, in the order of the archive.
async fn sheets(ctx: &Ctx, caller: &Caller, id: UploadId) -> Result<Vec<Upload>, Fault> {
    let mut tx = ctx.db().begin("list the sheets of an archive").await?;
    let most = i64::try_from(archive::MAX_FILES).unwrap_or(i64::MAX);
    let mut sheets = upload::list(&mut tx, caller, None, Some(id), None, i64::MAX, most).await?;
    tx.commit().await?;
    sheets.reverse();
    Ok(sheets)
}
