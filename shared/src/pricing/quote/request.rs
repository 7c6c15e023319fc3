//! The request for a quote: the JSON is read as a whole, and all errors are reported at once, by JSON pointer.

use crate::catalog::reserves::RESERVES;
use crate::catalog::text::{normalised, visible};
use crate::catalog::{Market, Month};
use crate::http::parameters::unknown;
use crate::http::wrong::Wrong;
use chrono::{DateTime, NaiveDate, Utc};
use serde_json::{Map, Value, json};
use std::borrow::Cow;
use std::collections::BTreeMap;

/// The most accounts of one request.
pub const MAX_ACCOUNTS: usize = 2000;
/// The most months of one account.
pub const MAX_MONTHS: i32 = 180;
/// The most months from the earliest start to the latest end of all accounts.
const MAX_SPAN: i32 = 240;
/// The longest name or label, in characters.
const LONGEST: usize = 200;
/// The largest plausible number, for an adder in $/`MWh` or a demand in kW.
const MAX_NUMBER: f64 = 1e9;

/// How accounts are priced.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Method {
    /// Exact local hours, NERC's calendar, load-weighted.
    Nerc,
    /// As the old system's pricing desk did it, errors included.
    Legacy,
}

impl Method {
    /// Its name in a request.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::Nerc => "nerc",
            Self::Legacy => "legacy",
        }
    }
}

/// The adders of an account, in $/`MWh`.
pub const ADDERS: [&str; 5] = ["margin", "sleeve_fee", "billing_surcharge", "other1", "other2"];

/// An account to price.
#[derive(Clone, Debug, PartialEq)]
pub struct Account {
    /// The name of the account.
    pub name: String,
    /// Load zone of its energy.
    pub load_zone: String,
    /// Capacity zone; defaults to the load zone.
    pub capacity_zone: String,
    /// The utility that delivers.
    pub utility: String,
    /// Voltage of delivery: `Secondary`, `Primary`, `Transmission`.
    pub voltage: String,
    /// The name of its load profile.
    pub load_profile: String,
    /// State; defaults to that of the energy curve.
    pub state: Option<String>,
    /// First day of delivery.
    pub start: NaiveDate,
    /// Last day of delivery, included.
    pub end: NaiveDate,
    /// Demand for which capacity is paid, in kW; defaults to the greatest hourly load.
    pub capacity_kw: Option<f64>,
    /// In the order of [`ADDERS`], in $/`MWh`.
    pub adders: [f64; ADDERS.len()],
}

/// A pricing request.
#[derive(Clone, Debug, PartialEq)]
pub struct Request {
    /// The market of all accounts.
    pub market: Market,
    /// Operating day. The inputs are its marks, or the newest marks before.
    pub curve_date: NaiveDate,
    /// The inputs are those known at this moment; `None` means now.
    pub known_at: Option<DateTime<Utc>>,
    /// The pricing method.
    pub method: Method,
    /// MW of reserve required per MW of load, by component.
    pub reserve_obligations: BTreeMap<String, f64>,
    /// The accounts to price.
    pub accounts: Vec<Account>,
}

const FIELDS: [&str; 6] = ["market", "curve_date", "known_at", "method", "reserve_obligations", "accounts"];
const TEXTS: [&str; 7] =
    ["name", "load_zone", "capacity_zone", "utility", "voltage", "load_profile", "state"];

impl Request {
    /// Reads a request.
    ///
    /// # Errors
    /// Every error found; `parameter` is a JSON pointer.
    pub fn read(value: &Value) -> Result<Self, Vec<Wrong>> {
        let mut read = Reader { whole: value, wrong: vec![] };
        let Some(fields) = read.object(value, "", &FIELDS) else { return Err(read.wrong) };
        let market = read.text(fields, "", "market", true).and_then(|text| {
            let market = text.parse::<Market>();
            market.map_err(|expected| read.say("/market", expected.to_string())).ok()
        });
        let curve_date = read.day(fields, "", "curve_date", true);
        // Absence has a meaning for these two, so a blank is not accepted in its place.
        let given = |name: &str| fields.get(name).filter(|value| !value.is_null());
        let known_at = given("known_at").and_then(|value| {
            let moment = value.as_str().and_then(|text| DateTime::parse_from_rfc3339(text).ok());
            if moment.is_none() {
                read.say("/known_at", "expected a moment as YYYY-MM-DDTHH:MM:SSZ");
            }
            moment.map(|moment| moment.with_timezone(&Utc))
        });
        let method = match given("method").map(Value::as_str) {
            None | Some(Some("nerc")) => Method::Nerc,
            Some(Some("legacy")) => Method::Legacy,
            Some(_) => {
                read.say("/method", "expected nerc or legacy");
                Method::Nerc
            }
        };
        let reserve_obligations = read.obligations(fields.get("reserve_obligations"));
        let accounts: Vec<Account> = match fields.get("accounts").and_then(Value::as_array) {
            Some(all) if !all.is_empty() && all.len() <= MAX_ACCOUNTS => {
                let all = all.iter().enumerate();
                all.filter_map(|(place, value)| read.account(value, &format!("/accounts/{place}"))).collect()
            }
            _ => {
                read.say("/accounts", format!("expected a list of 1 to {MAX_ACCOUNTS} accounts"));
                vec![]
            }
        };
        let ordinals =
            |day: fn(&Account) -> NaiveDate| accounts.iter().map(move |account| Month::of(day(account)));
        let (first, last) = (ordinals(|account| account.start).min(), ordinals(|account| account.end).max());
        if first.zip(last).is_some_and(|(first, last)| last.since(first) >= MAX_SPAN) {
            read.say(
                "/accounts",
                format!("expected all accounts to start and end within {MAX_SPAN} months; split the request"),
            );
        }
        match (market, curve_date) {
            (Some(market), Some(curve_date)) if read.wrong.is_empty() => {
                Ok(Self { market, curve_date, known_at, method, reserve_obligations, accounts })
            }
            _ => Err(read.wrong),
        }
    }

    /// The request in canonical form, with all defaults filled in; without `known_at`.
    #[must_use]
    pub fn canonical(&self) -> Value {
        let accounts = self.accounts.iter().map(|account| {
            let mut said = json!({
                "name": account.name, "load_zone": account.load_zone, "capacity_zone": account.capacity_zone,
                "utility": account.utility, "voltage": account.voltage, "load_profile": account.load_profile,
                "state": account.state, "start": account.start, "end": account.end,
                "capacity_kw": account.capacity_kw,
            });
            for (name, value) in ADDERS.iter().zip(account.adders) {
                said[*name] = value.into();
            }
            said
        });
        json!({
            "market": self.market.code(), "curve_date": self.curve_date, "method": self.method.word(),
            "reserve_obligations": self.reserve_obligations, "accounts": accounts.collect::<Vec<_>>(),
        })
    }

    /// The first and the last month of all accounts.
    #[must_use]
    pub fn months(&self) -> (Month, Month) {
        let first = self.accounts.iter().map(|account| Month::of(account.start)).min();
        let last = self.accounts.iter().map(|account| Month::of(account.end)).max();
        let any = Month::of(self.curve_date);
        (first.unwrap_or(any), last.unwrap_or(any))
    }

    /// The total months of all accounts.
    #[must_use]
    pub fn account_months(&self) -> usize {
        let months = |account: &Account| Month::of(account.end).since(Month::of(account.start)) + 1;
        self.accounts.iter().map(|account| usize::try_from(months(account)).unwrap_or(0)).sum()
    }
}

struct Reader<'v> {
    whole: &'v Value,
    wrong: Vec<Wrong>,
}

impl Reader<'_> {
    /// Adds an error at a JSON pointer, echoing the value found there.
    fn say(&mut self, pointer: &str, detail: impl AsRef<str>) {
        let found = self.whole.pointer(pointer).filter(|value| !value.is_object() && !value.is_array());
        let parameter = if pointer.is_empty() { "/" } else { pointer };
        self.wrong.push(Wrong::found_value(parameter, found.unwrap_or(&Value::Null), detail.as_ref()));
    }

    /// Adds an error for an unknown member of an object.
    fn unknown(&mut self, at: &str, name: &str, known: &[&str]) {
        let escaped = name.replace('~', "~0").replace('/', "~1");
        let flaw = Wrong::unknown_field("", name, known);
        self.wrong.push(Wrong { parameter: format!("{at}/{escaped}"), ..flaw });
    }

    fn object<'v>(
        &mut self,
        value: &'v Value,
        pointer: &str,
        known: &[&str],
    ) -> Option<&'v Map<String, Value>> {
        let Some(fields) = value.as_object() else {
            self.say(pointer, format!("expected an object with {}", known.join(", ")));
            return None;
        };
        for name in unknown(fields.keys().map(String::as_str), known) {
            self.unknown(pointer, name, known);
        }
        Some(fields)
    }

    /// A trimmed text; empty and null count as absent.
    fn text(&mut self, fields: &Map<String, Value>, at: &str, name: &str, needed: bool) -> Option<String> {
        let pointer = format!("{at}/{name}");
        let seen = match fields.get(name) {
            None | Some(Value::Null) => Cow::Borrowed(""),
            Some(Value::String(text)) => visible(text),
            Some(_) => {
                self.say(&pointer, "expected a string");
                return None;
            }
        };
        let text = seen.trim();
        if text.is_empty() {
            if needed {
                self.say(&pointer, "expected a string, but it is missing or empty");
            }
            return None;
        }
        if text.chars().count() > LONGEST || text.chars().any(|c| c.is_control() || c == '*') {
            self.say(
                &pointer,
                format!("expected at most {LONGEST} characters, no asterisk and no line breaks"),
            );
            return None;
        }
        Some(text.to_owned())
    }

    fn day(&mut self, fields: &Map<String, Value>, at: &str, name: &str, needed: bool) -> Option<NaiveDate> {
        let text = self.text(fields, at, name, needed)?;
        let day = NaiveDate::parse_from_str(&text, "%Y-%m-%d").ok();
        let day = day.filter(|day| day.to_string() == text && (2000..=2200).contains(&year(*day)));
        if day.is_none() {
            self.say(&format!("{at}/{name}"), "expected a day from 2000 to 2200, as YYYY-MM-DD");
        }
        day
    }

    fn number(&mut self, fields: &Map<String, Value>, at: &str, name: &str) -> Option<f64> {
        let value = fields.get(name).filter(|value| !value.is_null())?;
        let number = value.as_f64().filter(|number| number.abs() <= MAX_NUMBER);
        if number.is_none() {
            self.say(&format!("{at}/{name}"), "expected a number");
        }
        number
    }

    fn obligations(&mut self, value: Option<&Value>) -> BTreeMap<String, f64> {
        let mut shares = BTreeMap::new();
        let Some(value) = value.filter(|value| !value.is_null()) else { return shares };
        let Some(fields) = value.as_object() else {
            self.say(
                "/reserve_obligations",
                "expected an object of load shares by component, such as {\"NSRS\": 0.03}",
            );
            return shares;
        };
        for (name, share) in fields {
            let pointer = format!("/reserve_obligations/{}", name.replace('~', "~0").replace('/', "~1"));
            if !RESERVES.contains(&normalised(name).as_str()) {
                self.unknown("/reserve_obligations", name, &RESERVES);
                continue;
            }
            match share.as_f64().filter(|share| (0.0..=1.0).contains(share)) {
                Some(share) => {
                    shares.insert(normalised(name), share);
                }
                None => self.say(&pointer, "expected a number from 0 to 1"),
            }
        }
        shares
    }

    fn account(&mut self, value: &Value, at: &str) -> Option<Account> {
        let mut known: Vec<&str> = TEXTS.to_vec();
        known.extend(["start", "end", "capacity_kw"]);
        known.extend(ADDERS);
        let fields = self.object(value, at, &known)?;
        let before = self.wrong.len();
        let name = self.text(fields, at, "name", true);
        let load_zone = self.text(fields, at, "load_zone", true);
        let capacity_zone = self.text(fields, at, "capacity_zone", false).or_else(|| load_zone.clone());
        let [utility, voltage, load_profile] =
            ["utility", "voltage", "load_profile"].map(|name| self.text(fields, at, name, true));
        let state = self.text(fields, at, "state", false);
        let (start, end) = (self.day(fields, at, "start", true), self.day(fields, at, "end", true));
        if let (Some(start), Some(end)) = (start, end) {
            let months = Month::of(end).since(Month::of(start)) + 1;
            if start > end {
                self.say(&format!("{at}/end"), "expected a day on or after start");
            } else if months > MAX_MONTHS {
                self.say(&format!("{at}/end"), format!("expected a contract of at most {MAX_MONTHS} months"));
            }
        }
        let capacity_kw = self.number(fields, at, "capacity_kw");
        if capacity_kw.is_some_and(|kw| kw < 0.0) {
            self.say(&format!("{at}/capacity_kw"), "expected a demand of 0 or more, in kW");
        }
        let adders = ADDERS.map(|name| self.number(fields, at, name).unwrap_or(0.0));
        if self.wrong.len() > before {
            return None;
        }
        Some(Account {
            name: name?,
            load_zone: load_zone?,
            capacity_zone: capacity_zone?,
            utility: utility?,
            voltage: voltage?,
            load_profile: load_profile?,
            state,
            start: start?,
            end: end?,
            capacity_kw,
            adders,
        })
    }
}

fn year(day: NaiveDate) -> i32 {
    use chrono::Datelike as _;
    day.year()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn good() -> Value {
        json!({ "market": "ercot", "curve_date": "2024-01-05", "accounts": [{
            "name": "A", "load_zone": "NORTH ZONE", "utility": "ONCOR", "voltage": "Secondary",
            "load_profile": "RES", "start": "2024-03-01", "end": "2025-02-28", "margin": 1
        }] })
    }

    #[test]
    fn omissions_have_defaults_and_the_canonical_request_reads_as_itself() {
        let request = Request::read(&good()).unwrap();
        assert_eq!((request.market, request.method), (Market::Ercot, Method::Nerc));
        assert_eq!(request.accounts[0].capacity_zone, "NORTH ZONE");
        assert_eq!((request.account_months(), request.accounts[0].adders), (12, [1.0, 0.0, 0.0, 0.0, 0.0]));
        assert_eq!(Request::read(&request.canonical()).unwrap(), request);
    }

    #[test]
    fn all_errors_are_reported_at_once_by_their_pointers() {
        let mut value = good();
        value["market"] = json!("X");
        value["curve_date"] = json!("5.1.2024");
        value["method"] = json!("fast");
        value["what"] = json!(1);
        value["reserve_obligations"] = json!({ "NSRS": 2, "Reserve": 0.1 });
        let account = &mut value["accounts"][0];
        account["load_zone"] = json!("NORTH*");
        account["end"] = json!("2024-02-29");
        account["margin"] = json!("1");
        account["utility"] = json!(" ");
        let wrong = Request::read(&value).unwrap_err();
        let places: Vec<&str> = wrong.iter().map(|wrong| wrong.parameter.as_str()).collect();
        for place in [
            "/what",
            "/market",
            "/curve_date",
            "/method",
            "/reserve_obligations/NSRS",
            "/reserve_obligations/Reserve",
            "/accounts/0/load_zone",
            "/accounts/0/utility",
            "/accounts/0/end",
            "/accounts/0/margin",
        ] {
            assert!(places.contains(&place), "{place}: {places:?}");
        }
        assert_eq!(places.len(), 10, "{places:?}");
        let mut apart = good();
        apart["accounts"].as_array_mut().unwrap().push(good()["accounts"][0].clone());
        (apart["accounts"][1]["start"], apart["accounts"][1]["end"]) =
            (json!("2150-01-01"), json!("2150-12-31"));
        assert_eq!(Request::read(&apart).unwrap_err()[0].parameter, "/accounts");
        for (field, blank) in [("method", ""), ("method", " nerc"), ("known_at", "")] {
            let mut value = good();
            value[field] = json!(blank);
            assert_eq!(Request::read(&value).unwrap_err()[0].parameter, format!("/{field}"));
        }
        for value in [json!([]), json!({}), json!({ "accounts": [] }), json!({ "accounts": [1] })] {
            assert!(!Request::read(&value).unwrap_err().is_empty(), "{value}");
        }
    }
}
