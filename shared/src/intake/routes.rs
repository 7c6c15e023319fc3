//! Uploads through the API, and the journal.

use super::flaw::Flaw;
use super::journal::{self, Arrival, Status, UploadId};
use super::judge::{Source, unpack_and_judge};
use super::upload::{self, Upload};
use super::{ANNOUNCED, check, old};
use crate::access::{Caller, Grants, password};
use crate::ctx::Ctx;
use crate::fault::Fault;
use crate::web::page::{self, PageQuery};
use crate::web::problem::toast_keys;
use crate::web::route::routes;
use crate::web::{Audience, Parameters, Problem, Route};
use axum::Json;
use axum::extract::multipart::MultipartRejection;
use axum::extract::{Multipart, Path, Query, State};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use std::collections::HashMap;
use utoipa::{IntoParams, ToSchema};

/// The routes of this room.
#[must_use]
pub fn routes() -> Vec<Route> {
    let mut routes = vec![
        Route::new(Audience::Uploader, routes!(upload_csv)),
        Route::new(Audience::Uploader, routes!(list_uploads)),
        Route::new(Audience::Uploader, routes!(find_upload)),
    ];
    routes.extend(old::routes());
    routes
}

/// Most bytes that an archive may unpack to here, in a function that answers HTTP; the bucket takes larger ones.
const MOST_UNPACKED: u64 = 32 << 20;

/// A sheet, as a form.
#[derive(ToSchema)]
#[expect(dead_code, reason = "it documents the form")]
pub(super) struct SheetForm {
    /// The sheet; its file name says what it is.
    #[schema(value_type = String, format = Binary)]
    file: Vec<u8>,
}

/// How an upload is taken.
#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[expect(
    dead_code,
    reason = "the parameters are read by Parameters, which says everything that is wrong at once"
)]
pub(super) struct UploadMode {
    /// `true` judges the sheet and changes nothing.
    #[param(example = true)]
    dry_run: Option<bool>,
}

/// What came of an upload.
#[derive(Serialize, ToSchema)]
#[serde(untagged)]
pub enum UploadAnswer {
    /// It was published, corrected or found unchanged.
    Done(Box<Uploaded>),
    /// With `dry_run`: what would become of it.
    Judged(Box<Judgement>),
}

/// What was published, with the keys of the old system.
#[derive(Serialize, ToSchema)]
pub struct Uploaded {
    /// Always true: there is something to show.
    flash_message: bool,
    /// As the old system said it.
    #[schema(example = "Data Inserted")]
    message_toast: String,
    /// `success`.
    #[schema(example = "success")]
    message_flag: String,
    /// The row of the journal.
    upload: Upload,
}

/// What would become of a sheet, or of an archive and each of its sheets.
#[derive(Serialize, ToSchema)]
pub struct Judgement {
    /// Always true.
    dry_run: bool,
    /// Name of the file.
    file: String,
    /// `published`, `unchanged`, `corrected` or `rejected`.
    #[schema(value_type = String)]
    would: Status,
    /// How many flaws it has; the list may be shorter.
    flaw_count: u64,
    /// What is wrong with it.
    flaws: Vec<Flaw>,
    /// How many warnings there are; the list may be shorter.
    warning_count: u64,
    /// What is odd about it, and refuses nothing.
    warnings: Vec<Flaw>,
    /// Data type; not of an archive.
    data_type: Option<String>,
    /// Market; not of an archive.
    market: Option<String>,
    /// Stamp, the wall clock of the market; not of an archive.
    stamp: Option<chrono::NaiveDateTime>,
    /// Whether it is a close of business; not of an archive.
    cob: Option<bool>,
    /// How many curves it has; not of an archive.
    curves: Option<u64>,
    /// How many months it has; not of an archive.
    months: Option<u64>,
    /// How many cells have a number; not of an archive.
    cells: Option<u64>,
    /// How many cells are missing; not of an archive.
    missing: Option<u64>,
    /// Of an archive: the same of each sheet.
    #[schema(no_recursion)]
    sheets: Option<Vec<Judgement>>,
}

/// Uploads a sheet (or a zip of sheets): puts it into the bucket and publishes it at once.
///
/// Answers 200 when it was published, corrected or found unchanged, and 422 with all flaws when it was rejected.
///
/// With `dry_run=true` nothing is stored, written down or published. The answer is 200 with what would become of it:
/// `would` (`published`, `unchanged`, `corrected` or `rejected`), all flaws and warnings; of a zip, each sheet in `sheets`.
#[utoipa::path(
    post,
    path = "/upload_csv",
    tag = "Uploads",
    params(UploadMode),
    request_body(content = SheetForm, content_type = "multipart/form-data"),
    responses((status = 200, body = UploadAnswer, description = "Published, corrected or unchanged; with `dry_run`, the report"), (status = 422, body = Problem))
)]
pub(super) async fn upload_csv(
    State(ctx): State<Ctx>,
    caller: Caller,
    Query(pairs): Query<Vec<(String, String)>>,
    form: Result<Multipart, MultipartRejection>,
) -> Result<Json<Value>, Problem> {
    let mut read = Parameters::new(&pairs, &["dry_run"]);
    let dry_run = read.one_of("dry_run", false, &[("true", true), ("false", false)]);
    let dry_run = read.end(dry_run).map_err(Problem::bad_request)?;
    let (name, bytes) = sheet(form).await?;
    if dry_run {
        let grants = Grants::from(&caller);
        let mut report = check::judge(&ctx, Some(&grants), &name, &bytes, MOST_UNPACKED).await?.json();
        report.insert("dry_run".to_owned(), true.into());
        return Ok(Json(Value::Object(report)));
    }
    let bucket = ctx.source_bucket()?;
    // Written down first: from here on nothing is lost, wherever it stops. The object carries the name of the row.
    let arrival = format!("api-{}", password::random()?);
    let row = Arrival {
        bucket,
        key: &name,
        arrival: &arrival,
        member: "",
        parent: None,
        uploaded_by: Some(&caller.email),
        size: Some(bytes.len() as u64),
        sequencer: None,
    };
    let mut tx = ctx.db().begin("announce an upload").await?;
    let (id, _) = journal::receive(&mut tx, &row, ctx.clock().now()).await?;
    tx.commit().await?;
    let metadata = HashMap::from([(ANNOUNCED.to_owned(), arrival.clone())]);
    let put = ctx.objects().put(bucket, &name, bytes.clone(), "text/csv", metadata).await;
    if let Err(fault) = put {
        fail(&ctx, id, "it could not be stored; upload it again").await?;
        return Err(fault.into());
    }
    let source = Source {
        bucket,
        key: &name,
        arrival: &arrival,
        sequencer: None,
        uploaded_by: Some(&caller.email),
        most_unpacked: MOST_UNPACKED,
    };
    let status = match unpack_and_judge(&ctx, id, &source, bytes).await {
        Ok(status) => status,
        Err(fault) => {
            fail(&ctx, id, "we could not finish reading it; its notification tries again").await?;
            return Err(fault.into());
        }
    };

    let upload = find(&ctx, &caller, id)
        .await?
        .ok_or_else(|| Problem::not_found("no such upload", "No such upload"))?;
    let note = upload.note.clone().unwrap_or_default();
    let shown = serde_json::to_value(&upload).unwrap_or_default();
    let toast = match status {
        Status::Published => "Data Inserted",
        Status::Corrected => "Data updated",
        Status::Unchanged => "Data already exists based on timestamp and strip",
        Status::Received | Status::Rejected | Status::Failed | Status::Checked => {
            let problem = Problem::rejected(note, &toast_of(&upload)).with("flaws", shown["flaws"].clone());
            return Err(problem.with("flaw_count", shown["flaw_count"].clone()).with("upload", shown));
        }
    };
    let mut answer = toast_keys(toast, "success");
    answer.insert("upload".to_owned(), shown);
    Ok(Json(Value::Object(answer)))
}

async fn fail(ctx: &Ctx, id: UploadId, note: &str) -> Result<(), Fault> {
    let mut tx = ctx.db().begin("write a failure down").await?;
    journal::fail(&mut tx, id, note).await?;
    tx.commit().await
}

fn toast_of(upload: &Upload) -> String {
    format!("File Format Not Matched: {}", upload.note.as_deref().unwrap_or("rejected"))
}

/// The file of the form, and its name without folders.
async fn sheet(form: Result<Multipart, MultipartRejection>) -> Result<(String, Vec<u8>), Problem> {
    let missing = |text: &str| {
        let toast = format!("Unable to Upload file because of '{text}'");
        Problem::bad_parameter("file", "expected a multipart form with a file in the field `file`")
            .with_toast(&toast)
    };
    let mut form = form.map_err(|_| missing("No file part"))?;
    while let Some(field) = form.next_field().await.map_err(|_| missing("No file part"))? {
        if field.name() != Some("file") {
            continue;
        }
        let name = super::base_name(field.file_name().unwrap_or("")).to_owned();
        if name.is_empty() {
            return Err(missing("No selected file"));
        }
        if name.len() > 255 || name.chars().any(char::is_control) {
            return Err(Problem::bad_parameter(
                "file",
                "expected a file name of at most 255 printable characters",
            ));
        }
        let bytes = field.bytes().await.map_err(|_| {
            Problem::too_large("a sheet through the API may have 4 MB; put larger ones into the bucket")
        })?;
        return Ok((name, bytes.to_vec()));
    }
    Err(missing("No file part"))
}

/// Which uploads.
#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[expect(
    dead_code,
    reason = "the parameters are read by Parameters, which says everything that is wrong at once"
)]
struct UploadQuery {
    /// Only those with this status: `received`, `published`, `unchanged`, `corrected`, `rejected`, `failed`, `checked`.
    #[param(
        pattern = "^(received|published|unchanged|corrected|rejected|failed|checked)$",
        example = "published"
    )]
    status: Option<String>,
    /// How many entries, 1 to 200; 50 if absent.
    limit: Option<u32>,
    /// Where to go on, from `next` of the page before.
    cursor: Option<String>,
}

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
    params(UploadQuery),
    responses((status = 200, body = Uploads))
)]
async fn list_uploads(
    State(ctx): State<Ctx>,
    caller: Caller,
    Query(pairs): Query<Vec<(String, String)>>,
) -> Result<Json<Uploads>, Problem> {
    let mut read = Parameters::new(&pairs, &["status", "limit", "cursor"]);
    let (before, limit) = PageQuery::read(&mut read);
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
    params(("id" = i64, Path, description = "Id of the upload")),
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
    let mut tx = ctx.db().begin("list the sheets of an archive").await?;
    let sheets = upload::list(&mut tx, &caller, None, Some(id), None, i64::MAX, 500).await?;
    tx.commit().await?;
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
