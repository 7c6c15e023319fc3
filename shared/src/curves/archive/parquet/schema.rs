//! The columns of a file and how each is stored. Guarantees: the types are annotated as the Parquet standard defines, so that any
//! reader sees strings, dates, timestamps and lists.

use crate::fault::Fault;
use parquet::basic::{Compression, ZstdLevel};
use parquet::file::metadata::KeyValue;
use parquet::file::properties::{EnabledStatistics, WriterProperties};
use parquet::schema::parser::parse_message_type;
use parquet::schema::types::{ColumnPath, Type, TypePtr};
use std::sync::Arc;

/// The version of the format, under [`FORMAT_KEY`] in the file's own metadata.
pub(super) const FORMAT: &str = "1";
/// Metadata key of the version.
pub(super) const FORMAT_KEY: &str = "trueprice.format";
/// Metadata key of the data type.
pub(super) const DATA_TYPE_KEY: &str = "data_type";
/// Metadata key of the market.
pub(super) const MARKET_KEY: &str = "market";

/// The columns of the labels, in the order of `Label::ALL`.
pub(super) const LABELS: [&str; 8] = [
    "control_area",
    "state",
    "load_zone",
    "capacity_zone",
    "utility",
    "block_type",
    "cost_group",
    "cost_component",
];

/// The columns with the same value in every row of a snapshot.
const SNAPSHOT: [&str; 15] = [
    "data_type",
    "market",
    "stamp",
    "cob",
    "revision",
    "known_from",
    "known_to",
    "content",
    "upload_key",
    "received_at",
    "uploaded_by",
    "sha256",
    "withdrawn_at",
    "withdrawn_by",
    "withdrawn_reason",
];

/// A stamp is the market's wall clock, without a time zone; the times at which it was known are UTC.
///
/// `content` is text: of the three readers, Athena has no type for a UUID.
const SCHEMA: &str = "
    message trueprice {
        required binary data_type (STRING);
        required binary market (STRING);
        required int64 stamp (TIMESTAMP(MICROS, false));
        required boolean cob;
        required int32 revision;
        required int64 known_from (TIMESTAMP(MICROS, true));
        optional int64 known_to (TIMESTAMP(MICROS, true));
        required binary content (STRING);
        required binary upload_key (STRING);
        required int64 received_at (TIMESTAMP(MICROS, true));
        optional binary uploaded_by (STRING);
        optional binary sha256 (STRING);
        optional int64 withdrawn_at (TIMESTAMP(MICROS, true));
        optional binary withdrawn_by (STRING);
        optional binary withdrawn_reason (STRING);
        required binary control_area (STRING);
        required binary state (STRING);
        required binary load_zone (STRING);
        required binary capacity_zone (STRING);
        required binary utility (STRING);
        required binary block_type (STRING);
        required binary cost_group (STRING);
        required binary cost_component (STRING);
        required binary sub_cost_component (STRING);
        optional binary sub_cost_component_raw (STRING);
        optional binary uom (STRING);
        required group details (LIST) { repeated group list { required binary element (STRING); } }
        required int32 start (DATE);
        required group values (LIST) { repeated group list { optional double element; } }
    }";

/// The schema of every file.
pub(super) fn schema() -> TypePtr {
    Arc::new(parse_message_type(SCHEMA).expect("the schema is a constant, and parsed by every test"))
}

/// Describes how a file's schema differs from ours.
pub(super) fn compare(found: &Type) -> Result<(), Fault> {
    let wanted = schema();
    let (wanted, found) = (wanted.get_fields(), found.get_fields());
    for (place, wanted) in wanted.iter().enumerate() {
        let name = wanted.name();
        let difference = match found.get(place) {
            Some(found) if found == wanted => continue,
            Some(found) if found.name() == name => {
                format!("column {name} is not of the type that it should be")
            }
            Some(found) => format!("column {} is {} where {name} was expected", place + 1, found.name()),
            None => format!("there is no column {name}"),
        };
        return Err(Fault::new(difference));
    }
    match found.get(wanted.len()) {
        Some(more) => Err(Fault::new(format!("there is a column too many: {}", more.name()))),
        None => Ok(()),
    }
}

/// How the columns are stored, by measurement (2026-11-21, 2 vCPU; 250 snapshots of 69 curves of 61 prices with two
/// decimals that walk at random, 4.2 MB).
pub(super) fn properties(said: Vec<KeyValue>) -> WriterProperties {
    // A level of 5 saves 5 % and takes 15 % longer; 9 saves 7 % and takes twice as long.
    let level = ZstdLevel::try_new(3).expect("3 is a level of zstd");
    let properties = WriterProperties::builder()
        .set_key_value_metadata(Some(said))
        .set_compression(Compression::ZSTD(level))
        // Each column has one page, so an index would only repeat the footer.
        .set_offset_index_disabled(true)
        .set_statistics_enabled(EnabledStatistics::None)
        // Plain: 4.0 bytes a price, 3.1 of them for the price itself; with a dictionary 4.7, with the bytes split 6.4.
        // From some 300 curves on, prices repeat often enough for a dictionary (2,000 curves: 1.9, plain 2.7).
        .set_column_dictionary_enabled(
            ColumnPath::from(["values", "list", "element"].map(str::to_owned).to_vec()),
            false,
        );
    // A value shared by all rows is a dictionary of one: zstd makes it longer, and takes 1.7 times as long to write.
    let properties = SNAPSHOT.into_iter().fold(properties, |properties, name| {
        properties.set_column_compression(ColumnPath::from(name), Compression::UNCOMPRESSED)
    });
    // These let readers skip whole snapshots.
    let properties = ["stamp", "known_from", "known_to"].into_iter().fold(properties, |properties, name| {
        properties.set_column_statistics_enabled(ColumnPath::from(name), EnabledStatistics::Chunk)
    });
    properties.build()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::catalog::Label;

    fn difference(from: &str, to: &str) -> String {
        let changed = SCHEMA.replacen(from, to, 1);
        assert_ne!(changed, SCHEMA);
        compare(&parse_message_type(&changed).unwrap()).unwrap_err().to_string()
    }

    #[test]
    fn a_difference_is_named() {
        compare(&schema()).unwrap();
        let says = difference("required int32 revision", "required int64 revision");
        assert_eq!(says, "column revision is not of the type that it should be");
        let says = difference("optional double element", "required double element");
        assert_eq!(says, "column values is not of the type that it should be");
        let says =
            difference("int64 stamp (TIMESTAMP(MICROS, false))", "int64 stamp (TIMESTAMP(MILLIS, false))");
        assert_eq!(says, "column stamp is not of the type that it should be");
        assert_eq!(difference("required boolean cob;", ""), "column 4 is revision where cob was expected");
        let last = "required group values (LIST) { repeated group list { optional double element; } }";
        assert_eq!(difference(last, ""), "there is no column values");
        assert_eq!(
            difference(last, &format!("{last} required int32 more;")),
            "there is a column too many: more"
        );
    }

    #[test]
    fn labels_are_named_as_in_a_sheet() {
        assert_eq!(Label::ALL.map(|label| label.title().to_lowercase().replace(' ', "_")), LABELS);
    }

    #[test]
    fn the_columns_of_the_snapshot_come_first() {
        let schema = schema();
        let names: Vec<_> = schema.get_fields().iter().map(|column| column.name()).collect();
        assert_eq!(names[..SNAPSHOT.len()], SNAPSHOT);
        assert_eq!(names[SNAPSHOT.len()..][..LABELS.len()], LABELS);
    }
}
