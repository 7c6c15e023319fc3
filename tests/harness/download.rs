//! Reads a download (the wide CSV) back, and makes the sheet from it that would have led to it.

use std::fmt::Write as _;

/// A download taken apart.
#[derive(Clone, Debug, PartialEq)]
pub struct Download {
    /// Everything above the first row of numbers, as bytes of text.
    pub header: String,
    /// Titles of the rows of the header block and their cells, one per column.
    pub labels: Vec<(String, Vec<String>)>,
    /// The cells left of the numbers, per row: stamp, month, and the mark if there is one.
    pub index: Vec<Vec<String>>,
    /// The numbers as text, per row.
    pub rows: Vec<Vec<String>>,
    /// Everything from the empty line on, with LF line ends.
    pub footer: String,
}

impl Download {
    /// Reads one.
    ///
    /// # Panics
    /// If it is none.
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
    /// If there is none.
    #[must_use]
    pub fn label(&self, title: &str) -> &[String] {
        &self.labels.iter().find(|(name, _)| name == title).unwrap_or_else(|| panic!("no row {title}")).1
    }

    /// The stamp of its only snapshot, as in a file name.
    ///
    /// # Panics
    /// If it has several.
    #[must_use]
    pub fn stamp(&self) -> String {
        let stamp = &self.index[0][0];
        assert!(self.index.iter().all(|row| row[0] == *stamp), "one snapshot");
        stamp[..19].replace(['-', ':'], "").replace(' ', "_")
    }

    /// The sheet, as an analyst would have put it into the bucket: helper row, header block, units, a blank row, label
    /// rows, and one row per month.
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
