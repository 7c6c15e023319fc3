//! Whether an answer takes longer when the database contains more that it does not need.

use super::history::History;
use crate::report::Report;
use reqwest::StatusCode;
use std::time::{Duration, Instant};
use trueprice::catalog::Market;
use trueprice::upkeep::generate::random::Random;

/// Runs of each kind that count, and warm-up runs that do not.
const RUNS: usize = 1000;
const WARM_UP: usize = 20;
/// The long evolution is measured in every `SELDOM`th run.
const SELDOM: usize = 5;
/// By what factor the slowest in twenty may be slower after two years.
const MAX_RATIO: f64 = 1.2;

/// Business days of the evolution that both systems have, and of the long one.
const SHORT: usize = 21;
const LONG: usize = 250;

/// Alternates between both systems, so that a busy machine slows both.
pub async fn measure(month: &History<'_>, years: &History<'_>, report: &mut Report) {
    let mut sides = [Side::of(month).await, Side::of(years).await];
    let (short, long) = (SHORT.min(month.business_days()), LONG.min(years.business_days()));
    let mut random = Random::new(crate::years::history::SEED, "questions of time");
    for run in 0..RUNS + WARM_UP {
        let dice = [random.unit(), random.unit(), random.unit()];
        for turn in 0..2 {
            let side = &mut sides[(run + turn) % 2];
            let newest = "/get_data?curve_type=energy&iso=PJM&strip=standardized".to_owned();
            side.time(0, newest).await;
            let path = as_of(side.history, dice);
            side.time(1, path).await;
            let path = evolution(side.history, short);
            side.time(2, path).await;
            if run % SELDOM == 0 && std::ptr::eq(side.history, years) {
                let path = evolution(side.history, long);
                side.time(3, path).await;
            }
        }
    }
    let two_years = years;
    let [month, years] = sides.map(|side| side.times.map(Times::of));
    report.tell(
        "Speed at two years / at one month",
        &format!("p95 of {RUNS} runs by HTTP, in turn, after vacuum analyze"),
    );
    let snapshots = short * 2;
    for (kind, what) in [
        "newest energy of PJM, standardised",
        "energy as of a random stamp, random market",
        &format!("one delivery month of ERCOT energy over {snapshots} snapshots"),
    ]
    .into_iter()
    .enumerate()
    {
        compare(report, &format!("- {what}"), (years[kind], 1.0), (month[kind], 1.0));
    }
    let each = |days: usize| f64::from(u32::try_from(days * 2).expect("a small number"));
    let what = format!("- the same over {} snapshots, by snapshot", long * 2);
    compare(report, &what, (years[3], each(long)), (month[2], each(short)));
    all_of_pjm(two_years, long, report).await;
}

/// The prompt month of all energy curves of PJM over a year of marks.
async fn all_of_pjm(years: &History<'_>, days: usize, report: &mut Report) {
    let (first, last) = (years.business_day_back(days), years.last);
    let path = format!(
        "/v1/evolution?data_type=energy&market=PJM&period=M%2B1&from_day={first}&to_day={last}&format=csv"
    );
    let token = years.bed.reader().await;
    let handled = years.bed.handled(&token, &path, 51).await;
    let (mut by_http, mut rows) = (vec![], 0);
    for _ in 0..=50 {
        let start = Instant::now();
        let body = years.bed.answer(&token, &path).await.bytes().await.expect("a body");
        by_http.push(start.elapsed());
        rows = body.split(|byte| *byte == b'\n').count() - 2;
    }
    let [handled, by_http] = [handled, by_http].map(crate::report::median);
    let what = format!("Evolution of all energy curves of PJM over {days} days, in the handler");
    let [text, by_http] = [handled, by_http].map(crate::report::ms);
    let text = format!("{text} ({rows} rows, {by_http} by HTTP)");
    report.judge(&what, &text, (handled.as_secs_f64() * 1e3, 25.0), " ms", "");
}

fn compare(report: &mut Report, what: &str, (new, parts): (Times, f64), (old, old_parts): (Times, f64)) {
    let (new_p95, old_p95) = (new.p95 / parts, old.p95 / old_parts);
    let ratio = new_p95 / old_p95;
    let median = new.median / parts / (old.median / old_parts);
    let text = format!(
        "{ratio:.2} = {new_p95:.2} ms / {old_p95:.2} ms (of medians {median:.2}, {:.2} ms in all)",
        new.median
    );
    report.judge(what, &text, (ratio, MAX_RATIO), "", "");
}

/// Times in milliseconds.
#[derive(Clone, Copy)]
struct Times {
    median: f64,
    p95: f64,
}

impl Times {
    fn of(times: Vec<Duration>) -> Self {
        let mut times: Vec<f64> =
            times.into_iter().skip(WARM_UP).map(|time| time.as_secs_f64() * 1e3).collect();
        times.sort_unstable_by(f64::total_cmp);
        let at = |twentieths: usize| times.get(times.len() * twentieths / 20).copied().unwrap_or(f64::NAN);
        Self { median: at(10), p95: at(19) }
    }
}

struct Side<'h, 'g> {
    history: &'h History<'g>,
    token: String,
    times: [Vec<Duration>; 4],
}

impl<'h, 'g> Side<'h, 'g> {
    async fn of(history: &'h History<'g>) -> Self {
        Self { history, token: history.bed.reader().await, times: [const { vec![] }; 4] }
    }

    async fn time(&mut self, kind: usize, path: String) {
        let start = Instant::now();
        let (status, size) = self.history.bed.get(&self.token, &path).await;
        self.times[kind].push(start.elapsed());
        assert!(status == StatusCode::OK && size > 1000, "{path}: {status}, {size} bytes");
    }
}

fn as_of(history: &History<'_>, dice: [f64; 3]) -> String {
    let pick = |dice: f64, count: usize| {
        let count = u32::try_from(count).expect("a small number");
        // Truncation is intended: a dice value below 1 gives an index below the count.
        (0..count).rev().find(|place| f64::from(*place) <= dice * f64::from(count)).unwrap_or(0) as usize
    };
    let market = Market::ALL[pick(dice[0], Market::ALL.len())];
    // Not the first days, whose sheets may be late.
    let day = history.business_day_back(1 + pick(dice[1], history.business_days() - 5));
    let time = if dice[2] < 0.5 { "10:30:00" } else { "17:02:00" };
    format!("/get_data?curve_type=energy&iso={market}&strip=unstandardized&as_of={day}T{time}")
}

/// One month, a year and a half ahead, in every snapshot of the last days.
fn evolution(history: &History<'_>, days: usize) -> String {
    let month = trueprice::catalog::Month::of(history.last).plus(18).first_day();
    let (first, last) = (history.business_day_back(days), history.last);
    format!(
        "/get_data?curve_type=energy&iso=ERCOT&strip=unstandardized&mark=all&start={month}&end={month}\
         &operating_day={first}&operating_day_end={last}"
    )
}
