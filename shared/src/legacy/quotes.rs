//! `/pricedesk` and `/pricedeskdata`: the request file of the old pricing desk, answered in its format, priced by the current
//! method or, with `method=legacy`, by the old one.

mod hours;

use self::hours::{hourly_csv, quoted};
use crate::access::{Caller, Grants};
use crate::catalog::Market;
use crate::catalog::text::visible;
use crate::ctx::Ctx;
use crate::http::nearest::did_you_mean;
use crate::http::parameter::kind::Kind;
use crate::http::route::routes as paths;
use crate::http::wrong::Wrong;
use crate::http::{Audience, Parameter, ParameterTable, Parameters, Problem, Route};
use crate::pricing::quote::inputs::Inputs;
use crate::pricing::quote::price::Desk;
use crate::pricing::quote::priced::Quote;
use crate::pricing::quote::read::Which;
use crate::pricing::quote::request::{ADDERS, Method, Request};
use crate::pricing::quote::{inputs_of, tables};
use crate::pricing::routes::price as priced;
use crate::sheets::number;
use axum::Json;
use axum::extract::multipart::MultipartRejection;
use axum::extract::{Multipart, Query, State};
use chrono::NaiveDate;
use csv::StringRecord;
use serde::Serialize;
use serde_json::{Map, Value, json};
use utoipa::ToSchema;

/// The routes of the old desk.
#[must_use]
pub fn routes() -> Vec<Route> {
    vec![
        Route::new(Audience::Uploader, paths!(price_desk: DESK)).legacy("/v1/quotes"),
        Route::new(Audience::Uploader, paths!(price_desk_data: DESK)).legacy("/v1/quotes"),
    ]
}

/// Columns that a request file must have.
const MANDATORY: [&str; 14] = [
    "Lookup ID4",
    "Load Zone",
    "Capacity Zone",
    "Utility",
    "Voltage",
    "Load Profile",
    "Curve Date",
    "Start Date",
    "End Date",
    "Margin ($/MWh)",
    "Sleeve Fee ($/MWh)",
    "Utility Billing Surcharge ($/MWh)",
    "Other 1 ($/MWh)",
    "Other 2 ($/MWh)",
];
/// Columns that are copied to the answer if present.
const SHOWN: [&str; 6] =
    ["TimeStamp", "Account Name", "Account #", "Account Address", "State", "Term (Months)"];
/// The maximum number of rows in a file, and of months in all rows together: the answer lists hours, not only sums.
const MAX_ROWS: usize = 100;
const MAX_MONTHS: usize = 600;

/// A request file, sent as a form.
#[derive(ToSchema)]
#[expect(dead_code, reason = "it documents the form")]
struct DeskForm {
    /// CSV file; the last word of its name before the first dot is the market, as in `PriceRequest_ERCOT.csv`.
    #[schema(value_type = String, format = Binary)]
    file: Vec<u8>,
}

/// The pricing method of the desk.
static DESK: ParameterTable = ParameterTable::new(|| {
    vec![Parameter::new(
        "method",
        Kind::word_pattern_of(&METHODS),
        "Calculation method: `nerc` (default: correct) or `legacy` (as the old system, including its errors).",
        "nerc",
    )]
});

/// The methods, as a request writes them.
const METHODS: [(&str, Method); 2] = [("nerc", Method::Nerc), ("legacy", Method::Legacy)];

/// The old pricing desk's answer: parallel lists with one element for each row of the request.
#[derive(Default, Serialize, ToSchema)]
struct DeskAnswer {
    /// Hourly prices, as CSV.
    final_df: Vec<String>,
    /// Names of the hourly files.
    filename_final_df: Vec<String>,
    /// Summary by component, as CSV.
    summary_final_df: Vec<String>,
    /// Names of the summary files.
    filename_summary_final_df: Vec<String>,
    /// Names of the components.
    component_labels: Vec<Vec<String>>,
    /// Load-weighted price of each component, $/`MWh`.
    component_summary: Vec<Vec<f64>>,
    /// Price of each hour, $/`MWh`.
    fr_price_hourly: Vec<Vec<f64>>,
    /// The hours, `YYYY-MM-DD h`.
    fr_price_hourly_label: Vec<Vec<String>>,
    /// Load of each hour, `MWh`.
    data_loadprofile: Vec<Vec<f64>>,
    /// Rows of the request file.
    price_input_list: Vec<Map<String, Value>>,
}

/// Prices the rows of a request file.
///
/// New programs use `POST /v1/quotes`. Where the old system showed an error page, this path sends a problem document.
#[utoipa::path(
    post,
    path = "/pricedesk",
    tag = "Old paths",
    request_body(content = DeskForm, content_type = "multipart/form-data"),
    responses((status = 200, body = DeskAnswer), (status = 422, body = Problem, description = "Inputs are missing; `missing` names all of them"))
)]
async fn price_desk(
    State(ctx): State<Ctx>,
    caller: Caller,
    Query(pairs): Query<Vec<(String, String)>>,
    form: Result<Multipart, MultipartRejection>,
) -> Result<Json<DeskAnswer>, Problem> {
    price(&ctx, &caller, &pairs, form).await.map(Json)
}

/// Prices the rows of a request file, as `/pricedesk` does.
#[utoipa::path(
    post,
    path = "/pricedeskdata",
    tag = "Old paths",
    request_body(content = DeskForm, content_type = "multipart/form-data"),
    responses((status = 200, body = DeskAnswer), (status = 422, body = Problem, description = "Inputs are missing; `missing` names all of them"))
)]
async fn price_desk_data(
    State(ctx): State<Ctx>,
    caller: Caller,
    Query(pairs): Query<Vec<(String, String)>>,
    form: Result<Multipart, MultipartRejection>,
) -> Result<Json<DeskAnswer>, Problem> {
    price(&ctx, &caller, &pairs, form).await.map(Json)
}

async fn price(
    ctx: &Ctx,
    caller: &Caller,
    pairs: &[(String, String)],
    form: Result<Multipart, MultipartRejection>,
) -> Result<DeskAnswer, Problem> {
    let mut asked = Parameters::new(pairs, &DESK);
    let method = asked.one_of("method", Method::Nerc, &METHODS);
    let method = asked.end(method).map_err(Problem::bad_request)?;
    let (name, bytes) = file(form).await?;
    let rows = read(&name, &bytes, method)?;
    let months: usize = rows.iter().map(|row| row.request.account_months()).sum();
    if rows.len() > MAX_ROWS || months > MAX_MONTHS {
        return Err(Problem::too_large(format!(
            "expected at most {MAX_ROWS} rows and {MAX_MONTHS} months in total; for more use POST /v1/quotes"
        )));
    }
    let mut desk = DeskAnswer::default();
    for row in rows {
        let (quote, _) = priced(ctx, caller, &row.request).await?;
        let ids: Vec<i32> = quote.snapshots.iter().filter_map(id).collect();
        let inputs = inputs_of(ctx, &Grants::from(caller), &row.request, Which::These(&ids)).await?;
        desk.add(&row, &quote, &inputs)?;
    }
    Ok(desk)
}

fn id(about: &Value) -> Option<i32> {
    about["id"].as_i64().and_then(|id| i32::try_from(id).ok())
}

/// The file of the form and its name. The form must contain nothing else.
async fn file(form: Result<Multipart, MultipartRejection>) -> Result<(String, Vec<u8>), Problem> {
    let missing = || {
        Problem::bad_parameter("file", "expected a multipart form with a CSV file in the field `file`")
            .with_toast("File should be in csv format")
    };
    let mut form = form.map_err(|_| missing())?;
    let mut found = None;
    while let Some(field) = form.next_field().await.map_err(|_| missing())? {
        let (of, name) = (field.name().unwrap_or("").to_owned(), field.file_name().unwrap_or("").to_owned());
        let bytes = field
            .bytes()
            .await
            .map_err(|_| Problem::too_large("the request file is larger than 4 MB; split it"))?;
        match of.as_str() {
            "file" if found.is_some() => {
                return Err(Problem::bad_parameter(
                    "file",
                    "the form has several files, expected one; send each in its own request",
                ));
            }
            "file" if name.trim().to_ascii_lowercase().ends_with(".csv") => {
                found = Some((name, bytes.to_vec()));
            }
            "file" => return Err(missing()),
            // The button of the old page.
            "submit" => {}
            _ => return Err(Problem::bad_request(vec![Wrong::unknown_field("", &of, &["file"])])),
        }
    }
    found.ok_or_else(missing)
}

/// A row of a request file.
struct QuoteRow {
    lookup: String,
    request: Request,
    said: Map<String, Value>,
}

/// Reads a request file and reports all errors at once.
fn read(name: &str, bytes: &[u8], method: Method) -> Result<Vec<QuoteRow>, Problem> {
    let word = name.split('.').next().and_then(|stem| stem.rsplit('_').next()).unwrap_or("");
    let market: Market = word.trim().parse().map_err(|expected| {
        let flaw = Wrong::found("file", word, &format!("{expected}"));
        let detail = format!(
            "the last word of the file name must be the market, as in PriceRequest_ERCOT.csv: {}",
            flaw.detail
        );
        Problem::bad_parameter("file", detail).with_toast("Exception in price calculation")
    })?;
    let mut reader = csv::ReaderBuilder::new().trim(csv::Trim::All).flexible(true).from_reader(bytes);
    let unread = || {
        Problem::bad_parameter("file", "expected a readable CSV file")
            .with_toast("File should be in csv format")
    };
    let header = reader.headers().map_err(|_| unread())?.clone();
    let place = |title: &str| header.iter().position(|cell| visible(cell).trim() == title);
    let lacking: Vec<&str> = MANDATORY.into_iter().filter(|title| place(title).is_none()).collect();
    if !lacking.is_empty() {
        let wrong = lacking.iter().map(|title| {
            let nearest = did_you_mean(title, header.iter());
            let nearest = nearest.replace("did you mean", "is it");
            Wrong::new("file", format!("the column {title} is missing{nearest}"))
        });
        let toast = format!("Missing columns: {}", lacking.join(", "));
        return Err(Problem::bad_request(wrong.collect()).with_toast(&toast));
    }
    let (mut rows, mut wrong) = (Vec::new(), Vec::new());
    for (at, record) in reader.records().enumerate() {
        let record = record.map_err(|_| unread())?;
        if record.iter().all(str::is_empty) {
            continue;
        }
        let cell = |title: &str| place(title).and_then(|place| record.get(place)).unwrap_or("");
        match row(market, method, &record, &cell) {
            Ok(mut row) => {
                let titles = SHOWN.iter().chain(&MANDATORY).filter(|title| place(title).is_some());
                row.said = titles.map(|title| ((*title).to_owned(), cell(title).into())).collect();
                rows.push(row);
            }
            Err(more) => wrong.extend(more.into_iter().map(|more| {
                let field = more.parameter.trim_start_matches("/accounts/0").trim_start_matches('/');
                Wrong::new(&format!("row {}", at + 1), format!("{field}: {}", more.detail))
            })),
        }
    }
    if rows.is_empty() && wrong.is_empty() {
        wrong.push(Wrong::new("file", "expected at least one row"));
    }
    if wrong.is_empty() {
        return Ok(rows);
    }
    Err(Problem::bad_request(wrong).with_toast("Exception in price calculation"))
}

/// `m/d/yyyy` as `yyyy-mm-dd`; any other text is kept and later reported as an error.
fn day(text: &str) -> String {
    let formats = ["%m/%d/%Y", "%Y-%m-%d"];
    let seen = visible(text);
    let day = formats.iter().find_map(|format| NaiveDate::parse_from_str(seen.trim(), format).ok());
    day.map_or_else(|| text.to_owned(), |day| day.to_string())
}

fn row<'c>(
    market: Market,
    method: Method,
    record: &StringRecord,
    cell: &dyn Fn(&str) -> &'c str,
) -> Result<QuoteRow, Vec<Wrong>> {
    let lookup = cell("Lookup ID4").to_owned();
    let name = if lookup.is_empty() {
        format!("row {}", record.position().map_or(0, csv::Position::line))
    } else {
        lookup
    };
    let mut account = json!({
        "name": name, "load_zone": cell("Load Zone"), "capacity_zone": cell("Capacity Zone"), "utility": cell("Utility"),
        "voltage": cell("Voltage"), "load_profile": cell("Load Profile"), "state": cell("State"),
        "start": day(cell("Start Date")), "end": day(cell("End Date")),
    });
    for (adder, title) in ADDERS.iter().zip(&MANDATORY[9..]) {
        // As in sheets, 12,34 is not a number, and not 1234 either. A percentage is refused because its base is unclear.
        let text = cell(title);
        account[*adder] = match number::parse(text.as_bytes()) {
            Ok(value) if value.is_nan() => Value::Null,
            Ok(value) if !text.contains('%') => value.into(),
            Ok(_) | Err(_) => text.into(),
        };
    }
    let request = json!({
        "market": market.code(), "curve_date": day(cell("Curve Date")), "method": method.word(), "accounts": [account],
    });
    Request::read(&request).map(|request| QuoteRow { lookup: name, request, said: Map::new() })
}

/// A file name without unsafe characters.
fn safe(name: &str) -> String {
    name.chars().map(|c| if c.is_control() || "/\\:\"".contains(c) { '_' } else { c }).collect()
}

impl DeskAnswer {
    fn add(&mut self, row: &QuoteRow, quote: &Quote, inputs: &Inputs) -> Result<(), Problem> {
        let (request, account, priced) = (&row.request, &row.request.accounts[0], &quote.accounts[0]);
        let mut desk = Desk::new(request, inputs);
        let hours = tables::of_account(&mut desk, request, inputs, account)?;
        let file = safe(&row.lookup);
        let column = |name: &str| {
            let found = hours.columns.iter().find(|(known, _)| *known == name);
            found.map(|(_, column)| column.clone()).unwrap_or_default()
        };
        let mut summary = "component,price_per_mwh\r\n".to_owned();
        for line in &priced.lines {
            summary += &[quoted(&line.component), line.price_per_mwh.to_string()].join(",");
            summary += "\r\n";
        }
        self.final_df.push(hourly_csv(&row.lookup, request, priced, inputs, &hours));
        self.filename_final_df.push(format!("{file}.csv"));
        self.summary_final_df.push(summary);
        self.filename_summary_final_df.push(format!("summary_{file}.csv"));
        self.component_labels.push(priced.lines.iter().map(|line| line.component.clone()).collect());
        self.component_summary.push(priced.lines.iter().map(|line| line.price_per_mwh).collect());
        self.fr_price_hourly.push(column("price"));
        let labels = hours.day.iter().zip(&hours.ending).map(|(day, ending)| format!("{day} {ending}"));
        self.fr_price_hourly_label.push(labels.collect());
        self.data_loadprofile.push(column("load_mw"));
        self.price_input_list.push(row.said.clone());
        Ok(())
    }
}
