//! What an upload through the API is answered. Guarantees: every sheet of an archive is in the answer with its outcome, and a status of
//! plain success means that none was rejected.

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
    /// `success`; `warning` if some sheets of a zip were rejected, or a later file was there before.
    #[schema(example = "success")]
    message_flag: String,
    /// The row of the journal.
    upload: Upload,
    /// Of a zip: the row of each sheet, in its order, with its outcome and its flaws.
    #[serde(skip_serializing_if = "Option::is_none")]
    sheets: Option<Vec<Upload>>,
}

/// What would become of a sheet, or of an archive and each of its sheets.
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
    /// How many flaws it has; the list may be shorter.
    flaw_count: u64,
    /// What is wrong with it.
    flaws: Vec<Flaw>,
    /// How many warnings there are; the list may be shorter.
    warning_count: u64,
    /// What is odd about it, and refuses nothing; to who may not read all of the data type and market, what is odd about it by
    /// itself.
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
    /// Of an archive: files that an operating system has added to it, and that are passed over.
    #[schema(example = json!(["__MACOSX/._Energy_ERCOT_20240105_103000.csv"]))]
    ignored: Option<Vec<String>>,
}

/// The answer to an upload, in the old system's words: of an archive with every sheet, and with a status of its own if some of them
/// were rejected and others not.
///
/// # Errors
/// 422 with everything that is wrong, if it was rejected.
pub fn of(upload: &Upload, sheets: &[Upload]) -> Result<(StatusCode, Json<Value>), Problem> {
    let note = upload.note.as_deref().unwrap_or_default();
    let (shown, shown_sheets) = (json!(upload), json!(sheets));
    // As it is shown: to who may not read the series, what it was before is not told by what came of it.
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
