//! Headroom: what a retail offer is below the price to compare of its utility.
//!
//! `headroom = price to compare - retail price` in $/kWh, and the same in percent of the price to compare. The price to
//! compare is that of the months of the offer, from the month that it begins in over its term, weighted by the load of its
//! load profile, or by the hours of the months where there is none ([`compute`]).
//!
//! It is published as snapshots of the data type `headroom`, under the stamp and mark of the matrix, by the code that
//! publishes sheets. Promises: every matrix version is compared with the newest prices to compare of its operating day or
//! before it, and what it came to is a snapshot, one without curves if nothing can be compared; a correction, a withdrawal or
//! a late sheet of either is a new revision, and the same numbers are none; each pair is computed once; whoever runs it,
//! however often, at once or killed at any step, the end is the same (`work`).

pub mod compute;
pub mod counts;
pub mod inputs;
pub mod loads;
pub mod method;
mod parameters;
mod question;
pub mod routes;
pub(crate) mod rows;
mod schemas;
mod work;

use crate::catalog::Market;
use crate::clock::Budget;
use crate::command;
use crate::ctx::Ctx;
use crate::fault::Fault;
use serde::Deserialize;
use serde_json::{Value, json};

/// A command. Fields that are not of it are refused, so that a slip does not pass for a default.
#[derive(Clone, Debug, Deserialize)]
#[serde(tag = "command", rename_all = "snake_case", deny_unknown_fields)]
pub enum Command {
    /// Computes what is not computed yet.
    Run(Run),
}

/// What is computed.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Run {
    /// Only says what there is to do.
    #[serde(default)]
    pub dry_run: bool,
    /// Only this market.
    pub market: Option<String>,
    /// Seconds that it may take; 600 if absent. The function itself has 900.
    pub budget_seconds: Option<u32>,
}

/// The `headroom` function. An event without a command is a run; a command that is wrong is an answer
/// (`{"done":false,"error":…}`) and no error.
///
/// # Errors
/// A fault, if the database or the archive does not answer. What was finished stays so, and the next run goes on.
pub async fn handle(ctx: &Ctx, event: Value) -> Result<Value, Fault> {
    let refused = |error: String| Ok(json!({ "done": false, "error": error }));
    let run = match command::read("headroom", command::SCHEDULES_AND_BELL, event) {
        Err(error) => return refused(error),
        Ok(Command::Run(run)) => run,
    };
    let market = match run.market.as_deref().map(str::parse::<Market>).transpose() {
        Ok(market) => market,
        Err(expected) => return refused(format!("market: {expected}")),
    };
    match Budget::of(run.budget_seconds) {
        Ok(budget) => work::run(ctx, market, run.dry_run, budget).await,
        Err(error) => refused(error),
    }
}
