//! Appendix A.1 of the specification: one request to the old desk, with the real sheets of May 2023, which are not
//! part of the repository.

use super::*;
use crate::env::shared_path;
use crate::pricing::quote::legacy::found::is_weekend;
use crate::sheets::{filename, read};

/// The real sheet of this name as an input; `None`, with a message, where the shared data are missing.
fn real(file: &str, snapshot: i32) -> Option<Arc<Sheet>> {
    let bytes = std::fs::read(shared_path("data/inputs/accepted")?.join(file)).unwrap();
    let reading = read::read(&bytes, filename::parse(file).unwrap()).unwrap();
    let curves = reading.sheet.curves.into_iter().enumerate().map(|(at, curve)| Curve {
        id: snapshot * 1000 + i32::try_from(at).unwrap(),
        name: Arc::new(curve.name),
        first: i64::from(Month::of(curve.parts[0].start).ordinal()),
        values: curve.parts.into_iter().flat_map(|part| part.values).collect(),
    });
    Some(sheet(snapshot, curves.collect()))
}

/// The made-up shape, profile, risk and loss of the reference case, with the real energy, charges and obligations.
fn inputs() -> Option<Inputs> {
    let mut inputs = made_up(&[[0.0; 3]; 12]);
    inputs.put(DataType::Energy, real("Energy_ERCOT_20230522_082542_cob.csv", 1)?);
    inputs.put(DataType::NonEnergy, real("NonEnergy_ERCOT_20230419_101010.csv", 2)?);
    inputs.put(DataType::Rec, real("REC_ERCOT_20230507_142300.csv", 3)?);
    Some(inputs)
}

fn column<'h>(hourly: &'h crate::pricing::quote::hourly::Hourly, name: &str) -> &'h [f64] {
    &hourly.columns.iter().find(|(known, _)| *known == name).unwrap().1
}

#[test]
fn the_old_desk_is_reproduced_to_the_last_known_digit() {
    let Some(inputs) = inputs() else { return };
    let request = request("2023-06-01", "2023-06-30");
    let account = &request.accounts[0];
    let (priced, hourly) = legacy::price(&inputs, Market::Ercot, account, "").unwrap();
    assert_eq!((priced.hours, hourly.day.len()), (696, 696), "the last day is dropped");
    let first = |name: &str| column(&hourly, name)[0];
    assert_eq!((hourly.ending[0], hourly.block[0]), (1, "7x8"));
    close(first("energy"), 37.89786, 5e-9);
    close(first("vlr"), 0.947_446_5, 5e-9);
    close(first("nonenergy"), 0.121_326_73, 5e-9);
    close(first("rec"), 0.1584, 1e-12);
    close(first("losses"), 1.900_959_34, 5e-9);
    close(first("price"), 42.925_992_57, 5e-9);
    let nsrs = &hourly.charges.iter().find(|(name, _)| name == "NSRS").unwrap().1;
    close(nsrs[0], 0.003_643_56, 5e-9);
    close(priced.mean_price.unwrap(), 43.391_824_39, 5e-9);
    close(priced.price_per_mwh, 43.409_082_72, 5e-9);
    close(priced.lines.iter().map(|line| line.price_per_mwh).sum(), 43.409_082_72, 5e-9);
    // Friday, Saturday and Sunday were weekend days.
    let day = |text: &str| text.parse().unwrap();
    assert!(is_weekend(day("2023-06-02")) && is_weekend(day("2023-06-04")));
    assert!(!is_weekend(day("2023-06-01")) && !is_weekend(day("2023-06-05")));
}

#[test]
fn the_correct_price_of_the_same_request_has_all_hours_and_is_the_sum_of_its_lines() {
    let Some(inputs) = inputs() else { return };
    let priced = price(&inputs, &request("2023-06-01", "2023-06-30"));
    assert_eq!(priced.hours, 720);
    // 30 days of 24 hours with 1000 + 10 × hour ending kWh.
    close(priced.mwh, 30.0 * (24.0 * 1000.0 + 10.0 * 300.0) / 1000.0, 1e-9);
    let sum: f64 = priced.lines.iter().map(|line| line.price_per_mwh).sum();
    close(sum, priced.price_per_mwh, 1e-9);
    // 7x24 is 37.86; peak hours are more expensive and have more load.
    let energy = line(&priced, "energy");
    assert!((37.86..39.5).contains(&energy.price_per_mwh), "{energy:?}");
    close(line(&priced, "rec").price_per_mwh, 0.1584, 1e-9);
    // The ancillary settlement is in $/MWh; reserve prices are left out without obligations.
    close(line(&priced, "Ancillary Charges / Ancillary Service Settlement").price_per_mwh, 3.03, 1e-9);
    assert!(!priced.lines.iter().any(|line| line.component.contains("NSRS")));
    assert_eq!((energy.snapshots.as_slice(), energy.curves.len()), (&[1, 102, 104][..], 7));
    let mut obliged = asked("2023-06-01", "2023-06-30");
    obliged["reserve_obligations"] = json!({ "nsrs": 0.05 });
    let obliged = price(&inputs, &Request::read(&obliged).unwrap());
    close(line(&obliged, "Ancillary Charges - 4 Main / NSRS").price_per_mwh, 3.68 * 0.05, 1e-9);
}

#[test]
fn friday_is_a_weekday_and_holidays_are_not() {
    let mut inputs = made_up(&[[50.0, 40.0, 20.0]; 12]);
    // A load on business days only.
    let of_day = |day: NaiveDate, _| {
        if crate::catalog::calendar::is_business_day(day) { 1000.0 } else { 0.0 }
    };
    let (first, values) = hourly(2022..=2022, of_day);
    let labels = ["ERCOT", "TX", "NORTH ZONE", "NORTH ZONE", "ALL", "7x24", "Load Profile", "RESLOWR_NORTH"];
    inputs.put(DataType::LoadProfile, sheet(104, vec![curve(31, labels, None, first, values)]));
    // June 2023 has 22 business days; so has May, because Memorial Day is not one; both include their Fridays.
    for (start, end, days) in [
        ("2023-06-01", "2023-06-30", 22.0),
        ("2023-05-01", "2023-05-31", 22.0),
        ("2023-06-02", "2023-06-02", 1.0),
        ("2023-07-03", "2023-07-05", 2.0),
    ] {
        close(price(&inputs, &request(start, end)).mwh, days * 24.0, 1e-9);
    }
}
