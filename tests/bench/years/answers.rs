//! A thousand requests, and whether their answers stay the same to the byte.

use super::history::History;
use crate::report::Report;
use futures_util::{StreamExt as _, stream};
use sha2::{Digest as _, Sha256};
use std::fmt::Write as _;
use std::time::Instant;
use trueprice::catalog::{DataType, Layout, Month};
use trueprice::upkeep::generate::DATA_TYPES;
use trueprice::upkeep::generate::random::Random;

const COUNT: usize = 1000;
/// Concurrent requests.
const AT_ONCE: usize = 4;

/// The answers of one round.
pub struct Answers {
    digests: Vec<[u8; 32]>,
    files: usize,
    archived: usize,
    bytes: usize,
    seconds: f64,
}

/// Paths that cover every possible parameter; the same ones in every run.
pub fn questions(history: &History<'_>) -> Vec<String> {
    let mut random = Random::new(crate::years::history::SEED, "questions");
    (0..COUNT).map(|_| question(history, &mut random)).collect()
}

fn question(history: &History<'_>, random: &mut Random) -> String {
    let data_type = if random.chance(0.5) { DataType::Energy } else { pick(random, &DATA_TYPES) };
    let market = pick(random, Layout::of(data_type).markets);
    let mut path = format!("/get_data?curve_type={data_type}&iso={market}");
    let mut add = |name: &str, value: &dyn std::fmt::Display| {
        write!(path, "&{name}={value}").expect("a String takes it");
    };
    if data_type == DataType::Energy {
        add("strip", &pick(random, &["standardized", "unstandardized", "all", "5x16", "7x8,2x16", "7x24"]));
    } else {
        add("strip", &pick(random, &["standardized", "unstandardized", "7x24"]));
    }
    let days = history.business_days();
    let day = history.business_day_back(1 + below(random, days));
    // The stamps of real sheets, and moments between them.
    let time =
        pick(random, &["10:10:10", "10:30:00", "14:23:00", "17:02:00", "17:01:59", "12:00:00", "00:00:00"]);
    match random.below(10) {
        0 => {}
        1..=4 => add("as_of", &format!("{day}T{time}")),
        5 | 6 => add("as_of", &day),
        _ => {
            add("operating_day", &day);
            // Weekly data types are missing on most days.
            let more = if data_type == DataType::Energy { random.below(8) } else { 4 + random.below(6) };
            add("operating_day_end", &(day + chrono::TimeDelta::days(more.into())));
        }
    }
    if random.chance(0.5) {
        let moment = if random.chance(0.5) {
            // Close to when it was learnt or corrected.
            day.and_time(time.parse().expect("a time"))
                + chrono::TimeDelta::minutes(random.below(1200).into())
        } else {
            history.business_day_back(1 + below(random, days)).and_time(time.parse().expect("a time"))
        };
        add("known_at", &format!("{}Z", moment.format("%Y-%m-%dT%H:%M:%S")));
    }
    if random.chance(0.5) {
        let start = Month::of(day).plus(below(random, 24));
        add("start", &start.first_day());
        if random.chance(0.7) {
            add("end", &start.plus(below(random, 14)).first_day());
        }
    }
    if random.chance(0.6) {
        add("mark", &pick(random, &["latest", "cob", "intraday", "all"]));
    }
    if random.chance(0.1) {
        add("history", &true);
    }
    if random.chance(0.2) {
        add("calendar", &"nerc");
    }
    if random.chance(0.1) {
        add("type", &"json");
    }
    path
}

fn below(random: &mut Random, count: usize) -> usize {
    random.below(u32::try_from(count).expect("a small number")) as usize
}

fn pick<T: Copy>(random: &mut Random, of: &[T]) -> T {
    of[below(random, of.len())]
}

/// Sends all requests.
pub async fn ask(history: &History<'_>, token: &str, questions: &[String]) -> Answers {
    let start = Instant::now();
    let answered = stream::iter(questions).map(|path| async move {
        let answer = history.bed.answer(token, path).await;
        let (status, archived) = (answer.status(), answer.headers().contains_key("trueprice-archived"));
        let body = answer.bytes().await.expect("a body");
        assert!(!status.is_server_error(), "{path}: {status}");
        assert!(status.as_u16() != 400, "{path}: {}", String::from_utf8_lossy(&body));
        let digest = Sha256::new().chain_update(status.as_str()).chain_update(&body).finalize();
        (digest.into(), status.is_success(), archived, body.len())
    });
    let answered: Vec<([u8; 32], bool, bool, usize)> = answered.buffered(AT_ONCE).collect().await;
    Answers {
        files: answered.iter().filter(|answer| answer.1).count(),
        archived: answered.iter().filter(|answer| answer.2).count(),
        bytes: answered.iter().map(|answer| answer.3).sum(),
        digests: answered.into_iter().map(|answer| answer.0).collect(),
        seconds: start.elapsed().as_secs_f64(),
    }
}

/// Compares two rounds.
pub fn judge(what: &str, before: &Answers, after: &Answers, report: &mut Report) {
    let others = before.digests.iter().zip(&after.digests).filter(|(before, after)| before != after).count();
    let text = format!(
        "{others} of {}; {} are files, {} from the archive, {} MB in {:.0} s, before in {:.0} s",
        before.digests.len(),
        after.files,
        after.archived,
        after.bytes / 1_000_000,
        after.seconds,
        before.seconds
    );
    let others = f64::from(u32::try_from(others).expect("at most a thousand"));
    report.judge(&format!("Answers that compaction changed, {what}"), &text, (others, 0.0), "", "");
}
