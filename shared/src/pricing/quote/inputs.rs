//! What a quote is made of: one snapshot of each data type, and its curves.

use crate::catalog::label::normalised;
use crate::catalog::{Block, DataType, Label, Month, Unit};
use crate::curves::curve_name::CurveName;
use serde_json::Value;
use std::sync::Arc;

/// The data types that a quote is made of, in the order in which a move is attributed to them.
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
    /// Key.
    pub id: i32,
    /// Name.
    pub name: Arc<CurveName>,
    /// The slot of the first value, by the grid of the data type.
    pub first: i64,
    /// They; NaN for missing.
    pub values: Vec<f64>,
}

impl Curve {
    /// The value at a slot; NaN where there is none.
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

    /// A label as it is compared.
    #[must_use]
    pub fn label(&self, label: Label) -> String {
        normalised(&self.name.labels[label.index()])
    }

    /// Its block, if it has one.
    #[must_use]
    pub fn block(&self) -> Option<Block> {
        self.name.labels[Label::BlockType.index()].parse().ok()
    }

    /// Its unit, if we know it.
    #[must_use]
    pub fn unit(&self) -> Option<Unit> {
        self.name.uom.as_deref().and_then(Unit::parse)
    }
}

/// What a snapshot says.
#[derive(Clone, Debug)]
pub struct Sheet {
    /// Key of the snapshot.
    pub snapshot: i32,
    /// As an answer tells of it.
    pub about: Value,
    /// Its curves, by key.
    pub curves: Vec<Curve>,
}

/// One sheet of each data type that there is.
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

    /// Puts a sheet in place of what there was.
    pub fn put(&mut self, data_type: DataType, sheet: impl Into<Option<Arc<Sheet>>>) {
        if let Some(place) = Self::place(data_type) {
            self.sheets[place] = sheet.into();
        }
    }

    /// The curves of a data type; none without a sheet.
    #[must_use]
    pub fn curves(&self, data_type: DataType) -> &[Curve] {
        self.sheet(data_type).map_or(&[], |sheet| sheet.curves.as_slice())
    }

    /// The snapshot of a data type.
    #[must_use]
    pub fn snapshot(&self, data_type: DataType) -> Option<i32> {
        self.sheet(data_type).map(|sheet| sheet.snapshot)
    }

    /// All snapshots, in the order of [`NEEDED`].
    pub fn sheets(&self) -> impl Iterator<Item = &Arc<Sheet>> {
        self.sheets.iter().flatten()
    }
}
