//! The query of a download.

use super::format::Format;
use super::parameters::{DOWNLOAD, FORMATS, LEGACY_MARKS};
use crate::catalog::headroom::Method;
use crate::catalog::{Block, Calendar, DataType, Label, Layout, Market, Month};
use crate::curves::absence::sought::Sought;
use crate::http::Parameters;
use crate::http::wrong::Wrong;
use crate::parameters::filter::{Field, Filter};
use crate::parameters::snapshots::{Marks, Wanted, When};
use crate::parameters::strips::Strips;
use crate::parameters::{CALENDARS, MARKS};
use chrono::{DateTime, NaiveDate, Utc};

/// A download as requested: parameters and defaults of the old `/get_data`.
#[derive(Clone, Debug)]
pub struct CurveQuery {
    /// Data types and markets, in the order of the answer; combinations that do not exist are left out.
    pub series: Vec<(DataType, Market)>,
    /// Delivery months, both included.
    pub months: (Option<Month>, Option<Month>),
    /// The requested blocks and units.
    pub strips: Strips,
    /// The operating days to read.
    pub when: When,
    /// Which snapshot of each day.
    pub marks: Marks,
    /// Whether `marks` came from `idcob`, which applies only to data types that show the mark.
    pub legacy_marks: bool,
    /// As known at this moment; `None` means now.
    pub known_at: Option<DateTime<Utc>>,
    /// Whether to return every snapshot of the days in every revision.
    pub history: bool,
    /// The method by which headroom is computed.
    pub method: Method,
    /// The block calendar.
    pub calendar: Calendar,
    /// File format.
    pub format: Format,
}

impl CurveQuery {
    /// Reads the parameters of a query string. An empty value counts as absent because clients of the old system send such values.
    ///
    /// # Errors
    /// Every error found.
    pub fn parse(pairs: &[(String, String)]) -> Result<Self, Vec<Wrong>> {
        let mut read = Parameters::new(pairs, &DOWNLOAD);
        let mark = read.text("mark");
        let query = Self {
            series: read.series(),
            months: (read.month("start"), read.month("end")),
            strips: read.strips(),
            when: read.when(),
            marks: match mark {
                Some(_) => read.one_of("mark", Marks::Latest, &MARKS),
                None => read.one_of("idcob", Marks::Latest, &LEGACY_MARKS),
            },
            legacy_marks: mark.is_none(),
            known_at: read.moment("known_at"),
            // In any letter case: scripts of the old system send what their language writes.
            history: read.flag("history").unwrap_or(false),
            method: read.one_of("method", Method::Term, &Method::WORDS),
            calendar: read.one_of("calendar", Calendar::Legacy, &CALENDARS),
            format: read.one_of("type", Format::Csv, &FORMATS),
        };
        if let (Some(start), Some(end)) = query.months
            && start > end
        {
            read.wrong("end", "expected a month on or after start");
        }
        read.end(query)
    }

    /// Whether it names days instead of the newest: repeated later with the same `known_at`, it means the same.
    #[must_use]
    pub fn is_absolute(&self) -> bool {
        match self.when {
            When::Newest => false,
            When::Between(..) | When::AsOf(_) => true,
        }
    }

    /// What to read for one file of the answer.
    #[must_use]
    pub fn wanted(&self, data_type: DataType, market: Market) -> Wanted {
        let Self { when, known_at, history, months, .. } = *self;
        let unmarked = self.legacy_marks && !Layout::of(data_type).shows_cob;
        let marks = if unmarked { Marks::Latest } else { self.marks };
        Wanted { data_type, market, when, marks, known_at, history, months, filter: Filter::default() }
    }

    /// A filter for the requested blocks, if all data types can be selected by block.
    #[must_use]
    pub fn filter(&self) -> Filter {
        let mut filter = Filter::default();
        let by_block = self.series.iter().all(|(data_type, _)| Layout::of(*data_type).by_block);
        if let Strips::Blocks(blocks) = &self.strips
            && by_block
            && !blocks.contains(&Block::Flat7x24)
        {
            let names = blocks.iter().filter_map(|block| block.name().parse().ok());
            names.for_each(|name| filter.add(Field::Label(Label::BlockType), name));
        }
        filter
    }

    /// The description of the query for a "not found" answer.
    #[must_use]
    pub fn sought<'s>(&self, filter: &'s Filter) -> Sought<'s> {
        let (days, as_of) = match self.when {
            When::Newest => ((None, None), None),
            When::Between(first, last) => ((Some(first), Some(last)), None),
            When::AsOf(stamp) => ((None, None), Some(stamp)),
        };
        let Self { known_at, marks, .. } = *self;
        let (series, if_shown) = (self.series.clone(), self.legacy_marks);
        let compares = series.iter().any(|(data_type, _)| *data_type == DataType::Headroom);
        let is_narrowed = compares || self.months != (None, None);
        Sought { series, filter, days, as_of, known_at, marks, if_shown, is_narrowed }
    }

    /// The name of a file of the answer, as in the old system.
    #[must_use]
    pub fn file_name(&self, data_type: DataType, market: Market, day: NaiveDate) -> String {
        let strips = match &self.strips {
            Strips::Standardised => "standardized".to_owned(),
            Strips::Unstandardised => "unstandardized".to_owned(),
            Strips::Blocks(blocks) => blocks.iter().map(|block| block.name()).collect::<Vec<_>>().join("_"),
        };
        let market = market.code().to_lowercase();
        format!("{data_type}_{market}_{strips}_{day}.{}", self.format.extension())
    }
}

#[cfg(test)]
mod tests;
