//! A quote of many accounts over many months, through the API, from made-up sheets: the time from the request to the last byte of
//! the answer, including reading the inputs and storing the quote.

use crate::ground::Bed;
use crate::publish;
use crate::report::{Report, median, ms};
use chrono::{Datelike as _, Months, NaiveDate};
use serde_json::{Value, json};
use std::fmt::Write as _;
use std::time::{Duration, Instant};

/// The promised size: this many accounts over this many months.
pub const ACCOUNTS: usize = 500;
const MONTHS: u32 = 60;
const ZONES: [&str; 4] = ["NORTH ZONE", "HOUSTON ZONE", "SOUTH ZONE", "WEST ZONE"];
const UTILITIES: [&str; 4] = ["ONCOR", "CENTERPOINT", "AEP", "TNMP"];
const PROFILES: usize = 8;

/// Publishes the sheets and prices `accounts` accounts.
pub async fn measure(bed: &Bed<'_>, accounts: usize, report: &mut Report) {
    for (name, text) in sheets() {
        publish::publish(bed.ctx(), name, text.into_bytes()).await;
    }
    let token = bed.token().await;
    let body = request(accounts);
    let (mut times, mut size) = (vec![], 0);
    // The first run is discarded.
    for _ in 0..=3 {
        let start = Instant::now();
        let answer = bed.post(&token, "/v1/quotes", &body).await;
        let status = answer.status();
        let bytes = answer.bytes().await.expect("a body");
        times.push(start.elapsed());
        assert!(status.is_success(), "{status}: {}", String::from_utf8_lossy(&bytes));
        size = bytes.len();
    }
    let time: Duration = median(times.split_off(1));
    let what = format!("Quote of {accounts} accounts over {MONTHS} months");
    let text = format!("{} ({} kB)", ms(time), size / 1000);
    report.judge(&what, &text, (time.as_secs_f64(), 5.0), " s", "");
}

fn request(accounts: usize) -> Value {
    let accounts = (0..accounts).map(|at| {
        json!({
            "name": format!("Account {at}"), "load_zone": ZONES[at % 4], "utility": UTILITIES[at % 4], "state": "TX",
            "voltage": "Secondary", "load_profile": format!("PROFILE_{}", at % PROFILES),
            "start": "2024-02-01", "end": "2029-01-31", "margin": 1.5, "sleeve_fee": 0.25,
        })
    });
    json!({ "market": "ERCOT", "curve_date": "2024-01-05", "accounts": accounts.collect::<Vec<_>>() })
}

/// Rows of labels above the numbers, with `blank` empty columns between them and the first.
fn head(columns: &[[&str; 7]], blank: usize, units: Option<&str>) -> String {
    let titles =
        ["State", "Load Zone", "Capacity Zone", "Utility", "Block Type", "Cost Group", "Cost Component"];
    let comma = ",".repeat(blank);
    let mut text = format!("Control Area{comma}{}\n", ",ERCOT".repeat(columns.len()));
    for (at, title) in titles.iter().enumerate() {
        let cells: String = columns.iter().flat_map(|column| [",", column[at]]).collect();
        writeln!(text, "{title}{comma}{cells}").expect("a text takes what is written");
    }
    if let Some(unit) = units {
        writeln!(text, "UOM{}", format!(",{unit}").repeat(columns.len()))
            .expect("a text takes what is written");
    }
    text + &",".repeat(columns.len() + blank) + "\n"
}

fn months(mut text: String, columns: usize, title: &str, value: impl Fn(u32, usize) -> f64) -> String {
    writeln!(text, "{title}{}", ",x".repeat(columns)).expect("a text takes what is written");
    let first = NaiveDate::from_ymd_opt(2024, 2, 1).expect("a day");
    for month in 0..=MONTHS {
        write!(text, "{}", (first + Months::new(month)).format("%-m/1/%Y")).expect("a text");
        for column in 0..columns {
            write!(text, ",{:.4}", value(month, column)).expect("a text");
        }
        text.push('\n');
    }
    text
}

fn hours(mut text: String, columns: usize, value: impl Fn(NaiveDate, u32, usize) -> f64) -> String {
    writeln!(text, "Date,HE{}", ",x".repeat(columns)).expect("a text takes what is written");
    let first = NaiveDate::from_ymd_opt(2023, 1, 1).expect("a day");
    for day in first.iter_days().take_while(|day| day.year() == 2023) {
        for hour in (1..=24).filter(|hour| !(day.month() == 3 && day.day() == 12 && *hour == 3)) {
            write!(text, "{},{hour}", day.format("%-m/%-d/%Y")).expect("a text");
            for column in 0..columns {
                write!(text, ",{:.4}", value(day, hour, column)).expect("a text");
            }
            text.push('\n');
        }
    }
    text
}

fn sheets() -> Vec<(&'static str, String)> {
    let blocks = ["5x16", "2x16", "7x8"];
    let by_block = |group, component| -> Vec<[&str; 7]> {
        let all = ZONES.iter().flat_map(|zone| blocks.map(|block| (*zone, block)));
        all.map(|(zone, block)| ["TX", zone, zone, "ALL", block, group, component]).collect()
    };
    let wave = |hour: u32| 1.0 + 0.3 * (f64::from(hour) / 24.0 * std::f64::consts::TAU).sin();
    let column = |at: usize| f64::from(u32::try_from(at).expect("few columns"));
    let energy = by_block("Energy", "Energy");
    let energy = months(head(&energy, 0, None), energy.len(), "Month", |month, at| {
        40.0 + column(at) + f64::from(month % 12)
    });
    let shaping = by_block("Shaping", "Hourly Shape");
    let shaping =
        hours(head(&shaping, 1, None), shaping.len(), |_, hour, at| wave(hour) + column(at) / 100.0);
    let names: Vec<String> = (0..PROFILES).map(|at| format!("PROFILE_{at}")).collect();
    let profiles: Vec<[&str; 7]> =
        names.iter().map(|name| ["TX", "ALL", "ALL", "ALL", "7x24", "Load Profile", name]).collect();
    let top = head(&profiles, 1, None);
    let kinds = format!("Customer Type,{}\n", ",Commercial".repeat(PROFILES));
    let at = top.rfind(&",".repeat(PROFILES + 1)).expect("a blank row");
    let top = format!("{}{kinds}{}", &top[..at], &top[at..]);
    let profile =
        hours(top, PROFILES, |day, hour, at| 20.0 * wave(hour) + column(at) + f64::from(day.month()));
    let risks: Vec<[&str; 7]> =
        ZONES.iter().map(|zone| ["TX", zone, zone, "ALL", "7x24", "VLR", "Variable Load Risk"]).collect();
    let mut vlr = head(&risks, 1, None) + "Month,HE" + &",x".repeat(ZONES.len()) + "\n";
    for (month, hour) in (1..=12).flat_map(|month| (1..=24).map(move |hour| (month, hour))) {
        writeln!(vlr, "{month},{hour}{}", format!(",{:.2}", 2.0 + wave(hour)).repeat(ZONES.len()))
            .expect("a text");
    }
    let components: Vec<String> = (0..24).map(|at| format!("Charge {at}")).collect();
    let charges: Vec<[&str; 7]> = components
        .iter()
        .map(|name| ["TX", "ALL", "ALL", "ALL", "7x24", "Ancillary Charges", name])
        .collect();
    let charges =
        months(head(&charges, 0, Some("$/MWh")), charges.len(), "Date", |_, at| 0.1 * (column(at) - 8.0));
    let rec = head(
        &[["TX", "ALL", "ALL", "ALL", "7x24", "RPS Total Cost", "Total Cost per MWh"]],
        0,
        Some("$/MWh"),
    );
    let rec = months(rec + "TX,TX\n", 1, "EY", |_, _| 0.16);
    let mut losses = "Control Area,State,Load Zone,Capacity Zone,Utility,Block Type,Cost Group,Cost Component,Line Loss Factor\n"
        .to_owned();
    for utility in UTILITIES {
        writeln!(losses, "ERCOT,TX,ALL,ALL,{utility},7x24,Line Loss,Secondary,1.05").expect("a text");
    }
    vec![
        ("Energy_ERCOT_20240105_170200_cob.csv", energy),
        ("Shaping_ERCOT_20240102_080000.csv", shaping),
        ("LoadProfile_ERCOT_20240102_080000.csv", profile),
        ("VLR_ERCOT_20240102_080000.csv", vlr),
        ("NonEnergy_ERCOT_20240102_080000.csv", charges),
        ("REC_ERCOT_20240102_080000.csv", rec),
        ("LineLoss_ERCOT_20240102_080000.csv", losses),
    ]
}
