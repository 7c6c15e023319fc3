//! A subscription request: all its errors are reported at once.

use super::cron::{Cron, NotACron};
use super::rule::{On, Rule, default_rule, series_word};
use super::send::reach;
use crate::ctx::Ctx;
use crate::http::wrong::Wrong;
use crate::http::{Problem, body};
use crate::http_client;
use chrono_tz::Tz;
use serde::Deserialize;
use serde_json::Value;
use utoipa::ToSchema;

/// A subscription to create or replace.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[expect(dead_code, reason = "the fields are read by New::read, which reports all errors at once")]
pub(super) struct SubscriptionBody {
    /// Name that you give the subscription.
    #[schema(example = "PJM West Hub, prompt month", min_length = 1, max_length = 100)]
    name: String,
    /// Rule that triggers a notice: `on` is `change`, `percent`, `level`, `movers`, `snapshot`, `correction` or `late`, and
    /// `what` selects the data to watch; see the documentation. Or the text `default`: nine nodes and a MISO hub, prompt month, 5x16,
    /// a move of two dollars.
    #[schema(value_type = Object, example = json!({"on": "change", "by": 2, "what": {"data_type": "energy", "market": "ERCOT", "load_zone": "NORTH ZONE", "block_type": "5x16", "period": "prompt"}}))]
    rule: Value,
    /// `inbox` (default), `email` (to the address of your account) or `webhook`.
    #[schema(example = "inbox")]
    channel: Option<String>,
    /// Address that a webhook is posted to; https only.
    url: Option<String>,
    /// Schedule for a digest: minute, hour, day of month, month, day of week. Without it notices are sent at once.
    cron: Option<String>,
    /// Your time zone; default New York.
    #[schema(example = "America/New_York")]
    zone: Option<String>,
}

/// A validated subscription.
#[derive(Debug)]
pub(super) struct New {
    pub(super) name: String,
    pub(super) rule: Value,
    /// The parsed rule.
    pub(super) read: Rule,
    pub(super) series: Vec<String>,
    pub(super) deadline: bool,
    pub(super) channel: String,
    pub(super) url: Option<String>,
    pub(super) cron: Option<String>,
    pub(super) zone: String,
}

/// The rule in full: as given, or spelled out for the word `default`, the rule of the old system.
pub(super) fn rule(value: &Value) -> Value {
    if value == "default" { default_rule() } else { value.clone() }
}

impl New {
    /// Reads a subscription.
    ///
    /// # Errors
    /// 400 with every error found.
    pub(super) fn read(ctx: &Ctx, given: &Value) -> Result<Self, Problem> {
        let mut wrong = vec![];
        let names = ["name", "rule", "channel", "url", "cron", "zone"];
        body::fields(given, &names, &mut wrong);
        let mut flaw = |parameter: &str, detail: &str| {
            wrong.push(Wrong::found_value(parameter, &given[parameter], detail));
        };
        let text = |name: &str| given[name].as_str().map(str::trim).filter(|text| !text.is_empty());
        for name in ["channel", "url", "cron", "zone"] {
            if !given[name].is_null() && !given[name].is_string() {
                flaw(name, "expected a string");
            }
        }
        let name = text("name").unwrap_or_default();
        if !(1..=100).contains(&name.chars().count()) || name.chars().any(char::is_control) {
            flaw("name", "expected 1 to 100 printable characters");
        }
        let (channel, url) = (text("channel").unwrap_or("inbox"), text("url"));
        match channel {
            "email" if ctx.settings().mail_from.is_none() => {
                flaw("channel", "this system sends no e-mail; use inbox or webhook");
            }
            "inbox" | "email" => {}
            "webhook" if !ctx.settings().webhooks => {
                flaw("channel", "webhooks are switched off in this system; use inbox or email");
            }
            "webhook" => match url {
                None => flaw("url", "expected the https address to post to, because channel is webhook"),
                Some(url) if url.len() > 500 => flaw("url", "expected at most 500 characters"),
                Some(url) => {
                    if let Err(expected) = http_client::check_url(url, reach(ctx)) {
                        flaw("url", expected);
                    }
                }
            },
            _ => flaw("channel", "expected inbox, email or webhook"),
        }
        if channel != "webhook" && url.is_some() {
            flaw("url", "expected only with channel webhook");
        }
        let cron = text("cron");
        let schedule = |cron: &str| if cron.len() > 100 { Err(NotACron::Form) } else { cron.parse::<Cron>() };
        if let Some(Err(error)) = cron.map(schedule) {
            flaw("cron", &error.to_string());
        }
        let zone = text("zone").unwrap_or("America/New_York");
        if zone.parse::<Tz>().is_err() {
            flaw("zone", "expected a time zone such as America/Chicago");
        }
        let written = rule(&given["rule"]);
        let read = Rule::read(&written);
        match read {
            Ok(rule) if wrong.is_empty() => Ok(Self {
                name: name.to_owned(),
                series: rule.series().into_iter().map(series_word).collect(),
                deadline: matches!(rule.on, On::Late { .. }),
                rule: written,
                read: rule,
                channel: channel.to_owned(),
                url: url.map(str::to_owned),
                cron: cron.map(str::to_owned),
                zone: zone.to_owned(),
            }),
            Ok(_) => Err(Problem::bad_request(wrong)),
            Err(flaws) => {
                wrong.extend(flaws);
                Err(Problem::bad_request(wrong))
            }
        }
    }
}
