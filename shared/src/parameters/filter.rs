//! Selects curves by their labels.

use crate::catalog::{Detail, Label, Layout, Pattern};

/// A part of a curve's name.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Field {
    /// One of the eight labels.
    Label(Label),
    /// The sub-component.
    SubComponent,
    /// A detail: what else distinguishes curves of a data type.
    Detail(Detail),
}

impl Field {
    /// All fields, in the order of their positions.
    pub fn all() -> impl Iterator<Item = Self> {
        let labels = Label::ALL.into_iter().map(Self::Label);
        labels.chain([Self::SubComponent]).chain(Detail::ALL.into_iter().map(Self::Detail))
    }

    /// The name in requests and answers.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Label(label) => label.name(),
            Self::SubComponent => "sub_cost_component",
            Self::Detail(detail) => detail.name(),
        }
    }

    /// The position in `trueprice.curve.normal`, from 1; `None` if curves of the layout do not have it.
    #[must_use]
    pub fn place(self, layout: &Layout) -> Option<usize> {
        match self {
            Self::Label(label) => Some(label.index() + 1),
            Self::SubComponent => Some(Label::ALL.len() + 1),
            Self::Detail(detail) => layout.place_of(detail).map(|place| Label::ALL.len() + 2 + place),
        }
    }
}

/// Selects curves that, for each field with patterns, match one of the patterns. Without patterns, all curves.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Filter {
    fields: Vec<(Field, Pattern)>,
    curves: Option<Vec<i32>>,
}

impl Filter {
    /// Only these curves, by id.
    #[must_use]
    pub fn of_curves(keys: Vec<i32>) -> Self {
        Self { fields: vec![], curves: Some(keys) }
    }

    /// Adds a pattern; several patterns for one field are alternatives.
    pub fn add(&mut self, field: Field, pattern: Pattern) {
        self.fields.push((field, pattern));
    }

    /// Whether the filter selects all curves.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.fields.is_empty() && self.curves.is_none()
    }

    /// The patterns, by field.
    #[must_use]
    pub fn fields(&self) -> &[(Field, Pattern)] {
        &self.fields
    }

    /// The curves, if they are given by id.
    #[must_use]
    pub fn curves(&self) -> Option<&[i32]> {
        self.curves.as_deref()
    }

    /// Positions in `trueprice.curve.normal` and normalised patterns, as parallel vectors for SQL; `None` if curves of the layout
    /// lack a field, so that none can match.
    #[must_use]
    pub fn places(&self, layout: &Layout) -> Option<(Vec<i32>, Vec<String>)> {
        let places = self.fields.iter().map(|(field, pattern)| {
            let place = i32::try_from(field.place(layout)?).ok()?;
            Some((place, pattern.like()))
        });
        places.collect::<Option<Vec<_>>>().map(|places| places.into_iter().unzip())
    }
}
