//! The standardised form: one 7x24 curve per series, in $/`MWh` if the unit is an energy or demand price.
//!
//! * A curve that is already 7x24 is converted by its unit; dollars, megawatts, shares and gas prices stay unchanged, as do values
//!   in unknown units.
//! * A series in blocks becomes their mean, weighted by the hours of each block. All blocks of a partition are required: if one is
//!   missing, the value is missing, never silently low. Only energy prices are averaged over hours.

use super::table::{CurveTable, Head, RowKey};
use crate::catalog::decimal::{computed_from, converted};
use crate::catalog::{Block, Calendar, Dimension, Grid, Label, Month, Unit};
use std::collections::{BTreeMap, HashMap};

/// Standardises a table.
#[must_use]
pub fn standardised(table: CurveTable, calendar: Calendar) -> CurveTable {
    let CurveTable { grid, heads, rows, columns } = table;
    let mut hours = Hours { calendar, rows: &rows, known: HashMap::new() };
    // Series in the order of their first column: everything except the block is equal.
    let mut series: Vec<Series> = Vec::new();
    let mut places = BTreeMap::new();
    for (head, column) in heads.into_iter().zip(columns) {
        let Some(block) = head.block() else { continue };
        let mut key = head.name.clone();
        Block::Flat7x24.name().clone_into(&mut key.labels[Label::BlockType.index()]);
        // Spelling does not distinguish series, just as it does not distinguish curves.
        let place = *places.entry(key.identity()).or_insert_with(|| {
            let head = Head { name: key, derived: false };
            series.push(Series { head, blocks: BTreeMap::new() });
            series.len() - 1
        });
        series[place].blocks.insert(block, column);
    }
    let (heads, columns) = series.into_iter().map(|series| series.flat(&mut hours)).unzip();
    CurveTable { grid, heads, rows, columns }
}

/// The blocks of one series.
struct Series {
    head: Head,
    blocks: BTreeMap<Block, Vec<f64>>,
}

impl Series {
    fn flat(mut self, hours: &mut Hours) -> (Head, Vec<f64>) {
        let unit = self.head.name.unit().known();
        let all = hours.of(Block::Flat7x24).to_vec();
        let mut column = self.blocks.remove(&Block::Flat7x24).unwrap_or_else(|| {
            self.head.derived = true;
            self.mean(unit, hours, &all)
        });
        // A capacity price in blocks does not apply to all hours, so it stays unchanged.
        let converts = |unit: &Unit| unit.becomes_per_mwh() && (!self.head.derived || is_averaged(*unit));
        if let Some(unit) = unit.filter(converts) {
            for ((value, all), row) in column.iter_mut().zip(&all).zip(hours.rows) {
                let month = Month::of(Grid::Month.day(row.slot));
                let price = unit.per_mwh(*value, month, *all, hours.calendar).unwrap_or(f64::NAN);
                *value = converted(price, *value);
            }
            self.head.name = self.head.name.in_unit(Unit::DollarsPerMwh);
        }
        (self.head, column)
    }

    fn mean(&self, unit: Option<Unit>, hours: &mut Hours, all: &[f64]) -> Vec<f64> {
        let complete = |partition: &&&[Block]| partition.iter().all(|block| self.blocks.contains_key(block));
        let Some(partition) =
            Block::PARTITIONS.iter().find(complete).filter(|_| unit.is_some_and(is_averaged))
        else {
            return vec![f64::NAN; all.len()];
        };
        let (mut sum, mut greatest) = (vec![0.0; all.len()], vec![0.0_f64; all.len()]);
        for block in *partition {
            let (prices, hours) = (&self.blocks[block], hours.of(*block));
            for (((sum, greatest), price), hours) in sum.iter_mut().zip(&mut greatest).zip(prices).zip(hours)
            {
                // A missing price is NaN, and so is every sum that includes it.
                *sum += price * hours;
                *greatest = greatest.max(price.abs());
            }
        }
        let means = sum.iter().zip(&greatest).zip(all);
        means.map(|((sum, greatest), all)| computed_from(sum / all, *greatest)).collect()
    }
}

/// Whether blocks in this unit have a mean over hours here.
fn is_averaged(unit: Unit) -> bool {
    unit.dimension() == Dimension::EnergyPrice
}

/// The hours of a block in each row, counted once.
struct Hours<'r> {
    calendar: Calendar,
    rows: &'r [RowKey],
    known: HashMap<Block, Vec<f64>>,
}

impl Hours<'_> {
    fn of(&mut self, block: Block) -> &[f64] {
        let (calendar, rows) = (self.calendar, self.rows);
        self.known.entry(block).or_insert_with(|| {
            rows.iter().map(|row| calendar.hours(Month::of(Grid::Month.day(row.slot)), block)).collect()
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::curves::curve_name::CurveName;
    use crate::curves::read::stored::SnapshotKey;

    fn table(uom: Option<&str>, month: (i32, u32), prices: &[(&str, f64)]) -> CurveTable {
        let month = Month::new(month.0, month.1).unwrap();
        let stamp = "2024-01-05T17:02:01".parse().unwrap();
        let snapshot = SnapshotKey { stamp, revision: 1, cob: true };
        let head = |block: &str| {
            let labels = ["ERCOT", "TX", "Z", "Z", "ALL", block, "G", "C"].map(str::to_owned);
            let uom = uom.map(str::to_owned);
            Head {
                name: CurveName {
                    labels,
                    sub_component: "C".into(),
                    sub_component_raw: None,
                    uom,
                    details: vec![],
                },
                derived: false,
            }
        };
        CurveTable {
            grid: Grid::Month,
            heads: prices.iter().map(|(block, _)| head(block)).collect(),
            rows: vec![RowKey { snapshot, slot: Grid::Month.first_slot(month.first_day()) }],
            columns: prices.iter().map(|(_, price)| vec![*price]).collect(),
        }
    }

    fn flat(calendar: Calendar, uom: &str, month: (i32, u32), prices: &[(&str, f64)]) -> (String, String) {
        let table = standardised(table(Some(uom), month, prices), calendar);
        assert_eq!(table.columns.len(), 1);
        (format!("{:.5}", table.columns[0][0]), table.heads[0].name.uom.clone().unwrap())
    }

    #[test]
    fn block_prices_reproduce_the_reference_means_of_both_calendars() {
        for (month, [peak, weekend, night], legacy, nerc) in [
            ((2024, 2), [95.54, 82.66, 69.74], "84.57126", "84.57126"),
            ((2024, 3), [52.63, 45.18, 24.18], "41.54452", "41.56789"),
            ((2024, 5), [52.33, 46.61, 21.35], "41.01925", "40.89624"),
            ((2024, 11), [46.17, 38.97, 20.17], "36.06333", "35.88151"),
            ((2024, 7), [64.30, 56.50, 32.71], "52.42806", "52.26032"),
            ((2024, 12), [54.95, 47.22, 48.09], "51.16720", "51.00097"),
            ((2024, 3), [57.85, 52.63, 48.71], "53.68075", "53.68744"),
            ((2024, 5), [40.50, 31.98, 35.57], "37.39086", "37.20763"),
            ((2024, 11), [48.75, 40.14, 37.57], "43.30133", "43.10232"),
        ] {
            let prices = [("5x16", peak), ("2x16", weekend), ("7x8", night)];
            assert_eq!(flat(Calendar::Legacy, "$/MWh", month, &prices).0, legacy);
            assert_eq!(flat(Calendar::Nerc, "$/MWh", month, &prices).0, nerc);
        }
        // Hours 352/128/240/720: the old system's own check value, to two decimals.
        let prices = [("5x16", 47.06), ("2x16", 43.22), ("7x8", 21.51)];
        assert!(flat(Calendar::Legacy, "$/MWh", (2023, 6), &prices).0.starts_with("37.86"));
    }

    #[test]
    fn prices_convert_and_other_units_pass_unchanged() {
        let feb = (2024, 2);
        let converted = |uom, value| flat(Calendar::Legacy, uom, feb, &[("7x24", value)]);
        let mwh = |text: &str| (text.to_owned(), "$/MWh".to_owned());
        assert_eq!(converted("$/MW-mo", 4161.14), mwh("5.97865"));
        assert_eq!(converted("$/kW-day", 0.01), mwh("0.41667"));
        assert_eq!(converted("$/kW-mo", 1.2584), mwh("1.80805"));
        assert_eq!(converted("$/MWh", 1.5), mwh("1.50000"));
        assert_eq!(converted("$/MW-day", 10.0), mwh("0.41667"));
        assert_eq!(converted("$/MW-yr", 8784.0), mwh("1.00000"));
        assert_eq!(converted("$/kW-yr", 87.84), mwh("10.00000"));
        assert_eq!(converted("cents/kWh", 1.5), mwh("15.00000"));
        assert_eq!(converted("mills/kWh", 1.5), mwh("1.50000"));
        for uom in ["$", "MW", "%", "$/MMBtu", "$/REC", "$/MW", "bananas"] {
            assert_eq!(converted(uom, 2.5), ("2.50000".to_owned(), uom.to_owned()));
        }
    }

    #[test]
    fn on_and_off_peak_and_weekdays_and_weekends_are_partitions_too() {
        let feb = (2024, 2);
        let prices = [("on-peak", 0.52), ("off-peak", 0.25)];
        assert_eq!(flat(Calendar::Legacy, "$/MWh", feb, &prices).0, "0.43000");
        assert_eq!(flat(Calendar::Legacy, "$/MWh", (2024, 5), &[("wd", 0.05), ("we", 0.08)]).0, "0.05774");
        let cents = flat(Calendar::Legacy, "cents/kWh", (2024, 5), &[("wd", 0.005), ("we", 0.008)]);
        assert_eq!(cents, ("0.05774".to_owned(), "$/MWh".to_owned()));
    }

    #[test]
    fn a_missing_block_is_never_silently_low() {
        for prices in [
            &[("5x16", 40.0)][..],
            &[("5x16", 40.0), ("7x8", 20.0)],
            &[("5x16", 40.0), ("2x16", f64::NAN), ("7x8", 20.0)],
            &[("wd", 1.0)],
        ] {
            assert_eq!(flat(Calendar::Nerc, "$/MWh", (2024, 2), prices).0, "NaN", "{prices:?}");
        }
        let capacity = flat(Calendar::Nerc, "$/kW-mo", (2024, 2), &[("wd", 1.0), ("we", 1.0)]);
        assert_eq!(capacity, ("NaN".to_owned(), "$/kW-mo".to_owned()), "capacity has no mean over hours");
    }
}
