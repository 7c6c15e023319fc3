//! Sheets whose first columns and months are the visible ones.

use crate::questions::{Sheet, blocks};
use chrono::NaiveDate;
use std::fmt::Write as _;

/// An energy sheet of these zones over months from a first one on. A price depends only on its zone, month and round, so that
/// visible prices are the same whatever else the sheet contains.
pub fn energy(market: &str, zones: &[&str], (first, months): (&str, u32), round: u32) -> String {
    let columns = blocks(zones);
    let start: NaiveDate = format!("{first}-01").parse().unwrap();
    let price = |month: u32, column: usize| {
        let zone: u32 = columns[column].0.bytes().map(u32::from).sum();
        let month = start + chrono::Months::new(month);
        let month: u32 = month.format("%Y%m").to_string().parse().unwrap();
        let column = u32::try_from(column % 3).unwrap();
        let noise = (zone * 13 + month * 31 + column * 17 + round * 53) % 83;
        (noise != 11).then(|| 36.0 + f64::from(noise) / 10.0)
    };
    Sheet { market, columns: &columns, first, price: &price, months }.text()
}

/// Hourly loads of profiles over whole months.
pub fn loads(market: &str, profiles: &[&str], months: &[(i32, u32)]) -> String {
    let mut text = String::new();
    let mut row = |name: &str, cell: &dyn Fn(&str) -> String| {
        let cells: Vec<String> = profiles.iter().map(|profile| cell(profile)).collect();
        writeln!(text, "{name},,{}", cells.join(",")).unwrap();
    };
    row("Control Area", &|_| market.to_owned());
    row("State", &|_| "IL".to_owned());
    for name in ["Load Zone", "Capacity Zone", "Utility"] {
        row(name, &|_| "AMIL".to_owned());
    }
    row("Block Type", &|_| "7x24".to_owned());
    row("Cost Group", &|_| "Load Profile".to_owned());
    row("Cost Component", &str::to_owned);
    row("Customer Type", &|_| "Commercial".to_owned());
    row("", &|_| String::new());
    writeln!(text, "Date,HE,{}", profiles.join(",")).unwrap();
    for (year, month) in months {
        let first = NaiveDate::from_ymd_opt(*year, *month, 1).unwrap();
        for day in first.iter_days().take_while(|day| day.format("%-m").to_string() == month.to_string()) {
            for hour in (1..=24).filter(|hour| *hour != 3 || day.to_string() != "2024-03-10") {
                let cells: Vec<String> =
                    profiles.iter().map(|profile| format!("{}.{hour:02}", profile.len())).collect();
                writeln!(text, "{},{hour},{}", day.format("%-m/%-d/%Y"), cells.join(",")).unwrap();
            }
        }
    }
    text
}

/// Offers in PJM, one column each; those in New Jersey are the visible ones.
pub fn matrix(states: &[&str], price: f64) -> String {
    let row = |title: &str, cell: &dyn Fn(usize, &str) -> String| {
        let cells: Vec<String> = states.iter().enumerate().map(|(at, state)| cell(at, state)).collect();
        format!("{title},{}\n", cells.join(","))
    };
    let zone = |state: &str| if state == "NJ" { "PSEG" } else { "PECO" };
    let mut text = row("Matching ID", &|_, _| String::new());
    text += &row("Lookup ID1", &|_, state| format!("{state} 1"));
    text += &row("Beginning Date", &|_, _| "2/1/2024".to_owned());
    text += &row("Control Area", &|_, _| "PJM".to_owned());
    text += &row("State", &|_, state| state.to_owned());
    for title in ["Load Zone", "Capacity Zone", "Utility"] {
        text += &row(title, &|_, state| zone(state).to_owned());
    }
    text += &row("Block Type", &|_, _| "7x24".to_owned());
    text += &row("Cost Group", &|_, _| "FFR".to_owned());
    text += &row("Cost Component", &|_, _| "R".to_owned());
    text += &row("Load Profile", &|_, _| "R".to_owned());
    text += &row("Term (Months)", &|_, _| "6".to_owned());
    text += &row("", &|_, _| String::new()).repeat(11);
    text += &row("Energy", &|_, _| "60".to_owned());
    text + &row("Total Bundled Price ($/MWh)", &|at, _| {
        (price + f64::from(u32::try_from(at).unwrap())).to_string()
    })
}

/// Prices to compare in PJM over the first months of 2024.
pub fn ptc(states: &[&str], months: u32, price: f64) -> String {
    let row = |title: &str, cell: &dyn Fn(&str) -> String| {
        let cells: Vec<String> = states.iter().map(|state| cell(state)).collect();
        format!("{title},{}\n", cells.join(","))
    };
    let zone = |state: &str| (if state == "NJ" { "PSEG" } else { "PECO" }).to_owned();
    let mut text = row("Matching ID", &|state| format!("{state} 1"));
    text += &row("Lookup ID1", &|state| format!("L{state}"));
    text += &row("Control Area", &|_| "PJM".to_owned());
    text += &row("State", &str::to_owned);
    for title in ["Load Zone", "Capacity Zone", "Utility"] {
        text += &row(title, &zone);
    }
    text += &row("Block Type", &|_| "7x24".to_owned());
    text += &row("Cost Group", &|_| "Residential".to_owned());
    text += &row("Cost Component", &|_| "R".to_owned());
    text += &row("Utility Name", &zone);
    text += &row("Rate Class/Load Profile", &|_| "R".to_owned());
    text += &row("", &|_| String::new()).repeat(15);
    text += &row("Month", &|_| "Price".to_owned());
    for month in 1..=months {
        text +=
            &row(&format!("{}/1/{}", (month - 1) % 12 + 1, 2024 + (month - 1) / 12), &|_| format!("{price}"));
    }
    text
}
