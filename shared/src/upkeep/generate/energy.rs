//! Generates energy prices: five years of months, by zone and block. A market moves as a whole. Near months move more than far
//! ones, and months beyond three years move only when they are revised.

use super::random::Random;
use super::sheet::{Column, Rows, whole};
use crate::catalog::{Market, Month};

/// Number of months in a sheet, starting with the month of its date.
const MONTHS: usize = 61;
/// Blocks, and their prices relative to all hours.
const BLOCKS: [(&str, f64); 3] = [("7x8", 0.66), ("2x16", 0.92), ("5x16", 1.15)];
/// Premium of a peak hour in each month of the year.
const PEAK: [f64; 12] = [1.03, 1.02, 1.0, 1.0, 1.02, 1.08, 1.2, 1.22, 1.08, 1.0, 1.0, 1.02];

/// The prices of one market.
#[derive(Debug)]
pub(super) struct Energy {
    random: Random,
    level: f64,
    season: [f64; 12],
    begin: Month,
    /// Relative deviation of the near months from their usual level.
    near: f64,
    /// Relative deviation of all months.
    all: f64,
    /// Relative deviation of each delivery month, starting with the first.
    by_month: Vec<f64>,
    /// Relative level of each zone.
    zones: Vec<f64>,
    /// Remaining factor of each zone and block by month of the year.
    apart: Vec<[f64; 12]>,
}

impl Energy {
    pub(super) fn new(market: Market, mut random: Random, begin: Month) -> (Vec<Column>, Self) {
        let (level, season, places) = of(market);
        let columns = places
            .iter()
            .flat_map(|(state, zone)| {
                BLOCKS.map(|(block, _)| Column {
                    state,
                    zone,
                    block,
                    group: "Energy",
                    component: "Energy",
                    unit: "$/MWh",
                })
            })
            .collect();
        let zones = places.iter().map(|_| random.between(0.88, 1.16)).collect();
        let apart = (0..places.len() * BLOCKS.len())
            .map(|_| std::array::from_fn(|_| random.between(0.97, 1.03)))
            .collect();
        let by_month = vec![];
        (columns, Self { random, level, season, begin, near: 0.0, all: 0.0, by_month, zones, apart })
    }

    /// Advances the prices to the next sheet.
    pub(super) fn next(&mut self, now: Month, cob: bool) -> Rows {
        let passed = usize::try_from(now.since(self.begin)).unwrap_or(0);
        while self.by_month.len() < passed + MONTHS {
            self.by_month.push(self.random.normal() * 0.03);
        }
        if cob {
            self.close(passed);
        } else {
            self.open(passed);
        }
        self.rows(now, passed)
    }

    /// From the close to the next morning: everything that is traded moves.
    fn open(&mut self, passed: usize) {
        let random = &mut self.random;
        self.near = (self.near * 0.985 + random.normal() * 0.018).clamp(-0.5, 0.9);
        if random.chance(0.3) {
            self.all = (self.all * 0.99 + random.normal() * 0.004).clamp(-0.3, 0.5);
        }
        for (ahead, month) in self.by_month.iter_mut().skip(passed).take(24).enumerate() {
            if random.chance(0.6) {
                *month = (*month * 0.99 + random.normal() * 0.006 * nearness(ahead)).clamp(-0.3, 0.4);
            }
        }
        for zone in &mut self.zones {
            if random.chance(0.15) {
                *zone = (*zone + random.normal() * 0.002).clamp(0.7, 1.4);
            }
        }
    }

    /// From the morning to the close: some near months move.
    fn close(&mut self, passed: usize) {
        let random = &mut self.random;
        let depth = 3 + random.below(20) as usize;
        for (ahead, month) in self.by_month.iter_mut().skip(passed).take(depth).enumerate() {
            if random.chance(0.7) {
                *month = (*month + random.normal() * 0.006 * nearness(ahead)).clamp(-0.3, 0.4);
            }
        }
    }

    fn rows(&self, now: Month, passed: usize) -> Rows {
        let cells = (0..MONTHS)
            .map(|ahead| {
                let of_year = now.plus(ahead).number() as usize - 1;
                let near = if ahead < 36 { self.near * nearness(ahead) } else { 0.0 };
                let moved = (1.0 + near) * (1.0 + self.all) * (1.0 + self.by_month[passed + ahead]);
                let price = self.level * self.season[of_year] * moved;
                let zones = self.zones.iter().zip(self.apart.chunks_exact(BLOCKS.len()));
                zones
                    .flat_map(|(zone, apart)| {
                        apart.iter().zip(BLOCKS).map(move |(apart, (block, share))| {
                            let peak = if block == "5x16" { PEAK[of_year] } else { 1.0 };
                            Some(whole(price * zone * apart[of_year] * share * peak * 100.0).max(0))
                        })
                    })
                    .collect()
            })
            .collect();
        Rows { first: now, cells, decimals: vec![2; self.apart.len()] }
    }
}

/// How much a month moves relative to the first, given how many months it is ahead.
fn nearness(ahead: usize) -> f64 {
    6.0 / f64::from(6 + u32::try_from(ahead).unwrap_or(u32::MAX - 6))
}

type Place = (&'static str, &'static str);

/// Level in $/`MWh`, seasonal factors, and zones with their states.
fn of(market: Market) -> (f64, [f64; 12], &'static [Place]) {
    match market {
        Market::Ercot => (42.0, [1.15, 1.1, 0.8, 0.78, 0.85, 1.0, 1.45, 1.7, 1.1, 0.85, 0.82, 0.95], &ERCOT),
        Market::Isone => (48.0, [2.1, 1.95, 1.2, 0.85, 0.7, 0.75, 0.95, 0.9, 0.72, 0.75, 1.0, 1.5], &ISONE),
        Market::Miso => (36.0, [1.15, 1.1, 0.92, 0.88, 0.9, 1.0, 1.2, 1.15, 0.95, 0.9, 0.92, 1.0], &MISO),
        Market::Nyiso => (43.0, [1.6, 1.5, 1.05, 0.8, 0.75, 0.85, 1.1, 1.05, 0.8, 0.78, 0.9, 1.25], &NYISO),
        Market::Pjm => (41.0, [1.4, 1.3, 1.0, 0.88, 0.85, 0.92, 1.2, 1.1, 0.88, 0.85, 0.92, 1.1], &PJM),
    }
}

const ERCOT: [Place; 4] =
    [("TX", "NORTH ZONE"), ("TX", "HOUSTON ZONE"), ("TX", "SOUTH ZONE"), ("TX", "WEST ZONE")];
const MISO: [Place; 4] = [("IL", "AMIL"), ("MI", "CONS"), ("IN", "CIN"), ("-", "INDIANA HUB")];
const ISONE: [Place; 9] = [
    ("ME", "MAINE"),
    ("NH", "NEWHAMPSHIRE"),
    ("VT", "VERMONT"),
    ("CT", "CONNECTICUT"),
    ("RI", "RHODEISLAND"),
    ("MA", "SEMASS"),
    ("MA", "WCMASS"),
    ("MA", "NEMASSBOST"),
    ("-", "MASS HUB"),
];
const NYISO: [Place; 11] = [
    ("NY", "ZONE A"),
    ("NY", "ZONE B"),
    ("NY", "ZONE C"),
    ("NY", "ZONE D"),
    ("NY", "ZONE E"),
    ("NY", "ZONE F"),
    ("NY", "ZONE G"),
    ("NY", "ZONE H"),
    ("NY", "ZONE I"),
    ("NY", "ZONE J"),
    ("NY", "ZONE K"),
];
const PJM: [Place; 23] = [
    ("NJ", "AECO"),
    ("OH", "AEP"),
    ("MD", "APS"),
    ("OH", "ATSI"),
    ("MD", "BGE"),
    ("IL", "COMED"),
    ("OH", "DAY"),
    ("OH", "DEOK"),
    ("VA", "DOM"),
    ("DE", "DPL"),
    ("PA", "DUQ"),
    ("NJ", "JCPL"),
    ("PA", "METED"),
    ("PA", "PECO"),
    ("PA", "PENELEC"),
    ("MD", "PEPCO"),
    ("PA", "PPL"),
    ("NJ", "PSEG"),
    ("NJ", "RECO"),
    ("-", "WEST HUB"),
    ("-", "AD HUB"),
    ("-", "NI HUB"),
    ("-", "EAST HUB"),
];

/// The zones of a market with their states.
pub(super) fn places(market: Market) -> &'static [Place] {
    of(market).2
}
