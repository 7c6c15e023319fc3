//! Reads downloads back, and makes the sheets that would have produced them.

use std::fmt::Write as _;

/// A parsed download.
#[derive(Clone, Debug, PartialEq)]
pub struct Download {
    /// Everything above the first row of numbers, as text.
    pub header: String,
    /// Titles of the header block's rows and their cells, one per column.
    pub labels: Vec<(String, Vec<String>)>,
    /// The cells left of the numbers, per row: stamp, month, and the mark if there is one.
    pub index: Vec<Vec<String>>,
    /// The numbers as text, per row.
    pub rows: Vec<Vec<String>>,
    /// Everything from the empty line on, with LF line ends.
    pub footer: String,
}

impl Download {
    /// Parses a download.
    ///
    /// # Panics
    /// If the text is not a download.
    #[must_use]
    pub fn read(text: &str) -> Self {
        let text = text.replace("\r\n", "\n");
        let (table, footer) = text.split_once("\n\n").expect("an empty line above the footer");
        let mut reader =
            csv::ReaderBuilder::new().has_headers(false).flexible(true).from_reader(table.as_bytes());
        let records: Vec<Vec<String>> = reader
            .records()
            .map(|record| record.expect("a record").iter().map(str::to_owned).collect())
            .collect();
        let titles =
            records.iter().position(|record| record[0] == "Curve Update Date").expect("the row of titles");
        let index = records[titles].iter().take_while(|cell| !cell.is_empty()).count();
        let labels =
            records[..titles].iter().map(|record| (record[0].clone(), record[index..].to_vec())).collect();
        let (left, right): (Vec<_>, Vec<_>) = records[titles + 1..]
            .iter()
            .map(|record| (record[..index].to_vec(), record[index..].to_vec()))
            .unzip();
        let header: String = table.lines().take(titles + 1).fold(String::new(), |mut text, line| {
            writeln!(text, "{line}").expect("a String takes it");
            text
        });
        Self { header, labels, index: left, rows: right, footer: footer.to_owned() }
    }

    /// The row of the header block with this title.
    ///
    /// # Panics
    /// If no row has it.
    #[must_use]
    pub fn label(&self, title: &str) -> &[String] {
        &self.labels.iter().find(|(name, _)| name == title).unwrap_or_else(|| panic!("no row {title}")).1
    }

    /// The stamp of its only snapshot, as in a file name.
    ///
    /// # Panics
    /// If it has several snapshots.
    #[must_use]
    pub fn stamp(&self) -> String {
        let stamp = &self.index[0][0];
        assert!(self.index.iter().all(|row| row[0] == *stamp), "one snapshot");
        stamp[..19].replace(['-', ':'], "").replace(' ', "_")
    }

    /// The sheet as an analyst would have put it into the bucket: helper row, header block, units, a blank row, label rows, and one
    /// row per month.
    #[must_use]
    pub fn sheet(&self, label_rows: &[(&str, &str)]) -> String {
        let mut writer = csv::WriterBuilder::new().flexible(true).from_writer(Vec::new());
        let mut row = |first: &str, cells: &[String]| {
            let cells = cells.iter().map(String::as_str);
            writer.write_record(std::iter::once(first).chain(cells)).expect("a record");
        };
        let blank = vec![String::new(); self.labels[0].1.len()];
        row("Lookup ID1", &blank.iter().map(|_| "key".to_owned()).collect::<Vec<_>>());
        for (title, cells) in &self.labels {
            row(title, cells);
        }
        row("", &blank);
        for (first, title) in label_rows {
            row(first, self.label(title));
        }
        for (left, cells) in self.index.iter().zip(&self.rows) {
            let (year, month) = (&left[1][..4], left[1][5..7].trim_start_matches('0'));
            row(&format!("{month}/1/{year}"), cells);
        }
        String::from_utf8(writer.into_inner().expect("the writer's bytes")).expect("text")
    }
}

/// A sheet of prices to compare that produces a download: 27 rows above the label row, as analysts write it, and keys that keep the
/// column order, which downloads do not show. It is encoded as Windows-1252, like the real ones: the published files show its
/// quotes and dashes as control characters with the same number.
///
/// # Panics
/// If the download is not one of prices to compare.
#[must_use]
pub fn ptc_sheet(download: &Download) -> Vec<u8> {
    let mut sheet = Sheet::default();
    let count = download.labels[0].1.len();
    sheet.row("Matching ID", (0..count).map(|at| format!("M{at:05}")));
    sheet.row("Lookup ID1", (0..count).map(|at| format!("LK{at:05}")));
    for (title, cells) in download.labels.iter().filter(|(title, _)| title != "Profile_load") {
        sheet.row(title, cells.iter().cloned());
    }
    sheet.row("Utility Name", download.label("Utility").iter().cloned());
    sheet.row("Rate Class/Load Profile", download.label("Profile_load").iter().cloned());
    sheet.blank_up_to(27, count);
    sheet.row("Month", (0..count).map(|_| "Price".to_owned()));
    for (left, cells) in download.index.iter().zip(&download.rows) {
        sheet.row(&american(&left[1]), cells.iter().cloned());
    }
    sheet.text().chars().map(|c| u8::try_from(u32::from(c)).expect("a character of Windows-1252")).collect()
}

/// The sheet of offers that produces a download: the rows above the 24th, then a row per component, negative numbers in brackets,
/// keys as in [`ptc_sheet`].
///
/// # Panics
/// If the text is not a download of offers.
#[must_use]
pub fn matrix_sheet(download: &str) -> Vec<u8> {
    let table = download.split("\n\n").next().expect("an empty line above the footer");
    let mut reader = csv::ReaderBuilder::new().has_headers(false).from_reader(table.as_bytes());
    let records = reader.records().map(|record| record.expect("a record"));
    let records: Vec<Vec<String>> =
        records.map(|record| record.iter().map(str::to_owned).collect()).collect();
    let (labels, components) = records.split_at(11);
    let mut sheet = Sheet::default();
    let count = labels[0].len() - 1;
    sheet.row("Matching ID", (0..count).map(|at| format!("M{at:05}")));
    sheet.row("Lookup ID1", (0..count).map(|at| format!("LK{at:05}")));
    for label in labels {
        let cells = label[1..].iter();
        match label[0].as_str() {
            "term" => sheet.row("Term (Months)", cells.map(|cell| cell.trim_end_matches(".0").to_owned())),
            "beginning_date" => sheet.row("Beginning Date", cells.map(|cell| american(cell))),
            "strip" => sheet.row("Block Type", cells.cloned()),
            title => sheet.row(&titled(title), cells.cloned()),
        }
    }
    sheet.blank_up_to(24, count);
    for component in components {
        let cells = component[1..].iter();
        let written = cells.map(|cell| match cell.strip_prefix('-') {
            Some(rest) => format!("({rest})"),
            None => cell.clone(),
        });
        sheet.row(&format!(" {} ", component[0]), written);
    }
    sheet.text().into_bytes()
}

/// `load_zone` as a sheet writes it.
fn titled(name: &str) -> String {
    let words = name.split('_').map(|word| word[..1].to_uppercase() + &word[1..]);
    words.collect::<Vec<_>>().join(" ")
}

/// A day as a spreadsheet writes it.
fn american(moment: &str) -> String {
    let part = |range: std::ops::Range<usize>| moment[range].trim_start_matches('0').to_owned();
    format!("{}/{}/{}", part(5..7), part(8..10), &moment[..4])
}

/// A sheet being written.
#[derive(Default)]
struct Sheet {
    lines: Vec<Vec<String>>,
}

impl Sheet {
    fn row(&mut self, first: &str, cells: impl Iterator<Item = String>) {
        self.lines.push(std::iter::once(first.to_owned()).chain(cells).collect());
    }

    fn blank_up_to(&mut self, lines: usize, columns: usize) {
        while self.lines.len() < lines {
            self.row("", (0..columns).map(|_| String::new()));
        }
    }

    fn text(&self) -> String {
        let mut writer = csv::WriterBuilder::new().from_writer(Vec::new());
        for line in &self.lines {
            writer.write_record(line).expect("a record");
        }
        String::from_utf8(writer.into_inner().expect("the writer's bytes")).expect("text")
    }
}
