//! The lines of an answer: curves as published, or blocks derived from them, in their own unit or in $/`MWh`.

use super::measure::Recipe;
use crate::catalog::{Block, Calendar, Label, Unit, Written};
use crate::curves::curve_name::CurveName;
use crate::parameters::views::{Units, View};
use std::collections::BTreeMap;

/// A line.
#[derive(Clone, Debug)]
pub struct Line {
    /// Its labels and unit; the block label is the line's own block.
    pub name: CurveName,
    /// Id of the curve; `None` if derived.
    pub curve_id: Option<i32>,
    /// How its price is computed.
    pub recipe: Recipe,
}

impl Line {
    /// Whether it is derived from other blocks.
    #[must_use]
    pub const fn is_derived(&self) -> bool {
        self.curve_id.is_none()
    }

    /// One line of text: the non-empty labels, the sub-component and the unit.
    #[must_use]
    pub fn title(&self) -> String {
        title(&self.name)
    }
}

/// A curve as one line of text.
#[must_use]
pub fn title(name: &CurveName) -> String {
    let labels = name.labels.iter().chain([&name.sub_component]).chain(&name.details);
    let unit = name.uom.as_ref().map(|uom| format!("({uom})"));
    labels.map(String::as_str).chain(unit.as_deref()).collect::<Vec<_>>().join(" / ")
}

/// Lines, and series that could not be computed.
#[derive(Clone, Debug, Default)]
pub struct Lines {
    /// By view, then by labels.
    pub lines: Vec<Line>,
    /// Series that lack blocks, or whose unit has no mean over hours; sorted by their text.
    pub unmade: Vec<Unmade>,
}

/// A line that cannot be computed.
#[derive(Clone, Debug, PartialEq)]
pub struct Unmade {
    /// Its labels; the block label is the requested block.
    pub name: CurveName,
    /// The requested block.
    pub block: Block,
    /// The reason why it cannot be computed.
    pub why: String,
}

impl Unmade {
    /// Names the line and the reason.
    #[must_use]
    pub fn text(&self) -> String {
        format!("{}: {}", title(&self.name), self.why)
    }
}

/// The lines of curves, by their indices.
#[must_use]
pub fn lines(curves: &[(i32, &CurveName)], views: &[View], units: Units, calendar: Calendar) -> Lines {
    let mut all = Lines::default();
    for view in views {
        let begin = all.lines.len();
        match view {
            View::Native => {
                let native = curves.iter().enumerate().map(|(place, (id, name))| {
                    let block = block(name);
                    let parts = vec![(place, block.unwrap_or(Block::Flat7x24))];
                    line((*name).clone(), Some(*id), parts, block, units)
                });
                all.lines.extend(native);
            }
            View::Of(block) => of_block(curves, *block, units, calendar, &mut all),
        }
        all.lines[begin..].sort_by(|one, other| {
            let [one, other] =
                [one, other].map(|Line { name, .. }| (&name.labels, &name.sub_component, &name.details));
            one.cmp(&other)
        });
    }
    all
}

fn block(name: &CurveName) -> Option<Block> {
    name.label(Label::BlockType).parse().ok()
}

fn line(
    name: CurveName,
    id: Option<i32>,
    parts: Vec<(usize, Block)>,
    block: Option<Block>,
    units: Units,
) -> Line {
    let said = name.unit();
    let (unit, is_unknown) = (said.known(), matches!(said, Written::Unknown(_)));
    let converts = units == Units::PerMwh
        && unit.is_some_and(|unit| unit != Unit::DollarsPerMwh && unit.becomes_per_mwh());
    let name = if converts { name.in_unit(Unit::DollarsPerMwh) } else { name };
    let recipe = Recipe { parts, block, unit, is_unknown, converts };
    Line { name, curve_id: id, recipe }
}

/// The ways to partition a block into published blocks, the block itself first.
fn partitions(block: Block, calendar: Calendar) -> Vec<Vec<Block>> {
    let mut ways = vec![vec![block]];
    match (block, calendar) {
        (Block::Flat7x24, _) => ways.extend(Block::PARTITIONS.map(<[Block]>::to_vec)),
        (Block::Wrap, calendar) => {
            if calendar == Calendar::Nerc {
                ways.push(vec![Block::OffPeak]);
            }
            ways.push(vec![Block::Peak2x16, Block::Night7x8]);
        }
        // On-peak is 5x16 by NERC, and 16 hours of every day in the old system.
        (Block::OnPeak, Calendar::Nerc) => ways.push(vec![Block::Peak5x16]),
        (Block::OnPeak, Calendar::Legacy) => ways.push(vec![Block::Peak5x16, Block::Peak2x16]),
        (
            Block::Peak5x16
            | Block::Peak2x16
            | Block::Night7x8
            | Block::Weekday
            | Block::Weekend
            | Block::OffPeak,
            _,
        ) => {}
    }
    ways
}

fn of_block(curves: &[(i32, &CurveName)], wanted: Block, units: Units, calendar: Calendar, all: &mut Lines) {
    // Series in the order of their first curve: everything except the block is equal. Spelling does not distinguish series, just as
    // it does not distinguish curves.
    let mut series: Vec<(CurveName, BTreeMap<Block, usize>)> = Vec::new();
    let mut places = BTreeMap::new();
    for (place, (_, name)) in curves.iter().enumerate() {
        let Some(block) = block(name) else { continue };
        let mut key = (*name).clone();
        wanted.name().clone_into(&mut key.labels[Label::BlockType.index()]);
        let at = *places.entry(key.identity()).or_insert_with(|| {
            series.push((key, BTreeMap::new()));
            series.len() - 1
        });
        series[at].1.insert(block, place);
    }
    let ways = partitions(wanted, calendar);
    for (name, blocks) in series {
        let unit = name.unit();
        let mut found = ways.iter().filter(|way| way.iter().all(|block| blocks.contains_key(block)));
        let Some(way) = found.next() else {
            let there = blocks.keys().map(|block| block.name()).collect::<Vec<_>>().join(", ");
            let why = format!("{wanted} cannot be made of {there}");
            all.unmade.push(Unmade { name, block: wanted, why });
            continue;
        };
        if way.len() > 1 && !unit.known().is_some_and(Unit::is_per_energy) {
            let why = match unit {
                Written::Unknown(text) => format!("unit_unknown: {text:?} is not a known unit"),
                _ => "blocks of this unit have no mean over hours".to_owned(),
            };
            all.unmade.push(Unmade { name, block: wanted, why });
            continue;
        }
        let parts: Vec<(usize, Block)> = way.iter().map(|block| (blocks[block], *block)).collect();
        let id = if way == &[wanted] { parts.first().map(|(place, _)| curves[*place].0) } else { None };
        all.lines.push(line(name, id, parts, Some(wanted), units));
    }
    all.unmade.sort_by_cached_key(Unmade::text);
}

#[cfg(test)]
mod tests {
    use super::*;

    fn name(zone: &str, block: &str, uom: Option<&str>) -> CurveName {
        let labels = ["ERCOT", "TX", zone, zone, "ALL", block, "Energy", "Energy"];
        CurveName {
            labels: labels.map(str::to_owned),
            sub_component: zone.to_owned(),
            sub_component_raw: None,
            uom: uom.map(str::to_owned),
            details: vec![],
        }
    }

    fn made(names: &[CurveName], views: &[View], units: Units, calendar: Calendar) -> Vec<String> {
        let curves: Vec<(i32, &CurveName)> = (0..).zip(names).collect();
        let lines = lines(&curves, views, units, calendar);
        let told = lines.lines.iter().map(|line| {
            let parts = line.recipe.parts.iter().map(|(place, _)| place.to_string()).collect::<Vec<_>>();
            let id = line.curve_id.map_or("made".to_owned(), |id| id.to_string());
            let uom = line.name.uom.as_deref().unwrap_or("-");
            format!("{} {} of {} {id} {uom}", line.name.labels[2], line.name.labels[5], parts.join("+"))
        });
        told.chain(lines.unmade.iter().map(Unmade::text)).collect()
    }

    #[test]
    fn blocks_are_made_only_of_complete_partitions() {
        let energy = Some("$/MWh");
        let names = [
            name("N", "7x8", energy),
            name("N", "2x16", energy),
            name("N", "5X16", energy),
            name("S", "5x16", energy),
            name("W", "7x24", energy),
            name("W", "5x16", energy),
        ];
        let of = |block| [View::Of(block)];
        let lacking = |zone: &str, block: &str, there: &str| {
            format!(
                "ERCOT / TX / {zone} / {zone} / ALL / {block} / Energy / Energy / {zone} / ($/MWh): {block} cannot be made of {there}"
            )
        };
        assert_eq!(
            made(&names, &of(Block::Flat7x24), Units::Native, Calendar::Nerc),
            ["N 7x24 of 2+1+0 made $/MWh", "W 7x24 of 4 4 $/MWh", &lacking("S", "7x24", "5x16")]
        );
        assert_eq!(
            made(&names, &of(Block::Wrap), Units::Native, Calendar::Nerc),
            ["N wrap of 1+0 made $/MWh", &lacking("S", "wrap", "5x16"), &lacking("W", "wrap", "5x16, 7x24")]
        );
        assert_eq!(
            made(&names, &of(Block::OnPeak), Units::Native, Calendar::Nerc),
            ["N on-peak of 2 made $/MWh", "S on-peak of 3 made $/MWh", "W on-peak of 5 made $/MWh"]
        );
        let legacy = made(&names, &of(Block::OnPeak), Units::Native, Calendar::Legacy);
        assert_eq!(legacy[0], "N on-peak of 2+1 made $/MWh", "16 hours of every day");
    }

    #[test]
    fn units_convert_where_they_are_prices() {
        let names = [
            name("A", "7x24", Some("$/kW-mo")),
            name("B", "7x24", Some("%")),
            name("C", "7x24", None),
            name("D", "7x24", Some("$/MWh")),
        ];
        assert_eq!(
            made(&names, &[View::Native], Units::PerMwh, Calendar::Nerc),
            ["A 7x24 of 0 0 $/MWh", "B 7x24 of 1 1 %", "C 7x24 of 2 2 -", "D 7x24 of 3 3 $/MWh"]
        );
        let blocks = [name("A", "wd", Some("$/kW-mo")), name("A", "we", Some("$/kW-mo"))];
        let told = made(&blocks, &[View::Of(Block::Flat7x24)], Units::PerMwh, Calendar::Nerc);
        assert!(told[0].ends_with("blocks of this unit have no mean over hours"), "{told:?}");
        let blocks = [name("A", "wd", Some("widgets/h")), name("A", "we", Some("widgets/h"))];
        let told = made(&blocks, &[View::Of(Block::Flat7x24)], Units::PerMwh, Calendar::Nerc);
        assert!(told[0].ends_with(r#"unit_unknown: "widgets/h" is not a known unit"#), "{told:?}");
        let units_in_names = [name("F ($/MW-day)", "7x24", None), name("G (widgets/h)", "7x24", None)];
        let told = made(&units_in_names, &[View::Native], Units::PerMwh, Calendar::Nerc);
        assert_eq!(told, ["F ($/MW-day) 7x24 of 0 0 $/MWh", "G (widgets/h) 7x24 of 1 1 -"]);
    }
}
