//! The answer to an upload through the API. Guarantees: it names every sheet of an archive with its outcome, and a plain success
//! means that no sheet was rejected.

use super::journal::status::Status;
use super::judge::OVERTAKEN;
use super::upload::Upload;
use crate::http::Problem;
use crate::http::problem::toast_keys;
use crate::sheets::flaw::Flaw;
use axum::Json;
use axum::http::StatusCode;
use serde::Serialize;
use serde_json::{Value, json};
use utoipa::ToSchema;

/// The outcome of an upload.
#[derive(Serialize, ToSchema)]
#[serde(untagged)]
pub enum UploadAnswer {
    /// The upload was published, corrected or found unchanged.
    Done(Box<Uploaded>),
    /// With `dry_run`: what the outcome would be.
    Judged(Box<Judgement>),
}

/// A processed upload, with the keys of the old system.
#[derive(Serialize, ToSchema)]
pub struct Uploaded {
    /// Always true: the web app shows a message.
    flash_message: bool,
    /// The message, in the old system's words.
    #[schema(example = "Data Inserted")]
    message_toast: String,
    /// `success`; `warning` if some sheets of a zip were rejected, or a later file had already arrived.
    #[schema(example = "success")]
    message_flag: String,
    /// The entry in the upload journal.
    upload: Upload,
    /// Of a zip: the entry of each sheet, in the order of the zip, with its outcome and flaws.
    #[serde(skip_serializing_if = "Option::is_none")]
    sheets: Option<Vec<Upload>>,
}

/// What the outcome would be for a sheet, or for an archive and each of its sheets.
#[derive(Serialize, ToSchema)]
pub struct Judgement {
    /// Always true.
    dry_run: bool,
    /// Name of the file.
    file: String,
    /// `published`, `unchanged`, `corrected` or `rejected`; to an uploader who may not read all of the data type and market,
    /// `accepted` instead of the first three.
    #[schema(value_type = String)]
    would: Status,
    /// Number of flaws; the list may be shorter.
    flaw_count: u64,
    /// The flaws, for which it would be rejected.
    flaws: Vec<Flaw>,
    /// Number of warnings; the list may be shorter.
    warning_count: u64,
    /// The warnings, which do not reject it. Uploaders who may not read all of the data type and market see only those that do not
    /// depend on earlier snapshots.
    warnings: Vec<Flaw>,
    /// Data type of the sheet; null for an archive.
    data_type: Option<String>,
    /// Market of the sheet; null for an archive.
    market: Option<String>,
    /// Stamp, in the market's local time; null for an archive.
    stamp: Option<chrono::NaiveDateTime>,
    /// Whether it is marked close of business; null for an archive.
    cob: Option<bool>,
    /// Number of curves; null for an archive.
    curves: Option<u64>,
    /// Number of months; null for an archive.
    months: Option<u64>,
    /// Number of cells with a number; null for an archive.
    cells: Option<u64>,
    /// Number of cells without a number; null for an archive.
    missing: Option<u64>,
    /// Of an archive: the same for each sheet.
    #[schema(no_recursion)]
    sheets: Option<Vec<Judgement>>,
    /// Of an archive: files that an operating system added to it, which are ignored.
    #[schema(example = json!(["__MACOSX/._Energy_ERCOT_20240105_103000.csv"]))]
    ignored: Option<Vec<String>>,
}

/// The answer to an upload, in the old system's words. That of an archive lists every sheet, and has a status of its own if only
/// some of them were rejected.
///
/// # Errors
/// 422 with all flaws, if it was rejected.
pub fn of(upload: &Upload, sheets: &[Upload]) -> Result<(StatusCode, Json<Value>), Problem> {
    let note = upload.note.as_deref().unwrap_or_default();
    let (shown, shown_sheets) = (json!(upload), json!(sheets));
    // The status as shown: it must not reveal the earlier content to uploaders who may not read the series.
    let toast = match upload.status {
        Status::Published | Status::Accepted => "Data Inserted",
        Status::Corrected => "Data updated",
        Status::Unchanged if note == OVERTAKEN => {
            "Data not used: a later file for this timestamp was there before"
        }
        Status::Unchanged => "Data already exists based on timestamp and strip",
        Status::Received | Status::Rejected | Status::Failed | Status::Checked | Status::Abandoned => {
            let toast = format!("File Format Not Matched: {}", upload.note.as_deref().unwrap_or("rejected"));
            let problem = Problem::rejected(note, &toast).with("flaws", shown["flaws"].clone());
            let problem = problem.with("flaw_count", shown["flaw_count"].clone()).with("upload", shown);
            return Err(if sheets.is_empty() { problem } else { problem.with("sheets", shown_sheets) });
        }
    };
    let rejected: Vec<&str> = sheets
        .iter()
        .filter(|sheet| sheet.status == Status::Rejected)
        .map(|sheet| sheet.file.as_str())
        .collect();
    let (status, mut answer) = if rejected.is_empty() {
        let flag = if note == OVERTAKEN { "warning" } else { "success" };
        (StatusCode::OK, toast_keys(toast, flag))
    } else {
        let (count, all) = (rejected.len(), sheets.len());
        let were = if count == 1 { "was" } else { "were" };
        let toast = format!("{toast}, but {count} of {all} sheets {were} rejected: {}", rejected.join(", "));
        (StatusCode::MULTI_STATUS, toast_keys(&toast, "warning"))
    };
    answer.insert("upload".to_owned(), shown);
    if !sheets.is_empty() {
        answer.insert("sheets".to_owned(), shown_sheets);
    }
    Ok((status, Json(Value::Object(answer))))
}
