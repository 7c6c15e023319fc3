use super::metadata::metadata;
use super::*;
use crate::http::table::{Cells, Column, Table, Wide};
use chrono::{NaiveDate, NaiveDateTime};
use proptest::prelude::*;
use serde_json::{Value, json};
use std::io::{Cursor, Read as _, Write as _};
use std::sync::Arc;

fn bytes(answer: &Answer, format: Format, side_by_side: bool) -> Vec<u8> {
    let mut bytes = Vec::new();
    let mut out = Out::new(&mut bytes);
    write(answer, format, side_by_side, &mut out).unwrap();
    out.flush().unwrap();
    drop(out);
    bytes
}

fn text(answer: &Answer, format: Format, side_by_side: bool) -> String {
    String::from_utf8(bytes(answer, format, side_by_side)).unwrap()
}

fn day(text: &str) -> NaiveDate {
    text.parse().unwrap()
}

/// Two curves; one month of one of them is missing.
fn answer() -> Answer {
    let stamp: NaiveDateTime = "2024-01-05T17:02:01".parse().unwrap();
    let places: Arc<[u32]> = vec![0, 0, 1].into();
    let words = |one: &str, other: Option<&str>| vec![Some(one.to_owned()), other.map(str::to_owned)];
    let labels = |name, words| Column::shared(name, Cells::Text(words), &places);
    let table = Table::new(vec![
        labels("zone", words("AEP, \"GEN\" HUB", Some("=WEST"))),
        labels("state", words("-", None)),
        Column::new("stamp", Cells::Stamp(vec![Some(stamp), Some(stamp), None])),
        Column::new(
            "month",
            Cells::Day(["2024-02-01", "2024-03-01", "2024-02-01"].map(|text| Some(day(text))).to_vec()),
        ),
        Column::new("price", Cells::Number(vec![33.5, f64::NAN, -0.1])),
        Column::new("hours", Cells::Integer(vec![Some(696), None, Some(-1)])),
        Column::new("cob", Cells::Flag(vec![Some(true), Some(false), None])),
        Column::new("known_at", Cells::Moment(vec![Some(stamp.and_utc()), None, None])),
    ]);
    let metadata = json!({ "calendar": "nerc", "notes": ["a \"note\""] });
    Answer {
        name: "values".to_owned(),
        metadata: metadata.as_object().unwrap().clone(),
        table,
        wide: Some(Wide { index: vec!["month"], heads: vec!["zone", "state"], values: vec!["price"] }),
        immutable: false,
        next: Some("abc".to_owned()),
        archived: 0,
    }
}

#[test]
fn csv_is_a_header_and_rows_and_nothing_else() {
    assert_eq!(
        text(&answer(), Format::Csv, false),
        "zone,state,stamp,month,price,hours,cob,known_at\n\
        \"AEP, \"\"GEN\"\" HUB\",-,2024-01-05T17:02:01,2024-02-01,33.5,696,true,2024-01-05T17:02:01Z\n\
        \"AEP, \"\"GEN\"\" HUB\",-,2024-01-05T17:02:01,2024-03-01,,,false,\n\
        '=WEST,,,2024-02-01,-0.1,-1,,\n"
    );
}

#[test]
fn wide_csv_has_labels_on_top_and_the_index_on_the_left() {
    assert_eq!(
        text(&answer(), Format::Csv, true),
        "zone,\"AEP, \"\"GEN\"\" HUB\",'=WEST\nstate,-,\nmonth,,\n2024-02-01,33.5,-0.1\n2024-03-01,,\n"
    );
}

#[test]
fn several_values_go_side_by_side_under_their_names() {
    let mut answer = answer();
    answer.wide.as_mut().unwrap().values = vec!["price", "hours"];
    assert_eq!(
        text(&answer, Format::Csv, true),
        "zone,\"AEP, \"\"GEN\"\" HUB\",\"AEP, \"\"GEN\"\" HUB\",'=WEST,'=WEST\nstate,-,-,,\nmeasure,price,hours,price,hours\n\
        month,,,,\n2024-02-01,33.5,696,-0.1,-1\n2024-03-01,,,,\n"
    );
    let mut archive = zip::ZipArchive::new(Cursor::new(bytes(&answer, Format::Xlsx, true))).unwrap();
    let mut sheet = String::new();
    archive.by_name("xl/worksheets/sheet1.xml").unwrap().read_to_string(&mut sheet).unwrap();
    assert!(sheet.contains("ySplit=\"4\"") && sheet.contains("<c r=\"C5\"><v>696</v></c>"), "{sheet}");
    assert!(sheet.contains("<c r=\"D5\"><v>-0.1</v></c>"), "{sheet}");
}

#[test]
fn files_with_metadata_also_hold_their_cursor() {
    let said: Vec<(String, String)> = metadata(&answer()).collect();
    assert!(said.contains(&("next".to_owned(), "abc".to_owned())), "{said:?}");
    let last = Answer { next: None, ..answer() };
    assert!(metadata(&last).all(|(key, _)| key != "next"));
}

#[test]
fn json_has_metadata_and_never_nan() {
    let text = text(&answer(), Format::Json, false);
    assert!(
        text.starts_with("{\"calendar\":\"nerc\",\"notes\":[\"a \\\"note\\\"\"],\"rows\":[{\"zone\":\"AEP, "),
        "{text}"
    );
    let read: Value = serde_json::from_str(&text).unwrap();
    assert_eq!(read["next"], "abc");
    assert_eq!(
        read["rows"][1],
        json!({ "zone": "AEP, \"GEN\" HUB", "state": "-", "stamp": "2024-01-05T17:02:01", "month": "2024-03-01",
            "price": null, "hours": null, "cob": false, "known_at": null })
    );
    assert_eq!(read["rows"][2]["zone"], "=WEST", "only spreadsheets read this as a formula");
    assert_eq!(read["rows"][2]["state"], Value::Null);
}

#[test]
fn ndjson_is_a_row_a_line() {
    let text = text(&answer(), Format::Ndjson, false);
    let lines: Vec<Value> = text.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    assert_eq!(lines.len(), 3);
    assert_eq!(lines[2]["price"], -0.1);
    assert!(text.ends_with("}\n"));
}

#[test]
fn parquet_and_arrow_have_metadata() {
    let (parquet, arrow) = (bytes(&answer(), Format::Parquet, false), bytes(&answer(), Format::Arrow, false));
    for bytes in [&parquet, &arrow] {
        for said in ["calendar", "nerc", "[\"a \\\"note\\\"\"]"] {
            assert!(memchr::memmem::find(bytes, said.as_bytes()).is_some(), "{said}");
        }
    }
    assert!(parquet.starts_with(b"PAR1") && parquet.ends_with(b"PAR1"));
    let stream = arrow_ipc::reader::StreamReader::try_new(Cursor::new(arrow), None).unwrap();
    assert_eq!(stream.schema().metadata()["calendar"], "nerc");
    let batches: Vec<_> = stream.map(Result::unwrap).collect();
    assert_eq!(batches.iter().map(arrow_array::RecordBatch::num_rows).sum::<usize>(), 3);
    let nulls: Vec<_> = batches[0].columns().iter().map(|column| column.null_count()).collect();
    assert_eq!(nulls, [0, 1, 1, 0, 1, 1, 1, 2]);
}

#[test]
fn a_workbook_has_typed_cells_and_a_frozen_header() {
    let sheet = |side_by_side| {
        let bytes = bytes(&answer(), Format::Xlsx, side_by_side);
        let mut archive = zip::ZipArchive::new(Cursor::new(bytes)).unwrap();
        let mut text = String::new();
        archive.by_name("xl/worksheets/sheet1.xml").unwrap().read_to_string(&mut text).unwrap();
        text
    };
    let long = sheet(false);
    assert!(
        long.contains("<pane ySplit=\"1\" topLeftCell=\"A2\" activePane=\"bottomLeft\" state=\"frozen\"/>"),
        "{long}"
    );
    assert!(long.contains("<c r=\"E2\"><v>33.5</v></c>"), "a number is a number: {long}");
    assert!(long.contains("<v>45323</v>"), "a day is a day: {long}");
    assert!(long.contains("<c r=\"G2\" t=\"b\"><v>1</v></c>"), "{long}");
    assert!(!long.contains("<f>") && !long.contains("r=\"E3\""), "{long}");
    let wide = sheet(true);
    assert!(wide.contains("<pane xSplit=\"1\" ySplit=\"3\""), "{wide}");
    assert!(wide.contains("<c r=\"C4\"><v>-0.1</v></c>"), "{wide}");
}

#[test]
fn the_same_rows_are_the_same_bytes() {
    for (_, format) in Format::WORDS {
        assert_eq!(bytes(&answer(), format, false), bytes(&answer(), format, false), "{format:?}");
    }
}

#[test]
fn shared_cells_are_written_like_separate_ones() {
    let stamps =
        ["2024-01-05T17:02:01", "2024-01-06T16:00:00"].map(|text| text.parse::<NaiveDateTime>().ok());
    let (curves, snapshots) = ([0, 0, 1, 1, 0], [1, 0, 1, 0, 2]);
    let words = [Some("AEP, \"GEN\"".to_owned()), None];
    let (ids, days) = ([Some(7), None, Some(9)], stamps.map(|stamp| stamp.map(|stamp| stamp.date())));
    let cells = || {
        [
            ("zone", Cells::Text(words.to_vec()), &curves[..]),
            ("curve", Cells::Integer(ids[..2].to_vec()), &curves[..]),
            ("snapshot", Cells::Integer(ids.to_vec()), &snapshots[..]),
            ("day", Cells::Day([&days[..], &[None]].concat()), &snapshots[..]),
            ("stamp", Cells::Stamp([&stamps[..], &[None]].concat()), &snapshots[..]),
            (
                "known_at",
                Cells::Moment(vec![stamps[0].map(|stamp| stamp.and_utc()), None, None]),
                &snapshots[..],
            ),
            ("cob", Cells::Flag(vec![Some(true), Some(false), None]), &snapshots[..]),
            ("price", Cells::Number(vec![0.5, f64::NAN, 2.0]), &snapshots[..]),
        ]
    };
    let (of_curve, of_snapshot): (Arc<[u32]>, Arc<[u32]>) = (curves.into(), snapshots.into());
    let shared = cells().map(|(name, cells, places)| {
        Column::shared(name, cells, if places == curves { &of_curve } else { &of_snapshot })
    });
    let own = cells().map(|(name, cells, places)| Column::new(name, each(&cells, places)));
    let answer = |columns: [Column; 8]| Answer {
        table: Table::new(columns.into()),
        wide: Some(Wide {
            index: vec!["stamp", "day"],
            heads: vec!["zone", "snapshot"],
            values: vec!["price", "cob"],
        }),
        ..Answer::default()
    };
    let (shared, own) = (answer(shared), answer(own));
    for (_, format) in Format::WORDS {
        for side_by_side in [false, true] {
            assert!(
                bytes(&shared, format, side_by_side) == bytes(&own, format, side_by_side),
                "{format:?} {side_by_side}"
            );
        }
    }
}

/// One cell for each place.
fn each(cells: &Cells, places: &[u32]) -> Cells {
    fn of<T: Clone>(cells: &[T], places: &[u32]) -> Vec<T> {
        places.iter().map(|place| cells[*place as usize].clone()).collect()
    }
    match cells {
        Cells::Text(cells) => Cells::Text(of(cells, places)),
        Cells::Number(cells) => Cells::Number(of(cells, places)),
        Cells::Integer(cells) => Cells::Integer(of(cells, places)),
        Cells::Day(cells) => Cells::Day(of(cells, places)),
        Cells::Stamp(cells) => Cells::Stamp(of(cells, places)),
        Cells::Moment(cells) => Cells::Moment(of(cells, places)),
        Cells::Flag(cells) => Cells::Flag(of(cells, places)),
    }
}

#[test]
fn an_answer_may_have_no_rows() {
    let mut empty = answer();
    for column in &mut empty.table.columns {
        *column = Column::new(column.name, Cells::Number(vec![]));
    }
    empty.table.rows = 0;
    assert_eq!(text(&empty, Format::Csv, false).lines().count(), 1);
    assert_eq!(text(&empty, Format::Ndjson, false), "");
    let read: Value = serde_json::from_str(&text(&empty, Format::Json, false)).unwrap();
    assert_eq!(read["rows"], json!([]));
    assert_eq!(text(&empty, Format::Csv, true), "zone\nstate\nmonth\n");
    for format in [Format::Parquet, Format::Arrow, Format::Xlsx] {
        assert!(!bytes(&empty, format, false).is_empty());
    }
}

#[test]
fn a_second_value_for_one_place_gets_its_own_line() {
    let column = |name, numbers: &[i64]| {
        Column::new(name, Cells::Integer(numbers.iter().copied().map(Some).collect()))
    };
    let table = Table::new(vec![
        column("month", &[2, 2, 1]),
        column("zone", &[7, 7, 7]),
        column("price", &[10, 20, 30]),
    ]);
    let wide = Some(Wide { index: vec!["month"], heads: vec!["zone"], values: vec!["price"] });
    let answer = Answer { table, wide, ..Answer::default() };
    assert_eq!(text(&answer, Format::Csv, true), "zone,7\nmonth,\n1,30\n2,10\n2,20\n");
}

#[test]
fn a_workbook_that_is_too_long_is_refused_up_front() {
    let table = Table::new(vec![Column::new("price", Cells::Number(vec![1.0; MAX_ROWS]))]);
    let answer = Answer { table, ..Answer::default() };
    let mut bytes = Vec::new();
    let refused = write(&answer, Format::Xlsx, false, &mut Out::new(&mut bytes)).unwrap_err();
    assert!(matches!(refused, Stopped::Problem(_)) && bytes.is_empty());
}

prop_compose! {
    fn any_table()(rows in prop::collection::vec((".{0,8}", any::<f64>(), -700_000..900_000, any::<Option<i64>>()), 0..20))
        -> Table
    {
        Table::new(vec![
            Column::texts("label", rows.iter().map(|(text, ..)| Some(text.clone()))),
            Column::new("price", Cells::Number(rows.iter().map(|(_, number, ..)| *number).collect())),
            Column::new("day", Cells::Day(rows.iter().map(|(_, _, day, _)| NaiveDate::from_epoch_days(*day)).collect())),
            Column::new("count", Cells::Integer(rows.iter().map(|(.., count)| *count).collect())),
        ])
    }
}

proptest! {
    #[test]
    fn csv_round_trips(table in any_table()) {
        let answer = Answer { table, ..Answer::default() };
        let bytes = bytes(&answer, Format::Csv, false);
        let mut read = ::csv::ReaderBuilder::new().has_headers(true).from_reader(&bytes[..]);
        let Cells::Text(words) = &answer.table.columns[0].cells else { panic!() };
        let Cells::Number(prices) = &answer.table.columns[1].cells else { panic!() };
        let mut count = 0;
        for (row, record) in read.records().enumerate() {
            let record = record.unwrap();
            let label = words[answer.table.columns[0].at(row)].as_deref().unwrap();
            prop_assert!(record[0] == *label || record[0] == format!("'{label}"), "{:?} {:?}", &record[0], label);
            prop_assert!(!record[0].starts_with(['=', '+', '@', '\t', '\r']));
            match record[1].parse::<f64>() {
                Ok(price) => prop_assert_eq!(price.to_bits(), prices[row].to_bits()),
                Err(_) => prop_assert!(!prices[row].is_finite() && record[1].is_empty()),
            }
            count += 1;
        }
        prop_assert_eq!(count, answer.table.rows);
    }

    #[test]
    fn json_round_trips(table in any_table()) {
        let answer = Answer { table, ..Answer::default() };
        let read: Value = serde_json::from_slice(&bytes(&answer, Format::Json, false)).unwrap();
        let lines = text(&answer, Format::Ndjson, false);
        let lines: Vec<Value> = lines.split_terminator('\n').map(|line| serde_json::from_str(line).unwrap()).collect();
        prop_assert_eq!(read["rows"].as_array().unwrap(), &lines);
        let Cells::Text(words) = &answer.table.columns[0].cells else { panic!() };
        let Cells::Number(prices) = &answer.table.columns[1].cells else { panic!() };
        prop_assert_eq!(lines.len(), answer.table.rows);
        for (row, line) in lines.iter().enumerate() {
            prop_assert_eq!(line["label"].as_str(), words[answer.table.columns[0].at(row)].as_deref());
            // serde_json reads a number to within one unit in the last place.
            match line["price"].as_f64() {
                Some(price) => {
                    let near = prices[row].abs() * 1e-15 + f64::MIN_POSITIVE;
                    prop_assert!((price - prices[row]).abs() <= near);
                }
                None => prop_assert!(!prices[row].is_finite()),
            }
        }
    }
}

#[test]
fn an_arrow_dictionary_holds_a_shared_word_once() {
    let words = ["NORTH", "WEST", "NORTH"].map(|word| Some(word.to_owned()));
    let column = Column::shared("zone", Cells::Text(words.to_vec()), &[0, 1, 2, 0].into());
    let table = Table::new(vec![column]);
    let arrow = bytes(&Answer { table, ..Answer::default() }, Format::Arrow, false);
    let stream = arrow_ipc::reader::StreamReader::try_new(Cursor::new(arrow), None).unwrap();
    let batches: Vec<_> = stream.map(Result::unwrap).collect();
    let column = batches[0].column(0).as_any();
    let zones = column.downcast_ref::<arrow_array::DictionaryArray<arrow_array::types::Int32Type>>().unwrap();
    assert_eq!(
        (arrow_array::Array::len(zones.values().as_ref()), zones.keys().values().as_ref()),
        (2, [0, 1, 0, 0].as_ref())
    );
}
