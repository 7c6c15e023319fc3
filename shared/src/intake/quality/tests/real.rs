//! The real sheets as rows of cells: those that were uploaded, and those that downloads were made of, put together again.

use crate::catalog::{DataType, Label, Layout};
use crate::env::shared_path;
use crate::sheets::filename;
use crate::sheets::flaw::list::Flaws;
use crate::sheets::read;
use crate::sheets::reading::Reading;
use csv::{ReaderBuilder, WriterBuilder};
use std::fs;
use std::path::{Path, PathBuf};
use uuid::Uuid;

/// A sheet as rows of cells.
#[derive(Clone)]
pub struct Cells {
    /// Its file name.
    pub name: String,
    pub rows: Vec<Vec<String>>,
}

impl Cells {
    /// Reads it as it would be if it were uploaded.
    pub fn reading(&self) -> Result<Reading, Flaws> {
        let mut writer = WriterBuilder::new().flexible(true).from_writer(Vec::new());
        for row in &self.rows {
            writer.write_record(row).unwrap();
        }
        read::read(&writer.into_inner().unwrap(), filename::parse(&self.name).unwrap())
    }

    /// The layout that its name selects.
    pub fn layout(&self) -> &'static Layout {
        Layout::of(filename::parse(&self.name).unwrap().data_type)
    }

    /// The row of a label.
    pub fn label_row(&self, label: Label) -> usize {
        let title = label.title().to_lowercase();
        self.rows.iter().position(|row| row[0].trim().to_lowercase() == title).unwrap()
    }

    /// The rows with numbers, of a sheet of months.
    pub fn months(&self) -> Vec<usize> {
        let digit = |row: &Vec<String>| row[0].starts_with(|first: char| first.is_ascii_digit());
        (0..self.rows.len()).filter(|at| digit(&self.rows[*at])).collect()
    }

    /// The labelled columns.
    pub fn columns(&self) -> Vec<usize> {
        let row = &self.rows[self.label_row(Label::CostComponent)];
        (1..row.len()).filter(|at| !row[*at].trim().is_empty()).collect()
    }
}

/// A sheet without flaws, and what was read in it.
pub struct Real {
    pub cells: Cells,
    pub reading: Reading,
    /// Of its curves.
    pub identities: Vec<Uuid>,
}

impl Real {
    pub fn of(cells: Cells) -> Self {
        let reading = cells.reading();
        let reading = reading.unwrap_or_else(|flaws| panic!("{}: {:#?}", cells.name, flaws.listed()));
        let identities = reading.sheet.curves.iter().map(|curve| curve.name.identity()).collect();
        Self { cells, reading, identities }
    }
}

/// The sheets that were uploaded, by name.
pub fn uploaded() -> Option<Vec<Cells>> {
    let folder = shared_path("data/inputs/accepted")?;
    let sheet = |path: &Path| Cells {
        name: path.file_name().unwrap().to_str().unwrap().to_owned(),
        rows: records(&String::from_utf8_lossy(&fs::read(path).unwrap())),
    };
    Some(paths(&folder).iter().map(|path| sheet(path)).collect())
}

/// The sheets that the unstandardised downloads were made of.
pub fn downloaded() -> Option<Vec<Cells>> {
    let folder = shared_path("data/expected/downloads")?;
    let paths = paths(&folder).into_iter();
    let paths = paths.filter(|path| path.to_string_lossy().contains("_unstandardized"));
    Some(paths.map(|path| rebuilt(&path)).collect())
}

fn paths(folder: &Path) -> Vec<PathBuf> {
    let mut paths: Vec<_> = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()).collect();
    paths.sort();
    paths
}

fn records(text: &str) -> Vec<Vec<String>> {
    let mut reader = ReaderBuilder::new().has_headers(false).flexible(true).from_reader(text.as_bytes());
    reader.records().map(|record| record.unwrap().iter().map(str::to_owned).collect()).collect()
}

/// A download without its footer, its stamp and its mark, and with the rows that only sheets have.
fn rebuilt(path: &Path) -> Cells {
    let file = path.file_name().unwrap().to_str().unwrap();
    let words: Vec<&str> = file.split('_').collect();
    let data_type: DataType = words[0].parse().unwrap();
    let text = fs::read_to_string(path).unwrap().replace("\r\n", "\n");
    let records = records(text.split("\n\n").next().unwrap());
    let titles = records.iter().position(|row| row[0] == "Curve Update Date");
    let rows = match titles {
        Some(titles) => months(&records, titles, data_type),
        None => offers(records.clone()),
    };
    let stamp = match titles {
        Some(titles) => records[titles + 1][0][..19].replace(['-', ':'], "").replace(' ', "_"),
        None => "20240102_120000".to_owned(),
    };
    Cells { name: format!("{}_{}_{stamp}.csv", data_type.title(), words[1].to_uppercase()), rows }
}

fn months(records: &[Vec<String>], titles: usize, data_type: DataType) -> Vec<Vec<String>> {
    let index = records[titles].iter().take_while(|cell| !cell.is_empty()).count();
    let row = |title: &str, cells: &[String]| {
        std::iter::once(title.to_owned()).chain(cells.iter().cloned()).collect::<Vec<_>>()
    };
    let labelled = |title: &str| &records.iter().find(|record| record[0] == title).unwrap()[index..];
    let mut rows: Vec<_> =
        records[..titles].iter().map(|record| row(title_of(&record[0]), &record[index..])).collect();
    let blank = vec![String::new(); rows[0].len() - 1];
    if data_type == DataType::Ptc {
        rows.extend(
            ["Utility Name", "Matching ID", "Lookup ID1"].map(|title| row(title, labelled("Utility"))),
        );
    }
    rows.push(row("", &blank));
    if data_type == DataType::Rec {
        rows.push(row("Year", labelled("State")));
    }
    let names = if data_type == DataType::Energy { "Load Zone" } else { "Cost Component" };
    rows.push(row("Date", labelled(names)));
    rows.extend(records[titles + 1..].iter().map(|record| {
        let (year, month) = (&record[1][..4], record[1][5..7].trim_start_matches('0'));
        row(&format!("{month}/1/{year}"), &record[index..])
    }));
    rows
}

/// The labels of offers have their old names, and their keys are not in downloads.
fn offers(mut rows: Vec<Vec<String>>) -> Vec<Vec<String>> {
    for row in &mut rows {
        row[0] = title_of(&row[0]).to_owned();
        if row[0] == "Beginning Date" {
            row.iter_mut().skip(1).for_each(|cell| cell.truncate(10));
        }
    }
    let width = rows[0].len();
    for title in ["Matching ID", "Lookup ID1"] {
        let cells = (1..width).map(|at| format!("key {at}"));
        rows.insert(0, std::iter::once(title.to_owned()).chain(cells).collect());
    }
    rows
}

fn title_of(title: &str) -> &str {
    match title {
        "control_area" => "Control Area",
        "state" => "State",
        "load_zone" => "Load Zone",
        "capacity_zone" => "Capacity Zone",
        "utility" => "Utility",
        "strip" => "Block Type",
        "cost_group" => "Cost Group",
        "cost_component" => "Cost Component",
        "term" => "Term (Months)",
        "beginning_date" => "Beginning Date",
        "load_profile" => "Load Profile",
        "Profile_load" => "Rate Class/Load Profile",
        _ => title,
    }
}
