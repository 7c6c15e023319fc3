//! Turns a request into a quote.

use super::inputs::Inputs;
use super::legacy;
use super::missing::{self, Missing};
use super::price::Desk;
use super::priced::{LeftOut, Priced, Quote, Total};
use super::request::{Method, Request};
use crate::http::Problem;
use crate::http::wrong::Wrong;
use chrono::{DateTime, Utc};
use serde_json::json;
use sha2::{Digest as _, Sha256};
use std::collections::BTreeSet;
use uuid::Uuid;

/// Accounts priced before the thread is yielded and a job reports progress.
pub const AT_ONCE: usize = 25;

/// Prices accounts in batches.
pub struct Maker<'m> {
    request: &'m Request,
    inputs: &'m Inputs,
    desk: Desk<'m>,
    missing: Vec<Missing>,
    accounts: Vec<Priced>,
    next: usize,
}

impl<'m> Maker<'m> {
    /// For a request and its inputs.
    #[must_use]
    pub fn new(request: &'m Request, inputs: &'m Inputs) -> Self {
        let desk = Desk::new(request, inputs);
        Self { request, inputs, desk, missing: vec![], accounts: vec![], next: 0 }
    }

    /// The number of accounts processed.
    #[must_use]
    pub fn done(&self) -> usize {
        self.next
    }

    /// Prices the next batch; false when no accounts are left.
    pub fn go_on(&mut self) -> bool {
        let end = (self.next + AT_ONCE).min(self.request.accounts.len());
        for place in self.next..end {
            let account = &self.request.accounts[place];
            let pointer = format!("/accounts/{place}");
            let priced = match self.request.method {
                Method::Nerc => self.desk.price(account, &pointer),
                Method::Legacy => legacy::price(self.inputs, self.request.market, account, &pointer)
                    .map(|(priced, _)| priced),
            };
            match priced {
                Ok(priced) => self.accounts.push(priced),
                Err(more) => missing::gather(&mut self.missing, more),
            }
        }
        self.next = end;
        end < self.request.accounts.len()
    }

    /// The accounts with their prices.
    ///
    /// # Errors
    /// 422 with everything that is missing.
    pub fn end(self) -> Result<Made, Problem> {
        if !self.missing.is_empty() {
            return Err(incomplete(&self.missing));
        }
        let (left_out, notes) = match self.request.method {
            Method::Nerc => (self.desk.left_out, self.desk.notes),
            Method::Legacy => (BTreeSet::new(), legacy::check::notes(self.inputs)),
        };
        Ok(Made { accounts: self.accounts, left_out, notes })
    }
}

/// Accounts with their prices.
#[derive(Debug)]
pub struct Made {
    /// In the order of the request.
    pub accounts: Vec<Priced>,
    left_out: BTreeSet<LeftOut>,
    notes: BTreeSet<String>,
}

/// Prices all accounts at once.
///
/// # Errors
/// 422 with everything that is missing.
pub fn all(request: &Request, inputs: &Inputs) -> Result<Made, Problem> {
    let mut maker = Maker::new(request, inputs);
    while maker.go_on() {}
    maker.end()
}

/// 422: everything that is missing.
#[must_use]
pub fn incomplete(missing: &[Missing]) -> Problem {
    let wrong = missing.iter().map(|missing| {
        let months = match missing.months.as_slice() {
            [] => String::new(),
            [one] => format!(" ({one})"),
            [first, .., last] => format!(" ({first} to {last}, {} months)", missing.months.len()),
        };
        let detail = format!("{}: {}{months}; upload {}", missing.data_type, missing.what, missing.upload);
        Wrong { parameter: missing.accounts.first().cloned().unwrap_or_default(), detail }
    });
    Problem::incomplete(wrong.collect()).with("missing", json!(missing))
}

impl Made {
    /// A hash over what determines prices: request, snapshots and accounts.
    #[must_use]
    pub fn hash(&self, request: &Request, inputs: &Inputs) -> String {
        let snapshots: Vec<i32> = inputs.sheets().map(|sheet| sheet.snapshot).collect();
        let text =
            json!({ "request": request.canonical(), "snapshots": snapshots, "accounts": self.accounts });
        hex::encode(Sha256::digest(text.to_string()))
    }

    /// Assembles the quote.
    #[must_use]
    pub fn quote(
        self,
        id: Uuid,
        request: &Request,
        inputs: &Inputs,
        known_at: DateTime<Utc>,
        now: DateTime<Utc>,
    ) -> Quote {
        Quote {
            id,
            hash: self.hash(request, inputs),
            created_at: now,
            market: request.market.code().to_owned(),
            method: request.method.word().to_owned(),
            curve_date: request.curve_date,
            known_at,
            snapshots: inputs.sheets().map(|sheet| sheet.about.clone()).collect(),
            left_out: self.left_out.into_iter().collect(),
            notes: self.notes.into_iter().collect(),
            total: Total::of(&self.accounts),
            accounts: self.accounts,
        }
    }
}
