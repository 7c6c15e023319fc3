//! Explains why a price differs from the price with the inputs of another day: by component and by input. Both breakdowns sum to
//! the difference.
//!
//! By input: the other day's inputs are replaced by those of the quote, one data type at a time in a fixed order; the change at
//! each step is attributed to that input.

use super::inputs::{Inputs, NEEDED};
use super::make;
use super::priced::{self, Priced};
use super::request::Request;
use crate::http::Problem;
use serde::Serialize;
use utoipa::ToSchema;

/// What a component moved.
#[derive(Debug, Serialize, ToSchema)]
pub struct ComponentMove {
    /// Component, as in the lines of the quote.
    #[schema(example = "energy")]
    pub component: String,
    /// $/`MWh` with the inputs of the other day; 0 if there was none.
    pub before: f64,
    /// $/`MWh` in the quote; 0 if there is none.
    pub after: f64,
    /// The difference.
    pub change: f64,
}

/// What an input moved.
#[derive(Debug, Serialize, ToSchema)]
pub struct InputMove {
    /// Data type.
    #[schema(example = "energy")]
    pub data_type: String,
    /// Snapshot of the other day.
    pub before: Option<i32>,
    /// Snapshot of the quote.
    pub after: Option<i32>,
    /// What it moved the price by, in $/`MWh`.
    pub change: f64,
}

/// Why the price of an account moved.
#[derive(Debug, Serialize, ToSchema)]
pub struct AccountMove {
    /// Name of the account.
    pub name: String,
    /// $/`MWh` with the inputs of the other day.
    pub before: f64,
    /// $/`MWh` in the quote.
    pub after: f64,
    /// The difference.
    pub change: f64,
    /// By component: they sum to the difference.
    pub components: Vec<ComponentMove>,
    /// By input, one after the other: they sum to the difference.
    pub inputs: Vec<InputMove>,
}

/// Explains the price of each account; `after` is the quote.
///
/// # Errors
/// 422 with everything that is missing on the other day.
pub fn explain(
    request: &Request,
    before: &Inputs,
    after: &Inputs,
    quoted: &[Priced],
) -> Result<Vec<AccountMove>, Problem> {
    let first = make::all(request, before)?.accounts;
    let mut moves: Vec<AccountMove> =
        first.iter().zip(quoted).map(|(before, after)| compare(before, after)).collect();
    let (mut inputs, mut last) =
        (before.clone(), first.iter().map(|account| account.price_per_mwh).collect::<Vec<_>>());
    for data_type in NEEDED {
        let snapshots = (before.snapshot(data_type), after.snapshot(data_type));
        if snapshots == (None, None) {
            continue;
        }
        let mut prices = last.clone();
        if snapshots.0 != snapshots.1 {
            inputs.put(data_type, after.sheet(data_type).cloned());
            prices =
                make::all(request, &inputs)?.accounts.iter().map(|account| account.price_per_mwh).collect();
        }
        for ((account, price), before) in moves.iter_mut().zip(&prices).zip(&last) {
            account.inputs.push(InputMove {
                data_type: data_type.word().to_owned(),
                before: snapshots.0,
                after: snapshots.1,
                change: priced::price(price - before),
            });
        }
        last = prices;
    }
    Ok(moves)
}

fn compare(before: &Priced, after: &Priced) -> AccountMove {
    let mut components: Vec<ComponentMove> = Vec::new();
    let new = |component: &str| ComponentMove {
        component: component.to_owned(),
        before: 0.0,
        after: 0.0,
        change: 0.0,
    };
    for (lines, is_after) in [(&after.lines, true), (&before.lines, false)] {
        for line in lines {
            let place = components.iter().position(|known| known.component == line.component);
            let place = place.unwrap_or_else(|| {
                components.push(new(&line.component));
                components.len() - 1
            });
            let side = if is_after { &mut components[place].after } else { &mut components[place].before };
            *side = priced::price(*side + line.price_per_mwh);
        }
    }
    for component in &mut components {
        component.change = priced::price(component.after - component.before);
    }
    AccountMove {
        name: after.name.clone(),
        before: before.price_per_mwh,
        after: after.price_per_mwh,
        change: priced::price(after.price_per_mwh - before.price_per_mwh),
        components,
        inputs: vec![],
    }
}
