//! Who asks, and what the answers have in common.

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

/// Most series that could not be made, and most units that are not known, that an answer names.
const MAX_NAMED: usize = 20;

/// Most months of lines that are measured for an answer: a strip of all months is one row, and takes as long as they do.
const MAX_MEASURED: usize = 20_000_000;

/// Says that so many lines over so many months are too much.
///
/// # Errors
/// 413 if they are.
pub fn bounded(lines: usize, months: impl Iterator<Item = i32>) -> Result<(), Problem> {
    let months = months.map(|months| usize::try_from(months).unwrap_or(0)).fold(0, usize::saturating_add);
    if lines.saturating_mul(months) > MAX_MEASURED { Err(too_large()) } else { Ok(()) }
}

/// Who asks, in one transaction.
pub struct QueryContext<'a> {
    /// What the handler was given.
    pub ctx: &'a Ctx,
    /// The transaction. After a problem it is of no more use.
    pub tx: &'a mut Tx,
    /// What the caller may see.
    pub grants: Grants,
    /// When it asks.
    pub now: DateTime<Utc>,
}

impl QueryContext<'_> {
    /// The newest snapshot of a market that is asked for.
    ///
    /// # Errors
    /// A fault if the database does not answer.
    pub async fn newest(&mut self, asked: &Selection, market: Market) -> Result<Option<Mark>, Problem> {
        let choice = asked.choice(market, (None, None), 1);
        Ok(marks::choose(self.tx, &choice, &self.grants).await?.pop())
    }

    /// Whether a snapshot has no curves, to one who may know that. It is an answer: what was there before does not stand for it.
    ///
    /// # Errors
    /// A fault if the database does not answer.
    pub async fn is_empty(&mut self, mark: &Mark) -> Result<bool, Problem> {
        Ok(marks::is_empty(self.tx, mark, &self.grants).await?)
    }

    /// The cursor of the next page, which begins behind so many rows, if there is one.
    ///
    /// It says what was known when the series that were read changed last, and not when it was asked: the same page has the same
    /// cursor until then.
    ///
    /// # Errors
    /// 400 if this page is of other snapshots than the one before; a fault if the database does not answer.
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

    /// Of how many snapshots the values came from the archive, as the caller is told: nothing, unless it sees all of their series,
    /// because what goes there depends on all that a day had.
    ///
    /// # Errors
    /// A fault if the database does not answer.
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

    /// 404: there is nothing of what was sought, or nothing that the caller may know of, and why.
    pub async fn nothing(&mut self, sought: &Sought<'_>) -> Problem {
        absence::problem(self.tx, sought, &self.grants).await.unwrap_or_else(Problem::from)
    }

    /// Months of curves in snapshots; of each the slots that `keep` says.
    ///
    /// # Errors
    /// 413 if that is too much; a fault if the database or the archive does not answer.
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

/// 413: it is more than is read at once.
#[must_use]
pub fn too_large() -> Problem {
    Problem::too_large("that is more than is read at once; ask for fewer curves, months, days or markets")
}

/// 422: one parameter stands against the others.
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
    /// Which snapshots of a market: of these operating days, so many at most.
    #[must_use]
    pub fn choice(&self, market: Market, days: (Option<NaiveDate>, Option<NaiveDate>), most: i64) -> Choice {
        let Self { data_type, marks, known_at, as_of, .. } = *self;
        Choice { data_type, market, marks, known_at, as_of, days, only: None, most }
    }

    /// Says that only curves of months can be asked.
    ///
    /// # Errors
    /// 422 for other data types.
    pub fn only_months(&self) -> Result<(), Problem> {
        only_months(self.data_type)
    }
}

/// Says that only curves of months can be asked.
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

/// What an answer tells of itself.
#[derive(Debug)]
pub struct AnswerMetadata {
    map: Map<String, Value>,
    snapshots: Vec<Value>,
    series: Vec<(DataType, Market)>,
    notes: Vec<String>,
    /// Notes of units that are not known.
    unknown: Vec<String>,
    unmade: Vec<String>,
    /// The snapshots whose values came from the archive.
    archived: BTreeSet<i32>,
}

impl AnswerMetadata {
    /// Of a question.
    #[must_use]
    pub fn new(data_type: DataType, calendar: Calendar, known_at: Option<DateTime<Utc>>) -> Self {
        let mut map = Map::new();
        map.insert("data_type".to_owned(), json!(data_type.word()));
        map.insert("calendar".to_owned(), json!(calendar.name()));
        // Not the moment of the request: the same answer would have another tag every time.
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

    /// Adds a member.
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

    /// Adds a sentence.
    pub fn note(&mut self, text: impl Into<String>) {
        self.notes.push(text.into());
    }

    /// Adds that a market has nothing of what is asked for, or nothing that may be seen.
    pub fn nothing_of(&mut self, market: Market) {
        self.note(format!("{market}: there are no such curves among those that you may see"));
    }

    /// Adds a snapshot that has no curves, and why, if that is known.
    pub fn empty(&mut self, mark: &Mark, why: Option<&str>) {
        self.read(mark);
        let why = why.map(|why| format!(": {why}")).unwrap_or_default();
        let stamp = mark.key.stamp.format("%Y-%m-%dT%H:%M:%S");
        self.note(format!("{}: the snapshot of {stamp} has no curves{why}", mark.market));
    }

    /// Names the curves whose unit is written and not known: their numbers are answered as the sheet has them, and nothing is
    /// computed from them.
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

    /// Adds what could not be made of the curves.
    pub fn unmade(&mut self, lines: &Lines) {
        self.unmade.extend(lines.unmade.iter().map(Unmade::text));
    }

    /// Adds what could not be made on some of so many days, with on how many.
    pub fn unmade_on(&mut self, unmade: BTreeMap<String, usize>, days: usize) {
        self.unmade.extend(unmade.into_iter().map(|(text, on)| {
            if on == days { text } else { format!("{text}, on {on} of {days} operating days") }
        }));
    }

    /// What was read, as a number: another one, most likely, if other snapshots were.
    #[must_use]
    pub fn fingerprint(&self) -> u64 {
        let keys: Vec<String> = self.snapshots.iter().map(|snapshot| snapshot["id"].to_string()).collect();
        fingerprint(keys.iter().map(String::as_str))
    }

    /// Adds what a granularity means here.
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

    /// All of it. What is absent is told too: nothing was silently left out.
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

/// The name of a file: the question, the data type, the markets and the newest operating day.
#[must_use]
pub fn file_name(question: &str, data_type: DataType, markets: &[Market], day: Option<NaiveDate>) -> String {
    let all = markets.len() == Layout::of(data_type).markets.len() && markets.len() > 1;
    let markets = markets.iter().map(|market| market.code().to_lowercase()).collect::<Vec<_>>().join("_");
    let markets = if all { "all".to_owned() } else { markets };
    let day = day.map(|day| format!("_{day}")).unwrap_or_default();
    format!("{question}_{data_type}_{markets}{day}")
}
