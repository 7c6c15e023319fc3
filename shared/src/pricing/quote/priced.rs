//! The result of pricing: lines that sum to the price, each with its sources.

use super::inputs::{Inputs, NEEDED};
use crate::catalog::DataType;
use crate::catalog::decimal::fixed;
use chrono::NaiveDate;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use utoipa::ToSchema;

/// $/`MWh`, to twelve decimals: the written lines sum to the written price.
#[must_use]
pub fn price(value: f64) -> f64 {
    fixed(value, 12)
}

/// Dollars, to nine decimals: lines sum to their account, and accounts to the quote.
#[must_use]
pub fn dollars(value: f64) -> f64 {
    fixed(value, 9)
}

/// `MWh`, to nine decimals.
#[must_use]
pub fn energy(value: f64) -> f64 {
    fixed(value, 9)
}

/// A component of the price of an account.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct Line {
    /// Name: `energy`, `vlr`, a cost component of the non-energy sheet, `rec`, `losses`, or an adder.
    #[schema(example = "energy")]
    pub component: String,
    /// Kind: `energy`, `vlr`, `nonenergy`, `rec`, `losses` or `adder`.
    #[schema(example = "energy")]
    pub kind: String,
    /// Cost over the contract, $.
    #[schema(example = 40.12)]
    pub dollars: f64,
    /// Cost divided by the metered energy of the contract, $/`MWh`.
    #[schema(example = 38.2)]
    pub price_per_mwh: f64,
    /// Unit of the input.
    #[schema(example = "$/MWh")]
    pub unit: String,
    /// How the cost was computed.
    pub formula: String,
    /// Ids of the snapshots that it was computed from.
    pub snapshots: Vec<i32>,
    /// Ids of the curves that it was computed from.
    pub curves: Vec<i32>,
}

/// An account and its price.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct Priced {
    /// Name of the account.
    pub name: String,
    /// First day of delivery.
    #[schema(value_type = String, format = "date")]
    pub start: NaiveDate,
    /// Last day of delivery, included.
    #[schema(value_type = String, format = "date")]
    pub end: NaiveDate,
    /// Hours of delivery.
    #[schema(example = 720)]
    pub hours: u64,
    /// Metered energy over the contract, `MWh`.
    pub mwh: f64,
    /// Largest hourly load, or the demand given in the request.
    pub peak_mw: f64,
    /// Load-weighted price: the sum of the lines.
    pub price_per_mwh: f64,
    /// Cost of the contract: the sum of the lines.
    pub dollars: f64,
    /// Only with `method=legacy`: plain mean of the hourly prices, which the old system called `ffr_price`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub mean_price: Option<f64>,
    /// Components of the price.
    pub lines: Vec<Line>,
}

/// A sheet component that is not part of the price, and why.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, ToSchema)]
pub struct LeftOut {
    /// Cost component.
    pub component: String,
    /// Why it is not part of the price.
    pub why: String,
}

/// All accounts together.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct Total {
    /// Number of accounts.
    pub accounts: usize,
    /// Metered energy of all accounts, `MWh`.
    pub mwh: f64,
    /// Cost of all accounts, $.
    pub dollars: f64,
    /// Cost divided by metered energy, $/`MWh`.
    pub price_per_mwh: f64,
}

/// A quote.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct Quote {
    /// Id of the quote, for `GET /v1/quotes/{id}`.
    #[schema(value_type = String, format = "uuid", example = "0f8fad5b-d9cb-469f-a165-70867728950e")]
    pub id: uuid::Uuid,
    /// SHA-256 over the canonical request, the snapshot ids and the accounts: equal requests priced from equal
    /// inputs have equal hashes.
    #[schema(example = "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08")]
    pub hash: String,
    /// When the quote was made.
    pub created_at: chrono::DateTime<chrono::Utc>,
    /// Market in which the load is priced.
    #[schema(example = "ERCOT")]
    pub market: String,
    /// Method: `nerc` or `legacy`.
    #[schema(example = "nerc")]
    pub method: String,
    /// Operating day as of which inputs were selected.
    #[schema(value_type = String, format = "date")]
    pub curve_date: NaiveDate,
    /// Inputs reflect what was known at this moment.
    pub known_at: chrono::DateTime<chrono::Utc>,
    /// Snapshots that the inputs were read from.
    pub snapshots: Vec<Value>,
    /// Components of the sheets that are not part of the price.
    pub left_out: Vec<LeftOut>,
    /// Assumptions that the price rests on.
    pub notes: Vec<String>,
    /// All accounts together.
    pub total: Total,
    /// The accounts, in the order of the request.
    pub accounts: Vec<Priced>,
}

/// A line before it is written.
#[derive(Clone, Debug)]
pub struct Draft {
    /// The component that the line prices.
    pub component: String,
    /// Kind of component.
    pub kind: &'static str,
    /// Cost over the contract.
    pub dollars: f64,
    /// Unit of the input.
    pub unit: &'static str,
    /// How it was computed.
    pub formula: String,
    /// Data types it is based on.
    pub of: &'static [DataType],
    /// Curves it is based on.
    pub curves: Vec<i32>,
}

impl Draft {
    /// The finished line.
    #[must_use]
    pub fn line(self, mwh: f64, inputs: &Inputs) -> Line {
        let snapshots = NEEDED.iter().filter(|data_type| self.of.contains(data_type));
        Line {
            component: self.component,
            kind: self.kind.to_owned(),
            dollars: dollars(self.dollars),
            price_per_mwh: price(self.dollars / mwh),
            unit: self.unit.to_owned(),
            formula: self.formula,
            snapshots: snapshots.filter_map(|data_type| inputs.snapshot(*data_type)).collect(),
            curves: self.curves,
        }
    }
}

impl Total {
    /// The total of accounts.
    #[must_use]
    pub fn of(accounts: &[Priced]) -> Self {
        let mwh: f64 = accounts.iter().map(|account| account.mwh).sum();
        let cost: f64 = accounts.iter().map(|account| account.dollars).sum();
        Self {
            accounts: accounts.len(),
            mwh: energy(mwh),
            dollars: dollars(cost),
            price_per_mwh: price(cost / mwh),
        }
    }
}
