//! Warnings about curves that are new, are missing, or changed their unit.

use super::compared::{Compared, tell};
use crate::catalog::Label;
use crate::curves::curve_name::CurveName;
use crate::sheets::flaw::Flaw;
use crate::sheets::flaw::code::Code;
use crate::sheets::flaw::list::Flaws;
use std::collections::{HashMap, HashSet};
use uuid::Uuid;

/// Warns of curves of the previous snapshot that are not in the sheet, and of curves that no recent snapshot has. If one is
/// missing and another with the same labels is new, its unit changed.
pub(super) fn changes(compared: &Compared, warnings: &mut Flaws) {
    let Some(previous) = compared.past.first() else { return };
    let here: HashSet<&Uuid> = compared.identities.iter().collect();
    let gone = previous.curves.iter().filter(|(identity, _)| !here.contains(identity));
    let mut gone: HashMap<Uuid, &CurveName> =
        gone.filter_map(|(_, curve)| curve.name.as_ref()).map(|name| (unitless(name), name)).collect();
    let (mut units, mut new) = (Vec::new(), Vec::new());
    for (at, curve) in compared.reading.sheet.curves.iter().enumerate() {
        if compared.past_of(at).flatten().next().is_some() {
            continue;
        }
        let unit = |name: &CurveName| name.uom.clone().unwrap_or_else(|| "no unit".to_owned());
        let flaw = if let Some(before) = gone.remove(&unitless(&curve.name)) {
            let expected = format!("{}, as in the snapshot of {}", unit(before), previous.stamp);
            units.push(compared.at(at, Flaw::of_file(Code::UnitChanged, unit(&curve.name), expected)));
            continue;
        } else {
            let expected = format!("the curves of the snapshot of {}", previous.stamp);
            Flaw::of_file(Code::CurveNew, described(&curve.name), expected)
        };
        new.push(compared.at(at, flaw));
    }
    let mut vanished: Vec<String> = gone.into_values().map(described).collect();
    vanished.sort_unstable();
    let vanished = vanished.into_iter().map(|found| {
        let expected = format!("this curve, as in the snapshot of {}", previous.stamp);
        Flaw::of_file(Code::CurveVanished, found, expected)
    });
    let here = compared.identities.len();
    tell(warnings, units, here, "have a different unit");
    tell(warnings, vanished.collect(), previous.curves.len(), "of the previous snapshot are missing");
    tell(warnings, new, here, "are new");
}

/// The identity of a curve without its unit.
fn unitless(name: &CurveName) -> Uuid {
    CurveName { uom: None, ..name.clone() }.identity()
}

/// A curve in words, each once and its component first, because long texts are shortened at their end.
fn described(name: &CurveName) -> String {
    let mut words: Vec<&str> = Vec::new();
    let labels = [&name.sub_component].into_iter().chain(&name.labels[1..]).chain(&name.details);
    let parts = [&name.labels[Label::CostComponent.index()]].into_iter().chain(labels);
    for part in parts.map(|part| part.trim()).filter(|part| !part.is_empty() && *part != "ALL") {
        if !words.contains(&part) {
            words.push(part);
        }
    }
    words.join(" ")
}
