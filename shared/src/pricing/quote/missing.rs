//! The inputs missing for a price, named precisely enough to upload them.

use crate::catalog::{DataType, Market, Month};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use utoipa::ToSchema;

/// Why an input cannot be used.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Reason {
    /// It does not exist, or you may not see it.
    #[default]
    NotThere,
    /// Its unit is not recognised, and no price is based on a guess.
    UnitUnknown,
    /// Its unit does not fit the quantity.
    WrongUnit,
    /// Its value is impossible.
    ImpossibleValue,
}

/// An input that is missing for some or all months, or that cannot be used.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Missing {
    /// Data type of the sheet that should contain it.
    #[schema(example = "loadprofile")]
    pub data_type: String,
    /// Market of the sheet that should contain it.
    #[schema(example = "ERCOT")]
    pub market: String,
    /// Labels that identify the missing curve.
    pub labels: BTreeMap<String, String>,
    /// Delivery months without a value, `YYYY-MM`; empty if the whole curve is missing.
    pub months: Vec<String>,
    /// Reason: `not_there`, `unit_unknown`, `wrong_unit` or `impossible_value`.
    #[serde(default)]
    pub reason: Reason,
    /// What is missing, in a sentence.
    pub what: String,
    /// Name of the sheet to upload.
    #[schema(example = "LoadProfile_ERCOT_<YYYYMMDD>_<HHMMSS>.csv")]
    pub upload: String,
    /// Accounts that need the input, as JSON pointers into the request; at most twenty.
    pub accounts: Vec<String>,
}

/// The most accounts that are named.
const MAX_ACCOUNTS: usize = 20;

impl Missing {
    /// An input that is missing.
    #[must_use]
    pub fn new(
        data_type: DataType,
        market: Market,
        labels: &[(&str, &str)],
        what: impl Into<String>,
    ) -> Self {
        let labels = labels.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect();
        Self {
            data_type: data_type.word().to_owned(),
            market: market.code().to_owned(),
            labels,
            months: vec![],
            reason: Reason::default(),
            what: what.into(),
            upload: format!("{}_{market}_<YYYYMMDD>_<HHMMSS>.csv", data_type.title()),
            accounts: vec![],
        }
    }

    /// The same, limited to these months.
    #[must_use]
    pub fn in_months(mut self, months: impl IntoIterator<Item = Month>) -> Self {
        self.months = months.into_iter().map(|month| month.to_string()).collect();
        self
    }

    /// The same, with another reason.
    #[must_use]
    pub fn because(mut self, reason: Reason) -> Self {
        self.reason = reason;
        self
    }

    /// The same, for an account.
    #[must_use]
    pub fn of(mut self, account: &str) -> Self {
        self.accounts.push(account.to_owned());
        self
    }
}

/// Merges what several accounts lack.
pub fn gather(all: &mut Vec<Missing>, more: Vec<Missing>) {
    for missing in more {
        let known = all.iter_mut().find(|known| {
            known.data_type == missing.data_type
                && known.labels == missing.labels
                && known.what == missing.what
        });
        let Some(known) = known else {
            all.push(missing);
            continue;
        };
        known.months.extend(missing.months);
        known.months.sort();
        known.months.dedup();
        let room = MAX_ACCOUNTS.saturating_sub(known.accounts.len());
        known.accounts.extend(missing.accounts.into_iter().take(room));
    }
}
