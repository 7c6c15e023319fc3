//! The old system's upload reports, and its endpoint for archives.

use crate::access::{Caller, Grants, Role};
use crate::ctx::Ctx;
use crate::db::Tx;
use crate::fault::{During, Fault};
use crate::http::route::routes;
use crate::http::{Audience, Problem, Route};
use crate::intake::routes::{self, SheetForm, UPLOAD};
use axum::Json;
use axum::extract::multipart::MultipartRejection;
use axum::extract::{Multipart, Query, State};
use axum::http::StatusCode;
use axum::http::header::{CONTENT_DISPOSITION, CONTENT_TYPE};
use axum::response::IntoResponse;
use chrono::{DateTime, NaiveDateTime, Utc};
use serde::Serialize;
use serde_json::Value;
use std::fmt::Write as _;
use utoipa::ToSchema;

/// The routes of the old reports.
#[must_use]
pub fn routes() -> Vec<Route> {
    vec![
        Route::new(Audience::Reader, routes!(upload_status)).legacy("/v1/uploads"),
        Route::new(Audience::Reader, routes!(alluploads)).legacy("/v1/uploads"),
        Route::new(Audience::Uploader, routes!(upload_zip: UPLOAD)).legacy("/upload_csv"),
    ]
}

struct LegacyUploadRow {
    path: String,
    uploaded_by: Option<String>,
    received_at: DateTime<Utc>,
    data_type: String,
    market: String,
    stamp: NaiveDateTime,
    cob: bool,
}

/// The most lines of the report, newest first: more than the old system ever had.
const MAX_LINES: i64 = 100_000;

/// Accepted uploads, newest first: those that are granted and the caller's own.
async fn taken(tx: &mut Tx, caller: &Caller, limit: i64) -> Result<Vec<LegacyUploadRow>, Fault> {
    let grants = Grants::from(caller);
    let rows = sqlx::query_as!(
        LegacyUploadRow,
        r#"select case when u.member = '' then u.key else u.member end as "path!", u.uploaded_by, u.received_at,
            u.data_type as "data_type!", u.market as "market!", u.stamp as "stamp!", u.cob as "cob!"
        from trueprice.upload u
        where u.status in ('published', 'corrected', 'unchanged')
          and num_nulls(u.data_type, u.market, u.stamp, u.cob) = 0
          and (u.uploaded_by = $1 or trueprice.can_see_whole_series($2, $3, u.data_type, u.market))
        order by u.id desc
        limit $4"#,
        caller.email,
        grants.user_id(),
        grants.everything(),
        limit
    );
    rows.fetch_all(tx).await.during("reading the journal for an old client")
}

/// The last ten uploads, as parallel lists.
#[derive(Default, Serialize, ToSchema)]
struct UploadStatus {
    /// Who uploaded each through the API: everyone for admins, otherwise only yourself; empty for files put into the bucket.
    #[schema(example = json!(["analyst@example.com"]))]
    email: Vec<String>,
    /// File names of the sheets.
    #[schema(example = json!(["Energy_ERCOT_20240105_170201_cob.csv"]))]
    files: Vec<String>,
    /// When each sheet arrived, UTC.
    #[schema(example = json!(["2024-01-05 22:04:11"]))]
    timestamps: Vec<String>,
}

/// Lists the last ten accepted sheets, oldest first.
#[utoipa::path(
    method(get, post),
    path = "/upload_status",
    tag = "Old paths",
    responses((status = 200, body = UploadStatus))
)]
async fn upload_status(State(ctx): State<Ctx>, caller: Caller) -> Result<Json<UploadStatus>, Problem> {
    let mut tx = ctx.db().begin("list the last uploads").await?;
    let rows = taken(&mut tx, &caller, 10).await?;
    tx.commit().await?;
    let mut status = UploadStatus::default();
    for row in rows.into_iter().rev() {
        let shown = row.uploaded_by.filter(|by| caller.role == Role::Admin || *by == caller.email);
        status.email.push(shown.unwrap_or_default());
        status.files.push(row.path.rsplit('/').next().unwrap_or(&row.path).to_owned());
        status.timestamps.push(row.received_at.format("%Y-%m-%d %H:%M:%S").to_string());
    }
    Ok(Json(status))
}

/// Downloads the list of all accepted sheets, newest first.
#[utoipa::path(
    get,
    path = "/alluploads",
    tag = "Old paths",
    responses(
        (status = 200, body = String, content_type = "text/csv"),
        (status = 303, description = "The file is too large to send directly and is at `Location`")
    )
)]
async fn alluploads(State(ctx): State<Ctx>, caller: Caller) -> Result<impl IntoResponse, Problem> {
    let mut tx = ctx.db().begin("list all uploads").await?;
    let rows = taken(&mut tx, &caller, MAX_LINES).await?;
    tx.commit().await?;
    let headers = [
        (CONTENT_TYPE, "text/csv; charset=utf-8"),
        (CONTENT_DISPOSITION, "attachment; filename=all_uploads.csv"),
    ];
    Ok((headers, csv(&rows)))
}

/// Splits names as the old system did: in capitals, with the day and time as written in the name. All cells are known words and
/// digits, so none needs quotes.
fn csv(rows: &[LegacyUploadRow]) -> String {
    let mut text = "File Name,ISO,Operating Day,Time Stamp,File Extension,COB(Y/N)\n".to_owned();
    for row in rows {
        let (kind, cob) = (row.data_type.to_uppercase(), if row.cob { 'Y' } else { 'N' });
        let (day, time) = (row.stamp.format("%Y%m%d"), row.stamp.format("%H%M%S"));
        writeln!(text, "{kind},{},{day},{time},CSV,{cob}", row.market).expect("a text takes what is written");
    }
    text
}

/// Uploads a zip of sheets, as `/upload_csv` does.
///
/// The old system had closed this path. Here an archive is accepted, and each of its sheets has its own outcome.
#[utoipa::path(
    post,
    path = "/upload_zip",
    tag = "Old paths",
    request_body(content = SheetForm, content_type = "multipart/form-data"),
    responses(
        (status = 200, body = crate::intake::answer::UploadAnswer, description = "Published, corrected or unchanged; with `dry_run`, the report"),
        (status = 207, body = crate::intake::answer::UploadAnswer, description = "Some sheets were published or unchanged, others were rejected"),
        (status = 400, body = Problem, description = "Not a form, an incomplete form, more than one file, or an unexpected field"),
        (status = 413, body = Problem, description = "More than 4 MB: put the file into the bucket instead"),
        (status = 422, body = Problem, description = "All sheets were rejected"),
        (status = 503, body = Problem, description = "The database does not respond. If there is an `upload_id`, the file is stored and will be published: do not send it again")
    )
)]
async fn upload_zip(
    ctx: State<Ctx>,
    caller: Caller,
    pairs: Query<Vec<(String, String)>>,
    form: Result<Multipart, MultipartRejection>,
) -> Result<(StatusCode, Json<Value>), Problem> {
    routes::upload_csv(ctx, caller, pairs, form).await
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_is_split_and_the_mark_is_right() {
        let row = |cob| LegacyUploadRow {
            path: "x.csv".to_owned(),
            uploaded_by: None,
            received_at: DateTime::UNIX_EPOCH,
            data_type: "nonenergy".to_owned(),
            market: "PJM".to_owned(),
            stamp: "2024-01-05T17:02:01".parse().unwrap(),
            cob,
        };
        let header = "File Name,ISO,Operating Day,Time Stamp,File Extension,COB(Y/N)";
        assert_eq!(csv(&[]), format!("{header}\n"), "the header is present even without lines");
        assert_eq!(
            csv(&[row(true), row(false)]),
            format!("{header}\nNONENERGY,PJM,20240105,170201,CSV,Y\nNONENERGY,PJM,20240105,170201,CSV,N\n")
        );
    }
}
