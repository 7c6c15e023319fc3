use super::*;
use crate::catalog::DataType;

const SHEET: &str = "Control Area,ERCOT,ERCOT\nState,TX,TX\nLoad Zone,NORTH,WEST\nCapacity Zone,NORTH,WEST\nUtility,ALL,ALL\n\
    Block Type,5x16,5x16\nCost Group,Energy,Energy\nCost Component,Energy,Energy\n,,\nMonth,NORTH,WEST\n1/1/2024,1.5,2\n2/1/2024,3,4\n";

fn of(text: &str, data_type: DataType) -> Option<Flaw> {
    of_text(&Text::new(text.as_bytes()).unwrap(), Layout::of(data_type))
}

#[test]
fn separators_are_known_by_what_they_part() {
    for (text, found) in [
        (SHEET.replace(',', ";"), "semicolons"),
        (SHEET.replace(',', ";").replace("1.5", "1,5"), "semicolons"),
        (SHEET.replace(',', "\t"), "tabs"),
        (SHEET.replace(',', "|"), "vertical bars"),
        (format!("sep=;\n{}", SHEET.replace(',', ";")), "sep=;"),
        (format!("sep=,\r\n{SHEET}"), "sep=,"),
        (format!("\u{feff}\"sep=,\",,\r\n{SHEET}"), "sep=,"),
        (
            SHEET.lines().flat_map(|line| ["\"", line, "\"\n"]).collect(),
            "commas inside quotation marks around each line",
        ),
    ] {
        let flaw = of(&text, DataType::Energy).unwrap();
        assert_eq!((flaw.code, flaw.found.as_str()), (Code::Separator, found), "{text}");
    }
    let flat = "Control Area;State;Load Zone;Line Loss Factor\nERCOT;TX;NORTH;1,05\n";
    assert_eq!(of(flat, DataType::LineLoss).unwrap().found, "semicolons");
    for text in [
        SHEET.to_owned(),
        SHEET.replace("NORTH", "N;S;E"),
        "x;y;z\n".to_owned(),
        "Control Area;x\n".to_owned(),
    ] {
        assert_eq!(of(&text, DataType::Energy), None, "{text}");
    }
}

#[test]
fn a_quotation_mark_that_swallows_lines_is_named_by_its_cell() {
    for (good, bad, place) in [
        ("Control Area,ERCOT,", "Control Area,\"ERCOT,", "B1"),
        ("NORTH,WEST\nCap", "NORTH,\"WEST\nCap", "C3"),
        (",,\nMonth", ",\",\nMonth", "B9"),
        ("1/1/2024,1.5", "1/1/2024,\"1.5", "B11"),
        ("2/1/2024,3,4", "2/1/2024,3,\"4", "C12"),
        ("2/1/2024", "\"2/1/2024", "A12"),
        // The second one closes the first, many lines below.
        ("Load Zone,NORTH,WEST\nCapacity Zone,NORTH", "Load Zone,\"NORTH,WEST\nCapacity Zone,NORTH\"", "B3"),
        // Commas and line breaks of cells that are closed do not count.
        ("1/1/2024,1.5,2", "1/1/2024,\"1,000\",\"2", "C11"),
        ("NORTH,WEST\nCap", "\"NO\nRTH\",\"WEST\nCap", "C3"),
        ("TX,TX\nLoad Zone,NORTH", "\"T\r\nX\",TX\nLoad Zone,\"NORTH", "B3"),
    ] {
        let text = SHEET.replace(good, bad);
        assert_ne!(text, SHEET);
        let flaw = of(&text, DataType::Energy).unwrap_or_else(|| panic!("{text}"));
        assert_eq!(flaw.code, Code::OpenQuote);
        assert_eq!(format!("{}{}", flaw.column.as_deref().unwrap(), flaw.line.unwrap()), place, "{flaw}");
    }
    for text in [
        SHEET.replace("NORTH", "\"NORTH\""),
        SHEET.replace("NORTH", "\"NO,RTH\nzone\""),
        SHEET.replace("NORTH", "\"the \"\"NORTH\"\"\""),
        SHEET.replace("NORTH", "6\" NORTH"),
        SHEET.replace("1.5", "\"$1,234.50\r\n\""),
    ] {
        assert_eq!(of(&text, DataType::Energy), None, "{text}");
    }
}
