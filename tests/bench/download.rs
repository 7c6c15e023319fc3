//! Compares downloading the largest sheet with a COPY of its rows, one per value, to the client.

use crate::ground::Bed;
use crate::old;
use crate::report::{RUNS, Report, median, quotient};
use crate::sheet::{self, Sheet};
use reqwest::StatusCode;
use serde_json::Value;
use std::time::{Duration, Instant};

/// Uses version 1 of the sheet, which is published.
pub async fn measure(bed: &Bed<'_>, sheet: &Sheet, report: &mut Report) {
    let mut sql = bed.sql().await;
    // The table contains nothing else: the old one had no index to find a version by, and read all of them.
    old::create(&mut sql, "old_version").await;
    let rows = old::rows(&sheet::read(&sheet::name(1), &sheet.version(1)));
    old::copy_in(&mut sql, "old_version", &rows).await;

    let token = bed.token().await;
    let (mut ours, mut theirs) = (vec![], vec![]);
    let (mut size, mut old_size) = (0, 0);
    for _ in 0..=RUNS {
        let time;
        (time, size) = download(bed, &token, "unstandardized").await;
        ours.push(time);
        let start = Instant::now();
        old_size = old::copy_out(&mut sql, "old_version").await;
        theirs.push(start.elapsed());
    }
    let [ours, theirs] = [ours, theirs].map(median);
    let (text, ratio) = quotient(ours, theirs);
    let text = format!("{text} ({} kB / {} kB)", size / 1000, old_size / 1000);
    report.judge("Download / COPY of the same values", &text, (ratio, 1.0), "", "91 s, standardised");
    standardised(bed, &token, report).await;
}

/// Compares the standardised curves of the sheet, as CSV and as JSON, with a COPY of exactly these rows.
async fn standardised(bed: &Bed<'_>, token: &str, report: &mut Report) {
    let mut sql = bed.sql().await;
    let answer = bed.answer(token, &format!("{}&type=json", path("standardized", 1, 1))).await;
    let records: Vec<Value> = answer.json().await.expect("records");
    old::create(&mut sql, "old_standardised").await;
    old::copy_in(&mut sql, "old_standardised", &old::records(&records)).await;
    let (mut csv, mut json, mut theirs) = (vec![], vec![], vec![]);
    let (mut csv_size, mut json_size, mut old_size) = (0, 0, 0);
    for _ in 0..=RUNS {
        let time;
        (time, csv_size) = download(bed, token, "standardized").await;
        csv.push(time);
        let start = Instant::now();
        old_size = old::copy_out(&mut sql, "old_standardised").await;
        theirs.push(start.elapsed());
        let time;
        (time, json_size) = download(bed, token, "standardized&type=json").await;
        json.push(time);
    }
    let [csv, json, theirs] = [csv, json, theirs].map(median);
    let (text, ratio) = quotient(csv, theirs);
    let text = format!("{text} ({} kB / {} kB)", csv_size / 1000, old_size / 1000);
    report.judge("Standardised as CSV / COPY of these rows", &text, (ratio, 1.0), "", "91 s");
    let (text, ratio) = quotient(json, theirs);
    let text = format!("{text} ({} kB / {} kB)", json_size / 1000, old_size / 1000);
    report.judge("Standardised as JSON / COPY of these rows", &text, (ratio, 1.5), "", "");
    report.tell("- rows", &records.len().to_string());
}

/// The path of a download of the versions from `first` to `last`.
pub fn path(strip: &str, first: u32, last: u32) -> String {
    let (first, last) = (sheet::day(first), sheet::day(last));
    format!(
        "/get_data?curve_type=nonenergy&iso=PJM&strip={strip}&operating_day={first}&operating_day_end={last}"
    )
}

async fn download(bed: &Bed<'_>, token: &str, strip: &str) -> (Duration, usize) {
    let path = path(strip, 1, 1);
    let start = Instant::now();
    let (status, size) = bed.get(token, &path).await;
    let time = start.elapsed();
    assert_eq!(status, StatusCode::OK, "{path}");
    (time, size)
}
