//! The name of a sheet defines its data type, market, stamp and mark: `<Type>_<ISO>_<YYYYMMDD>_<HHMMSS>[_cob].csv`, in any letter case.
//!
//! The grammar is strict: a doubtful name is rejected with the reason, because a misread one would corrupt another history.

use super::flaw::Flaw;
use super::flaw::list::Flaws;
use super::generation;
use crate::catalog::layouts::LAYOUTS;
use crate::catalog::{DataType, Layout, Market};
use crate::curves::sheet::SnapshotName;
use crate::sheets::flaw::code::Code;
use chrono::{Datelike, NaiveDate, NaiveTime};

/// Reads the name of a sheet, without its folder.
///
/// # Errors
/// Every flaw of the name.
pub fn parse(name: &str) -> Result<SnapshotName, Flaws> {
    let mut flaws = Flaws::default();
    if let Some(flaw) = generation::of_name(name) {
        flaws.add(|| flaw);
    }
    let stem = stem(name).unwrap_or_else(|| {
        flaws.add(|| Flaw::of_file(Code::FileExtension, name, "a name that ends in .csv"));
        // The text after the last point is a different extension, not part of the time.
        name.rsplit_once('.').map_or(name, |(stem, _)| stem)
    });
    let mut parts = stem.split('_');
    let mut part = || parts.next().unwrap_or("");

    let word = part();
    let data_type = word.parse::<DataType>().ok().filter(|data_type| Layout::of(*data_type).has_sheet);
    if data_type.is_none() {
        let known = LAYOUTS.iter().filter(|layout| layout.has_sheet).map(|layout| layout.data_type.title());
        let known = known.collect::<Vec<_>>().join(", ");
        flaws.add(|| {
            Flaw::of_file(
                Code::FileType,
                word,
                format!("one of these types of sheet as its first part: {known}"),
            )
        });
    }
    let word = part();
    let market = word.parse::<Market>();
    if market.is_err() {
        let known = Market::ALL.map(Market::code).join(", ");
        flaws.add(|| {
            Flaw::of_file(Code::FileMarket, word, format!("one of these markets as its second part: {known}"))
        });
    }
    if let (Some(data_type), Ok(market)) = (&data_type, &market)
        && !Layout::of(*data_type).markets.contains(market)
    {
        let found = format!("{data_type} of {market}");
        flaws.add(|| {
            Flaw::of_file(Code::NoSuchCurve, found, format!("no such curve: {market} has no {data_type}"))
        });
    }
    let word = part();
    let date = date(word);
    if date.is_none() {
        flaws.add(|| Flaw::of_file(Code::FileDate, word, "the operating day as its third part, YYYYMMDD"));
    }
    let word = part();
    let time = time(word);
    if time.is_none() {
        flaws.add(|| Flaw::of_file(Code::FileTime, word, "the time as its fourth part, six digits HHMMSS"));
    }
    let rest = parts.collect::<Vec<_>>();
    let cob = matches!(rest.as_slice(), [suffix] if suffix.eq_ignore_ascii_case("cob"));
    if !rest.is_empty() && !cob {
        flaws.add(|| Flaw::of_file(Code::FileSuffix, rest.join("_"), "nothing after the time, or cob"));
    }
    match (data_type, market, date, time) {
        (Some(data_type), Ok(market), Some(date), Some(time)) if flaws.is_empty() => {
            Ok(SnapshotName { data_type, market, stamp: date.and_time(time), cob })
        }
        _ => Err(flaws),
    }
}

/// The file name of a snapshot, for downloads and samples.
#[must_use]
pub fn file_name(name: &SnapshotName) -> String {
    let cob = if name.cob { "_cob" } else { "" };
    let word = name.data_type.title();
    format!("{word}_{}_{}{cob}.csv", name.market, name.stamp.format("%Y%m%d_%H%M%S"))
}

fn stem(name: &str) -> Option<&str> {
    let (stem, extension) = name.rsplit_once('.')?;
    extension.eq_ignore_ascii_case("csv").then_some(stem)
}

fn digits(text: &str, count: usize) -> bool {
    text.len() == count && text.bytes().all(|byte| byte.is_ascii_digit())
}

fn date(text: &str) -> Option<NaiveDate> {
    let date = digits(text, 8).then(|| NaiveDate::parse_from_str(text, "%Y%m%d").ok()).flatten()?;
    // A year outside this range is a typing error, and would remain the newest operating day forever.
    (2000..2100).contains(&date.year()).then_some(date)
}

fn time(text: &str) -> Option<NaiveTime> {
    if !digits(text, 6) {
        return None;
    }
    let number = |range: std::ops::Range<usize>| text[range].parse().ok();
    NaiveTime::from_hms_opt(number(0..2)?, number(2..4)?, number(4..6)?)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn codes(name: &str) -> Vec<Code> {
        parse(name).map_or_else(|flaws| flaws.listed().iter().map(|flaw| flaw.code).collect(), |_| vec![])
    }

    #[test]
    fn plainly_right_names_are_read() {
        for (name, expected) in [
            (
                "Energy_ERCOT_20230522_082540.csv",
                (DataType::Energy, Market::Ercot, "2023-05-22T08:25:40", false),
            ),
            (
                "energy_ercot_20230522_082540.csv",
                (DataType::Energy, Market::Ercot, "2023-05-22T08:25:40", false),
            ),
            (
                "ENERGY_ERCOT_20230522_082540.CSV",
                (DataType::Energy, Market::Ercot, "2023-05-22T08:25:40", false),
            ),
            (
                "Energy_PJM_20230522_082540_COB.csv",
                (DataType::Energy, Market::Pjm, "2023-05-22T08:25:40", true),
            ),
            (
                "NonEnergy_MISO_20230522_000000.csv",
                (DataType::NonEnergy, Market::Miso, "2023-05-22T00:00:00", false),
            ),
            (
                "REC_ISONE_20230522_000000_cob.csv",
                (DataType::Rec, Market::Isone, "2023-05-22T00:00:00", true),
            ),
        ] {
            let (data_type, market, stamp, cob) = expected;
            let stamp = stamp.parse().unwrap();
            let read = parse(name).unwrap();
            assert_eq!(read, SnapshotName { data_type, market, stamp, cob }, "{name}");
            assert_eq!(parse(&file_name(&read)).unwrap(), read);
        }
    }

    #[test]
    fn every_name_that_is_not_plainly_right_is_rejected_with_its_reason() {
        use Code::{
            FileDate, FileExtension, FileMarket, FileSuffix, FileTime, FileType, NoSuchCurve, OldGeneration,
        };
        for (name, expected) in [
            ("Energy_ERCOT_20230522_082540_cob_v2.csv", vec![FileSuffix]),
            ("Energy_ERCOT_20230522_082540_final.csv", vec![FileSuffix]),
            ("Energy_ERCOT_20230522_082540 (1).csv", vec![FileTime]),
            ("Energy ERCOT 20230522 082540.csv", vec![FileType, FileMarket, FileDate, FileTime]),
            ("EnergyCurve_ERCOT_20230522_082540.csv", vec![FileType]),
            ("MyEnergy_ERCOT_20230522_082540.csv", vec![FileType]),
            ("Energy_ERCOT_20230522_.csv", vec![FileTime]),
            ("Energy_ERCOT_20230522_0825.csv", vec![FileTime]),
            ("Energy_ERCOT_20230522_08254.csv", vec![FileTime]),
            ("Energy_ERCOT_2023522_082540.csv", vec![FileDate]),
            ("Energy_ERCOT_20230522.csv", vec![FileTime]),
            ("Energy_ERCOT_20230522_cob.csv", vec![FileTime]),
            ("Energy_ERCOT_20230522_8.csv", vec![FileTime]),
            ("Energy_ERCOT_20230522_250000.csv", vec![FileTime]),
            ("Energy_ERCOT_20230522_082560.csv", vec![FileTime]),
            ("Energy_ERCOT_20231322_082540.csv", vec![FileDate]),
            ("Energy_ERCOT_20230230_082540.csv", vec![FileDate]),
            ("Energy_ERCOT_2023-05-22_082540.csv", vec![FileDate]),
            ("Energy_ERCOT_20230522_+82540.csv", vec![FileTime]),
            ("Energy_ERCOT_5x16_20230522_082540.csv", vec![OldGeneration, FileDate, FileTime, FileSuffix]),
            ("Energy_ERCOT_20230522_082540.txt", vec![FileExtension]),
            ("Energy_ERCOT_20230522_082540.xlsx", vec![FileExtension]),
            ("Energy_ERCOT_20230522_082540.csv.xls", vec![FileExtension, FileTime]),
            ("Energy_ERCOT_20230522_082540", vec![FileExtension]),
            ("Energy_CAISO_20230522_082540.csv", vec![FileMarket]),
            ("REC_MISO_20230522_082540.csv", vec![NoSuchCurve]),
            ("NonEnergy_CAISO_20230522_082540.csv", vec![FileMarket]),
            ("Headroom_ERCOT_20230522_082540.csv", vec![FileType]),
            ("VLR_ERCOT_20230522_082540_record.csv", vec![FileSuffix]),
            ("ForwardCurve_NYISO_7X8_20221209.csv", vec![OldGeneration, FileType, FileDate, FileTime]),
            ("20230113_B.O.X._PTC.csv", vec![OldGeneration, FileType, FileMarket, FileDate, FileTime]),
            ("Capacity_NYISO_20230323_000000.csv", vec![OldGeneration, FileType]),
            ("", vec![FileExtension, FileType, FileMarket, FileDate, FileTime]),
        ] {
            assert_eq!(codes(name), expected, "{name}");
        }
        let flaws = parse("REC_MISO_20230522_082540.csv").unwrap_err();
        assert!(flaws.listed()[0].to_string().contains("no such curve"), "{}", flaws.listed()[0]);
    }
}
