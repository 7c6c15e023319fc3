//! What spreadsheets do to sheets is one flaw, or one warning, with the remedy.

use super::{Mini, energy, hours, matrix, name, text};
use crate::sheets::flaw::Flaw;
use crate::sheets::flaw::code::Code;
use crate::sheets::read::read;
use crate::sheets::reading::Reading;

/// A sheet of one column and these months and prices.
fn long(months: &[&str], price: impl Fn(usize) -> String) -> String {
    let mut rows = energy();
    rows.truncate(11);
    for (at, month) in months.iter().enumerate() {
        rows.push(vec![(*month).to_owned(), price(at), "2".to_owned(), "3".to_owned()]);
    }
    text(&rows)
}

fn years(spell: impl Fn(u32, u32) -> String) -> Vec<String> {
    (2024..2029).flat_map(|year| (1..=12).map(move |month| (year, month))).map(|(y, m)| spell(y, m)).collect()
}

fn energy_of(months: &[String]) -> Result<Reading, Vec<Flaw>> {
    let months: Vec<&str> = months.iter().map(String::as_str).collect();
    let text = long(&months, |_| "1".to_owned());
    read(text.as_bytes(), name("Energy_ERCOT_20230522_082540.csv")).map_err(|flaws| {
        assert_eq!(flaws.count(), flaws.listed().len());
        flaws.listed().to_vec()
    })
}

/// The one flaw of a sheet.
fn one(found: Result<Reading, Vec<Flaw>>) -> Flaw {
    let flaws = found.expect_err("a flaw");
    assert_eq!(flaws.len(), 1, "{flaws:#?}");
    flaws[0].clone()
}

#[test]
fn dates_in_another_form_are_one_flaw_that_names_the_form() {
    for (spelled, code, says) in [
        (years(|y, m| format!("1/{m}/{y}")), Code::NotFirstOfMonth, "Dates are month/day/year"),
        (years(|y, m| format!("01.{m:02}.{y}")), Code::NotADate, "Write 1/1/2024 or 2024-01-01."),
        (years(|y, m| format!("{y}/{m:02}/01")), Code::NotADate, "Write 1/1/2024 or 2024-01-01."),
        (years(|y, m| format!("{y}-{m:02}")), Code::NotADate, "has no day"),
        (years(|_, m| (45_000 + m * 30).to_string()), Code::NotADate, "Excel's number for"),
        (years(|_, _| "########".to_owned()), Code::NotADate, "Widen the column"),
    ] {
        let flaw = one(energy_of(&spelled));
        assert_eq!((flaw.code, flaw.column.as_deref()), (code, Some("A")));
        assert!(flaw.message.contains(says) && flaw.message.contains("more cells are like it"), "{flaw}");
    }
    let months = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];
    let named = years(|y, m| format!("{}-{}", months[m as usize - 1], y - 2000));
    let flaw = one(energy_of(&named));
    assert_eq!((flaw.found.as_str(), flaw.more), ("Jan-24", 59));
    assert!(flaw.message.contains("names the month"), "{flaw}");
    // Of dates written day first, those that could be months are read, and the others are flaws.
    let days: Vec<(String, [u32; 1])> = (1..=31).map(|day| (format!("{day}/1/2024"), [1])).collect();
    let days: Vec<(&str, &[u32])> = days.iter().map(|(day, hours)| (day.as_str(), &hours[..])).collect();
    let flaws = hours::loadprofile(&days).read().unwrap_err();
    assert_eq!((flaws.count(), flaws.listed()[0].more), (1, 18), "{:#?}", flaws.listed());
    assert!(
        flaws.listed()[0].message.contains("\"13/1/2024\" has the day before the month. Write 1/13/2024")
    );
}

#[test]
fn blanks_and_invisible_characters_around_dates_and_hours_do_not_count() {
    let odd = years(|y, m| format!("\u{feff}{m}/1/{y}\u{200b}\u{a0}"));
    assert_eq!(energy_of(&odd).unwrap().months, 60);
    let hours = hours::shaping().with(|rows| {
        for (at, row) in rows[11..].iter_mut().enumerate() {
            row[1] = format!("\u{2009}{}.0\u{200e}", at + 1);
        }
    });
    assert_eq!(hours.months, 3);
    let vlr = hours::vlr().with(|rows| rows.iter_mut().skip(10).for_each(|row| row[0] += ".0"));
    assert_eq!(vlr.months, 3);
    let blank =
        hours::shaping().with(|rows| rows.push(vec!["\u{a0}".into(), "\u{200b}".into(), "\u{3000}".into()]));
    assert_eq!(blank.months, 3);
}

#[test]
fn one_wrong_year_is_one_flaw_or_one_warning() {
    let right = years(|y, m| format!("{m}/1/{y}"));
    assert!(energy_of(&right).unwrap().warnings.is_empty());
    for (at, spelled, expected) in [
        (5, "6/1/2034", "2024-06-01"),
        (5, "6/1/2004", "2024-06-01"),
        (0, "1/1/2034", "2024-01-01"),
        (0, "1/1/2023", "2024-01-01"),
        (59, "12/1/2029", "2028-12-01"),
        (59, "12/1/2038", "2028-12-01"),
    ] {
        let mut months = right.clone();
        months[at] = spelled.to_owned();
        let flaw = one(energy_of(&months));
        assert_eq!((flaw.code, flaw.expected.as_str()), (Code::WrongYear, expected));
        assert_eq!(flaw.line, u64::try_from(12 + at).ok());
    }
    // A year that was copied, and appears twice.
    let copied: Vec<String> = right.iter().map(|date| date.replace("2025", "2024")).collect();
    let flaw = one(energy_of(&copied));
    assert_eq!((flaw.code, flaw.more, flaw.found.as_str()), (Code::WrongYear, 11, "2024-01-01"));
    // Years that only go forward may have a gap, which is one warning.
    let mut last = right.clone();
    last[59] = "12/1/2033".to_owned();
    let reading = energy_of(&last).unwrap();
    let told = reading.warnings.listed();
    assert_eq!((reading.warnings.count(), told[0].code), (1, Code::MonthMissing));
    assert_eq!(told[0].expected, "rows for 2028-12 to 2033-11 (60 months)");
    let mut out = right.clone();
    out[5] = "6/1/2203".to_owned();
    assert_eq!(one(energy_of(&out)).code, Code::MonthOutOfRange);
    // A day of 24 hours in another year.
    let whole: Vec<u32> = (1..=24).collect();
    let days = ["6/1/2024", "6/2/2034", "6/3/2024"].map(|day| (day, &whole[..]));
    let flaws = hours::loadprofile(&days).read().unwrap_err();
    assert_eq!((flaws.count(), flaws.listed()[0].code), (1, Code::WrongYear));
}

#[test]
fn numbers_of_one_spelling_are_one_flaw() {
    let months = years(|y, m| format!("{m}/1/{y}"));
    let months: Vec<&str> = months.iter().map(String::as_str).collect();
    for (price, says) in [
        ("\"12,34\"", "Write it with a point: 12.34."),
        ("####", "Widen the column"),
        ("−5.25", "Write -5.25."),
    ] {
        let text = long(&months, |_| price.to_owned());
        let flaws = read(text.as_bytes(), name("Energy_ERCOT_20230522_082540.csv")).unwrap_err();
        assert_eq!((flaws.count(), flaws.listed()[0].more), (1, 59), "{price}");
        assert!(flaws.listed()[0].message.contains(says), "{}", flaws.listed()[0]);
    }
    // In all columns.
    let comma = long(&months, |_| "\"12,34\"".to_owned()).replace(",2,3\n", ",\"0,2\",\"0,3\"\n");
    let flaws = read(comma.as_bytes(), name("Energy_ERCOT_20230522_082540.csv")).unwrap_err();
    assert_eq!((flaws.count(), flaws.listed()[0].more), (1, 179), "{:#?}", flaws.listed());
    // Texts are listed one by one, but the same text in a column only once.
    let notes = long(&months, |at| if at < 2 { format!("see note {at}") } else { "TBD".to_owned() });
    let flaws = read(notes.as_bytes(), name("Energy_ERCOT_20230522_082540.csv")).unwrap_err();
    let more: Vec<u32> = flaws.listed().iter().map(|flaw| flaw.more).collect();
    assert_eq!((flaws.count(), more), (3, vec![0, 0, 57]));
}

#[test]
fn merged_cells_and_a_wrong_word_in_every_column_are_one_flaw() {
    let told = |spoil: fn(&mut Vec<Vec<String>>)| {
        let mut rows = energy();
        spoil(&mut rows);
        let flaws = read(text(&rows).as_bytes(), name("Energy_ERCOT_20230522_082540.csv")).unwrap_err();
        assert_eq!(flaws.count(), 1, "{:#?}", flaws.listed());
        flaws.listed()[0].clone()
    };
    let merged = told(|rows| rows[3][2..].iter_mut().for_each(String::clear));
    assert_eq!((merged.code, merged.column.as_deref(), merged.more), (Code::BlankLabel, Some("C"), 1));
    assert!(merged.message.contains("unmerge"), "{merged}");
    let block = told(|rows| {
        rows[3][2] = "SOUTH ZONE".to_owned();
        rows[6][1..3].iter_mut().for_each(|cell| *cell = "24x7".to_owned());
    });
    assert_eq!((block.code, block.more), (Code::UnknownBlock, 1));
    assert!(!block.message.contains("expected"), "{block}");
}

#[test]
fn a_sheet_pasted_below_another_is_one_flaw() {
    let mut rows = energy();
    rows.extend(energy());
    let flaws = read(text(&rows).as_bytes(), name("Energy_ERCOT_20230522_082540.csv")).unwrap_err();
    // `Lookup ID1` is the first title of the second one.
    let flaw = &flaws.listed()[0];
    assert_eq!((flaws.count(), flaw.code, flaw.line), (1, Code::RepeatedHeader, Some(15)));
    let mut offers = matrix::matrix();
    offers.rows.extend(matrix::matrix().rows);
    assert_eq!(offers.read().unwrap_err().listed()[0].code, Code::RepeatedHeader);
}

#[test]
fn labels_that_no_question_can_ask_for_are_refused_in_every_kind_of_sheet() {
    for odd in ["NITS*", "N*TS", "N\u{7}TS", "N＊"] {
        let mut sheet = Mini { file: "Energy_ERCOT_20230522_082540.csv", rows: energy() };
        sheet.rows[7][1] = odd.to_owned();
        let flaws = sheet.read().unwrap_err();
        assert_eq!((flaws.count(), flaws.listed()[0].code), (1, Code::LabelCharacter), "{odd:?}");
        let mut named = Mini { file: "Energy_ERCOT_20230522_082540.csv", rows: energy() };
        named.rows[10][1] = odd.to_owned();
        assert_eq!(
            named.read().unwrap_err().listed()[0].code,
            Code::LabelCharacter,
            "{odd:?} in the label row"
        );
        let mut offer = matrix::matrix();
        offer.rows[11][1] = odd.to_owned();
        assert_eq!(offer.read().unwrap_err().listed()[0].code, Code::LabelCharacter, "{odd:?} as a profile");
        let mut component = matrix::matrix();
        component.rows[25][0] = odd.to_owned();
        assert_eq!(
            component.read().unwrap_err().listed()[0].code,
            Code::LabelCharacter,
            "{odd:?} as a component"
        );
        let mut loss = super::flat::lineloss();
        loss.rows[1][4] = odd.to_owned();
        assert_eq!(
            loss.read().unwrap_err().listed()[0].code,
            Code::LabelCharacter,
            "{odd:?} in a flat sheet"
        );
    }
}

#[test]
fn labels_that_contradict_each_other_are_one_warning() {
    let zones = ["NORTH", "SOUTH", "WEST"];
    let sheet = |lookup: [&str; 3], load: [&str; 3], named: [&str; 3]| {
        let mut rows = energy();
        for column in 0..3 {
            let (key, zone) = (lookup[column], zones[column]);
            rows[0][column + 1] = format!("ERCOT TX {key} {key} ALL 5x16 Energy Energy");
            rows[3][column + 1] = load[column].to_owned();
            rows[4][column + 1] = zone.to_owned();
            rows[6][column + 1] = "5x16".to_owned();
            rows[10][column + 1] = named[column].to_owned();
        }
        let reading = read(text(&rows).as_bytes(), name("Energy_ERCOT_20230522_082540.csv")).unwrap();
        let told = reading.warnings.listed().iter().filter(|flaw| flaw.code == Code::LabelsDisagree);
        told.map(|flaw| (flaw.line, flaw.column.clone().unwrap_or_default())).collect::<Vec<_>>()
    };
    let off = ["SOUTH", "WEST", "NORTH"];
    assert_eq!(sheet(zones, zones, zones), []);
    assert_eq!(sheet(off, zones, zones), [(Some(1), "B".to_owned())]);
    assert_eq!(sheet(zones, off, zones), [(Some(1), "B".to_owned())]);
    assert_eq!(sheet(zones, zones, off), [(Some(11), "B".to_owned())]);
    // Names that no other column has prove nothing.
    assert_eq!(sheet(["a", "b", "c"], zones, ["Price", "Price", "Price"]), []);
}
