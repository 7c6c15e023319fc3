//! The time from the start of each function's process to its first answer, including the database connection and secrets.

use crate::generate;
use crate::ground::Bed;
use crate::report::{Report, median, ms};
use serde_json::{Value, json};
use std::time::Instant;
use tests::function::http_event;

/// Starts that count; one more before them is discarded.
const STARTS: u32 = 15;
const LIMIT_MS: f64 = 30.0;

/// Measures all four functions.
pub async fn measure(bed: &Bed<'_>, report: &mut Report) {
    let token = bed.token().await;
    // Needs both secrets and the database.
    let uploads = http_event("GET", "/v1/uploads?limit=1", Some(&token), None);
    let is_right = |answer: &Value| answer["statusCode"] == 200;
    one(bed, report, ("api", "GET /v1/uploads"), async |_| uploads.clone(), is_right).await;

    let sheet = generate::sheet("MISO", 4, 12);
    let event = async |run| {
        let key = format!("NonEnergy_MISO_202401{run:02}_101010.csv");
        bed.put(&key, sheet.clone()).await
    };
    let is_right = |answer: &Value| answer["uploads"][0]["status"] == "published";
    one(bed, report, ("ingest", "publish a small sheet"), event, is_right).await;

    let is_right = |answer: &Value| answer["done"] == true;
    let current = async |_| json!({ "command": "current" });
    one(bed, report, ("migrate", "current"), current, is_right).await;
    let list = async |_| json!({ "command": "list" });
    one(bed, report, ("users", "list"), list, is_right).await;
}

async fn one(
    bed: &Bed<'_>,
    report: &mut Report,
    (name, what): (&'static str, &str),
    event: impl AsyncFn(u32) -> Value,
    is_right: impl Fn(&Value) -> bool,
) {
    let mut times = Vec::new();
    let function = bed.function(name).await;
    for run in 0..=STARTS {
        let event = event(run + 1).await;
        function.kill().await;
        let start = Instant::now();
        function.restart();
        let answer = function.answer(event).await;
        times.push(start.elapsed());
        if !is_right(&answer) {
            let newest = bed.answer(&bed.token().await, "/v1/uploads?limit=1").await.text().await;
            panic!("{name}: {answer}; the newest upload: {}", newest.unwrap_or_default());
        }
    }
    function.kill().await;
    let most = times.iter().skip(1).max().copied().unwrap_or_default();
    let time = median(times);
    let (what, text) = (format!("Cold start of {name}: {what}"), format!("{} (most {})", ms(time), ms(most)));
    report.judge(&what, &text, (time.as_secs_f64() * 1e3, LIMIT_MS), " ms", "");
}
