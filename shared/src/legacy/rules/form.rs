//! Converts rules between the old system's form and ours.

use crate::access::packages::Held;
use crate::access::rules::store::Kept;
use crate::access::rules::{MAX_RULES, Months, Rule, control_table, label_names};
use crate::catalog::pattern::NotAPattern;
use crate::catalog::text::whole;
use crate::catalog::{DataType, Market, Month};
use crate::http::parameters::unknown;
use crate::http::wrong::Wrong;
use crate::legacy::forms::fields::text_of;
use chrono::NaiveDate;
use serde::Serialize;
use serde_json::Value;
use utoipa::ToSchema;

/// A grant rule in the old form; `*` matches any label.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct OldRule {
    /// Market and data type, as `<iso>_<curve>`.
    #[schema(example = "pjm_energy")]
    control_table: String,
    /// E-mail address of the user.
    email: String,
    /// First delivery month, as an RFC 1123 date.
    #[serde(rename = "startMonth")]
    #[schema(example = "Thu, 01 Jan 2026 00:00:00 GMT")]
    start_month: String,
    /// Last delivery month, included.
    #[serde(rename = "endMonth")]
    #[schema(example = "Fri, 01 Dec 2028 00:00:00 GMT")]
    end_month: String,
    /// Balanced months: if not 0, this many months from the current one on, instead of the dates.
    balanced_month_range: u16,
    /// Control area.
    control_area: String,
    /// State of the curves.
    state: String,
    /// Load zone.
    load_zone: String,
    /// Capacity zone.
    capacity_zone: String,
    /// Utility of the curves.
    utility: String,
    /// Block of the curves.
    strip: String,
    /// Cost group.
    cost_group: String,
    /// Cost component.
    cost_component: String,
    /// Sub cost component.
    sub_cost_component: String,
    /// Package that the rule comes from; absent for the user's own rules.
    #[serde(skip_serializing_if = "Option::is_none")]
    package: Option<String>,
}

/// Grant rules in the old form, column by column.
#[derive(Debug, Default, Serialize, ToSchema)]
pub struct OldColumns {
    /// Ids of the rules, for `filter_id` of `/delete_column_filter_ui`.
    id: Vec<i32>,
    /// Markets and data types, as `<iso>_<curve>`.
    control_table: Vec<String>,
    /// E-mail addresses of the user.
    email: Vec<String>,
    /// First delivery months.
    #[serde(rename = "startMonth")]
    start_month: Vec<String>,
    /// Last delivery months.
    #[serde(rename = "endMonth")]
    end_month: Vec<String>,
    /// Balanced months; 0 if the dates apply.
    balanced_month_range: Vec<u16>,
    /// Control areas.
    control_area: Vec<String>,
    /// States of the curves.
    state: Vec<String>,
    /// Load zones.
    load_zone: Vec<String>,
    /// Capacity zones.
    capacity_zone: Vec<String>,
    /// Utilities of the curves.
    utility: Vec<String>,
    /// Blocks of the curves.
    strip: Vec<String>,
    /// Cost groups.
    cost_group: Vec<String>,
    /// Cost components.
    cost_component: Vec<String>,
    /// Sub cost components.
    sub_cost_component: Vec<String>,
    /// Packages that the rules come from; empty for the user's own rules.
    package: Vec<String>,
}

impl OldRule {
    /// A rule in the old system's form.
    #[must_use]
    pub fn of(email: &str, rule: &Rule, package: Option<&Held>) -> Self {
        let [
            control_area,
            state,
            load_zone,
            capacity_zone,
            utility,
            strip,
            cost_group,
            cost_component,
            sub_cost_component,
        ] = rule.labels.each_ref().map(|label| label.as_ref().map_or("*", |label| label.text()).to_owned());
        let (from, to, balanced_month_range) = match rule.months {
            Months::Range(from, to) => (from, to, 0),
            Months::Balanced(months) => (None, None, months),
        };
        let date = |month: NaiveDate| month.format("%a, %d %b %Y 00:00:00 GMT").to_string();
        let last = to.map(|to| Month::from_ordinal(to.ordinal() - 1));
        let market = rule.market.map_or("all".to_owned(), |market| market.code().to_lowercase());
        Self {
            control_table: format!("{market}_{}", rule.data_type.map_or("all", DataType::word)),
            email: email.to_owned(),
            start_month: date(from.map_or_else(first, Month::first_day)),
            end_month: date(last.map_or_else(end, Month::first_day)),
            balanced_month_range,
            control_area,
            state,
            load_zone,
            capacity_zone,
            utility,
            strip,
            cost_group,
            cost_component,
            sub_cost_component,
            package: package.map(|package| package.name.clone()),
        }
    }
}

impl FromIterator<(i32, OldRule)> for OldColumns {
    fn from_iter<I: IntoIterator<Item = (i32, OldRule)>>(rules: I) -> Self {
        let mut columns = Self::default();
        for (id, rule) in rules {
            columns.id.push(id);
            columns.control_table.push(rule.control_table);
            columns.email.push(rule.email);
            columns.start_month.push(rule.start_month);
            columns.end_month.push(rule.end_month);
            columns.balanced_month_range.push(rule.balanced_month_range);
            columns.control_area.push(rule.control_area);
            columns.state.push(rule.state);
            columns.load_zone.push(rule.load_zone);
            columns.capacity_zone.push(rule.capacity_zone);
            columns.utility.push(rule.utility);
            columns.strip.push(rule.strip);
            columns.cost_group.push(rule.cost_group);
            columns.cost_component.push(rule.cost_component);
            columns.sub_cost_component.push(rule.sub_cost_component);
            columns.package.push(rule.package.unwrap_or_default());
        }
        columns
    }
}

/// All rules in effect for a user: its own, and those of its packages.
pub(super) type Counting = Vec<(Kept, Option<Held>)>;

/// The start date that the old pages sent for "no start".
fn first() -> NaiveDate {
    NaiveDate::from_ymd_opt(2000, 1, 1).expect("a date")
}

/// The end date that the old pages sent for "no end".
fn end() -> NaiveDate {
    NaiveDate::from_ymd_opt(9999, 12, 31).expect("a date")
}

/// The months of an old rule: both dates included, unless a number of balanced months is given.
pub(super) fn months(
    (start, end_date, balanced): (Option<String>, Option<String>, Option<String>),
    names: [&str; 3],
    wrong: &mut Vec<Wrong>,
) -> Months {
    let mut flaw = |name: &str, text: &Option<String>, detail: &str| {
        wrong.push(match text {
            Some(text) => Wrong::found(name, text, detail),
            None => Wrong::new(name, detail),
        });
    };
    match balanced.as_ref().map_or(Some(0), |text| whole(text).and_then(|months| u16::try_from(months).ok()))
    {
        Some(0) => {}
        Some(months @ 1..=1200) => return Months::Balanced(months),
        _ => flaw(names[2], &balanced, "expected a number of months from 1 to 1200, or 0 to use the dates"),
    }
    let mut date = |name: &str, text: &Option<String>| {
        // Pages send a timestamp, of which only the day counts.
        let date = text.as_ref().and_then(|text| {
            let day = text.split(['T', ' ']).next().unwrap_or_default();
            ["%Y-%m-%d", "%Y%m%d"].iter().find_map(|form| NaiveDate::parse_from_str(day, form).ok())
        });
        let date = date.filter(|date| (1990..2200).contains(&chrono::Datelike::year(date)) || *date == end());
        if date.is_none() {
            flaw(
                name,
                text,
                "expected a date as YYYY-MM-DD, 1990 to 2199 (or 9999-12-31), or balanced months",
            );
        }
        date
    };
    let (Some(start), Some(last)) = (date(names[0], &start), date(names[1], &end_date)) else {
        return Months::Range(None, None);
    };
    // A start after the first of a month excludes that month, as in the old system.
    let from = Month::of(start);
    let from = if start > from.first_day() { from.plus(1) } else { from };
    let to = (last < end()).then(|| Month::of(last).plus(1));
    if to.is_some_and(|to| from >= to) {
        flaw(names[1], &end_date, "expected an end in or after the first delivery month");
    }
    Months::Range((start > first()).then_some(from), to)
}

/// Reads a rule. All eight labels must be given, with `*` for any, because a forgotten one would otherwise grant too much. The
/// sub-component may be omitted, as curves without one do.
pub(super) fn rule(
    series: (Option<DataType>, Option<Market>),
    label: impl Fn(&str) -> Option<String>,
    months: Months,
    (place, wrong): (&str, &mut Vec<Wrong>),
) -> Rule {
    let mut rule = Rule { data_type: series.0, market: series.1, months, ..Rule::of_all() };
    for (name, into) in label_names().zip(&mut rule.labels) {
        let parameter = format!("{place}{name}");
        let other = if name == "block_type" { "strip" } else { name };
        let (named, old) = (label(name), label(other));
        match named.or(old) {
            Some(any) if any == "*" => {}
            Some(text) => match text.parse() {
                Ok(pattern) => *into = Some(pattern),
                Err(NotAPattern) => wrong.push(Wrong::found(&parameter, &text, &NotAPattern.to_string())),
            },
            None if name == "sub_cost_component" => {}
            None => wrong.push(Wrong::new(&parameter, "expected a label, or * for any")),
        }
    }
    rule
}

/// Reads `{curve: {iso: [labels]}}`.
pub(super) fn selection(data: Option<&Value>, months: Months, wrong: &mut Vec<Wrong>) -> Vec<Rule> {
    let mut rules = Vec::new();
    let mut flaw = |parameter: String, found: &Value, detail: &str| {
        wrong.push(Wrong::found_value(&parameter, found, detail));
    };
    let mut entries = Vec::new();
    match data {
        Some(Value::Object(curves)) => {
            for (curve, markets) in curves {
                let Some(markets) = markets.as_object() else {
                    flaw(format!("data.{curve}"), markets, "expected an object of lists by market");
                    continue;
                };
                for (market, list) in markets {
                    let place = format!("data.{curve}.{market}");
                    match (control_table(&format!("{market}_{curve}")), list.as_array()) {
                        (Ok(series), Some(list)) => entries.push((series, place, list)),
                        (Err(expected), _) => flaw(place, &Value::Null, &expected),
                        (_, None) => flaw(place, list, "expected a list of label objects"),
                    }
                }
            }
        }
        other => {
            let found = other.unwrap_or(&Value::Null);
            flaw("data".to_owned(), found, "expected {curve: {iso: [labels]}}, or {} for nothing");
        }
    }
    if entries.iter().map(|(_, _, list)| list.len()).sum::<usize>() > MAX_RULES {
        flaw("data".to_owned(), &Value::Null, &format!("expected at most {MAX_RULES} rules"));
        return rules;
    }
    for (series, place, list) in entries {
        for (index, entry) in list.iter().enumerate() {
            let place = format!("{place}[{index}].");
            if let Some(fields) = entry.as_object() {
                let known: Vec<&str> = label_names().chain(["strip"]).collect();
                let unknown = unknown(fields.keys().map(String::as_str), &known).into_iter();
                wrong.extend(unknown.map(|name| Wrong::unknown_field(&place, name, &known)));
                let label = |name: &str| entry.get(name).and_then(text_of);
                rules.push(rule(series, label, months, (&place, wrong)));
            } else {
                let parameter = place.trim_end_matches('.');
                wrong.push(Wrong::found_value(parameter, entry, "expected an object of labels"));
            }
        }
    }
    rules
}
