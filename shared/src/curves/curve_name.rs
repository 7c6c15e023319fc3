//! The identity of a curve: its labels and unit.

use crate::catalog::text::{normalised, normalised_before, spelled_out};
use crate::catalog::{Label, Layout, Unit, Written};
use crate::parameters::filter::{Field, Filter};
use sha2::{Digest, Sha256};
use std::collections::HashSet;
use uuid::Uuid;

/// The identity of a curve: its labels and unit.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CurveName {
    /// The eight labels as written, in the order of [`Label::ALL`].
    pub labels: [String; 8],
    /// The sub component.
    pub sub_component: String,
    /// The sub component as written, where the sheet's spelling was normalised.
    pub sub_component_raw: Option<String>,
    /// The unit, if the sheet states it.
    pub uom: Option<String>,
    /// Further labels that identify it, in the order of its layout's details.
    pub details: Vec<String>,
}

impl CurveName {
    /// Whether a curve of a layout passes a filter. The database does the same with [`Filter::places`]; this is for callers who
    /// have read the curves for many filters at once.
    #[must_use]
    pub fn matches(&self, filter: &Filter, layout: &Layout) -> bool {
        filter.fields().iter().all(|(field, _)| {
            let label = match field {
                Field::Label(label) => Some(self.label(*label)),
                Field::SubComponent => Some(self.sub_component.as_str()),
                Field::Detail(detail) => {
                    layout.place_of(*detail).and_then(|place| self.details.get(place)).map(String::as_str)
                }
            };
            let mut patterns = filter.fields().iter().filter(|(other, _)| other == field);
            label.is_some_and(|label| patterns.any(|(_, pattern)| pattern.matches(label)))
        })
    }

    /// One of the labels.
    #[must_use]
    pub fn label(&self, label: Label) -> &str {
        &self.labels[label.index()]
    }

    /// The unit that it states: the stored one combined with those in its names. Known units are removed from the names of new
    /// sheets; names of older sheets may have one that was unknown then, next to an assumed unit.
    #[must_use]
    pub fn unit(&self) -> Written {
        let said = self.uom.as_deref().map_or(Written::Nothing, Written::in_cell);
        let names = [self.label(Label::CostComponent), &self.sub_component, self.label(Label::CostGroup)];
        let (mut said, mut last) = (said, Written::Nothing);
        for unit in names.into_iter().map(Written::of_name).filter(|unit| *unit != Written::Nothing) {
            // The sub component mostly repeats the component.
            if unit != last {
                last = unit.clone();
                said = said.and(unit);
            }
        }
        said
    }

    /// The same curve in another unit, which is removed from its names.
    #[must_use]
    pub fn in_unit(mut self, unit: Unit) -> Self {
        let [_, _, _, _, _, _, group, component] = &mut self.labels;
        for name in [group, component, &mut self.sub_component] {
            if Written::of_name(name) != Written::Nothing {
                *name = Written::in_name(name).0;
            }
        }
        Self { uom: Some(unit.symbol().to_owned()), ..self }
    }

    /// The unit that it states, or that of its kind of curve.
    #[must_use]
    pub fn unit_in(&self, layout: &Layout) -> Written {
        match (self.unit(), layout.unit) {
            (Written::Nothing, Some(unit)) => Written::Known(unit),
            (said, _) => said,
        }
    }

    /// The identity of the curve in the database, from its normalised labels and its unit.
    ///
    /// The unit is part of it: otherwise a curve that changes from $/kW-mo to $/`MWh` would change the meaning of its history.
    #[must_use]
    pub fn identity(&self) -> Uuid {
        self.identity_by(normalised)
    }

    /// The identity before version 19 of the schema, which kept invisible characters; `None` if it is the same.
    #[must_use]
    pub fn identity_before(&self) -> Option<Uuid> {
        // ASCII texts have the same form in both.
        let mut texts = self.labels.iter().chain([&self.sub_component]).chain(&self.uom).chain(&self.details);
        if texts.all(|text| text.is_ascii()) {
            return None;
        }
        Some(self.identity_by(normalised_before)).filter(|before| *before != self.identity())
    }

    /// The identity in use in the database. `before` are the identities from before version 19 that are still in use, for curves
    /// whose labels then became those of another curve.
    #[must_use]
    pub fn identity_among(&self, before: &HashSet<Uuid>) -> Uuid {
        let kept = self.identity_before().filter(|identity| before.contains(identity));
        kept.unwrap_or_else(|| self.identity())
    }

    /// The same with the invisible characters of its labels written out, so that it differs from one that looks the same.
    #[must_use]
    pub fn spelled_out(&self) -> Self {
        let spelled = |text: &String| {
            let same = normalised(text) == normalised_before(text);
            if same { text.clone() } else { spelled_out(text) }
        };
        Self {
            labels: self.labels.each_ref().map(spelled),
            sub_component: spelled(&self.sub_component),
            sub_component_raw: self.sub_component_raw.as_ref().map(spelled),
            uom: self.uom.as_ref().map(spelled),
            details: self.details.iter().map(spelled).collect(),
        }
    }

    fn identity_by(&self, normal: fn(&str) -> String) -> Uuid {
        let mut hash = Sha256::new();
        let labels = self.labels.iter().chain([&self.sub_component]);
        for text in labels.chain(self.uom.as_ref()) {
            hash.update(normal(text));
            hash.update([0]);
        }
        for text in &self.details {
            hash.update([1]);
            hash.update(normal(text));
        }
        short(hash)
    }

    /// Labels, sub component and details as they are compared, in the order of `trueprice.curve.normal`.
    pub fn normal(&self) -> impl Iterator<Item = String> {
        let labels = self.labels.iter().chain([&self.sub_component]).chain(&self.details);
        labels.map(|text| normalised(text))
    }
}

/// The first 16 bytes: 2^64 curves until two are likely to meet, in half the index.
pub(super) fn short(hash: Sha256) -> Uuid {
    let bytes: [u8; 32] = hash.finalize().into();
    Uuid::from_slice(&bytes[..16]).expect("16 bytes are a uuid")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::catalog::DataType;

    fn name(component: &str, uom: Option<&str>) -> CurveName {
        let labels = ["PJM", "NJ", "AECO", "AECO", "ALL", "7X24", "Capacity", component];
        CurveName {
            labels: labels.map(str::to_owned),
            sub_component: component.to_owned(),
            sub_component_raw: None,
            uom: uom.map(str::to_owned),
            details: vec![],
        }
    }

    #[test]
    fn spelling_does_not_change_an_identity_but_the_unit_does() {
        assert_eq!(name("Class_I Price", None).identity(), name("class i  price ", None).identity());
        assert_ne!(name("Class I", None).identity(), name("Class II", None).identity());
        assert_ne!(name("Capacity", Some("$/kW-mo")).identity(), name("Capacity", Some("$/MWh")).identity());
        assert_ne!(name("Capacity", Some("$")).identity(), name("Capacity", None).identity());
    }

    #[test]
    fn invisible_characters_do_not_change_an_identity_and_the_earlier_one_is_found() {
        let (plain, odd) = (name("Class I", None), name("Class\u{a0}I\u{200b}", None));
        assert_eq!((odd.identity(), plain.identity_before()), (plain.identity(), None));
        let before = odd.identity_before().unwrap();
        assert_ne!(before, odd.identity());
        assert_eq!(name("Zoné", None).identity_before(), None, "a letter is a letter");
        assert_eq!(odd.identity_among(&HashSet::new()), plain.identity());
        assert_eq!(odd.spelled_out().labels[7], "Class<U+00A0>I<U+200B>");
        assert_ne!(odd.spelled_out().identity(), plain.identity());
        assert_eq!(plain.spelled_out(), plain);
        let in_use = HashSet::from([before]);
        assert_eq!((odd.identity_among(&in_use), plain.identity_among(&in_use)), (before, plain.identity()));
    }

    #[test]
    fn a_unit_in_a_name_counts_and_one_that_contradicts_the_stored_unit_is_not_known() {
        let unknown = |text: &str| Written::Unknown(text.to_owned());
        for (component, uom, said) in [
            ("Capacity", Some("$/kW-mo"), Written::Known(Unit::DollarsPerKwMonth)),
            ("Capacity", None, Written::Nothing),
            ("Capacity", Some("widgets/h"), unknown("widgets/h")),
            ("Capacity ($/MW-day)", None, Written::Known(Unit::DollarsPerMwDay)),
            ("Capacity ($/MW-day)", Some("$/MW-day"), Written::Known(Unit::DollarsPerMwDay)),
            ("Capacity ($/MW-day)", Some("$/MWh"), unknown("$/MWh and $/MW-day")),
            ("Energy (€/MWh)", Some("$/MWh"), unknown("$/MWh and €/MWh")),
            ("Fee (widgets/h)", Some("widgets/h"), unknown("widgets/h")),
            ("Share (vs Utility)", None, Written::Nothing),
        ] {
            assert_eq!(name(component, uom).unit(), said, "{component} {uom:?}");
        }
        let per_mwh = name("Capacity ($/MW-day)", None).in_unit(Unit::DollarsPerMwh);
        assert_eq!(per_mwh, name("Capacity", Some("$/MWh")));
        let shaping = Layout::of(DataType::Shaping);
        assert_eq!(name("Shape", None).unit_in(shaping), Written::Known(Unit::Factor));
        assert_eq!(name("Shape", Some("x")).unit_in(shaping), unknown("x"));
    }

    #[test]
    fn a_detail_tells_curves_apart() {
        let offer = |profile: &str, term: &str| CurveName {
            details: vec![profile.to_owned(), term.to_owned()],
            ..name("Energy", None)
        };
        assert_eq!(offer("RES_HIGH", "12").identity(), offer("res high", "12").identity());
        assert_ne!(offer("RES", "12").identity(), offer("RES", "24").identity());
        assert_ne!(offer("a", "b").identity(), name("Energy", None).identity());
    }
}
