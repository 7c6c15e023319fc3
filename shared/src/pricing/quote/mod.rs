//! Quotes: the cost of full supply for an account from the forward curves of a day, component by component.
//!
//! `request → inputs → priced lines → a stored quote`. Pricing is pure ([`price`], and [`legacy`] as the old desk did it).
//! Guarantees: the lines sum to the price; every line names its sources; everything missing is named, and nothing is priced without
//! it; the same request with the same inputs has the same hash.

pub mod charges;
mod contract;
pub mod explain;
mod found;
pub mod hourly;
pub mod hours;
pub mod inputs;
mod lacking;
pub mod legacy;
pub mod make;
pub mod missing;
pub mod price;
pub mod priced;
pub mod read;
pub mod request;
pub mod select;
pub mod store;
pub mod tables;
pub mod typical;
mod usable;
pub mod zone;

use crate::access::Grants;
use crate::ctx::Ctx;
use crate::http::{Problem, end_read};
use inputs::Inputs;
use read::Which;
use request::Request;

/// Reads the inputs of a request in their own transaction: no connection is held while prices are computed.
///
/// # Errors
/// 413 if that is too much; a fault if the database or the archive does not respond.
pub async fn inputs_of(
    ctx: &Ctx,
    grants: &Grants,
    request: &Request,
    which: Which<'_>,
) -> Result<Inputs, Problem> {
    let mut tx = ctx.db().begin_read("read the inputs of a quote").await?;
    let inputs = read::inputs(ctx, &mut tx, grants, request, which).await;
    end_read(tx, inputs).await
}

#[cfg(test)]
mod tests;
