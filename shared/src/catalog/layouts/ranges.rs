//! The ranges of each data type, with the reasons for their bounds, in base units ([`Dimension`]).

use super::super::range::{ANY, Range};
use super::super::unit::Span;
use crate::catalog::Dimension;

/// The component of a matrix that is the price of an offer, in normalised form.
pub const OFFER_PRICE: &str = "total bundled price";

/// The period does not matter: demand prices are compared per year.
const DEMAND: Dimension = Dimension::DemandPrice(Span::Year);

/// $/`MWh`. The highest price that any of the five markets ever allowed for an hour is 10,000 (MISO's value of lost load since
/// 2025; ERCOT's cap was 9,000 until 2021 and is now 5,000). The lowest is -1,000 (NYISO); ten times that leaves room for credits
/// in a price. No monthly mean can lie beyond these bounds. The worst month, February 2021 in ERCOT, was about 1,500. If half of a
/// sheet is below 1, the sheet is in $/kWh; cents/kWh are detected by the size of the moves.
pub(super) const ENERGY: &[Range] = &[Range {
    component: None,
    dimension: Dimension::EnergyPrice,
    possible: (-10_000.0, 10_000.0),
    plausible: (-1_000.0, 1_000.0),
    middle: (1.0, 1_000.0),
    form: "a price such as 41.25 $/MWh",
}];

/// Charges by unit. In $/`MWh` they are parts of the price of energy, with credits below zero (ORDC and ancillaries of ERCOT in
/// 2021: 238). Demand, in $/MW per year: capacity cleared at up to 466 $/MW-day (PJM's BGE zone, 2025/26: 170,000 a year) and 20.8
/// $/kW-mo (New York City: 250,000), transmission at up to 21 $/kW-mo; 2,400,000 a year would buy the plant. Gas: monthly prices
/// have never exceeded 50 $/`MMBtu`; single days reached 1,250 (February 2021).
pub(super) const NONENERGY: &[Range] = &[
    Range {
        component: None,
        dimension: Dimension::EnergyPrice,
        possible: (-10_000.0, 10_000.0),
        plausible: (-1_000.0, 1_000.0),
        middle: ANY,
        form: "a charge such as 0.71 $/MWh",
    },
    Range {
        component: None,
        dimension: DEMAND,
        possible: (-2_400_000.0, 2_400_000.0),
        plausible: (-600_000.0, 600_000.0),
        middle: ANY,
        form: "a charge for demand such as 4.2 $/kW-mo or 269.92 $/MW-day",
    },
    Range {
        component: None,
        dimension: Dimension::FuelPrice,
        possible: (-100.0, 1_500.0),
        plausible: (-10.0, 50.0),
        middle: ANY,
        form: "a price such as 3.51 $/MMBtu",
    },
];

/// Certificates and the cost of obligations, in $/`MWh` or $/REC. Their ceiling, the alternative compliance payment, has never
/// exceeded 711 (solar, New Jersey, 2008). Obligations are shares of the load, 0.0684 or 6.84%. A real sheet has a price of 38.75
/// under `%`, so a share above one causes a warning and not a rejection.
pub(super) const REC: &[Range] = &[
    Range {
        component: None,
        dimension: Dimension::EnergyPrice,
        possible: (-1_000.0, 5_000.0),
        plausible: (0.0, 1_000.0),
        middle: ANY,
        form: "a price such as 34.5 $/MWh",
    },
    Range {
        component: None,
        dimension: Dimension::CertificatePrice,
        possible: (-1_000.0, 5_000.0),
        plausible: (0.0, 1_000.0),
        middle: ANY,
        form: "a price such as 34.5 $/REC",
    },
    Range {
        component: None,
        dimension: Dimension::Share,
        possible: (-1.0, 100.0),
        plausible: (0.0, 1.0),
        middle: ANY,
        form: "a share such as 0.0684 or 6.84%",
    },
];

/// Utilities' charges for energy, in $/`MWh`: the tariffs of 2024 range from 2.74 (lighting, PJM) to 493 (New York), and the middle
/// of a sheet from 70 to 160. 2,000 is 2 $/kWh; a tariff in cents/kWh or $/`MWh` labelled $/kWh lies far beyond it. No tariff pays
/// customers to take power.
pub(super) const PTC: &[Range] = &[Range {
    component: None,
    dimension: Dimension::EnergyPrice,
    possible: (0.0, 2_000.0),
    plausible: (1.0, 600.0),
    middle: (10.0, 600.0),
    form: "a price to compare such as 0.1234 $/kWh",
}];

/// Offers, in $/`MWh`: the price of an offer (50 to 161 in the matrices of 2024) and its components, which may be credits.
pub(super) const MATRIX: &[Range] = &[
    Range {
        component: Some(OFFER_PRICE),
        dimension: Dimension::EnergyPrice,
        possible: (1.0, 2_000.0),
        plausible: (10.0, 600.0),
        middle: ANY,
        form: "a price of an offer such as 82.9 $/MWh",
    },
    Range {
        component: None,
        dimension: Dimension::EnergyPrice,
        possible: (-10_000.0, 10_000.0),
        plausible: (-1_000.0, 1_000.0),
        middle: ANY,
        form: "a component such as 40.08 $/MWh",
    },
];

/// `MWh` per hour, and MW. The record load of the largest of the five markets is 165,563 MW (PJM, 2006); the load of a class above
/// 1,000 MW causes a warning. Loads below zero feed into the grid and cause their own warning.
pub(super) const LOADPROFILE: &[Range] = &[load(Dimension::Energy), load(Dimension::Power)];

const fn load(dimension: Dimension) -> Range {
    Range {
        component: None,
        dimension,
        possible: (-200_000.0, 200_000.0),
        plausible: (-1_000.0, 1_000.0),
        middle: ANY,
        form: "the load of an hour such as 22.11 kWh",
    }
}

/// Factors around one: the price of an hour divided by the price of its block. Hours of scarcity and surplus are far from one, but
/// if half of a sheet is below 0.1 or above 10, the sheet is in another form.
pub(super) const SHAPING: &[Range] = &[shape(Dimension::Factor), shape(Dimension::Share)];

const fn shape(dimension: Dimension) -> Range {
    Range {
        component: None,
        dimension,
        possible: (-100.0, 100.0),
        plausible: (-5.0, 20.0),
        middle: (0.1, 10.0),
        form: "a factor near 1 such as 1.0546",
    }
}

/// Shares of the price of energy: 0.3 % to 5.5 % in real sheets. A load risk above the price itself is impossible. If half of a
/// sheet is below 0.1 %, the sheet holds shares and not percent.
pub(super) const VLR: &[Range] = &[Range {
    component: None,
    dimension: Dimension::Share,
    possible: (-1.0, 1.0),
    plausible: (-0.1, 0.3),
    middle: (0.001, 0.3),
    form: "percent such as 3.5 or 3.5%",
}];

/// Energy bought per energy metered: 1 if nothing is lost, 1.16 for the longest lines. Loss shares (0.0546, 5.46%), percent (5.46),
/// delivered shares (0.9454) and zero are other forms; read as factors, they would mean losses of up to minus ninety-five percent.
pub(super) const LINELOSS: &[Range] = &[Range {
    component: None,
    dimension: Dimension::Factor,
    possible: (1.0, 1.5),
    plausible: (1.0, 1.2),
    middle: ANY,
    form: "a factor such as 1.0546",
}];
