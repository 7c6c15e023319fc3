//! Compares price queries with a COPY of the same rows, measures one curve, and counts queries answered per second.

use crate::ground::{Bed, run};
use crate::old;
use crate::report::{RUNS, Report, median, ms, quotient};
use crate::sheet::{self, Sheet};
use futures_util::future::join_all;
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};
use reqwest::StatusCode;
use std::time::{Duration, Instant};

/// Queries for one curve; the first tenth is discarded.
const ONE_CURVE_RUNS: usize = 500;
/// Concurrent connections, and the duration of the load.
const CONNECTIONS: usize = 8;
const LOAD: Duration = Duration::from_secs(5);
/// The rate of the old system.
const OLD_RATE: &str = "6/s";

/// Queries version 1 of the largest sheet, which is published.
pub async fn measure(bed: &Bed<'_>, sheet: &Sheet, report: &mut Report) {
    let token = bed.token().await;
    against_copy(bed, &token, report).await;
    let one = one_curve(sheet);
    // A user with grants pays for applying them.
    for (who, token) in [("an admin", token.clone()), ("a user with grants", bed.reader().await)] {
        let handled = bed.handled(&token, &one, ONE_CURVE_RUNS).await;
        let mut by_http = Vec::with_capacity(ONE_CURVE_RUNS);
        for _ in 0..ONE_CURVE_RUNS {
            by_http.push(timed(bed, &token, &one).await.0);
        }
        let [handled, by_http] =
            [handled, by_http].map(|mut times| median(times.split_off(ONE_CURVE_RUNS / 10)));
        let what = format!("One curve, in the handler, for {who}");
        let text = format!("{} ({} by HTTP)", ms(handled), ms(by_http));
        report.judge(&what, &text, (handled.as_secs_f64() * 1e3, 3.0), " ms", "");
    }
    let reader = bed.reader().await;
    let rate = load(bed, &reader, &one).await;
    let what =
        format!("Queries a second for one curve ({CONNECTIONS} connections, client on the same cores)");
    report.compare(&what, &format!("{rate:.0}/s"), OLD_RATE);
    let newest = "/get_data?curve_type=energy&iso=PJM&strip=standardized";
    if bed.get(&reader, newest).await.0 == StatusCode::OK {
        let rate = load(bed, &reader, newest).await;
        report.compare(
            "Downloads of newest energy a second, with the same connections",
            &format!("{rate:.0}/s"),
            OLD_RATE,
        );
    }
}

/// The path of the whole standardised curve of the sheet, as rows.
pub fn all_rows(format: &str) -> String {
    let day = sheet::day(1);
    format!(
        "/v1/values?data_type=nonenergy&market=PJM&as_of={day}&blocks=7x24&units=$/MWh&calendar=legacy&format={format}"
    )
}

async fn against_copy(bed: &Bed<'_>, token: &str, report: &mut Report) {
    let mut sql = bed.sql().await;
    let csv = bed.answer(token, &all_rows("csv")).await;
    assert_eq!(csv.status(), StatusCode::OK, "{}", all_rows("csv"));
    let csv = csv.bytes().await.expect("a body");
    let header = csv.split(|byte| *byte == b'\n').next().expect("a header");
    let header = String::from_utf8(header.to_vec()).expect("text");
    // The same rows with the same columns, in a table that contains nothing else.
    let columns: Vec<String> = header.split(',').map(|name| format!("\"{name}\" {}", kind(name))).collect();
    run(&mut sql, &format!("create table the_same_rows ({})", columns.join(", "))).await;
    let rows = old::copy_csv_in(&mut sql, "the_same_rows", &csv).await;
    run(&mut sql, "vacuum analyze the_same_rows").await;
    let (mut as_csv, mut as_json, mut theirs) = (vec![], vec![], vec![]);
    let (mut size, mut json_size, mut copy_size) = (0, 0, 0);
    for _ in 0..=RUNS {
        let (time, bytes) = timed(bed, token, &all_rows("csv")).await;
        as_csv.push(time);
        size = bytes;
        let start = Instant::now();
        copy_size = old::copy_query_out(&mut sql, "select * from the_same_rows").await;
        theirs.push(start.elapsed());
        let (time, bytes) = timed(bed, token, &all_rows("json")).await;
        as_json.push(time);
        json_size = bytes;
    }
    let [as_csv, as_json, theirs] = [as_csv, as_json, theirs].map(median);
    let (text, ratio) = quotient(as_csv, theirs);
    let text = format!("{text} ({rows} rows, {} kB / {} kB)", size / 1000, copy_size / 1000);
    report.judge("Standardised values as CSV / COPY of the same rows", &text, (ratio, 1.0), "", "91 s");
    let (text, ratio) = quotient(as_json, theirs);
    let text = format!("{text} ({} kB)", json_size / 1000);
    report.judge("- as JSON", &text, (ratio, 1.5), "", "");
}

/// The PostgreSQL type of one of our columns.
fn kind(name: &str) -> &'static str {
    match name {
        "value" | "hours" | "hours_present" => "float8",
        _ => "text",
    }
}

/// The path of one curve of the sheet.
fn one_curve(sheet: &Sheet) -> String {
    let curves = sheet::read(&sheet::name(1), &sheet.version(1)).curves;
    let labels = ["load_zone", "utility", "block_type", "cost_group", "cost_component"];
    let places = [2, 4, 5, 6, 7];
    let curve = &curves[curves.len() / 2].name;
    let filters: Vec<String> = labels
        .iter()
        .zip(places)
        .map(|(label, place)| format!("{label}={}", utf8_percent_encode(&curve.labels[place], ESCAPED)))
        .collect();
    let day = sheet::day(1);
    format!("/v1/values?data_type=nonenergy&market=PJM&as_of={day}&{}", filters.join("&"))
}

/// Characters that are escaped in a query string.
const ESCAPED: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'.').remove(b'_').remove(b'~');

async fn timed(bed: &Bed<'_>, token: &str, path: &str) -> (Duration, usize) {
    let start = Instant::now();
    let (status, size) = bed.get(token, path).await;
    let time = start.elapsed();
    assert_eq!(status, StatusCode::OK, "{path}");
    (time, size)
}

/// Answers per second.
async fn load(bed: &Bed<'_>, token: &str, path: &str) -> f64 {
    let start = Instant::now();
    let asking = (0..CONNECTIONS).map(async |_| {
        let mut count = 0_u32;
        while start.elapsed() < LOAD {
            timed(bed, token, path).await;
            count += 1;
        }
        count
    });
    let counts: u32 = join_all(asking).await.into_iter().sum();
    f64::from(counts) / start.elapsed().as_secs_f64()
}
