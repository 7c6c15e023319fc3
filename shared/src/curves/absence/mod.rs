//! Why no data was found: the sentence of a 404.
//!
//! Guarantees: the sentence depends only on what the caller may see, so that what is not granted reads exactly like what does not
//! exist; the reason is looked up only if there is nothing to return.

pub(crate) mod sought;
mod store;

pub use self::sought::Sought;
use self::store::{Bounds, Seen, Sheet};
use crate::access::Grants;
use crate::catalog::label::normalised;
use crate::catalog::{DataType, Layout, Market};
use crate::db::Tx;
use crate::fault::Fault;
use crate::http::Problem;
use crate::http::nearest::nearest;
use crate::parameters::filter::{Field, Filter};
use crate::parameters::snapshots::Marks;
use chrono::{DateTime, NaiveDateTime, SecondsFormat, Utc};

/// Maximum number of data types and markets with a reason of their own.
const MAX_TOLD: usize = 5;

/// Why nothing was found for a data type and market.
#[derive(Debug)]
enum Reason {
    /// No visible curve.
    Nothing,
    /// No curve has a requested label: the field, the text, and the nearest label that exists.
    Label(Field, String, Option<String>),
    /// Each label exists, but no curve has all of them.
    Together,
    /// The mark has no such curve; the last sheet that has one.
    NotInMark(Sheet),
    /// The mark has no value in the requested range, or no such curve; the last sheet that has one.
    NoValue(Sheet),
    /// No sheet of the requested days has one; the last earlier sheet that does.
    NoDay(Option<Sheet>),
    /// No sheet up to the stamp has one; the first sheet that does.
    NoStamp(Sheet),
    /// No sheet of the requested kind; the last sheet of the other kind.
    NoKind(Sheet),
    /// No sheet was known at the requested time; the first one that is known now.
    NotKnown(Sheet),
}

/// 404, with the reason in `detail`.
///
/// # Errors
/// A fault if the database does not answer.
pub async fn problem(tx: &mut Tx, sought: &Sought<'_>, grants: &Grants) -> Result<Problem, Fault> {
    Ok(Problem::not_found(reason(tx, sought, grants).await?, "Unable to Fetch Data"))
}

/// Why nothing was found.
///
/// # Errors
/// A fault if the database does not answer.
pub async fn reason(tx: &mut Tx, sought: &Sought<'_>, grants: &Grants) -> Result<String, Fault> {
    let seen = store::seen(tx, sought, grants).await?;
    let mut reasons = Vec::new();
    for series in &sought.series {
        let name = (series.0.word(), series.1.code());
        let of_series: Vec<&Seen> =
            seen.iter().filter(|seen| (seen.data_type.as_str(), seen.market.as_str()) == name).collect();
        let all = of_series.iter().find(|seen| seen.place.is_none());
        // A series without a visible curve adds nothing, whether or not it exists.
        let Some(all) = all.filter(|all| all.curves > 0) else { continue };
        if reasons.len() == MAX_TOLD {
            break;
        }
        let reason = if all.matching == 0 {
            unmatched(sought.filter, series.0, &of_series)
        } else {
            in_time(tx, sought, *series, grants).await?
        };
        reasons.push((*series, reason));
    }
    Ok(sentences(sought, &reasons))
}

/// Why no visible curve matches the filter.
fn unmatched(filter: &Filter, data_type: DataType, seen: &[&Seen]) -> Reason {
    let layout = Layout::of(data_type);
    for (field, _) in filter.fields() {
        let place = field.place(layout).and_then(|place| i32::try_from(place).ok());
        let labels: Vec<&str> = seen
            .iter()
            .filter(|seen| seen.place.is_some() && seen.place == place)
            .filter_map(|seen| seen.label.as_deref())
            .collect();
        let patterns = || filter.fields().iter().filter(|(other, _)| other == field);
        if labels.iter().any(|label| patterns().any(|(_, pattern)| pattern.matches(label))) {
            continue;
        }
        let texts: Vec<&str> = patterns().map(|(_, pattern)| pattern.text()).collect();
        let near = texts.iter().find_map(|text| near(text, &labels));
        return Reason::Label(*field, texts.join("\" or \""), near.map(str::to_owned));
    }
    Reason::Together
}

/// The label that a text most likely means: the nearest by spelling, otherwise the first that begins with it, otherwise one that contains it.
fn near<'l>(text: &str, labels: &[&'l str]) -> Option<&'l str> {
    let text = normalised(text.trim_end_matches('*'));
    if text.is_empty() {
        return None;
    }
    let spelled: Vec<String> = labels.iter().map(|label| normalised(label)).collect();
    let place = |wanted: &dyn Fn(&str) -> bool| spelled.iter().position(|label| wanted(label));
    let by_letters = nearest(&text, spelled.iter().map(String::as_str)).map(str::to_owned);
    let found = by_letters
        .and_then(|near| place(&|label| label == near))
        .or_else(|| place(&|label| label.starts_with(&text)))
        .or_else(|| place(&|label| label.contains(&text)));
    found.map(|place| labels[place])
}

/// Why existing curves were not found for the requested time.
async fn in_time(
    tx: &mut Tx,
    sought: &Sought<'_>,
    series: (DataType, Market),
    grants: &Grants,
) -> Result<Reason, Fault> {
    let Sought { days, as_of, known_at, filter, .. } = *sought;
    let marks = sought.marks_of(series.0);
    let cob = match marks {
        Marks::Latest | Marks::All => None,
        Marks::CobOnly => Some(true),
        Marks::IntradayOnly => Some(false),
    };
    let within = Bounds { known_at, cob, from: days.0, to: days.1, as_of };
    let before = Bounds { from: None, to: days.0.and_then(|day| day.pred_opt()).or(days.1), ..within };
    if let Some(last) = store::sheet(tx, series, filter, within, false, grants).await? {
        return Ok(if sought.is_narrowed { Reason::NoValue(last) } else { Reason::NotInMark(last) });
    }
    if days.0.or(days.1).is_some()
        && let Some(last) = store::sheet(tx, series, filter, before, false, grants).await?
    {
        return Ok(Reason::NoDay(Some(last)));
    }
    if cob.is_some() {
        let any = Bounds { cob: None, ..within };
        if let Some(other) = store::sheet(tx, series, filter, any, false, grants).await? {
            return Ok(Reason::NoKind(other));
        }
    }
    if known_at.is_some() {
        let now = Bounds { known_at: None, ..within };
        if let Some(first) = store::sheet(tx, series, filter, now, true, grants).await? {
            return Ok(Reason::NotKnown(first));
        }
    }
    let ever = Bounds { cob, ..Bounds::default() };
    let first = store::sheet(tx, series, filter, ever, true, grants).await?;
    let has_end = as_of.is_some() || days.0.is_none() && days.1.is_some();
    Ok(match first {
        Some(first) if has_end => Reason::NoStamp(first),
        _ => Reason::NoDay(None),
    })
}

/// All reasons, as text.
fn sentences(sought: &Sought<'_>, reasons: &[((DataType, Market), Reason)]) -> String {
    if reasons.is_empty() {
        return sentence(sought, &sought.series, &Reason::Nothing);
    }
    // The same label is missing from all of them: one sentence covers them all.
    if let [(_, Reason::Label(field, text, _)), _, ..] = reasons
        && reasons.iter().all(|(_, reason)| matches!(reason, Reason::Label(other, ..) if other == field))
    {
        let near = reasons.iter().find_map(|(_, reason)| match reason {
            Reason::Label(_, _, near) => near.clone(),
            _ => None,
        });
        let series: Vec<_> = reasons.iter().map(|(series, _)| *series).collect();
        return sentence(sought, &series, &Reason::Label(*field, text.clone(), near));
    }
    let told: Vec<String> =
        reasons.iter().map(|(series, reason)| sentence(sought, &[*series], reason)).collect();
    told.join(" ")
}

/// Data types and markets, in words: `energy of ERCOT`, `energy`, or nothing if they are several of both.
fn of(series: &[(DataType, Market)]) -> (String, String) {
    let only = |one: &dyn Fn(&(DataType, Market)) -> &'static str| {
        let first = series.first().map(one)?;
        series.iter().all(|series| one(series) == first).then_some(first)
    };
    let data_type = only(&|series| series.0.word()).map(|word| format!("{word} ")).unwrap_or_default();
    let market = only(&|series| series.1.code()).map(|code| format!(" of {code}")).unwrap_or_default();
    (data_type, market)
}

/// A reason, as a sentence.
fn sentence(sought: &Sought<'_>, series: &[(DataType, Market)], reason: &Reason) -> String {
    let (data_type, market) = of(series);
    let marks = series.first().map_or(Marks::Latest, |series| sought.marks_of(series.0));
    let such = if sought.filter.is_empty() { "a curve that you may see" } else { "such a curve" };
    let days = match sought.days {
        (Some(first), Some(last)) if first == last => format!(" for {first}"),
        (Some(first), Some(last)) => format!(" from {first} to {last}"),
        (Some(first), None) => format!(" from {first} on"),
        (None, Some(last)) => format!(" up to {last}"),
        (None, None) => sought.as_of.map(|as_of| format!(" up to {}", stamp(as_of))).unwrap_or_default(),
    };
    let known = sought.known_at.map(|at| format!(" known at {}", moment(at))).unwrap_or_default();
    let kind = match marks {
        Marks::Latest | Marks::All => "",
        Marks::CobOnly => "close-of-business ",
        Marks::IntradayOnly => "intraday ",
    };
    let sheet = format!("{kind}{data_type}sheet{market}");
    match reason {
        Reason::Nothing => format!("There are no {data_type}curves{market} that you may see."),
        Reason::Label(field, text, near) => {
            let near = near.as_ref().map(|near| format!("; the nearest is \"{near}\"")).unwrap_or_default();
            let name = field.name();
            format!(
                "No {data_type}curve{market} that you may see has {name} \"{text}\"{near}. /v1/curves?facets={name} lists the values."
            )
        }
        Reason::Together => {
            let all = sought.filter.fields().iter();
            let all = all.map(|(field, pattern)| format!("{} \"{}\"", field.name(), pattern.text()));
            let all = all.collect::<Vec<_>>().join(", ");
            format!("No {data_type}curve{market} that you may see has all of these labels: {all}.")
        }
        Reason::NotInMark(last) => {
            let last = stamp(last.stamp);
            format!(
                "The newest {sheet}{days}{known} does not have {such}; the last one that does is that of {last}."
            )
        }
        Reason::NoValue(last) => {
            let last = stamp(last.stamp);
            format!(
                "The newest {sheet}{days}{known} has no value in the range that you asked for; the last one with {such} is that of {last}."
            )
        }
        Reason::NoDay(last) => {
            let last =
                last.as_ref().map(|last| format!("; the last one before is that of {}", stamp(last.stamp)));
            format!("There is no {sheet}{days}{known} with {such}{}.", last.unwrap_or_default())
        }
        Reason::NoStamp(first) => {
            let first = stamp(first.stamp);
            format!("There is no {sheet}{days}{known} with {such}; the first one is that of {first}.")
        }
        Reason::NoKind(other) => {
            let other = stamp(other.stamp);
            format!("There is no {sheet}{days}{known} with {such}; mark=latest finds that of {other}.")
        }
        Reason::NotKnown(first) => {
            let (first, from) = (stamp(first.stamp), moment(first.known_from));
            format!(
                "There is no {sheet}{days}{known} with {such}; that of {first} has been known since {from}."
            )
        }
    }
}

/// A stamp as in requests; the end of a day as that day.
fn stamp(stamp: NaiveDateTime) -> String {
    let next = stamp + chrono::TimeDelta::microseconds(1);
    if next.date() > stamp.date() {
        stamp.date().to_string()
    } else {
        stamp.format("%Y-%m-%dT%H:%M:%S").to_string()
    }
}

fn moment(moment: DateTime<Utc>) -> String {
    moment.to_rfc3339_opts(SecondsFormat::AutoSi, true)
}

#[cfg(test)]
mod tests;
