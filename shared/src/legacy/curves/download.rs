//! Downloads by form, and the chart, which is now a `/v1` query.

use super::asked::OldParameters;
use crate::access::{Caller, Grants};
use crate::analytics::query_context::QueryContext;
use crate::catalog::{DataType, Market, Month, TableName};
use crate::ctx::Ctx;
use crate::curves::absence::sought::Sought;
use crate::downloads::json;
use crate::downloads::parameters::DOWNLOAD;
use crate::http::parameter::body::body;
use crate::http::parameter::kind::Kind;
use crate::http::{Parameter, ParameterTable, Parameters, Problem, end_read};
use crate::legacy::data::get_data;
use crate::parameters::filter::Filter;
use axum::Form;
use axum::extract::rejection::FormRejection;
use axum::extract::{Query, State};
use axum::response::{Redirect, Response};
use chrono::{NaiveDate, NaiveDateTime};
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};

body! {
    /// The form of the old download page, which takes the parameters of `/get_data`.
    DownloadForm: DOWNLOAD
}

/// Downloads curves, as `/get_data` does.
#[utoipa::path(
    get,
    path = "/download_data",
    tag = "Old paths",
    responses(
        (status = 200, description = "The file", content(
            (String = "text/csv"),
            (Vec<json::AnyRecord> = "application/json"),
            (Vec<u8> = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"),
            (Vec<u8> = "application/zip")
        )),
        (status = 303, description = "The file is too large to send directly and is at `Location`"),
        (status = 304, description = "Not modified: `If-None-Match` names the current `ETag`"),
        (status = 404, body = Problem),
        (status = 413, body = Problem, description = "The request covers more data than one answer may hold")
    )
)]
pub(super) async fn download_data_by_query(
    ctx: State<Ctx>,
    caller: Caller,
    pairs: Query<Vec<(String, String)>>,
) -> Result<Response, Problem> {
    get_data(ctx, caller, pairs).await
}

/// Downloads curves from a form, as `/get_data` does.
#[utoipa::path(
    post,
    path = "/download_data",
    tag = "Old paths",
    request_body(content = DownloadForm, content_type = "application/x-www-form-urlencoded"),
    responses(
        (status = 200, description = "The file", content(
            (String = "text/csv"),
            (Vec<json::AnyRecord> = "application/json"),
            (Vec<u8> = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"),
            (Vec<u8> = "application/zip")
        )),
        (status = 303, description = "The file is too large to send directly and is at `Location`"),
        (status = 404, body = Problem),
        (status = 413, body = Problem, description = "The request covers more data than one answer may hold"),
        (status = 415, body = Problem, description = "The body is not a form")
    )
)]
pub(super) async fn download_data(
    ctx: State<Ctx>,
    caller: Caller,
    form: Result<Form<Vec<(String, String)>>, FormRejection>,
) -> Result<Response, Problem> {
    let Form(pairs) = form.map_err(|rejection| match rejection {
        FormRejection::InvalidFormContentType(_) => {
            Problem::unsupported_body("expected a form with Content-Type: application/x-www-form-urlencoded")
        }
        _ => Problem::bad_parameter("form", "expected name=value, joined by &"),
    })?;
    get_data(ctx, caller, Query(pairs)).await
}

/// The parameters that the old chart page sends.
static CHART: ParameterTable = ParameterTable::new(|| {
    vec![
        Parameter::new("data_type", Kind::Text, "Ignored: `control_table` selects the data type.", "Energy"),
        Parameter::new(
            "control_table",
            Kind::Text,
            "Market and data type, as `<iso>_<curve>`.",
            "ercot_energy",
        )
        .required(),
        Parameter::new("loadZone", Kind::Label, "Load zone or hub.", "NORTH ZONE"),
        Parameter::new("start", Kind::Day, "First delivery month, `YYYY-MM-DD`.", "2024-02-01"),
        Parameter::new("end", Kind::Day, "Last delivery month, `YYYY-MM-DD`, included.", "2024-12-01"),
        Parameter::new("operating_day", Kind::Day, "Operating day, `YYYY-MM-DD`.", "2024-01-05"),
        Parameter::new("history", Kind::Text, "Ignored: any stamp can be requested.", "false"),
        Parameter::new("cob", Kind::Flag, "`true` for the close of business.", "true"),
        Parameter::new(
            "operatin_day_timestamps",
            Kind::Text,
            "Stamp, `YYYY-MM-DD HH:MM`, or operating day, `YYYY-MM-DD`.",
            "2024-01-05 17:02",
        ),
    ]
});

body! {
    /// The parameters that the old chart page sends.
    ChartForm: CHART
}

/// Redirects to the values of a chart.
///
/// The old page no longer exists; `/v1/values` returns the values that it showed.
#[utoipa::path(
    post,
    path = "/generate_garph_view",
    tag = "Old paths",
    request_body = ChartForm,
    responses(
        (status = 303, description = "The same query at `/v1/values`", headers(("Location" = String))),
        (status = 404, body = Problem, description = "The day has no snapshot visible to you"),
        (status = 413, body = Problem),
        (status = 415, body = Problem, description = "The body is not JSON")
    )
)]
pub(super) async fn generate_garph_view(
    State(ctx): State<Ctx>,
    caller: Caller,
    OldParameters(pairs): OldParameters,
) -> Result<Redirect, Problem> {
    let (mut question, wanted) = question(&pairs)?;
    if let Some(Wanted { series, day, minute, cob }) = wanted {
        // A query takes the newest sheet up to a stamp; the chart was for a single day.
        let (grants, now) = (Grants::from(&caller), ctx.clock().now());
        let mut tx = ctx.db().begin_read("find the sheet of a chart").await?;
        let mut context = QueryContext { ctx: &ctx, tx: &mut tx, grants, now };
        let found =
            crate::saved_graphs::lines::snapshot::find(&mut context, series, (day, minute), cob).await;
        let found = match found {
            Ok(Some(found)) => Ok(found),
            Ok(None) => {
                let every = Filter::default();
                let days = (Some(day), Some(day));
                let sought = Sought { series: vec![series], days, ..Sought::newest(&every) };
                Err(context.nothing(&sought).await)
            }
            Err(problem) => Err(problem),
        };
        let found = end_read(tx, found).await?;
        let mark = if found.key.cob { "cob" } else { "intraday" };
        question.extend([
            ("as_of", found.key.stamp.format("%Y-%m-%dT%H:%M:%S%.f").to_string()),
            ("mark", mark.to_owned()),
        ]);
    }
    let query: Vec<String> = question
        .iter()
        .map(|(name, value)| format!("{name}={}", utf8_percent_encode(value, ESCAPED)))
        .collect();
    Ok(Redirect::to(&format!("/v1/values?{}", query.join("&"))))
}

/// The sheet of a chart.
struct Wanted {
    series: (DataType, Market),
    day: NaiveDate,
    minute: Option<NaiveDateTime>,
    cob: bool,
}

type QueryPairs = Vec<(&'static str, String)>;

fn question(pairs: &[(String, String)]) -> Result<(QueryPairs, Option<Wanted>), Problem> {
    let mut read = Parameters::new(pairs, &CHART);
    let table = read.parsed::<TableName>("control_table");
    if read.text("control_table").is_none() {
        read.wrong("control_table", "expected a market and a data type, such as ercot_energy");
    }
    let mut month = |name: &str| {
        let text = read.text(name);
        read.day(name, text).map(Month::of)
    };
    let (start, end) = (month("start"), month("end"));
    if start.zip(end).is_some_and(|(start, end)| start > end) {
        read.wrong("end", "expected a month on or after start");
    }
    let day = read.text("operating_day");
    let day = read.day("operating_day", day);
    let stamp = stamp(&mut read);
    let cob = read.flag("cob").unwrap_or(false);
    let load_zone = read.text("loadZone");
    let Some(table) = read.end(table).map_err(Problem::bad_request)? else { return Ok((vec![], None)) };
    let minute = stamp.and_then(|(_, minute)| minute);
    let day = stamp.map(|(day, _)| day).or(day);
    let series = table.market.map(|market| (table.data_type, market));
    let wanted = series.zip(day).map(|(series, day)| Wanted { series, day, minute, cob });
    let asked = [
        ("data_type", Some(table.data_type.word().to_owned())),
        ("market", table.market.map(|market| market.code().to_owned())),
        ("load_zone", load_zone.map(str::to_owned)),
        ("blocks", (table.data_type == crate::catalog::DataType::Energy).then(|| "7x24".to_owned())),
        ("from", start.map(|month| month.to_string())),
        // `to` is exclusive: the month after the last.
        ("to", end.map(|month| month.plus(1).to_string())),
        ("as_of", day.filter(|_| wanted.is_none()).map(|day| day.to_string())),
        ("mark", (cob && wanted.is_none()).then(|| "cob".to_owned())),
        ("calendar", Some("legacy".to_owned())),
    ];
    Ok((asked.into_iter().filter_map(|(name, value)| Some((name, value?))).collect(), wanted))
}

/// A day, and the minute if given.
fn stamp(read: &mut Parameters) -> Option<(NaiveDate, Option<NaiveDateTime>)> {
    let text = read.text("operatin_day_timestamps")?;
    if text.len() <= 10 {
        return read.day("operatin_day_timestamps", Some(text)).map(|day| (day, None));
    }
    let stamp = NaiveDateTime::parse_from_str(&format!("{text}:00"), "%Y-%m-%d %H:%M:%S");
    if stamp.is_err() {
        read.wrong("operatin_day_timestamps", "expected YYYY-MM-DD HH:MM or YYYY-MM-DD");
    }
    stamp.ok().map(|stamp| (stamp.date(), Some(stamp)))
}

/// Characters that are escaped in a query string: all but letters, digits and a few marks.
const ESCAPED: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'.').remove(b'_').remove(b'~').remove(b':');

#[cfg(test)]
mod tests {
    use super::*;

    fn asked(fields: &[(&str, &str)]) -> Result<String, Problem> {
        let pairs: Vec<_> =
            fields.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect();
        let (question, wanted) = question(&pairs)?;
        let wanted =
            wanted.map(|wanted| ("sheet", format!("{:?} {:?} {}", wanted.day, wanted.minute, wanted.cob)));
        Ok(question
            .iter()
            .chain(&wanted)
            .map(|(name, value)| format!("{name}={}", utf8_percent_encode(value, ESCAPED)))
            .collect::<Vec<_>>()
            .join("&"))
    }

    #[test]
    fn a_value_keeps_letters_digits_and_a_few_marks() {
        let written = utf8_percent_encode("aZ09-._~: /+&=%*!\u{e9}\0", ESCAPED).to_string();
        assert_eq!(written, "aZ09-._~:%20%2F%2B%26%3D%25%2A%21%C3%A9%00");
    }

    #[test]
    fn a_chart_becomes_a_query() {
        let base = [("control_table", "ercot_energy"), ("loadZone", "NORTH ZONE"), ("data_type", "Energy")];
        let with = |more: &[(&str, &str)]| asked(&[&base[..], more].concat());
        assert_eq!(
            with(&[
                ("start", "2024-02-01"),
                ("end", "2024-12-01"),
                ("cob", "true"),
                ("operating_day", "2024-01-05")
            ])
            .unwrap(),
            "data_type=energy&market=ERCOT&load_zone=NORTH%20ZONE&blocks=7x24&from=2024-02&to=2025-01&calendar=legacy&sheet=2024-01-05%20None%20true"
        );
        let intraday = with(&[("cob", "false"), ("operatin_day_timestamps", "2024-01-05 08:00")]).unwrap();
        assert!(
            intraday.ends_with("&sheet=2024-01-05%20Some%282024-01-05T08:00:00%29%20false"),
            "{intraday}"
        );
        assert!(with(&[("start", "2024-12-01"), ("end", "2024-02-01")]).is_err());
        assert!(asked(&[("control_table", "users")]).is_err());
        assert!(asked(&[]).is_err());
    }
}
