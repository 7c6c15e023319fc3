//! The context of a query, and what all answers share.

use super::block_series::{self, Lines, Unmade};
use super::granularity::Granularity;
use crate::access::Grants;
use crate::catalog::period::NoSuchSeason;
use crate::catalog::{Calendar, DataType, Grid, Layout, Market, Season, Written};
use crate::ctx::Ctx;
use crate::curves::absence;
use crate::curves::absence::sought::Sought;
use crate::curves::curve_name::CurveName;
use crate::curves::read::marks::{self, Choice, Mark};
use crate::curves::read::vectors::{self, PriceMatrix};
use crate::db::Tx;
use crate::http::Problem;
use crate::http::wrong::Wrong;
use crate::parameters::filter::Filter;
use crate::parameters::selection::{Page, Selection, fingerprint};
use crate::parameters::views::View;
use chrono::{DateTime, NaiveDate, Utc};
use serde_json::{Map, Value, json};
use std::collections::{BTreeMap, BTreeSet};

/// The most uncomputable series and the most unknown units that an answer names.
const MAX_NAMED: usize = 20;

/// The most line-months computed for an answer: a strip of all months is one row but takes as long as its months.
const MAX_MEASURED: usize = 20_000_000;

/// Checks that these lines over these months are not too much.
///
/// # Errors
/// 413 if they are.
pub fn bounded(lines: usize, months: impl Iterator<Item = i32>) -> Result<(), Problem> {
    let months = months.map(|months| usize::try_from(months).unwrap_or(0)).fold(0, usize::saturating_add);
    if lines.saturating_mul(months) > MAX_MEASURED { Err(too_large()) } else { Ok(()) }
}

/// A caller's query within one transaction.
pub struct QueryContext<'a> {
    /// The handler's context.
    pub ctx: &'a Ctx,
    /// The transaction. After a problem it cannot be used any more.
    pub tx: &'a mut Tx,
    /// What the caller may see.
    pub grants: Grants,
    /// The time of the query.
    pub now: DateTime<Utc>,
}

impl QueryContext<'_> {
    /// The newest requested snapshot of a market.
    ///
    /// # Errors
    /// A fault if the database does not respond.
    pub async fn newest(&mut self, asked: &Selection, market: Market) -> Result<Option<Mark>, Problem> {
        let choice = asked.choice(market, (None, None), 1);
        Ok(marks::choose(self.tx, &choice, &self.grants).await?.pop())
    }

    /// Whether a snapshot has no curves, if the caller may know that. This is an answer: an older snapshot does not replace it.
    ///
    /// # Errors
    /// A fault if the database does not respond.
    pub async fn is_empty(&mut self, mark: &Mark) -> Result<bool, Problem> {
        Ok(marks::is_empty(self.tx, mark, &self.grants).await?)
    }

    /// The cursor of the next page, which begins after `after` rows; `None` if this is the last page.
    ///
    /// The cursor holds when the series that were read last changed, not when it was requested: until then the same
    /// page has the same cursor.
    ///
    /// # Errors
    /// 400 if this page comes from other snapshots than the previous one; a fault if the database does not respond.
    pub async fn next(
        &mut self,
        asked: &Selection,
        metadata: &AnswerMetadata,
        after: Option<usize>,
    ) -> Result<Option<String>, Problem> {
        let read = metadata.fingerprint();
        if asked.page.read.is_some_and(|before| before != read) {
            let detail = "what is asked for has changed since the page before; ask for the first one again";
            return Err(Problem::bad_parameter("cursor", detail));
        }
        let Some(after) = after else { return Ok(None) };
        let known_at = match asked.known_at {
            Some(known_at) => known_at,
            None => marks::last_change(self.tx, &metadata.series, &self.grants).await?.unwrap_or(self.now),
        };
        Ok(Some(Page { after, read: Some(read), ..asked.page }.cursor(known_at)))
    }

    /// The number of snapshots read from the archive, as shown to the caller: 0 unless the caller sees all of their series, because
    /// what is archived depends on everything a day had.
    ///
    /// # Errors
    /// A fault if the database does not respond.
    pub async fn archived(&mut self, metadata: &AnswerMetadata) -> Result<usize, Problem> {
        if !metadata.archived.is_empty() {
            for (data_type, market) in &metadata.series {
                if !self.grants.see_all(self.tx, *data_type, *market).await? {
                    return Ok(0);
                }
            }
        }
        Ok(metadata.archived.len())
    }

    /// 404: nothing was found, or nothing that the caller may know of, with the reason.
    pub async fn nothing(&mut self, sought: &Sought<'_>) -> Problem {
        absence::problem(self.tx, sought, &self.grants).await.unwrap_or_else(Problem::from)
    }

    /// Reads months of curves in snapshots; in each snapshot the slots that `keep` selects.
    ///
    /// # Errors
    /// 413 if that is too much; a fault if the database or the archive does not respond.
    pub async fn matrix(
        &mut self,
        series: (DataType, Market),
        filter: &Filter,
        marks: Vec<Mark>,
        keep: &(dyn Fn(&Mark) -> (i64, i64) + Sync),
    ) -> Result<PriceMatrix, Problem> {
        let matrix = vectors::read(self.ctx, self.tx, series, filter, marks, &self.grants, keep).await?;
        matrix.ok_or_else(too_large)
    }
}

/// 413: more than is read at once.
#[must_use]
pub fn too_large() -> Problem {
    Problem::too_large("that is more than is read at once; ask for fewer curves, months, days or markets")
}

/// 422: one parameter contradicts the others.
#[must_use]
pub fn against(parameter: &str, detail: impl Into<String>) -> Problem {
    Problem::contradictory(vec![Wrong { parameter: parameter.to_owned(), detail: detail.into() }])
}

impl From<NoSuchSeason> for Problem {
    fn from(error: NoSuchSeason) -> Self {
        against("period", error.to_string())
    }
}

impl Selection {
    /// Selects the snapshots of a market on these operating days, at most `most`.
    #[must_use]
    pub fn choice(&self, market: Market, days: (Option<NaiveDate>, Option<NaiveDate>), most: i64) -> Choice {
        let Self { data_type, marks, known_at, as_of, .. } = *self;
        Choice { data_type, market, marks, known_at, as_of, days, only: None, most }
    }

    /// Refuses data types other than monthly curves.
    ///
    /// # Errors
    /// 422 for other data types.
    pub fn only_months(&self) -> Result<(), Problem> {
        only_months(self.data_type)
    }
}

/// Refuses data types other than monthly curves.
///
/// # Errors
/// 422 for other data types.
pub fn only_months(data_type: DataType) -> Result<(), Problem> {
    let has = match Layout::of(data_type).grid {
        Grid::Month => return Ok(()),
        Grid::DayHour => "hours of days",
        Grid::MonthHour => "hours of the months of any year",
        Grid::Offer => "offers that begin on a day",
        Grid::Always => "one number at any time",
    };
    Err(against("data_type", format!("{data_type} has {has}, not delivery months; ask /v1/values for it")))
}

/// The metadata of an answer.
#[derive(Debug)]
pub struct AnswerMetadata {
    map: Map<String, Value>,
    snapshots: Vec<Value>,
    series: Vec<(DataType, Market)>,
    notes: Vec<String>,
    /// Notes about unknown units.
    unknown: Vec<String>,
    unmade: Vec<String>,
    /// The snapshots whose values came from the archive.
    archived: BTreeSet<i32>,
}

impl AnswerMetadata {
    /// The metadata of a query.
    #[must_use]
    pub fn new(data_type: DataType, calendar: Calendar, known_at: Option<DateTime<Utc>>) -> Self {
        let mut map = Map::new();
        map.insert("data_type".to_owned(), json!(data_type.word()));
        map.insert("calendar".to_owned(), json!(calendar.name()));
        // Not the moment of the request: the same answer would get a new tag every time.
        map.insert("known_at".to_owned(), json!(known_at));
        Self {
            map,
            snapshots: vec![],
            series: vec![],
            notes: vec![],
            unknown: vec![],
            unmade: vec![],
            archived: BTreeSet::new(),
        }
    }

    /// Adds a member to the metadata.
    pub fn say(&mut self, name: &str, value: Value) {
        self.map.insert(name.to_owned(), value);
    }

    /// Adds a snapshot that was read.
    pub fn read(&mut self, mark: &Mark) {
        self.snapshots.push(mark.metadata());
        self.archived.extend(mark.archived.is_some().then_some(mark.id));
        let series = (mark.data_type, mark.market);
        if !self.series.contains(&series) {
            self.series.push(series);
        }
    }

    /// Adds a note.
    pub fn note(&mut self, text: impl Into<String>) {
        self.notes.push(text.into());
    }

    /// Adds a note that a market has no matching curves, or none that the caller may see.
    pub fn nothing_of(&mut self, market: Market) {
        self.note(format!("{market}: there are no such curves among those that you may see"));
    }

    /// Adds a snapshot without curves, and why, if known.
    pub fn empty(&mut self, mark: &Mark, why: Option<&str>) {
        self.read(mark);
        let why = why.map(|why| format!(": {why}")).unwrap_or_default();
        let stamp = mark.key.stamp.format("%Y-%m-%dT%H:%M:%S");
        self.note(format!("{}: the snapshot of {stamp} has no curves{why}", mark.market));
    }

    /// Names the curves whose unit is written but unknown: their numbers are answered as published, and nothing
    /// is computed from them.
    pub fn unknown_units<'n>(&mut self, names: impl Iterator<Item = &'n CurveName>) {
        for name in names {
            let Written::Unknown(text) = name.unit() else { continue };
            let title = block_series::title(&CurveName { uom: None, ..name.clone() });
            let note = format!("unit_unknown: {title}: the sheet says {text:?}, which is not a known unit");
            if !self.unknown.contains(&note) {
                self.unknown.push(note);
            }
        }
    }

    /// Adds the lines that could not be computed from the curves.
    pub fn unmade(&mut self, lines: &Lines) {
        self.unmade.extend(lines.unmade.iter().map(Unmade::text));
    }

    /// Adds the lines that could not be computed on some of `days` days, with the number of days each.
    pub fn unmade_on(&mut self, unmade: BTreeMap<String, usize>, days: usize) {
        self.unmade.extend(unmade.into_iter().map(|(text, on)| {
            if on == days { text } else { format!("{text}, on {on} of {days} operating days") }
        }));
    }

    /// A fingerprint of the snapshots that were read; it very likely differs if the snapshots do.
    #[must_use]
    pub fn fingerprint(&self) -> u64 {
        let keys: Vec<String> = self.snapshots.iter().map(|snapshot| snapshot["id"].to_string()).collect();
        fingerprint(keys.iter().map(String::as_str))
    }

    /// Adds the granularity and what it means here.
    pub fn granularity(&mut self, asked: &Selection, granularity: Granularity) {
        let word = Granularity::WORDS.iter().find(|(_, known)| *known == granularity);
        self.say("granularity", json!(word.map(|(word, _)| word)));
        let views = asked.views.iter().filter_map(|view| View::WORDS.iter().find(|(_, known)| known == view));
        self.say("blocks", json!(views.map(|(word, _)| word).collect::<Vec<_>>()));
        if granularity == Granularity::Season {
            let seasons = asked.markets.iter().map(|market| {
                let begins = asked
                    .seasons(*market)
                    .begins_with()
                    .map(|(month, season): (u32, Season)| (season.name().to_owned(), json!(month)));
                (market.code().to_owned(), Value::Object(begins.collect()))
            });
            self.say("seasons_begin_with_month", Value::Object(seasons.collect()));
        }
    }

    /// All of it. Absences are reported too: nothing is left out silently.
    #[must_use]
    pub fn end(mut self, missing_rows: usize) -> Map<String, Value> {
        for named in [&mut self.unmade, &mut self.unknown] {
            let more = named.len().saturating_sub(MAX_NAMED);
            named.truncate(MAX_NAMED);
            if more > 0 {
                named.push(format!("and {more} more"));
            }
        }
        self.notes.append(&mut self.unknown);
        self.map.insert("snapshots".to_owned(), Value::Array(self.snapshots));
        self.map.insert("rows_without_a_value".to_owned(), json!(missing_rows));
        self.map.insert("not_made".to_owned(), json!(self.unmade));
        self.map.insert("notes".to_owned(), json!(self.notes));
        self.map
    }
}

/// The name of a file: the query, the data type, the markets and the newest operating day.
#[must_use]
pub fn file_name(question: &str, data_type: DataType, markets: &[Market], day: Option<NaiveDate>) -> String {
    let all = markets.len() == Layout::of(data_type).markets.len() && markets.len() > 1;
    let markets = markets.iter().map(|market| market.code().to_lowercase()).collect::<Vec<_>>().join("_");
    let markets = if all { "all".to_owned() } else { markets };
    let day = day.map(|day| format!("_{day}")).unwrap_or_default();
    format!("{question}_{data_type}_{markets}{day}")
}
