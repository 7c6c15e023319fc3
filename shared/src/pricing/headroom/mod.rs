//! Headroom: how far a retail offer is below its utility's price to compare.
//!
//! `headroom = price to compare - retail price` in $/kWh, and the same as a percentage of the price to compare. The price to
//! compare covers the months of the offer, from the month in which it begins over its term, weighted by the load of its load
//! profile, or by the hours of the months if it has no load ([`compute`]).
//!
//! It is published as snapshots of the data type `headroom`, under the stamp and mark of the matrix, by the same code that
//! publishes sheets. Guarantees: every version of a matrix is compared with the newest prices to compare of its operating day or
//! earlier, and the result is a snapshot, without curves if nothing can be compared; a correction, a withdrawal or a late sheet on
//! either side makes a new revision unless the numbers are the same; each pair is computed once; whichever process runs it, however
//! often, concurrently or killed at any step, the result is the same (`work`).
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

/// A command. Unknown fields are refused, so that a typo cannot pass for a default.
#[derive(Clone, Debug, Deserialize)]
#[serde(tag = "command", rename_all = "snake_case", deny_unknown_fields)]
pub enum Command {
    /// Computes all pairs not yet computed.
    Run(Run),
}

/// The parameters of a run.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Run {
    /// Only reports what would be done.
    #[serde(default)]
    pub dry_run: bool,
    /// Only this market.
    pub market: Option<String>,
    /// The time budget in seconds; 600 by default. The function itself may run for 900.
    pub budget_seconds: Option<u32>,
}

/// The `headroom` function. An event without a command is a run; an invalid command is answered with `{"done":false,"error":…}`,
/// not with an error.
///
/// # Errors
/// A fault if the database or the archive does not respond. Finished work is kept, and the next run continues.
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
