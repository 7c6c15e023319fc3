//! Turns a query into one file, or a zip of several. Guarantees: a file is written while it is sent, a zip entry is written while
//! the next one is read, and at most two tables are in memory at a time.

use super::format::Format;
use super::headroom;
use super::index::Index;
use super::query::CurveQuery;
use super::strips;
use super::table::CurveTable;
use super::{csv, flat, json, lines, offers, xlsx};
use crate::access::Grants;
use crate::catalog::headroom::Method;
use crate::catalog::layouts::Body as Shape;
use crate::catalog::{DataType, Grid, Layout, Market};
use crate::ctx::Ctx;
use crate::curves::read::stored::SnapshotKey;
use crate::curves::{archive, read};
use crate::db::Tx;
use crate::fault::{During, Fault};
use crate::http::delivery::Afterwards;
use crate::http::out::{self, Out, Stopped};
use crate::http::{Problem, answer};
use axum::body::Body;
use axum::http::HeaderValue;
use std::collections::VecDeque;
use std::io::Write as _;
use tokio::sync::mpsc::{self, Receiver, Sender};
use zip::ZipWriter;
use zip::write::SimpleFileOptions;

/// A finished file.
#[derive(Debug)]
pub struct File {
    /// The file name.
    pub name: String,
    /// The media type of the body.
    pub media_type: &'static str,
    /// The content, written while it is sent.
    pub body: Body,
    /// Headers known once it has been written: [`answer::ARCHIVED`].
    pub afterwards: Afterwards,
}

/// The most cells of one answer. As a single table they take 32 MB of memory.
const MAX_CELLS: usize = 4 << 20;
/// The most bytes written for one answer, as estimated by [`Format::least_bytes`]: what can be written before
/// the gateway times out.
const MAX_BYTES: usize = 256 << 20;

/// Answers a query; `None` if nothing is visible to the caller.
///
/// # Errors
/// A problem if it is too much to answer; a fault if the database, or the archive where it is needed, does not respond. Either may
/// also occur while the body of a zip is read.
pub async fn answer(ctx: &Ctx, query: CurveQuery, grants: Grants) -> Result<Option<File>, Stopped> {
    let tx = ctx.db().begin_read("answer a download").await?;
    let media_type = query.format.media_type();
    let mut reader = Reader {
        ctx: ctx.clone(),
        tx,
        query,
        grants,
        place: 0,
        empty: VecDeque::new(),
        cells: 0,
        bytes: 0,
        archived: 0,
    };
    let Some(first) = reader.next().await? else {
        reader.tx.commit().await?;
        return Ok(None);
    };
    let afterwards = Afterwards::default();
    let Some(second) = reader.next().await? else {
        reader.end(&afterwards).await?;
        let name = first.name.clone();
        let body = out::stream(move |out| Ok(first.write(out)?));
        return Ok(Some(File { name, media_type, body, afterwards }));
    };
    let (to, sheets) = mpsc::channel(1);
    let told = afterwards.clone();
    tokio::spawn(async move {
        let end = reader.feed([first, second], &to, &told).await.map(|()| None);
        // If the receiver is gone, the zip has already ended.
        let _ = to.send(end).await;
    });
    let body = out::stream(move |out| zipped(sheets, out));
    Ok(Some(File { name: "data.zip".to_owned(), media_type: "application/zip", body, afterwards }))
}

/// A message to the zip writer: the next sheet, the end, or why reading stopped.
type Told = Result<Option<Sheet>, Stopped>;

/// Reads one sheet after the other.
struct Reader {
    ctx: Ctx,
    tx: Tx,
    query: CurveQuery,
    grants: Grants,
    /// Index of the next series to read.
    place: usize,
    /// Comparisons without results, which are files of titles only: they are the answer if there is nothing else.
    empty: VecDeque<Sheet>,
    cells: usize,
    bytes: usize,
    /// The number of snapshots read from the archive.
    archived: usize,
}

impl Reader {
    /// The next sheet that is not empty. After a problem the transaction cannot be used any more.
    async fn next(&mut self) -> Result<Option<Sheet>, Stopped> {
        while let Some((data_type, market)) = self.query.series.get(self.place).copied() {
            self.place += 1;
            let layout = Layout::of(data_type);
            let wanted = self.query.wanted(data_type, market);
            let found = read::read(&mut self.tx, &wanted, &self.grants).await?.ok_or_else(too_large)?;
            let all = self.grants.see_all(&mut self.tx, data_type, market).await?;
            // What is archived depends on everything a day had, so it is reported only to callers who may see all of it.
            if all {
                self.archived += found.archived.len();
            }
            let mut found_empty = found.empty.last().copied();
            if !all {
                found_empty = None;
            }
            let stored = if found.archived.is_empty() {
                found.stored
            } else {
                let complete =
                    archive::complete(&mut self.tx, self.ctx.objects(), &wanted, &self.grants, found).await?;
                complete.ok_or_else(too_large)?
            };
            let table = strips::table(stored, layout, &self.query);
            let (format, method) = (self.query.format, self.query.method);
            let shows_nothing = table.is_empty()
                || layout.body == Shape::Comparison && headroom::is_empty(&table, layout, method);
            let Some(last) = table.rows.last().filter(|_| !shows_nothing) else {
                let compared = table.rows.last().map(|row| row.snapshot).or(found_empty);
                if layout.body == Shape::Comparison
                    && self.cells == 0
                    && let Some(snapshot) = compared
                {
                    let table = strips::table(vec![], layout, &self.query);
                    self.empty.push_back(self.sheet((data_type, market), snapshot, table));
                }
                continue;
            };
            let count = cells(&table);
            self.cells += count;
            self.bytes += format.least_bytes(count);
            let fits = format != Format::Xlsx || xlsx::fits(&table, layout);
            if self.cells > MAX_CELLS || self.bytes > MAX_BYTES || !fits {
                return Err(too_large().into());
            }
            self.empty.clear();
            let last = last.snapshot;
            return Ok(Some(self.sheet((data_type, market), last, table)));
        }
        Ok(self.empty.pop_front())
    }

    fn sheet(&self, (data_type, market): (DataType, Market), last: SnapshotKey, table: CurveTable) -> Sheet {
        let name = self.query.file_name(data_type, market, last.stamp.date());
        let CurveQuery { format, method, history, .. } = self.query;
        let footer = self.ctx.settings().footer.as_deref().unwrap_or(csv::FOOTER).to_owned();
        Sheet { name, table, layout: Layout::of(data_type), format, method, history, footer }
    }

    /// Sends these sheets and all remaining ones to the zip writer.
    async fn feed(
        mut self,
        read: [Sheet; 2],
        to: &Sender<Told>,
        afterwards: &Afterwards,
    ) -> Result<(), Stopped> {
        let gone = |_| Fault::new("the receiver of the answer is gone");
        for sheet in read {
            to.send(Ok(Some(sheet))).await.map_err(gone)?;
        }
        while let Some(sheet) = self.next().await? {
            to.send(Ok(Some(sheet))).await.map_err(gone)?;
        }
        self.end(afterwards).await
    }

    async fn end(self, afterwards: &Afterwards) -> Result<(), Stopped> {
        if self.archived > 0 {
            afterwards.set(answer::ARCHIVED, HeaderValue::from(self.archived));
        }
        Ok(self.tx.commit().await?)
    }
}

fn too_large() -> Problem {
    Problem::too_large(
        "the request covers more data than one answer may hold; narrow it to fewer days, months or types",
    )
}

/// A file before it is written.
struct Sheet {
    name: String,
    table: CurveTable,
    layout: &'static Layout,
    format: Format,
    method: Method,
    history: bool,
    footer: String,
}

impl Sheet {
    fn write(&self, out: &mut Out) -> Result<(), Fault> {
        let Self { table, layout, method, history, footer, .. } = self;
        let index = Index::of(layout, *history);
        match (self.format, layout.body) {
            (Format::Csv, Shape::Table(_)) => csv::write(table, layout, &index, footer, out),
            (Format::Csv, Shape::Components) => {
                lines::to_csv(|sink| offers::lines(table, layout, *history, sink), layout, footer, out)
            }
            (Format::Csv, Shape::Flat { value }) => {
                lines::to_csv(|sink| flat::lines(table, &index, value, sink), layout, footer, out)
            }
            (Format::Csv, Shape::Comparison) => {
                lines::to_csv(|sink| headroom::lines(table, layout, *method, sink), layout, footer, out)
            }
            (Format::Xlsx, Shape::Comparison) => {
                xlsx::write_lines(|sink| headroom::lines(table, layout, *method, sink), true, footer, out)
            }
            (Format::Json, Shape::Comparison) => headroom::json(table, layout, *method, out),
            (Format::Xlsx, Shape::Table(_)) => xlsx::write(table, layout, &index, footer, out),
            (Format::Xlsx, Shape::Components) => {
                xlsx::write_lines(|sink| offers::lines(table, layout, *history, sink), false, footer, out)
            }
            (Format::Xlsx, Shape::Flat { value }) => {
                xlsx::write_lines(|sink| flat::lines(table, &index, value, sink), true, footer, out)
            }
            (Format::Json, _) => json::write(table, layout, *history, out),
        }
    }
}

/// The number of cells to write: for offers and single values, only those present.
fn cells(table: &CurveTable) -> usize {
    match table.grid {
        Grid::Month | Grid::DayHour | Grid::MonthHour => table.rows.len() * table.heads.len(),
        Grid::Offer | Grid::Always => table.columns.iter().flatten().filter(|value| !value.is_nan()).count(),
    }
}

/// Writes each sheet as it arrives.
fn zipped(mut sheets: Receiver<Told>, out: &mut Out) -> Result<(), Stopped> {
    let mut archive = ZipWriter::new_stream(out);
    loop {
        let told = sheets.blocking_recv();
        let Some(sheet) =
            told.unwrap_or_else(|| Err(Fault::new("the reader of an answer panicked").into()))?
        else {
            break;
        };
        archive.start_file(&*sheet.name, SimpleFileOptions::default()).during("adding a file to a zip")?;
        let mut entry = Out::new(&mut archive);
        sheet.write(&mut entry)?;
        entry.flush()?;
    }
    archive.finish().during("finishing a zip")?;
    Ok(())
}
