//! The report of all components: a workbook with a sheet for each data type.

use super::store::{self, Component};
use crate::access::{Caller, Grants};
use crate::catalog::{DataType, Label};
use crate::ctx::Ctx;
use crate::fault::{During, Fault};
use crate::http::Problem;
use axum::extract::State;
use axum::http::header::{CONTENT_DISPOSITION, CONTENT_TYPE};
use axum::response::IntoResponse;
use chrono::{NaiveDate, NaiveTime};
use rust_xlsxwriter::{DocProperties, Format, Workbook, XlsxError};

/// The sheets in order: data type, sheet name, and the content of the first column.
const SHEETS: [(DataType, &str, &str); 7] = [
    (DataType::Energy, "Energy", "Energy"),
    (DataType::NonEnergy, "Non-Energy", "Nonenergy"),
    (DataType::Rec, "Rec", "REC/RPS"),
    (DataType::LineLoss, "Line Loss", "Line Loss"),
    (DataType::Shaping, "Shaping", "Shaping"),
    (DataType::LoadProfile, "Load Profile", "Load Profile"),
    (DataType::Vlr, "VLR", "VLR"),
];
const XLSX: &str = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet";

/// Downloads the labels of all curves, a sheet for each data type.
#[utoipa::path(
    method(get, post),
    path = "/allcomponents",
    tag = "Old paths",
    responses(
        (status = 200, body = Vec<u8>, content_type = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"),
        (status = 404, body = Problem, description = "There is nothing that you may see")
    )
)]
pub(super) async fn allcomponents(
    State(ctx): State<Ctx>,
    caller: Caller,
) -> Result<impl IntoResponse, Problem> {
    let mut tx = ctx.db().begin_read("list components").await?;
    let found = store::components(&mut tx, &SHEETS.map(|sheet| sheet.0), &Grants::from(&caller)).await?;
    tx.commit().await?;
    if found.is_empty() {
        let detail = "there are no curves among those that you may see";
        return Err(Problem::not_found(detail, "No data available to export"));
    }
    let disposition = "attachment; filename=all_components.xlsx";
    Ok(([(CONTENT_TYPE, XLSX), (CONTENT_DISPOSITION, disposition)], workbook(&found)?))
}

fn workbook(found: &[Component]) -> Result<Vec<u8>, Fault> {
    // The same curves give the same bytes.
    let created = NaiveDate::from_ymd_opt(2000, 1, 1).expect("a day").and_time(NaiveTime::MIN).and_utc();
    let mut workbook = Workbook::new();
    workbook.set_properties(&DocProperties::new().set_creation_datetime(&created));
    for (data_type, title, shown) in SHEETS {
        let mut rows = found.iter().filter(|row| row.data_type == data_type.word()).peekable();
        if rows.peek().is_some() {
            fill(&mut workbook, title, shown, rows).during("filling a workbook")?;
        }
    }
    workbook.save_to_buffer().during("writing a workbook")
}

fn fill<'c>(
    workbook: &mut Workbook,
    title: &str,
    shown: &str,
    rows: impl Iterator<Item = &'c Component>,
) -> Result<(), XlsxError> {
    let bold = Format::new().set_bold();
    let sheet = workbook.add_worksheet();
    sheet.set_name(title)?.set_freeze_panes(1, 0)?;
    let titles = ["DataType", "Lookup ID1"].into_iter().chain(Label::ALL.map(Label::title));
    for (at, title) in (0..).zip(titles) {
        sheet.write_string_with_format(0, at, title, &bold)?;
    }
    for (line, row) in (1..).zip(rows) {
        sheet.write_string(line, 0, shown)?;
        for (at, label) in (2..).zip(&row.labels) {
            // Text stays text, whatever it begins with.
            sheet.write_string(line, at, label)?;
        }
    }
    Ok(())
}
