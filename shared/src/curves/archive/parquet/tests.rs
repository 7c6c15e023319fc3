use super::*;
use crate::fault::Fault;
use parquet::file::metadata::KeyValue;
use parquet::file::writer::SerializedFileWriter;
use parquet::schema::parser::parse_message_type;
use proptest::prelude::*;
use sha2::{Digest as _, Sha256};
use std::fmt::Write as _;
use std::sync::Arc;

fn moment(micros: i64) -> DateTime<Utc> {
    DateTime::from_timestamp_micros(micros).unwrap()
}

fn name(zone: &str) -> CurveName {
    let labels = ["PJM", "NJ", zone, zone, "ALL", "7X24", "Energy", "LMP"];
    CurveName {
        labels: labels.map(str::to_owned),
        sub_component: "LMP".to_owned(),
        sub_component_raw: None,
        uom: Some("$/MWh".to_owned()),
        details: Vec::new(),
    }
}

fn curve(zone: &str, values: &[f64]) -> KeptCurve {
    let start = NaiveDate::from_ymd_opt(2026, 12, 1).unwrap();
    KeptCurve { name: name(zone), start, values: values.to_vec() }
}

fn kept(curves: Vec<KeptCurve>) -> Kept {
    Kept {
        stamp: moment(1_790_000_000_123_456).naive_utc(),
        cob: true,
        revision: 3,
        known_from: moment(1_790_000_001_654_321),
        known_to: None,
        content: Uuid::from_u128(7),
        upload: Provenance {
            key: "energy/pjm/Energy_PJM_20260921.csv".to_owned(),
            received_at: moment(1_790_000_000_999_999),
            uploaded_by: None,
            sha256: Some((0..32).collect()),
        },
        withdrawn: None,
        curves,
    }
}

fn file(snapshots: &[Kept]) -> Vec<u8> {
    let mut writer = Writer::new("energy", "pjm").unwrap();
    for snapshot in snapshots {
        writer.add(snapshot).unwrap();
    }
    writer.finish().unwrap()
}

/// As text, with values by their bits: NaN is not equal to itself, and 0 is equal to -0.
fn told(snapshot: &Kept) -> String {
    let mut text = String::new();
    for KeptCurve { name, start, values } in &snapshot.curves {
        let bits: Vec<_> =
            values.iter().map(|value| if value.is_nan() { None } else { Some(value.to_bits()) }).collect();
        writeln!(text, "{name:?} {start} {bits:?}").unwrap();
    }
    write!(text, "{:?}", Kept { curves: Vec::new(), ..snapshot.clone() }).unwrap();
    text
}

fn assert_round_trip(snapshots: &[Kept]) {
    let bytes = file(snapshots);
    let digest = Sha256::digest(&bytes);
    let reader = Reader::open(bytes, &digest).unwrap();
    assert_eq!((reader.data_type(), reader.market(), reader.len()), ("energy", "pjm", snapshots.len()));
    for (at, snapshot) in snapshots.iter().enumerate().rev() {
        assert_eq!(told(&reader.snapshot(at).unwrap()), told(snapshot));
    }
    let chain = reader.snapshot(snapshots.len()).unwrap_err().chain();
    assert!(chain.ends_with("there are no more"), "{chain}");
}

/// Opens and reads everything; what matters is that it returns.
fn read(bytes: &[u8], sha256: &[u8]) -> Result<Vec<Kept>, Fault> {
    let reader = Reader::open(bytes.to_vec(), sha256)?;
    (0..reader.len()).map(|at| reader.snapshot(at)).collect()
}

fn small() -> Vec<Kept> {
    let mut first = kept(vec![
        curve("AECO", &[31.25, f64::NAN, 30.5]),
        curve("BGE", &[1e-300, -0.0]),
        curve("AECO", &[f64::NAN]),
    ]);
    first.curves[1].name.details = vec!["2027".to_owned(), String::new()];
    first.withdrawn =
        Some(Withdrawn { at: moment(1), by: "a@b".to_owned(), reason: "the wrong sheet".to_owned() });
    let mut second = kept(vec![curve("PSEG", &[1.0])]);
    (second.known_to, second.revision, second.upload.sha256) = (Some(moment(-1)), 4, None);
    vec![first, second]
}

#[test]
fn a_snapshot_without_curves_is_one_and_one_that_lost_them_is_none() {
    let mut empty = kept(vec![]);
    empty.content = crate::curves::sheet::content_of_nothing(empty.cob);
    empty.known_to = Some(moment(5));
    let all = small();
    assert_round_trip(&[all[0].clone(), empty.clone(), all[1].clone()]);
    assert_round_trip(&[empty.clone()]);
    let refused = |snapshot: &Kept| Writer::new("energy", "pjm").unwrap().add(snapshot).unwrap_err().chain();
    for wrong in [
        kept(vec![]),
        Kept { cob: !empty.cob, ..empty.clone() },
        Kept { curves: vec![curve("AECO", &[1.0])], ..empty.clone() },
    ] {
        assert!(refused(&wrong).contains("has the curves that its digest covers"), "{wrong:?}");
    }
}

#[test]
fn what_is_read_is_what_was_written() {
    assert_round_trip(&small());
    assert_round_trip(&[]);
}

#[test]
fn wide_and_long_snapshots_are_kept() {
    let wide = (0..6_000).map(|at| curve(&format!("zone {at}"), &[f64::from(at) / 100.0])).collect();
    let days: Vec<f64> =
        (0..9_125).map(|at| if at % 7 == 0 { f64::NAN } else { f64::from(at) / 3.0 }).collect();
    let long = (0..10).map(|at| curve(&format!("zone {at}"), &days)).collect();
    // More than a page of values, the last of which are in a list that began in the page before.
    let pages = vec![curve("AECO", &vec![f64::NAN; 300_000]), curve("BGE", &vec![1.25; 300_000])];
    assert_round_trip(&[kept(wide), kept(long), kept(pages)]);
}

#[test]
fn a_snapshot_without_values_is_a_fault() {
    for snapshot in [kept(Vec::new()), kept(vec![curve("AECO", &[1.0]), curve("BGE", &[])])] {
        let fault = Writer::new("energy", "pjm").unwrap().add(&snapshot).unwrap_err();
        assert!(fault.to_string().contains("at least one"), "{fault}");
    }
}

#[test]
fn the_size_grows_with_each_snapshot() {
    let mut writer = Writer::new("energy", "pjm").unwrap();
    let empty = writer.size();
    writer.add(&small()[0]).unwrap();
    let one = writer.size();
    writer.add(&small()[1]).unwrap();
    assert!(empty < one && one < writer.size());
    assert!(writer.size() < writer.finish().unwrap().len());
}

/// Texts of all kinds: what sheets have, what breaks CSV, and anything else without NUL.
fn texts() -> impl Strategy<Value = String> {
    prop_oneof![
        Just(String::new()),
        Just("\"a\", 'b';\r\n".to_owned()),
        Just("\u{93}caf\u{e9}\u{94} \u{fffd} \u{80}".to_owned()),
        "[A-Z_ ]{1,12}",
        "[^\0]{0,20}",
    ]
}

fn numbers() -> impl Strategy<Value = f64> {
    let bits = any::<u64>().prop_map(f64::from_bits).prop_filter("infinite", |value| !value.is_infinite());
    let cents = any::<i16>().prop_map(|cents| f64::from(cents) / 100.0);
    prop_oneof![
        bits,
        cents,
        Just(f64::NAN),
        Just(-0.0),
        Just(0.0),
        Just(0.1 + 0.2),
        Just(f64::MIN_POSITIVE / 8.0)
    ]
}

fn moments() -> impl Strategy<Value = DateTime<Utc>> {
    (-62_135_596_800_000_000..253_402_300_799_999_999_i64).prop_map(moment)
}

prop_compose! {
    fn vectors()(
        labels in prop::array::uniform8(texts()),
        (sub_component, sub_component_raw, uom) in (texts(), prop::option::of(texts()), prop::option::of(texts())),
        details in prop::collection::vec(texts(), 0..3),
        day in -700_000..700_000,
        values in prop::collection::vec(numbers(), 1..40),
    ) -> KeptCurve {
        let name = CurveName { labels, sub_component, sub_component_raw, uom, details };
        KeptCurve { name, start: NaiveDate::from_epoch_days(day).unwrap(), values }
    }
}

prop_compose! {
    fn snapshots()(
        (stamp, known_from, known_to) in (moments(), moments(), prop::option::of(moments())),
        (cob, revision, content) in (any::<bool>(), any::<i32>(), any::<u128>()),
        (key, received_at, uploaded_by) in (texts(), moments(), prop::option::of(texts())),
        sha256 in prop::option::of(prop::collection::vec(any::<u8>(), 32)),
        withdrawn in prop::option::of((moments(), texts(), texts())),
        curves in prop::collection::vec(vectors(), 1..8),
    ) -> Kept {
        let (stamp, content) = (stamp.naive_utc(), Uuid::from_u128(content));
        let upload = Provenance { key, received_at, uploaded_by, sha256 };
        let withdrawn = withdrawn.map(|(at, by, reason)| Withdrawn { at, by, reason });
        Kept { stamp, cob, revision, known_from, known_to, content, upload, withdrawn, curves }
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(96))]

    #[test]
    fn any_history_is_kept_exactly(history in prop::collection::vec(snapshots(), 1..4)) {
        assert_round_trip(&history);
    }
}

#[test]
fn a_file_that_was_cut_is_a_fault() {
    let whole = file(&small());
    let digest = Sha256::digest(&whole);
    assert!(read(&whole, &digest).is_ok());
    for length in 0..whole.len() {
        let cut = &whole[..length];
        assert!(read(cut, &digest).is_err(), "cut to {length}");
        assert!(read(cut, &Sha256::digest(cut)).is_err(), "cut to {length}, and its digest changed with it");
        assert!(read(&whole[whole.len() - length..], &digest).is_err(), "the last {length}");
    }
}

#[test]
fn a_bit_that_was_changed_is_a_fault() {
    let whole = file(&small());
    let digest = Sha256::digest(&whole);
    for place in 0..whole.len() {
        let mut changed = whole.clone();
        changed[place] ^= 1 << (place % 8);
        assert!(read(&changed, &digest).is_err(), "byte {place} of {}", whole.len());
    }
}

/// What the digest keeps away: changed bits whose digest was changed with them.
#[test]
fn a_forged_file_is_other_data_or_a_fault() {
    let whole = file(&small());
    let mut faults = 0;
    for place in (4..whole.len() - 4).step_by(11) {
        let mut forged = whole.clone();
        forged[place] ^= 1 << (place % 8);
        faults += usize::from(read(&forged, &Sha256::digest(&forged)).is_err());
    }
    assert!(faults > 100, "{faults}");
}

/// A file without snapshots, as the library writes it.
fn made(schema: &str, said: &[(&str, &str)]) -> Vec<u8> {
    let schema = Arc::new(parse_message_type(schema).unwrap());
    let said =
        said.iter().map(|(key, value)| KeyValue::new((*key).to_owned(), (*value).to_owned())).collect();
    let properties = Arc::new(schema::properties(said));
    SerializedFileWriter::new(Vec::new(), schema, properties).unwrap().into_inner().unwrap()
}

#[test]
fn a_file_from_elsewhere_is_a_fault_that_names_it() {
    let other = "message other { required int32 a; }";
    let says = |bytes: Vec<u8>| {
        let digest = Sha256::digest(&bytes);
        Reader::open(bytes, &digest).err().unwrap().chain()
    };
    let said = says(b"Month,AECO\n".to_vec());
    assert!(said.starts_with("reading the footer of a Parquet file"), "{said}");
    assert_eq!(says(made(other, &[])), "the file does not state its trueprice.format");
    let newer = "the file is of format \"2\", and only \"1\" is known";
    assert_eq!(says(made(other, &[(schema::FORMAT_KEY, "2")])), newer);
    let schema = "column 1 is a where data_type was expected";
    assert_eq!(says(made(other, &[(schema::FORMAT_KEY, "1")])), schema);
}
