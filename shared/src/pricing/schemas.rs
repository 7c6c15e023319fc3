//! What requests and answers look like, for the document; requests are read by `quote/request.rs`, which says all that is wrong.

use super::jobs::store::Job;
use super::quote::explain::AccountMove;
use chrono::{DateTime, NaiveDate, Utc};
use serde::Serialize;
use serde_json::Value;
use std::collections::BTreeMap;
use utoipa::ToSchema;

/// What is to be priced.
#[derive(ToSchema)]
#[expect(dead_code, reason = "it documents the body")]
pub struct QuoteRequest {
    /// Market.
    #[schema(example = "ERCOT")]
    market: String,
    /// Operating day: of each data type its mark, or the newest before, is the input.
    #[schema(value_type = String, format = "date", example = "2024-01-05")]
    curve_date: NaiveDate,
    /// The moment whose knowledge counts; now if absent.
    known_at: Option<DateTime<Utc>>,
    /// `nerc` (every local hour, holidays, daylight saving, weighted by load; the default) or `legacy` (as the old pricing
    /// desk, faults and all).
    #[schema(example = "nerc", pattern = "^(nerc|legacy)$")]
    method: Option<String>,
    /// MW of reserve that a MW of load obliges to, by component (`NSRS`, `RRS`, `ECRS`, `Reg Up`, `Reg Down`). Without it the
    /// prices of reserves are no part of the quote.
    reserve_obligations: Option<BTreeMap<String, f64>>,
    /// What is priced, 1 to 2000 accounts.
    accounts: Vec<QuoteAccount>,
}

/// An account.
#[derive(ToSchema)]
#[expect(dead_code, reason = "it documents the body")]
pub struct QuoteAccount {
    /// What it is called.
    #[schema(example = "Main Street 1")]
    name: String,
    /// Load zone of its energy, as in the energy sheet.
    #[schema(example = "NORTH ZONE")]
    load_zone: String,
    /// Capacity zone; the load zone if absent.
    #[schema(example = "NORTH ZONE")]
    capacity_zone: Option<String>,
    /// Utility that delivers, as in the line-loss sheet.
    #[schema(example = "ONCOR")]
    utility: String,
    /// Voltage, as in the line-loss sheet.
    #[schema(example = "Secondary")]
    voltage: String,
    /// Load profile: a cost component of the load-profile sheet.
    #[schema(example = "BUSMEDLF_NCENT")]
    load_profile: String,
    /// State; that of the energy curve if absent.
    #[schema(example = "TX")]
    state: Option<String>,
    /// First day of delivery.
    #[schema(value_type = String, format = "date", example = "2024-03-01")]
    start: NaiveDate,
    /// Last day of delivery, included.
    #[schema(value_type = String, format = "date", example = "2024-03-31")]
    end: NaiveDate,
    /// Demand that capacity is paid for, in kW; the greatest load of an hour if absent.
    capacity_kw: Option<f64>,
    /// Margin, $/`MWh`.
    #[schema(example = 1.0)]
    margin: Option<f64>,
    /// Sleeve fee, $/`MWh`.
    #[schema(example = 0.5)]
    sleeve_fee: Option<f64>,
    /// Utility billing surcharge, $/`MWh`.
    #[schema(example = 0.25)]
    billing_surcharge: Option<f64>,
    /// Another adder, $/`MWh`.
    other1: Option<f64>,
    /// One more, $/`MWh`.
    other2: Option<f64>,
}

/// Why prices moved.
#[derive(Serialize, ToSchema)]
pub struct Explained {
    /// The quote.
    #[schema(value_type = String, format = "uuid")]
    pub id: uuid::Uuid,
    /// Its hash.
    pub hash: String,
    /// The other operating day.
    #[schema(value_type = String, format = "date")]
    pub against: NaiveDate,
    /// What was known of it at this moment.
    pub known_at: DateTime<Utc>,
    /// The snapshots of the other day.
    pub snapshots: Vec<Value>,
    /// By account, in the order of the quote: `change` is the quote less the price of the other day.
    pub accounts: Vec<AccountMove>,
}

/// A job.
#[derive(Serialize, ToSchema)]
pub struct JobAnswer {
    /// Key: `GET /v1/jobs/{id}`.
    #[schema(value_type = String, format = "uuid")]
    id: uuid::Uuid,
    /// What is to be done: `quote`.
    #[schema(example = "quote")]
    kind: String,
    /// `queued`, `running`, `done` or `failed`.
    #[schema(example = "running")]
    state: String,
    /// Accounts that are done.
    #[schema(example = 250)]
    done: i32,
    /// Accounts that there are.
    #[schema(example = 2000)]
    total: i32,
    /// How often it was begun: more than once if whoever ran it was killed.
    #[schema(example = 1)]
    attempts: i32,
    /// When it was asked.
    created_at: DateTime<Utc>,
    /// When it was begun last.
    started_at: Option<DateTime<Utc>>,
    /// When it ended.
    finished_at: Option<DateTime<Utc>>,
    /// Path of the quote that it made.
    #[schema(example = "/v1/quotes/0f8fad5b-d9cb-469f-a165-70867728950e")]
    quote: Option<String>,
    /// Signed address of the quote, for a quarter of an hour; the bucket forgets it after a day, and the path does not.
    result: Option<String>,
    /// Why it failed, as a problem document.
    problem: Option<Value>,
}

impl JobAnswer {
    /// Of a job, with the address of its result.
    #[must_use]
    pub fn of(job: Job, result: Option<String>) -> Self {
        Self {
            id: job.id,
            kind: job.kind,
            state: job.state,
            done: job.done,
            total: job.total,
            attempts: job.attempts,
            created_at: job.created_at,
            started_at: job.started_at,
            finished_at: job.finished_at,
            quote: job.quote_id.map(|id| format!("/v1/quotes/{id}")),
            result,
            problem: job.problem,
        }
    }
}
