//! The shape of requests and answers, for the OpenAPI document; `quote/request.rs` reads requests and reports all errors.

use super::jobs::store::Job;
use super::quote::explain::AccountMove;
use chrono::{DateTime, NaiveDate, Utc};
use serde::Serialize;
use serde_json::Value;
use std::collections::BTreeMap;
use utoipa::ToSchema;

/// A request for a quote.
#[derive(ToSchema)]
#[expect(dead_code, reason = "it documents the body")]
pub struct QuoteRequest {
    /// Market in which the load is priced.
    #[schema(example = "ERCOT")]
    market: String,
    /// Operating day as of which inputs are selected: for each data type the mark of the day, or the newest mark before it.
    #[schema(value_type = String, format = "date", example = "2024-01-05")]
    curve_date: NaiveDate,
    /// Use what was known at this moment; by default what is known now.
    known_at: Option<DateTime<Utc>>,
    /// `nerc` (default: every local hour, holidays, daylight saving, load-weighted) or `legacy` (as the old pricing
    /// desk computed it, with its errors).
    #[schema(example = "nerc", pattern = "^(nerc|legacy)$")]
    method: Option<String>,
    /// MW of reserve required per MW of load, by component (`NSRS`, `RRS`, `ECRS`, `Reg Up`, `Reg Down`). Without it,
    /// reserve prices are not part of the quote.
    reserve_obligations: Option<BTreeMap<String, f64>>,
    /// Accounts to price, 1 to 2000.
    accounts: Vec<QuoteAccount>,
}

/// An account to price.
#[derive(ToSchema)]
#[expect(dead_code, reason = "it documents the body")]
pub struct QuoteAccount {
    /// Name of the account.
    #[schema(example = "Main Street 1")]
    name: String,
    /// Load zone, as in the energy sheet.
    #[schema(example = "NORTH ZONE")]
    load_zone: String,
    /// Capacity zone; by default the load zone.
    #[schema(example = "NORTH ZONE")]
    capacity_zone: Option<String>,
    /// Delivering utility, as in the line-loss sheet.
    #[schema(example = "ONCOR")]
    utility: String,
    /// Voltage level, as in the line-loss sheet.
    #[schema(example = "Secondary")]
    voltage: String,
    /// Load profile, as named by the cost component in the load-profile sheet.
    #[schema(example = "BUSMEDLF_NCENT")]
    load_profile: String,
    /// State; by default the state of the energy curve.
    #[schema(example = "TX")]
    state: Option<String>,
    /// First day of delivery.
    #[schema(value_type = String, format = "date", example = "2024-03-01")]
    start: NaiveDate,
    /// Last day of delivery, included.
    #[schema(value_type = String, format = "date", example = "2024-03-31")]
    end: NaiveDate,
    /// Demand that capacity charges apply to, in kW; by default the largest hourly load.
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
    /// Other adder 1, $/`MWh`.
    other1: Option<f64>,
    /// Other adder 2, $/`MWh`.
    other2: Option<f64>,
}

/// Why prices moved.
#[derive(Serialize, ToSchema)]
pub struct Explained {
    /// Id of the quote.
    #[schema(value_type = String, format = "uuid")]
    pub id: uuid::Uuid,
    /// Hash of the quote.
    pub hash: String,
    /// The other operating day.
    #[schema(value_type = String, format = "date")]
    pub against: NaiveDate,
    /// Inputs of that day reflect what was known at this moment.
    pub known_at: DateTime<Utc>,
    /// Snapshots of that day.
    pub snapshots: Vec<Value>,
    /// One entry for each account, in the order of the quote; `change` is the quote less the price of the other day.
    pub accounts: Vec<AccountMove>,
}

/// A pricing job.
#[derive(Serialize, ToSchema)]
pub struct JobAnswer {
    /// Id of the job, for `GET /v1/jobs/{id}`.
    #[schema(value_type = String, format = "uuid")]
    id: uuid::Uuid,
    /// Kind of job: `quote`.
    #[schema(example = "quote")]
    kind: String,
    /// State: `queued`, `running`, `done` or `failed`.
    #[schema(example = "running")]
    state: String,
    /// Accounts priced so far.
    #[schema(example = 250)]
    done: i32,
    /// Accounts in total.
    #[schema(example = 2000)]
    total: i32,
    /// Number of attempts; more than one if a worker was stopped.
    #[schema(example = 1)]
    attempts: i32,
    /// When the job was requested.
    created_at: DateTime<Utc>,
    /// When the last attempt started.
    started_at: Option<DateTime<Utc>>,
    /// When the job ended.
    finished_at: Option<DateTime<Utc>>,
    /// Path of the resulting quote.
    #[schema(example = "/v1/quotes/0f8fad5b-d9cb-469f-a165-70867728950e")]
    quote: Option<String>,
    /// Signed download address of the quote, valid for 15 minutes. The file is deleted after a day; the path in `quote` stays.
    result: Option<String>,
    /// Why the job failed, as a problem document.
    problem: Option<Value>,
}

impl JobAnswer {
    /// The answer for a job, with the URL of its result.
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
