//! The peak memory of a function.

use crate::download;
use crate::generate;
use crate::ground::Bed;
use crate::report::{RUNS, Report};
use crate::sheet::{self, Sheet};
use reqwest::StatusCode;
use std::time::Instant;
use tests::function::{Function, http_event};

/// Measures `api` and `ingest`.
pub async fn measure(bed: &Bed<'_>, sheet: &Sheet, report: &mut Report) {
    let token = bed.token().await;
    let days = most_days(bed, &token).await;
    for (what, logs_in, days, kind) in [
        ("largest sheet as CSV", false, 1, "csv"),
        ("log-in", true, 0, ""),
        ("log-in, then that CSV", true, 1, "csv"),
        ("largest sheet as JSON, through the store", false, 1, "json"),
        ("largest sheet as a workbook", false, 1, "xlsx"),
        (&format!("{days} days of it as CSV"), false, days, "csv"),
    ] {
        let api = bed.function("api").await;
        if logs_in {
            api.log_in().await;
        }
        if days > 0 {
            let path = format!("{}&type={kind}", download::path("unstandardized", 1, days));
            let answer = api.answer(http_event("GET", &path, Some(&token), None)).await;
            assert!(answer["statusCode"] == 200 || answer["statusCode"] == 303, "{what}: {answer}");
        }
        if days > 1 {
            // The target applies to the largest sheet; this is the largest possible answer.
            report.tell(&format!("- {what}"), &format!("{:.1} MB", megabytes(&api)));
        } else {
            let limit = if kind == "csv" || days == 0 { 32.0 } else { 48.0 };
            judge(report, &format!("Memory of api: {what}"), &api, "", limit);
        }
        api.kill().await;
    }

    let bytes = sheet.version(1000);
    ingest(bed, report, "largest sheet", &sheet::name(1000), bytes, 48.0).await;
    let bytes = generate::sheet("ERCOT", 5000, 1000);
    ingest(bed, report, "5,000 curves of 1,000 months", "NonEnergy_ERCOT_20240101_101010.csv", bytes, 128.0)
        .await;
}

/// How many versions of the sheet fit into one answer.
async fn most_days(bed: &Bed<'_>, token: &str) -> u32 {
    for days in (1..=u32::try_from(RUNS + 1).expect("a small number")).rev() {
        if bed.get(token, &download::path("unstandardized", 1, days)).await.0 == StatusCode::OK {
            return days;
        }
    }
    panic!("not even one day fits into an answer")
}

async fn ingest(bed: &Bed<'_>, report: &mut Report, what: &str, key: &str, bytes: Vec<u8>, limit: f64) {
    let size = bytes.len() / 1000;
    let event = bed.put(key, bytes).await;
    let function = bed.function("ingest").await;
    let start = Instant::now();
    let answer = function.answer(event).await;
    assert_eq!(answer["uploads"][0]["status"], "published", "{answer}");
    let more = format!(" ({size} kB in {:.2} s)", start.elapsed().as_secs_f64());
    judge(report, &format!("Memory of ingest: {what}"), &function, &more, limit);
    function.kill().await;
}

fn judge(report: &mut Report, what: &str, function: &Function, more: &str, limit: f64) {
    let peak = megabytes(function);
    report.judge(what, &format!("{peak:.1} MB{more}"), (peak, limit), " MB", "");
}

/// Peak resident memory.
fn megabytes(function: &Function) -> f64 {
    f64::from(u32::try_from(function.peak_kib()).expect("less than 4 TiB")) * 1024.0 / 1e6
}
