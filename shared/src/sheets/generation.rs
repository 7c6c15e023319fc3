//! Recognises sheets in earlier formats, which analysts still have, so that the flaw names the format and what to change.

use super::flaw::Flaw;
use super::row_reader::SheetRow;
use super::text::Text;
use crate::catalog::label::normalised;
use crate::catalog::layouts::Body;
use crate::catalog::{DataType, Label, Layout, Market};
use crate::sheets::flaw::code::Code;

/// How many rows identify a layout: the longest of the old header blocks has 14.
const TELLING_ROWS: usize = 20;

/// An earlier format: its description, and how to turn it into a current sheet.
struct Generation {
    was: &'static str,
    change: &'static str,
}

const FORWARD_CURVE: Generation = Generation {
    was: "forward curves of 2022 and early 2023, a file per strip",
    change: "put the strips of the market side by side into one sheet, a column per zone and strip below the rows \
        Control Area to Cost Component, and name it Energy_<ISO>_<YYYYMMDD>_<HHMMSS>.csv",
};
const ANCILLARIES: Generation = Generation {
    was: "ancillaries of early 2023, a list or a file per strip",
    change: "put a column per component below the rows Control Area to Cost Component, \
        and name it NonEnergy_<ISO>_<YYYYMMDD>_<HHMMSS>.csv",
};
const CAPACITY: Generation = Generation {
    was: "capacity prices of early 2023 in a file of their own",
    change: "put them as columns of the cost group Capacity into NonEnergy_<ISO>_<YYYYMMDD>_<HHMMSS>.csv",
};
const STRIP_IN_THE_NAME: Generation = Generation {
    was: "the five-part names of early 2023, with the strip after the market",
    change: "leave the strip out of the name and write it into the row Block Type",
};
const STACKED: Generation = Generation {
    was: "the energy sheets of 30 March 2023, the strip in the second column and the strips one below the other",
    change: "put the strips side by side, a column per zone and strip, with the strip in the row Block Type",
};
const REC_STRIP: Generation = Generation {
    was: "the REC sheets of early 2023, the strip in the second column and no header block",
    change: "take the column of strips out, and put the rows Control Area to Cost Component and a blank row above",
};
const MAY_2023: Generation = Generation {
    was: "the energy sheets of April and May 2023, REC labels above the prices and the strips one below the other",
    change: "put the strips side by side, label each column as Energy with its zone and strip, \
        and keep one label row, Month",
};
const PTC_LIST: Generation = Generation {
    was: "the list of prices to compare of January 2023, a row per rate class and month",
    change: "put a column per rate class and a row per month, with the rows Matching ID to Rate Class/Load Profile \
        above, and name it PTC_<ISO>_<YYYYMMDD>_<HHMMSS>.csv",
};
const LOSS_LIST: Generation = Generation {
    was: "the loss factors of January 2023 by EDC and voltage",
    change: "write the titles Control Area to Cost Component and Line Loss Factor, the EDC as Utility, the voltage as \
        Cost Component, and name it LineLoss_<ISO>_<YYYYMMDD>_<HHMMSS>.csv",
};
const VLR_LIST: Generation = Generation {
    was: "the variable load risk of December 2022, in $/MWh by zone and month",
    change: "put percents by month of the year and hour ending, a column per zone, \
        and name it VLR_<ISO>_<YYYYMMDD>_<HHMMSS>.csv",
};
const REC_TOOL: Generation = Generation {
    was: "the REC workbook of early 2023",
    change: "put the curves of a market into one sheet, and name it REC_<ISO>_<YYYYMMDD>_<HHMMSS>.csv",
};

impl Generation {
    fn flaw(&self, found: &str, what: &str) -> Flaw {
        let Self { was, change } = self;
        Flaw::of_file(
            Code::OldGeneration,
            found,
            format!("a current {what}; this is the format of {was}: {change}"),
        )
    }
}

/// The flaw of a name in an earlier format.
#[must_use]
pub fn of_name(name: &str) -> Option<Flaw> {
    let stem = name.rsplit_once('.').map_or(name, |(stem, _)| stem);
    let all = normalised(stem);
    let words: Vec<&str> = all.split(' ').collect();
    let word = |at: usize| words.get(at).copied().unwrap_or("");
    let market = |at: usize| word(at).parse::<Market>().is_ok();
    let generation = if all.starts_with("forwardcurve") || all.starts_with("forward curve") {
        FORWARD_CURVE
    } else if all.contains("ancillarydata") || all.starts_with("ancillary data") {
        ANCILLARIES
    } else if word(0) == "capacity" || (market(0) && word(1) == "capacity") {
        CAPACITY
    } else if market(0) && word(1) == "lf" {
        LOSS_LIST
    } else if word(0).parse::<u32>().is_ok() && words.last() == Some(&"ptc") {
        PTC_LIST
    } else if all.starts_with("external") && all.contains("vlr") {
        VLR_LIST
    } else if all.starts_with("rec update tool") {
        REC_TOOL
    } else if word(0).parse::<DataType>().is_ok() && market(1) && is_strip(word(2)) {
        STRIP_IN_THE_NAME
    } else {
        return None;
    };
    Some(generation.flaw(name, "name"))
}

/// The flaw of a sheet in an earlier format, by its first rows.
#[must_use]
pub fn of_layout(text: &Text, layout: &Layout) -> Option<Flaw> {
    let rows = first_rows(text);
    let titles = rows.first()?;
    let has = |title: &str| titles.iter().any(|cell| cell == title);
    // A current flat sheet may have its columns in any order, and others beside them.
    if let Body::Flat { value } = layout.body
        && Label::ALL.into_iter().map(Label::title).chain([value]).all(|title| has(&normalised(title)))
    {
        return None;
    }
    let first = |title: &str| rows.iter().position(|row| row[0] == title);
    // Beside a date: current sheets have strips in a separate row.
    let strips = rows.iter().any(|row| {
        row[0].starts_with(|c: char| c.is_ascii_digit()) && row.get(1).is_some_and(|cell| is_strip(cell))
    });
    let generation = if has("iso") && has("rate class") {
        PTC_LIST
    } else if has("edc") && has("loss factor") {
        LOSS_LIST
    } else if has("term (months)") && has("variable load risk (vlr)") {
        VLR_LIST
    } else if has("zone id") && has("load zone") {
        if titles.iter().any(|cell| cell.contains("$kw")) { CAPACITY } else { ANCILLARIES }
    } else if first("zoneid").is_some() && !layout.free_rows {
        if strips { STACKED } else { FORWARD_CURVE }
    } else if strips {
        if layout.data_type == DataType::Rec { REC_STRIP } else { STACKED }
    } else if first("zone").is_some_and(|zone| rows.get(zone + 1).is_some_and(|row| row[0] == "month"))
        && !layout.free_rows
    {
        MAY_2023
    } else {
        return None;
    };
    let found = titles.iter().map(String::as_str).take(6).collect::<Vec<_>>().join(", ");
    Some(generation.flaw(&found, "sheet"))
}

/// The first rows that are not blank, with their cells normalised like labels.
fn first_rows(text: &Text) -> Vec<Vec<String>> {
    let cells =
        |row: SheetRow| row.cells().take(20).map(|cell| normalised(&text.cell(cell))).collect::<Vec<_>>();
    let said = |cells: &Vec<String>| cells.iter().any(|cell| !cell.is_empty());
    text.rows().map(cells).filter(said).take(TELLING_ROWS).collect()
}

/// Whether a text looks like a strip, even one that never existed: `5x16`, `24x7`, `7x25`.
fn is_strip(text: &str) -> bool {
    let number = |part: &str| (1..=2).contains(&part.len()) && part.bytes().all(|byte| byte.is_ascii_digit());
    text.to_ascii_lowercase().split_once('x').is_some_and(|(days, hours)| number(days) && number(hours))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn layout(data_type: DataType, sheet: &str) -> Option<String> {
        let text = Text::new(sheet.as_bytes()).unwrap();
        of_layout(&text, Layout::of(data_type)).map(|flaw| flaw.expected)
    }

    #[test]
    fn names_that_analysts_still_hold_say_what_they_were_and_what_to_change() {
        for (name, was, change) in [
            ("ForwardCurve_NYISO_7X8_20221209.csv", "a file per strip", "Energy_<ISO>"),
            ("ForwardCurve_NYISO_7X8_20221209_cob.csv", "a file per strip", "Energy_<ISO>"),
            ("Forward Curve ERCOT 20230109_0847_5X16.csv", "a file per strip", "Energy_<ISO>"),
            ("AncillaryData_ISONE_24x7_20230101_010301.csv", "ancillaries", "NonEnergy_<ISO>"),
            ("AncillaryDataDetails_ERCOT_24x7_20230316_090000.csv", "ancillaries", "NonEnergy_<ISO>"),
            ("ISONEAncillaryData 2023_01_03.csv", "ancillaries", "NonEnergy_<ISO>"),
            ("Capacity_NYISO_20230323_000000.csv", "capacity", "NonEnergy_<ISO>"),
            ("ISONE_Capacity_2023-01-03.csv", "capacity", "NonEnergy_<ISO>"),
            ("ISONE_LF_2023-01-03.csv", "loss factors", "LineLoss_<ISO>"),
            ("REC_ISONE_7x25_20230317_114700.csv", "five-part", "Block Type"),
            ("Energy_ERCOT_5x16_20230522_082540.csv", "five-part", "Block Type"),
            ("20230113_B.O.X._PTC.csv", "January 2023", "PTC_<ISO>"),
            ("EXTERNAL_Actual Energy VLR Curves - 12.31.2022.csv", "December 2022", "VLR_<ISO>"),
            ("REC Update Tool.csv", "workbook", "REC_<ISO>"),
        ] {
            let flaw = of_name(name).unwrap_or_else(|| panic!("{name} is of an earlier generation"));
            assert_eq!((flaw.code, flaw.line), (Code::OldGeneration, None), "{name}");
            assert!(flaw.expected.contains(was) && flaw.expected.contains(change), "{name}: {flaw}");
        }
        for name in [
            "Energy_ERCOT_20230522_082540.csv",
            "Energy_ERCOT_20230522_082540_cob.csv",
            "PTC_PJM_20240115_140000.csv",
            "LineLoss_ISONE_20230103_000000.csv",
            "Foo_ERCOT_20230522_082540.csv",
            "",
        ] {
            assert!(of_name(name).is_none(), "{name}");
        }
    }

    #[test]
    fn layouts_that_analysts_still_have_are_distinguished() {
        let zones =
            "Control Area,ERCOT,ERCOT\nZoneID,1,2\nZone,NORTH ZONE,WEST ZONE\nMonth,FWD CURVE,FWD CURVE\n";
        let stacked =
            "Control Area,,ERCOT,ERCOT\nZoneID,,1,2\nZone,,NORTH ZONE,WEST ZONE\nMonth,Strip,FWD,FWD\n";
        let may = "Control Area,ERCOT\nCost Component,Compliance\n,\nZone,NORTH ZONE\nMonth,FWD CURVE\n3/1/2023,17\n";
        for (data_type, sheet, was) in [
            (DataType::Energy, format!("{zones}1/1/2023,$54.35 ,$61.02 \n"), "a file per strip"),
            (DataType::Energy, format!("{stacked}3/1/2023,7x8,17,18\n"), "30 March 2023"),
            (DataType::Energy, "Month,,NORTH ZONE\n3/1/2023,5x16,17\n".to_owned(), "30 March 2023"),
            (DataType::Energy, may.to_owned(), "April and May 2023"),
            (DataType::Rec, "NY,,NY\nEY,strip,Class_I\n1/1/2012,7x24,$0.00 \n".to_owned(), "REC sheets"),
            (
                DataType::Ptc,
                "ISO,State,Utility,Rate Class,Rate Description,Date,Data Point,UOM\n".to_owned(),
                "January 2023",
            ),
            (DataType::LineLoss, "EDC,Voltage,Loss Factor\nCLP,Secondary,1.05\n".to_owned(), "by EDC"),
            (
                DataType::Vlr,
                "Load Zone,State,Term (Months),Beginning Date,Energy,Variable Load Risk (VLR)\n".to_owned(),
                "December 2022",
            ),
            (DataType::NonEnergy, "Zone ID,Load Zone,Month, Total $kW \n".to_owned(), "capacity"),
            (DataType::NonEnergy, "Zone ID,Ancillary,Load Zone,Month,Price\n".to_owned(), "ancillaries"),
        ] {
            let expected = layout(data_type, &sheet);
            assert!(expected.as_ref().is_some_and(|text| text.contains(was)), "{sheet}: {expected:?}");
        }
        // Current sheets have strips in a separate row.
        assert_eq!(
            layout(DataType::Energy, "Control Area,ERCOT\nBlock Type,7x8\nMonth,X\n5/1/2023,1\n"),
            None
        );
        assert_eq!(layout(DataType::Energy, "x"), None);
    }
}
