use super::*;
use proptest::prelude::*;

#[test]
fn every_spelling_seen_has_one_value() {
    for (cell, expected) in [
        ("1.5", 1.5),
        (" 2.5 ", 2.5),
        ("$1.23", 1.23),
        ("$1.23 ", 1.23),
        ("1,234.5", 1234.5),
        ("$1,234,567.50", 1_234_567.5),
        ("12%", 0.12),
        ("4.99%", 0.0499),
        ("1239425200%", 12_394_252.0),
        ("-5", -5.0),
        ("+5", 5.0),
        ("-$5", -5.0),
        ("$-5.00", -5.0),
        ("(1.2)", -1.2),
        ("$(1.20)", -1.2),
        ("($1.20)", -1.2),
        ("(12%)", -0.12),
        ("-", 0.0),
        (" -   ", 0.0),
        (" $-   ", 0.0),
        ("$ -", 0.0),
        ("1e-3", 0.001),
        ("1.5E+02", 150.0),
        ("5 ", 5.0),
        (".5", 0.5),
        ("5.", 5.0),
        ("-.5", -0.5),
        ("\u{a0}7\u{a0}", 7.0),
        ("\u{feff}7\u{200b}", 7.0),
        ("\u{2009}$\u{202f}7.5\u{2007}", 7.5),
        ("\u{200e}-7\u{3000}", -7.0),
        ("1\u{ad}2", 12.0),
        ("\r\n7", 7.0),
        ("0.172238991", 0.172_238_991),
    ] {
        assert_eq!(parse(cell.as_bytes()), Ok(expected), "{cell:?}");
    }
    assert_eq!(parse(b"7\xa0"), Ok(7.0));
    assert_eq!(parse(b"1e-32768%"), Ok(0.0), "the smallest exponent has no room for a percent");
}

#[test]
fn a_percent_of_points_is_no_fraction_and_styles_are_distinguished() {
    assert_eq!(read(b"3.5%", true), Ok((3.5, Style::Percent)));
    assert_eq!(read(b"-2.25", true), Ok((-2.25, Style::Plain)));
    assert_eq!(read(b" $4.86 ", false), Ok((4.86, Style::Dollar)));
    assert_eq!(read(b" $-   ", false), Ok((0.0, Style::Blank)));
    assert!(read(b"#N/A", false).is_ok_and(|(value, style)| value.is_nan() && style == Style::Blank));
}

#[test]
fn blanks_and_not_available_marks_are_missing_and_not_zero() {
    for cell in [
        "",
        " ",
        "   ",
        "\t",
        "#N/A",
        "#n/a",
        "NA",
        "null",
        "None",
        "NaN",
        "n/a",
        "\u{a0}",
        "\u{200b}",
        "\u{3000}#N/A",
    ] {
        assert!(parse(cell.as_bytes()).is_ok_and(f64::is_nan), "{cell:?}");
    }
}

#[test]
fn every_mark_of_what_is_missing_is_in_the_documents_and_no_other() {
    for mark in MISSING.iter().flat_map(|mark| [mark.to_string(), mark.to_lowercase(), format!(" {mark} ")]) {
        assert!(parse(mark.as_bytes()).is_ok_and(f64::is_nan), "{mark:?}");
    }
    let page = include_str!("../../../../docs/uploading.md");
    let listed =
        page.split("blank cells and ").nth(1).unwrap().split(" (in any letter case)").next().unwrap();
    let listed: Vec<&str> = listed.split(", ").map(|mark| mark.trim_matches('`')).collect();
    assert_eq!(listed, MISSING);
}

#[test]
fn text_is_no_number() {
    for cell in [
        "text",
        "TRUE",
        "1 234",
        "1\u{a0}234",
        "1\u{2009}234.5",
        "1\u{202f}234",
        "１２",
        "5²",
        "inf",
        "-inf",
        "infinity",
        "1,23",
        "1234,567",
        "12,34,567",
        ",123",
        "--5",
        "-(5)",
        "(5",
        "5)",
        "()",
        "($)",
        "%",
        "$",
        "+",
        "1.2.3",
        "1e",
        "e5",
        "0x10",
        "1_000",
        "£5",
        "#REF!",
        "#DIV/0!",
        "-%",
        "1e999",
        "$$5",
        "$(-5)",
        "(-5)",
        "5-",
        "−5",
        "$($5)",
        "1e99999",
        ".",
        "1,234.5,6",
        "1.234,5",
    ] {
        assert_eq!(parse(cell.as_bytes()), Err(NotANumber), "{cell:?}");
    }
    assert_eq!(parse(b"\xff\xfe"), Err(NotANumber));
}

proptest! {
    #[test]
    fn a_number_comes_back_as_it_was_written(value in -1e12f64..1e12) {
        prop_assert_eq!(parse(value.to_string().as_bytes()), Ok(value));
        prop_assert_eq!(parse(format!(" ${value} ").as_bytes()), Ok(value));
        prop_assert_eq!(parse(format!("{value:e}").as_bytes()), Ok(value));
    }

    #[test]
    fn no_bytes_make_it_panic(cell in proptest::collection::vec(any::<u8>(), 0..12)) {
        let _ = parse(&cell);
    }
}
