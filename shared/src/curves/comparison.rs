//! What a snapshot of headroom says of its offers, and the flat file that clients know. An offer is a set of curves of one
//! number each, which begin on the day that the offer begins on; [`Part`] says which number is which.

use super::lines::{LineCell, Sink};
use super::reading::SnapshotKey;
use super::sheet::CurveName;
use super::table::CurveTable;
use crate::catalog::decimal::{computed, difference};
use crate::catalog::label::normalised;
use crate::catalog::{Detail, Label, Layout, Month};
use crate::fault::{During, Fault};
use crate::web::out::Out;
use chrono::NaiveDate;
use serde::Serialize;
use std::collections::BTreeMap;
use utoipa::ToSchema;

/// A number of an offer: the sub component of its curve.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Part {
    /// What the utility charges over the months of the offer, $/kWh; missing if one of them is not published.
    PriceToCompare,
    /// What the offer costs, $/kWh.
    RetailPrice,
    /// The first less the second, $/kWh.
    Headroom,
    /// The same in percent of the price to compare.
    HeadroomPercent,
    /// The load that weighted the months, kWh; absent where hours did.
    Load,
    /// Months of the offer without a published price: a number for each run of them, how many, on the first day of its first.
    MonthsMissing,
    /// The price to compare of the one month that the old system took, $/kWh, on the first day of that month.
    LegacyPriceToCompare,
}

impl Part {
    /// All of them.
    pub const ALL: [Self; 7] = [
        Self::PriceToCompare,
        Self::RetailPrice,
        Self::Headroom,
        Self::HeadroomPercent,
        Self::Load,
        Self::MonthsMissing,
        Self::LegacyPriceToCompare,
    ];

    /// The sub component.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::PriceToCompare => "Price to Compare",
            Self::RetailPrice => "Retail Price",
            Self::Headroom => "Headroom",
            Self::HeadroomPercent => "Headroom Percent",
            Self::Load => "Load",
            Self::MonthsMissing => "Months Missing",
            Self::LegacyPriceToCompare => "Legacy Price to Compare",
        }
    }

    /// The unit.
    #[must_use]
    pub const fn unit(self) -> &'static str {
        match self {
            Self::PriceToCompare | Self::RetailPrice | Self::Headroom | Self::LegacyPriceToCompare => "$/kWh",
            Self::HeadroomPercent => "percent",
            Self::Load => "kWh",
            Self::MonthsMissing => "months",
        }
    }
}

/// Which price to compare.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Method {
    /// That of the months of the offer.
    #[default]
    Term,
    /// That of the month in which the prices to compare were published, zero where there is none, as the old system had it.
    Legacy,
}

impl Method {
    /// Its names in requests.
    pub const WORDS: [(&'static str, Self); 2] = [("term", Self::Term), ("legacy", Self::Legacy)];
}

/// Price to compare less retail price: $/kWh, and percent of the price to compare.
#[must_use]
pub fn headroom(price_to_compare: f64, retail_price: f64) -> (f64, f64) {
    let headroom = difference(price_to_compare, retail_price);
    (headroom, computed(100.0 * headroom / price_to_compare))
}

/// An offer compared, by one method.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Figures {
    /// First month that the price to compare is of.
    pub effective: NaiveDate,
    /// $/kWh.
    pub price_to_compare: f64,
    /// $/kWh.
    pub retail_price: f64,
    /// $/kWh.
    pub headroom: f64,
    /// Percent of the price to compare.
    pub percent: f64,
}

/// What is known of an offer; NaN for what is missing, or may not be seen.
#[derive(Clone, Debug)]
pub struct Compared {
    /// Whose; without the sub component.
    pub name: CurveName,
    /// Of which snapshot.
    pub snapshot: SnapshotKey,
    /// Beginning of the offer; `None` if nothing that begins with it may be seen.
    pub begins: Option<NaiveDate>,
    /// Months of the offer without a published price.
    pub missing: Vec<Month>,
    legacy_month: Option<NaiveDate>,
    numbers: [f64; Part::ALL.len()],
}

impl Compared {
    /// A number.
    #[must_use]
    pub const fn number(&self, part: Part) -> f64 {
        self.numbers[part as usize]
    }

    /// One of the details.
    #[must_use]
    pub fn detail(&self, layout: &Layout, detail: Detail) -> &str {
        layout.place_of(detail).and_then(|place| self.name.details.get(place)).map_or("", String::as_str)
    }

    /// Months of the offer.
    #[must_use]
    pub fn term(&self, layout: &Layout) -> Option<u32> {
        let term: f64 = self.detail(layout, Detail::Term).parse().ok()?;
        #[expect(
            clippy::cast_possible_truncation,
            clippy::cast_sign_loss,
            reason = "within these bounds it is whole"
        )]
        ((1.0..=1200.0).contains(&term) && term.fract() == 0.0).then_some(term as u32)
    }

    /// By a method; `None` if there is no headroom by it.
    #[must_use]
    pub fn figures(&self, method: Method) -> Option<Figures> {
        let retail_price = self.number(Part::RetailPrice);
        let figures = match method {
            Method::Term => Figures {
                effective: Month::of(self.begins?).first_day(),
                price_to_compare: self.number(Part::PriceToCompare),
                retail_price,
                headroom: self.number(Part::Headroom),
                percent: self.number(Part::HeadroomPercent),
            },
            Method::Legacy => {
                let price_to_compare = self.number(Part::LegacyPriceToCompare);
                let (headroom, percent) = headroom(price_to_compare, retail_price);
                let percent = if percent == f64::NEG_INFINITY { 0.0 } else { percent };
                Figures { effective: self.legacy_month?, price_to_compare, retail_price, headroom, percent }
            }
        };
        (!figures.headroom.is_nan()).then_some(figures)
    }
}

/// A number of a curve, where it is.
pub type Found<'c> = (SnapshotKey, &'c CurveName, NaiveDate, f64);

/// Puts the numbers of offers together, in the order of their snapshots and labels.
pub fn offers<'c>(numbers: impl Iterator<Item = Found<'c>>) -> Vec<Compared> {
    let mut offers: BTreeMap<_, Compared> = BTreeMap::new();
    for (snapshot, name, day, number) in numbers {
        let part =
            Part::ALL.into_iter().find(|part| normalised(part.name()) == normalised(&name.sub_component));
        let Some(part) = part else { continue };
        let texts = || name.labels.iter().chain(&name.details);
        let spelled: Vec<String> = texts().map(|text| normalised(text)).collect();
        let offer = offers.entry((snapshot, spelled)).or_insert_with(|| Compared {
            name: CurveName { sub_component: String::new(), uom: None, ..name.clone() },
            snapshot,
            begins: None,
            missing: vec![],
            legacy_month: None,
            numbers: [f64::NAN; Part::ALL.len()],
        });
        match part {
            Part::MonthsMissing => {
                #[expect(
                    clippy::cast_possible_truncation,
                    clippy::cast_sign_loss,
                    reason = "a count of months"
                )]
                let run = (0..number.max(0.0) as usize).map(|place| Month::of(day).plus(place));
                offer.missing.extend(run);
            }
            Part::LegacyPriceToCompare => offer.legacy_month = Some(day),
            Part::PriceToCompare
            | Part::RetailPrice
            | Part::Headroom
            | Part::HeadroomPercent
            | Part::Load => {
                offer.begins = Some(day);
            }
        }
        offer.numbers[part as usize] = number;
    }
    let mut offers: Vec<Compared> = offers.into_values().collect();
    let layout = Layout::of(crate::catalog::DataType::Headroom);
    for offer in &mut offers {
        offer.missing.sort_unstable();
    }
    offers.sort_by(|one, other| {
        let key = |offer: &Compared| (offer.snapshot, offer.name.labels.clone(), offer.term(layout));
        key(one).cmp(&key(other)).then_with(|| one.name.details.cmp(&other.name.details))
    });
    offers
}

/// The titles of the file, as they have always been spelled.
const TITLES: [&str; 13] = [
    "ISO ",
    "State",
    "Utility",
    "Load Zone",
    "Load Profile",
    "Headroom Effective Date",
    "PTC Effective Date",
    "Utility PTC ($/MWh)",
    "TLE Price Term (months)",
    "TLE Price Start Date",
    "Truelight Price ($/MWh)",
    "Headroom ($/MWh)",
    "Headrrom (%)",
];

/// A row of the file in JSON: the titles of the CSV, and the same numbers.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct FlatHeadroom {
    /// Market.
    #[serde(rename = "ISO ")]
    #[schema(example = "PJM")]
    market: String,
    /// State.
    #[serde(rename = "State")]
    #[schema(example = "NJ")]
    state: String,
    /// Utility.
    #[serde(rename = "Utility")]
    #[schema(example = "PSEG")]
    utility: String,
    /// Load zone.
    #[serde(rename = "Load Zone")]
    #[schema(example = "PSEG")]
    load_zone: String,
    /// Load profile of the offer.
    #[serde(rename = "Load Profile")]
    #[schema(example = "RS")]
    load_profile: String,
    /// Operating day of the offers, `MM/DD/YYYY`.
    #[serde(rename = "Headroom Effective Date")]
    #[schema(example = "01/20/2024")]
    day: String,
    /// First month that the price to compare is of, `MM/DD/YYYY`.
    #[serde(rename = "PTC Effective Date")]
    #[schema(example = "02/01/2024")]
    effective: String,
    /// Price to compare, $/`MWh`.
    #[serde(rename = "Utility PTC ($/MWh)")]
    #[schema(example = 123.4567)]
    price_to_compare: f64,
    /// Months of the offer.
    #[serde(rename = "TLE Price Term (months)")]
    #[schema(example = 6.0)]
    term: Option<f64>,
    /// Beginning of the offer, `MM/DD/YYYY`.
    #[serde(rename = "TLE Price Start Date")]
    #[schema(example = "02/01/2024")]
    begins: String,
    /// Price of the offer, $/`MWh`.
    #[serde(rename = "Truelight Price ($/MWh)")]
    #[schema(example = 101.5)]
    retail_price: f64,
    /// Headroom, $/`MWh`.
    #[serde(rename = "Headroom ($/MWh)")]
    #[schema(example = 21.5)]
    headroom: f64,
    /// Headroom in percent of the price to compare.
    #[serde(rename = "Headrrom (%)")]
    #[schema(example = 17.784_939_983)]
    percent: f64,
}

/// Ten decimals, which the old system kept.
fn kept(value: f64) -> f64 {
    let rounded = (value * 1e10).round() / 1e10;
    if rounded.is_finite() { rounded + 0.0 } else { value }
}

/// As the old system wrote a day.
fn american(day: NaiveDate) -> String {
    day.format("%m/%d/%Y").to_string()
}

/// The rows of a table of headroom. An offer without a headroom by the method is none.
fn rows(table: &CurveTable, layout: &Layout, method: Method) -> Vec<FlatHeadroom> {
    let cells = table.rows.iter().enumerate().flat_map(|(row, key)| {
        let there = table.heads.iter().zip(&table.columns).filter(move |(_, column)| !column[row].is_nan());
        there.map(move |(head, column)| (key.snapshot, &head.name, table.grid.day(key.slot), column[row]))
    });
    let row = |offer: &Compared| {
        let figures = offer.figures(method)?;
        let label = |label: Label| offer.name.label(label).to_owned();
        let per_mwh = |number: f64| kept(number) * 1000.0;
        Some(FlatHeadroom {
            market: label(Label::ControlArea),
            state: label(Label::State),
            utility: label(Label::Utility),
            load_zone: label(Label::LoadZone),
            load_profile: offer.detail(layout, Detail::LoadProfile).to_owned(),
            day: american(offer.snapshot.stamp.date()),
            effective: american(figures.effective),
            price_to_compare: per_mwh(figures.price_to_compare),
            term: offer.term(layout).map(f64::from),
            begins: offer.begins.map(american).unwrap_or_default(),
            retail_price: per_mwh(figures.retail_price),
            headroom: per_mwh(figures.headroom),
            percent: kept(figures.percent),
        })
    };
    offers(cells).iter().filter_map(row).collect()
}

/// Whether a table has no offer with a headroom by the method.
#[must_use]
pub fn is_empty(table: &CurveTable, layout: &Layout, method: Method) -> bool {
    rows(table, layout, method).is_empty()
}

/// The lines of a table of headroom: titles, then a line per offer.
///
/// # Errors
/// Those of the sink.
pub fn lines(table: &CurveTable, layout: &Layout, method: Method, sink: &mut Sink) -> Result<(), Fault> {
    sink(TITLES.map(|title| LineCell::Text(title.to_owned())).into())?;
    for row in rows(table, layout, method) {
        let texts =
            [row.market, row.state, row.utility, row.load_zone, row.load_profile, row.day, row.effective];
        let mut line: Vec<LineCell> = texts.map(LineCell::Text).into();
        line.push(LineCell::Value(row.price_to_compare));
        line.push(LineCell::Value(row.term.unwrap_or(f64::NAN)));
        line.push(LineCell::Text(row.begins));
        line.extend([row.retail_price, row.headroom, row.percent].map(LineCell::Value));
        sink(line)?;
    }
    Ok(())
}

/// Writes a table of headroom as an array of objects.
///
/// # Errors
/// When nobody takes the bytes any more.
pub fn json(table: &CurveTable, layout: &Layout, method: Method, out: &mut Out) -> Result<(), Fault> {
    let mut open: &[u8] = b"[";
    for row in rows(table, layout, method) {
        out.bytes().extend_from_slice(open);
        open = b",";
        serde_json::to_writer(out.bytes(), &row).during("writing a record")?;
        out.pass().during("writing a record")?;
    }
    out.bytes().extend_from_slice(if open == b"[" { b"[]" } else { b"]" });
    Ok(())
}
