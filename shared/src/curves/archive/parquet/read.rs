//! Reads snapshots from a file. Guarantees: a file that is not ours, incomplete or of another version is a fault that says so.

use super::cell::Cell;
use super::column::Column;
use super::schema::{DATA_TYPE_KEY, FORMAT, FORMAT_KEY, LABELS, MARKET_KEY, compare};
use super::{Kept, KeptCurve, Provenance, Withdrawn};
use crate::curves::curve_name::CurveName;
use crate::curves::sheet::content_of_nothing;
use crate::fault::{During, Fault};
use bytes::Bytes;
use parquet::file::reader::{FileReader, RowGroupReader, SerializedFileReader};
use sha2::{Digest as _, Sha256};
use std::mem::take;
use std::panic::{AssertUnwindSafe, catch_unwind};

/// Reads the snapshots of a file, one at a time.
pub struct Reader {
    file: SerializedFileReader<Bytes>,
    data_type: String,
    market: String,
}

impl Reader {
    /// Checks the digest of the whole file, and reads its metadata. Parquet itself does not verify bytes: a changed price would be
    /// read as a price.
    ///
    /// # Errors
    /// Its SHA-256 differs, or it was not written by a [`super::Writer`] of this version.
    pub fn open(bytes: impl Into<Bytes>, sha256: &[u8]) -> Result<Self, Fault> {
        let bytes = bytes.into();
        if Sha256::digest(&bytes)[..] != *sha256 {
            return Err(Fault::new("the file is not as it was written: its SHA-256 differs"));
        }
        let file =
            guarded(|| SerializedFileReader::new(bytes).during("reading the footer of a Parquet file"))?;
        let metadata = file.metadata().file_metadata();
        let said = |key: &str| {
            let mut pairs = metadata.key_value_metadata().into_iter().flatten();
            let value = pairs.find(|pair| pair.key == key).and_then(|pair| pair.value.clone());
            value.ok_or_else(|| Fault::new(format!("the file does not state its {key}")))
        };
        let format = said(FORMAT_KEY)?;
        if format != FORMAT {
            return Err(Fault::new(format!(
                "the file is of format {format:?}, and only {FORMAT:?} is known"
            )));
        }
        compare(metadata.schema_descr().root_schema())?;
        let (data_type, market) = (said(DATA_TYPE_KEY)?, said(MARKET_KEY)?);
        Ok(Self { file, data_type, market })
    }

    /// Data type of the snapshots.
    #[must_use]
    pub fn data_type(&self) -> &str {
        &self.data_type
    }

    /// Market of the snapshots.
    #[must_use]
    pub fn market(&self) -> &str {
        &self.market
    }

    /// Number of snapshots.
    #[must_use]
    pub fn len(&self) -> usize {
        self.file.num_row_groups()
    }

    /// Whether the file has no snapshots.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// The snapshot at an index, from 0 in the order in which they were added. The others are not read.
    ///
    /// # Errors
    /// The file has no such snapshot, or its row group is not a snapshot.
    pub fn snapshot(&self, at: usize) -> Result<Kept, Fault> {
        let during = || format!("reading snapshot {at} of {}", self.len());
        if at >= self.len() {
            return Err(Fault::new("there are no more")).during(during());
        }
        let group = Group(self.file.get_row_group(at).during(during())?);
        let read = || group.belongs(&self.data_type, &self.market).and_then(|()| group.snapshot());
        guarded(read).during(during())
    }
}

/// Parquet's decoder panics where it could return an error, for one changed bit in 150 (60.1, measured 2026-11-21).
/// A file changed by accident fails the digest check; this is for one whose digest was changed as well. The reader has no state
/// that a panic could corrupt.
fn guarded<V>(read: impl FnOnce() -> Result<V, Fault>) -> Result<V, Fault> {
    let panicked =
        |_| Err(Fault::new("the Parquet decoder panicked: the file is not as any writer makes it"));
    catch_unwind(AssertUnwindSafe(read)).unwrap_or_else(panicked)
}

/// The row group of one snapshot.
struct Group<'a>(Box<dyn RowGroupReader + 'a>);

impl Group<'_> {
    /// Checks that the rows are of the data type and market that the file states.
    fn belongs(&self, data_type: &str, market: &str) -> Result<(), Fault> {
        let found: (String, String) =
            (self.read("data_type", Column::same)?, self.read("market", Column::same)?);
        if (found.0.as_str(), found.1.as_str()) == (data_type, market) {
            return Ok(());
        }
        Err(Fault::new(format!("it is of {} {}, in a file of {data_type} {market}", found.0, found.1)))
    }

    fn snapshot(&self) -> Result<Kept, Fault> {
        let (cob, content) = (self.read("cob", Column::same)?, self.read("content", Column::same)?);
        Ok(Kept {
            stamp: self.read("stamp", Column::same)?,
            cob,
            revision: self.read("revision", Column::same)?,
            known_from: self.read("known_from", Column::same)?,
            known_to: self.read("known_to", Column::same_or_none)?,
            content,
            upload: Provenance {
                key: self.read("upload_key", Column::same)?,
                received_at: self.read("received_at", Column::same)?,
                uploaded_by: self.read("uploaded_by", Column::same_or_none)?,
                sha256: self.read("sha256", Column::same_or_none)?,
            },
            withdrawn: self.withdrawn()?,
            curves: self.curves(content == content_of_nothing(cob))?,
        })
    }

    fn withdrawn(&self) -> Result<Option<Withdrawn>, Fault> {
        let at = self.read("withdrawn_at", Column::same_or_none)?;
        let by = self.read("withdrawn_by", Column::same_or_none)?;
        let reason = self.read("withdrawn_reason", Column::same_or_none)?;
        match (at, by, reason) {
            (Some(at), Some(by), Some(reason)) => Ok(Some(Withdrawn { at, by, reason })),
            (None, None, None) => Ok(None),
            _ => Err(Fault::new("withdrawn_at, withdrawn_by and withdrawn_reason do not go together")),
        }
    }

    /// The curves. A snapshot without curves (`none`) has one row, without values.
    fn curves(&self, none: bool) -> Result<Vec<KeptCurve>, Fault> {
        let labels: Result<Vec<Vec<String>>, Fault> =
            LABELS.iter().map(|label| self.read(label, Column::each)).collect();
        let mut labels: [_; 8] = labels?.try_into().expect("a column for each label");
        let mut components = self.read("sub_cost_component", Column::each)?;
        let mut raw = self.read("sub_cost_component_raw", Column::each_or_none)?;
        let mut units = self.read("uom", Column::each_or_none)?;
        let there = |detail: Option<_>| detail.ok_or_else(|| Fault::new("one is missing"));
        let mut details = self.read("details", |column| column.lists(there))?;
        let starts = self.read("start", Column::each)?;
        let values = self.read("values", |column| column.lists(|value| Ok(value.unwrap_or(f64::NAN))))?;
        if none && matches!(values.as_slice(), [values] if values.is_empty()) {
            return Ok(vec![]);
        }
        if none || values.is_empty() || values.iter().any(Vec::is_empty) {
            return Err(Fault::new(
                "a snapshot has the curves that its digest covers, and each curve at least one value",
            ));
        }
        // Every column has as many rows as the group.
        let curves = values.into_iter().zip(starts).enumerate().map(|(row, (values, start))| {
            let name = CurveName {
                labels: labels.each_mut().map(|label| take(&mut label[row])),
                sub_component: take(&mut components[row]),
                sub_component_raw: raw[row].take(),
                uom: units[row].take(),
                details: take(&mut details[row]),
            };
            KeptCurve { name, start, values }
        });
        Ok(curves.collect())
    }

    /// Reads a column, with `of` as the converter.
    fn read<C: Cell, V>(
        &self,
        name: &str,
        of: impl FnOnce(Column<C>) -> Result<V, Fault>,
    ) -> Result<V, Fault> {
        Column::read(self.0.as_ref(), name).and_then(of).during(format!("reading column {name}"))
    }
}
