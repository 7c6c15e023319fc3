use super::*;

#[test]
fn columns_are_lettered_as_in_a_spreadsheet() {
    for (index, letters) in [(0, "A"), (25, "Z"), (26, "AA"), (283, "JX"), (701, "ZZ"), (702, "AAA")] {
        assert_eq!(column_letters(index), letters);
    }
}

#[test]
fn a_flaw_reads_as_a_sentence_and_all_are_counted() {
    let mut flaws = Flaws::default();
    for _ in 0..250 {
        flaws.add(|| Flaw::of_file(Code::NotANumber, "n.a.", "a number").at_line(14).in_column(3));
    }
    assert_eq!((flaws.listed().len(), flaws.count()), (100, 250));
    let sentence =
        r#"Cell D14: "n.a." is not a number. Enter a number such as 1234.5, or leave the cell empty."#;
    assert_eq!(flaws.listed()[0].to_string(), sentence);
}

#[test]
fn flaws_of_one_cause_are_one_with_their_number() {
    let mut flaws = Flaws::default();
    let flaw =
        |line, column| Flaw::of_file(Code::NotANumber, "12,34", "a number").at_line(line).in_column(column);
    for line in 14..64 {
        for column in [3, 4] {
            flaws.add_alike((column, "decimal comma".to_owned()), || flaw(line, column));
        }
    }
    flaws.add(|| Flaw::of_file(Code::NotANumber, "x", "a number").at_line(15));
    assert_eq!((flaws.count(), flaws.listed()[1].more), (3, 49));
    let sentence =
        r#"Cell D14: "12,34" has a decimal comma. Write it with a point: 12.34. 49 more cells are like it."#;
    assert_eq!(flaws.listed()[0].message, sentence);
    flaws.join("decimal comma", |flaw| flaw.found == "12,34");
    assert_eq!((flaws.count(), flaws.listed().len(), flaws.listed()[0].more), (2, 2, 99));
}

#[test]
fn flaws_of_one_cause_in_more_columns_than_are_listed_are_one_too() {
    let mut flaws = Flaws::default();
    for line in 14..16 {
        for column in 1..284 {
            flaws.add_alike((column, "impossible".to_owned()), || {
                Flaw::of_file(Code::ImpossibleValue, "30000", "less").at_line(line).in_column(column)
            });
        }
    }
    assert_eq!((flaws.count(), flaws.listed().len(), flaws.unlisted("impossible")), (283, 100, 366));
    flaws.join("impossible", |flaw| flaw.code == Code::ImpossibleValue);
    assert_eq!((flaws.count(), flaws.listed().len(), flaws.listed()[0].more), (1, 1, 565));
}

#[test]
fn a_flaw_of_before_gets_its_sentence_when_it_is_read() {
    let stored = r##"{"line":16,"column":"D","code":"not_a_number","found":"#REF!","expected":"a number"}"##;
    let flaw: Flaw = serde_json::from_str(stored).unwrap();
    let sentence = r##"Cell D16: "#REF!" is an Excel error. Enter a number or leave the cell empty."##;
    assert_eq!(flaw.message, sentence);
    let written = serde_json::to_value(&flaw).unwrap();
    assert_eq!(
        written,
        serde_json::json!({ "line": 16, "column": "D", "code": "not_a_number", "found": "#REF!", "expected": "a number",
            "message": sentence })
    );
    assert_eq!(serde_json::from_value::<Flaw>(written).unwrap(), flaw);
}
