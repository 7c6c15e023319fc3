use super::*;
use crate::sheets::read;
use std::collections::BTreeMap;

fn day(text: &str) -> NaiveDate {
    text.parse().unwrap()
}

#[test]
fn the_same_seed_gives_the_same_bytes_whatever_else_is_requested() {
    let all: Vec<_> = Years::new(7, day("2024-01-02"), 8).with_mishaps().collect();
    let again: Vec<_> = Years::new(7, day("2024-01-02"), 8).with_mishaps().collect();
    assert!(all.iter().map(|sheet| &sheet.bytes).eq(again.iter().map(|sheet| &sheet.bytes)));
    let pjm = Years::of(7, day("2024-01-02"), 8, &[DataType::Rec], &[Market::Pjm]);
    let pjm: Vec<_> = pjm.with_mishaps().map(|sheet| sheet.bytes).collect();
    let is_pjm = |sheet: &&Arrival| sheet.name.data_type == DataType::Rec && sheet.name.market == Market::Pjm;
    let among: Vec<_> = all.iter().filter(is_pjm).map(|sheet| sheet.bytes.clone()).collect();
    assert_eq!(pjm, among);
    let other = Years::new(8, day("2024-01-02"), 8).next().unwrap();
    assert_ne!(other.bytes, all[0].bytes);
}

#[test]
fn every_sheet_is_accepted_and_has_a_realistic_size() {
    let mut sizes = BTreeMap::new();
    for sheet in Years::new(1, day("2024-03-25"), 8) {
        let name = filename::parse(&sheet.file_name()).unwrap();
        assert_eq!(name, sheet.name);
        let reading = read::read(&sheet.bytes, name).unwrap_or_else(|flaws| panic!("{name:?}: {flaws:?}"));
        let energy = name.data_type == DataType::Energy;
        let negative = reading.sheet.values().filter(|value| *value < 0.0).count();
        assert!(!energy || negative == 0, "{name:?}");
        let size = (reading.sheet.curves.len(), reading.months);
        let old = sizes.insert((name.data_type, name.market), size);
        assert!(old.is_none_or(|old| old == size), "{name:?}");
    }
    let sizes: Vec<_> = sizes.into_values().collect();
    let energy = [12, 27, 12, 33, 69].map(|curves| (curves, 61));
    let charges = [24, 57, 29, 10, 283].map(|curves| (curves, 252));
    let certificates = [3, 55, 8, 49].map(|curves| (curves, 228));
    assert_eq!(sizes, [&energy[..], &charges, &certificates].concat());
}

#[test]
fn prices_change_realistically_from_day_to_day() {
    let years = Years::of(3, day("2024-01-02"), 60, &[DataType::Energy], &[Market::Pjm]);
    let sheets: Vec<_> =
        years.map(|sheet| (sheet.name, read::read(&sheet.bytes, sheet.name).unwrap().sheet)).collect();
    assert_eq!(sheets.len(), 88, "two on each of the 44 business days up to 1 March");
    let (mut far_moves, mut near_moves, mut pairs) = (0, 0, 0);
    for pair in sheets.windows(2) {
        let [(_, old), (_, new)] = pair else { unreachable!() };
        let (old, new) = (&old.curves[0].parts[0], &new.curves[0].parts[0]);
        if old.start != new.start {
            continue;
        }
        pairs += 1;
        near_moves += u32::from(old.values[..12] != new.values[..12]);
        far_moves += u32::from(old.values[48..] != new.values[48..]);
        let jump = old.values.iter().zip(&new.values).map(|(old, new)| (new / old - 1.0).abs());
        assert!(jump.fold(0.0, f64::max) < 0.15);
    }
    assert!(near_moves > pairs * 9 / 10, "{near_moves} of {pairs}");
    assert!(far_moves > pairs / 20 && far_moves < pairs / 3, "{far_moves} of {pairs}");
}

#[test]
fn few_charges_change_in_a_week() {
    let years = Years::of(3, day("2024-01-02"), 70, &[DataType::NonEnergy], &[Market::Pjm]);
    let sheets: Vec<_> = years.map(|sheet| read::read(&sheet.bytes, sheet.name).unwrap().sheet).collect();
    assert_eq!(sheets.len(), 10);
    for pair in sheets.windows(2) {
        let [old, new] = pair else { unreachable!() };
        let same = |one: &[f64], other: &[f64]| {
            one.iter().map(|value| value.to_bits()).eq(other.iter().map(|value| value.to_bits()))
        };
        let pairs = old.curves.iter().zip(&new.curves);
        let changed = pairs.filter(|(old, new)| !same(&old.parts[0].values, &new.parts[0].values)).count();
        assert!((4..=36).contains(&changed), "{changed} of 283");
    }
}

#[test]
fn mishaps_are_corrections_and_late_sheets_in_order_of_arrival() {
    let years = Years::of(5, day("2024-01-02"), 200, &[DataType::Energy], &Market::ALL).with_mishaps();
    let arrivals: Vec<_> = years.collect();
    assert!(arrivals.windows(2).all(|pair| pair[0].at <= pair[1].at));
    let mut seen: BTreeMap<String, Vec<u8>> = BTreeMap::new();
    let (mut corrected, mut late) = (0, 0);
    for arrival in &arrivals {
        let old = seen.insert(arrival.file_name(), arrival.bytes.clone());
        corrected += u32::from(old.is_some_and(|old| old != arrival.bytes));
        late += u32::from(arrival.at - arrival.name.stamp.and_utc() > TimeDelta::days(1));
    }
    assert!((5..30).contains(&corrected), "{corrected} of {}", arrivals.len());
    assert!((2..20).contains(&late), "{late} of {}", arrivals.len());
    let plain = Years::of(5, day("2024-01-02"), 200, &[DataType::Energy], &Market::ALL);
    assert_eq!(plain.count(), seen.len());
}
