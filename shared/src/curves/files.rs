//! A query becomes one file, or a zip of several.

use super::index::Index;
use super::query::{CurveQuery, Format};
use super::table::CurveTable;
use super::{csv, flat, json, kept, lines, offers, reading, xlsx};
use crate::access::Grants;
use crate::catalog::layouts::Body;
use crate::catalog::{Grid, Layout};
use crate::ctx::Ctx;
use crate::db::Tx;
use crate::fault::{During, Fault};
use std::io::{Cursor, Write as _};
use zip::write::SimpleFileOptions;

/// A file to hand out.
#[derive(Debug)]
pub struct File {
    /// Its name.
    pub name: String,
    /// Its media type.
    pub media_type: &'static str,
    /// Its bytes.
    pub bytes: Vec<u8>,
}

/// What a query came to.
#[derive(Debug)]
pub enum Answer {
    /// A file, or a zip of several, and of how many snapshots the values came from the archive.
    File(File, usize),
    /// There is nothing that the caller may see.
    Nothing,
    /// It is more than an answer can carry.
    TooLarge,
}

/// Most bytes that are written for one answer, before a zip makes them fewer.
const MOST_BYTES: usize = 32 << 20;

/// Answers a query. After [`Answer::TooLarge`] the transaction is of no more use.
///
/// # Errors
/// A fault if the database, or the archive where it is needed, does not answer.
pub async fn answer(ctx: &Ctx, tx: &mut Tx, query: &CurveQuery, grants: &Grants) -> Result<Answer, Fault> {
    let footer = ctx.settings().footer.as_deref().unwrap_or(csv::FOOTER);
    let (mut files, mut size, mut archived) = (Vec::new(), 0, 0);
    for (data_type, market) in &query.series {
        let layout = Layout::of(*data_type);
        let wanted = query.wanted(*data_type, *market);
        let Some(found) = reading::read(tx, &wanted, grants).await? else { return Ok(Answer::TooLarge) };
        archived += found.archived.len();
        let stored = if found.archived.is_empty() {
            found.stored
        } else {
            match kept::complete(tx, ctx.objects(), &wanted, grants, found).await? {
                Some(stored) => stored,
                None => return Ok(Answer::TooLarge),
            }
        };
        let table = CurveTable::new(stored, layout, query);
        let Some(last) = table.rows.last().filter(|_| !table.is_empty()) else { continue };
        size += query.format.least_bytes(cells(&table));
        if size > MOST_BYTES || (query.format == Format::Xlsx && !xlsx::fits(&table, layout)) {
            return Ok(Answer::TooLarge);
        }
        let name = query.file_name(*data_type, *market, last.snapshot.stamp.date());
        let index = Index::of(layout, query.history);
        let bytes = match (query.format, layout.body) {
            (Format::Csv, Body::Table(_)) => csv::write(&table, layout, &index, footer)?,
            (Format::Csv, Body::Components) => {
                lines::to_csv(|sink| offers::lines(&table, layout, query.history, sink), layout, footer)?
            }
            (Format::Csv, Body::Flat { value }) => {
                lines::to_csv(|sink| flat::lines(&table, &index, value, sink), layout, footer)?
            }
            (Format::Xlsx, Body::Table(_)) => xlsx::write(&table, layout, &index, footer)?,
            (Format::Xlsx, Body::Components) => {
                xlsx::write_lines(|sink| offers::lines(&table, layout, query.history, sink), false, footer)?
            }
            (Format::Xlsx, Body::Flat { value }) => {
                xlsx::write_lines(|sink| flat::lines(&table, &index, value, sink), true, footer)?
            }
            (Format::Json, _) => json::write(&table, layout, query.history)?,
        };
        files.push(File { name, media_type: query.format.media_type(), bytes });
    }
    match files.len() {
        0 | 1 => Ok(files.pop().map_or(Answer::Nothing, |file| Answer::File(file, archived))),
        _ => zipped(files).map(|file| Answer::File(file, archived)),
    }
}

/// How many cells are written: of offers and single values only those that are there.
fn cells(table: &CurveTable) -> usize {
    match table.grid {
        Grid::Month | Grid::DayHour | Grid::MonthHour => table.rows.len() * table.heads.len(),
        Grid::Offer | Grid::Always => table.columns.iter().flatten().filter(|value| !value.is_nan()).count(),
    }
}

fn zipped(files: Vec<File>) -> Result<File, Fault> {
    let mut archive = zip::ZipWriter::new(Cursor::new(Vec::new()));
    for file in files {
        archive.start_file(file.name, SimpleFileOptions::default()).during("adding a file to a zip")?;
        archive.write_all(&file.bytes).during("writing a zip")?;
    }
    let bytes = archive.finish().during("finishing a zip")?.into_inner();
    Ok(File { name: "data.zip".to_owned(), media_type: "application/zip", bytes })
}
