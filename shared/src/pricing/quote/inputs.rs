//! The inputs of a quote: one snapshot of each data type, and its curves.

use crate::catalog::label::normalised;
use crate::catalog::{Block, DataType, Label, Month, Unit};
use crate::curves::curve_name::CurveName;
use serde_json::Value;
use std::sync::Arc;

/// The data types a quote needs, in the order in which price moves are attributed to them.
pub const NEEDED: [DataType; 7] = [
    DataType::Energy,
    DataType::Shaping,
    DataType::Vlr,
    DataType::NonEnergy,
    DataType::Rec,
    DataType::LineLoss,
    DataType::LoadProfile,
];

/// A curve with its values.
#[derive(Clone, Debug)]
pub struct Curve {
    /// The id of the curve.
    pub id: i32,
    /// The labels and unit of the curve.
    pub name: Arc<CurveName>,
    /// The slot of the first value, in the data type's grid.
    pub first: i64,
    /// The values; NaN is missing.
    pub values: Vec<f64>,
}

impl Curve {
    /// The value at a slot; NaN if it has none.
    #[must_use]
    pub fn at(&self, slot: i64) -> f64 {
        let place = usize::try_from(slot - self.first).ok();
        place.and_then(|place| self.values.get(place)).copied().unwrap_or(f64::NAN)
    }

    /// The value of a delivery month.
    #[must_use]
    pub fn in_month(&self, month: Month) -> f64 {
        self.at(i64::from(month.ordinal()))
    }

    /// A label, normalised for comparison.
    #[must_use]
    pub fn label(&self, label: Label) -> String {
        normalised(&self.name.labels[label.index()])
    }

    /// Its block, if it has one.
    #[must_use]
    pub fn block(&self) -> Option<Block> {
        self.name.labels[Label::BlockType.index()].parse().ok()
    }

    /// Its unit, if known.
    #[must_use]
    pub fn unit(&self) -> Option<Unit> {
        self.name.uom.as_deref().and_then(Unit::parse)
    }
}

/// The content of a snapshot.
#[derive(Clone, Debug)]
pub struct Sheet {
    /// Id of the snapshot.
    pub snapshot: i32,
    /// Its description for answers.
    pub about: Value,
    /// Its curves, by id.
    pub curves: Vec<Curve>,
}

/// Up to one sheet of each data type.
#[derive(Clone, Debug, Default)]
pub struct Inputs {
    sheets: [Option<Arc<Sheet>>; NEEDED.len()],
}

impl Inputs {
    fn place(data_type: DataType) -> Option<usize> {
        NEEDED.iter().position(|needed| *needed == data_type)
    }

    /// The sheet of a data type.
    #[must_use]
    pub fn sheet(&self, data_type: DataType) -> Option<&Arc<Sheet>> {
        Self::place(data_type).and_then(|place| self.sheets[place].as_ref())
    }

    /// Replaces the sheet of a data type.
    pub fn put(&mut self, data_type: DataType, sheet: impl Into<Option<Arc<Sheet>>>) {
        if let Some(place) = Self::place(data_type) {
            self.sheets[place] = sheet.into();
        }
    }

    /// The curves of a data type; empty without a sheet.
    #[must_use]
    pub fn curves(&self, data_type: DataType) -> &[Curve] {
        self.sheet(data_type).map_or(&[], |sheet| sheet.curves.as_slice())
    }

    /// The snapshot of a data type.
    #[must_use]
    pub fn snapshot(&self, data_type: DataType) -> Option<i32> {
        self.sheet(data_type).map(|sheet| sheet.snapshot)
    }

    /// All sheets, in the order of [`NEEDED`].
    pub fn sheets(&self) -> impl Iterator<Item = &Arc<Sheet>> {
        self.sheets.iter().flatten()
    }
}
