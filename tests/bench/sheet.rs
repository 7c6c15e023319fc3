//! The largest sheet, and versions of it with other numbers.

use crate::generate;
use chrono::{Days, NaiveDate};
use csv::{ReaderBuilder, StringRecord, WriterBuilder};
use tests::reference;
use trueprice::curves::sheet::CurveSheet;
use trueprice::sheets::{filename, number, read};

const REAL: &str = "NonEnergy_PJM_20230410_101010.csv";

/// A sheet that exists in many versions.
pub struct Sheet {
    /// Where the sheet comes from.
    pub about: String,
    above: Vec<StringRecord>,
    rows: Vec<(String, Vec<f64>)>,
}

impl Sheet {
    /// The real sheet of 71,316 values, or a generated one of that size.
    pub fn largest() -> Self {
        let real = reference::folder("inputs/accepted").map(|folder| folder.join(REAL));
        let (about, bytes) = match real.filter(|file| file.is_file()) {
            Some(file) => (REAL.to_owned(), std::fs::read(file).expect("the sheet can be read")),
            None => ("generated, 283 curves of 252 months".to_owned(), generate::sheet("PJM", 283, 252)),
        };
        let mut sheet = Self { about, above: vec![], rows: vec![] };
        let mut reader = ReaderBuilder::new().has_headers(false).flexible(true).from_reader(bytes.as_slice());
        for record in reader.records() {
            let record = record.expect("a row");
            if record[0].starts_with(|first: char| first.is_ascii_digit()) {
                let value = |cell: &str| number::parse(cell.as_bytes()).expect("a number");
                sheet.rows.push((record[0].to_owned(), record.iter().skip(1).map(value).collect()));
            } else {
                sheet.above.push(record);
            }
        }
        sheet
    }

    /// The number of values.
    pub fn values(&self) -> usize {
        self.rows.iter().map(|(_, cells)| cells.len()).sum()
    }

    /// The bytes of a version, in which every number differs from all other versions.
    pub fn version(&self, version: u32) -> Vec<u8> {
        self.changed(|_| version)
    }

    /// The bytes of a version in which one curve in 20 has changed, each time different ones.
    pub fn revised(&self, version: u32) -> Vec<u8> {
        self.changed(|column| {
            let turn = u32::try_from(column % 20).expect("below 20");
            if turn == version % 20 { version } else { 0 }
        })
    }

    fn changed(&self, version_of: impl Fn(usize) -> u32) -> Vec<u8> {
        let mut writer = WriterBuilder::new().flexible(true).from_writer(Vec::new());
        for row in &self.above {
            writer.write_record(row).expect("a row");
        }
        for (month, cells) in &self.rows {
            let cells = cells.iter().enumerate().map(|(column, value)| match version_of(column) {
                _ if value.is_nan() => String::new(),
                0 => value.to_string(),
                // As many digits as prices have.
                version => (((value + f64::from(version) * 0.01) * 1e6).round() / 1e6).to_string(),
            });
            writer.write_record(std::iter::once(month.clone()).chain(cells)).expect("a row");
        }
        writer.into_inner().expect("the writer's bytes")
    }
}

/// The file name of a version: each has its own operating day.
pub fn name(version: u32) -> String {
    format!("NonEnergy_PJM_{}_101010.csv", day(version).format("%Y%m%d"))
}

/// The operating day of a version.
pub fn day(version: u32) -> NaiveDate {
    let first = NaiveDate::from_ymd_opt(2024, 1, 1).expect("a day");
    first.checked_add_days(Days::new(version.into())).expect("a day")
}

/// The sheet that the product reads from the bytes.
pub fn read(name: &str, bytes: &[u8]) -> CurveSheet {
    let name = filename::parse(name).expect("a name");
    read::read(bytes, name).expect("a sheet without flaws").sheet
}
