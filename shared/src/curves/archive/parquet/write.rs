//! Writes snapshots into a file. Guarantees: one row group each, in the order in which they were added.

use super::cell::Cell;
use super::schema::{DATA_TYPE_KEY, FORMAT, FORMAT_KEY, LABELS, MARKET_KEY, properties, schema};
use super::{Kept, KeptCurve};
use crate::curves::curve_name::CurveName;
use crate::curves::sheet::content_of_nothing;
use crate::fault::{During, Fault};
use parquet::file::metadata::KeyValue;
use parquet::file::writer::{SerializedColumnWriter, SerializedFileWriter, SerializedRowGroupWriter};
use std::iter::repeat_n;
use std::sync::Arc;

/// Writes snapshots of one data type and market into one file, in memory.
pub struct Writer {
    file: SerializedFileWriter<Vec<u8>>,
    data_type: String,
    market: String,
}

impl Writer {
    /// A file without snapshots yet.
    ///
    /// # Errors
    /// Only those of a writer to memory.
    pub fn new(data_type: &str, market: &str) -> Result<Self, Fault> {
        let said = [(FORMAT_KEY, FORMAT), (DATA_TYPE_KEY, data_type), (MARKET_KEY, market)];
        let said = said.map(|(key, value)| KeyValue::new(key.to_owned(), value.to_owned()));
        let properties = Arc::new(properties(said.to_vec()));
        let file =
            SerializedFileWriter::new(Vec::new(), schema(), properties).during("starting a Parquet file")?;
        Ok(Self { file, data_type: data_type.to_owned(), market: market.to_owned() })
    }

    /// Adds a snapshot. After a fault the file is unusable.
    ///
    /// # Errors
    /// A snapshot that lacks its curves, or has a curve without values: the format cannot represent them.
    pub fn add(&mut self, snapshot: &Kept) -> Result<(), Fault> {
        let is_other = snapshot.curves.is_empty() != (snapshot.content == content_of_nothing(snapshot.cob));
        if is_other || snapshot.curves.iter().any(|curve| curve.values.is_empty()) {
            return Err(Fault::new(
                "a kept snapshot has the curves that its digest covers, and each curve at least one value",
            ));
        }
        let during = || format!("writing revision {} of {}", snapshot.revision, snapshot.stamp);
        let file = self.file.next_row_group().during(during())?;
        let nothing = [nothing(snapshot)];
        let curves = if snapshot.curves.is_empty() { &nothing[..] } else { &snapshot.curves };
        let mut group = Group { file, rows: curves.len() };
        group.same("data_type", Some(&self.data_type)).during(during())?;
        group.same("market", Some(&self.market)).during(during())?;
        group.snapshot(snapshot).during(during())?;
        group.curves(curves).during(during())?;
        group.file.close().during(during())?;
        Ok(())
    }

    /// Number of bytes that the snapshots take so far, without the footer.
    #[must_use]
    pub fn size(&self) -> usize {
        self.file.bytes_written()
    }

    /// The file.
    ///
    /// # Errors
    /// An earlier snapshot could not be written.
    pub fn finish(self) -> Result<Vec<u8>, Fault> {
        self.file.into_inner().during("finishing a Parquet file")
    }
}

/// The row of a snapshot without curves.
fn nothing(snapshot: &Kept) -> KeptCurve {
    let name = CurveName {
        labels: Default::default(),
        sub_component: String::new(),
        sub_component_raw: None,
        uom: None,
        details: vec![],
    };
    KeptCurve { name, start: snapshot.stamp.date(), values: vec![] }
}

/// The row group of one snapshot. Its columns are written in the order of the schema, as Parquet requires.
struct Group<'a> {
    file: SerializedRowGroupWriter<'a, Vec<u8>>,
    rows: usize,
}

impl Group<'_> {
    fn snapshot(&mut self, snapshot: &Kept) -> Result<(), Fault> {
        let (upload, withdrawn) = (&snapshot.upload, snapshot.withdrawn.as_ref());
        self.same("stamp", Some(&snapshot.stamp))?;
        self.same("cob", Some(&snapshot.cob))?;
        self.same("revision", Some(&snapshot.revision))?;
        self.same("known_from", Some(&snapshot.known_from))?;
        self.same("known_to", snapshot.known_to.as_ref())?;
        self.same("content", Some(&snapshot.content))?;
        self.same("upload_key", Some(&upload.key))?;
        self.same("received_at", Some(&upload.received_at))?;
        self.same("uploaded_by", upload.uploaded_by.as_ref())?;
        self.same("sha256", upload.sha256.as_ref())?;
        self.same("withdrawn_at", withdrawn.map(|withdrawn| &withdrawn.at))?;
        self.same("withdrawn_by", withdrawn.map(|withdrawn| &withdrawn.by))?;
        self.same("withdrawn_reason", withdrawn.map(|withdrawn| &withdrawn.reason))
    }

    fn curves(&mut self, curves: &[KeptCurve]) -> Result<(), Fault> {
        let curves = curves.iter();
        let names = curves.clone().map(|curve| &curve.name);
        for (place, label) in LABELS.into_iter().enumerate() {
            self.each(label, names.clone().map(|name| Some(&name.labels[place])))?;
        }
        self.each("sub_cost_component", names.clone().map(|name| Some(&name.sub_component)))?;
        self.each("sub_cost_component_raw", names.clone().map(|name| name.sub_component_raw.as_ref()))?;
        self.each("uom", names.clone().map(|name| name.uom.as_ref()))?;
        self.lists("details", names.map(|name| name.details.iter().map(Some)))?;
        self.each("start", curves.clone().map(|curve| Some(&curve.start)))?;
        let there = |value| Some(value).filter(|value: &&f64| !value.is_nan());
        self.lists("values", curves.map(|curve| curve.values.iter().map(there)))
    }

    /// A column with the same value in every row.
    fn same<C: Cell>(&mut self, name: &str, value: Option<&C>) -> Result<(), Fault> {
        self.each(name, repeat_n(value, self.rows))
    }

    /// A column with at most one value in each row.
    fn each<'c, C: Cell + 'c>(
        &mut self,
        name: &str,
        rows: impl Iterator<Item = Option<&'c C>>,
    ) -> Result<(), Fault> {
        let during = || format!("writing column {name}");
        let (mut column, greatest) = self.next::<C>(name)?;
        let (mut values, mut levels) = (Vec::new(), Vec::new());
        for row in rows {
            levels.push(i16::from(row.is_some()));
            values.extend(row.map(C::put));
        }
        let levels = (greatest > 0).then_some(levels.as_slice());
        column.typed::<C::Column>().write_batch(&values, levels, None).during(during())?;
        column.close().during(during())
    }

    /// A column with a list in each row.
    ///
    /// Parquet separates lists by two numbers per element: its level (the greatest if the value is present, one less if it is
    /// missing, 0 if the list is empty), and 1 if the element continues a list or 0 if it starts one.
    fn lists<'c, C: Cell + 'c>(
        &mut self,
        name: &str,
        rows: impl Iterator<Item = impl Iterator<Item = Option<&'c C>>>,
    ) -> Result<(), Fault> {
        let during = || format!("writing column {name}");
        let (mut column, greatest) = self.next::<C>(name)?;
        let (mut values, mut levels, mut repeats) = (Vec::new(), Vec::new(), Vec::new());
        for row in rows {
            let begin = levels.len();
            for value in row {
                levels.push(if value.is_some() { greatest } else { greatest - 1 });
                values.extend(value.map(C::put));
            }
            if levels.len() == begin {
                levels.push(0);
            }
            repeats.push(0);
            repeats.resize(levels.len(), 1);
        }
        column.typed::<C::Column>().write_batch(&values, Some(&levels), Some(&repeats)).during(during())?;
        column.close().during(during())
    }

    /// The next column, and its greatest level.
    fn next<C: Cell>(&mut self, name: &str) -> Result<(SerializedColumnWriter<'_>, i16), Fault> {
        let column = self.file.next_column().during(format!("starting column {name}"))?;
        let mut column =
            column.ok_or_else(|| Fault::new(format!("the schema has no more columns for {name}")))?;
        let descriptor = column.typed::<C::Column>().get_descriptor();
        debug_assert_eq!(descriptor.path().parts()[0], name, "columns are written in the schema's order");
        let greatest = descriptor.max_def_level();
        Ok((column, greatest))
    }
}
