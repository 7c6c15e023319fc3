//! Parquet: typed columns that DuckDB, pyarrow and Athena read without configuration, compressed with zstd.

use super::metadata::metadata;
use crate::fault::{During, Fault};
use crate::http::out::{Out, Stopped};
use crate::http::table::{Answer, Cells, Column, Table};
use chrono::{DateTime, NaiveDateTime, Utc};
use parquet::basic::{Compression, LogicalType, Repetition, TimeUnit, Type as Physical, ZstdLevel};
use parquet::data_type::{BoolType, ByteArray, ByteArrayType, DataType, DoubleType, Int32Type, Int64Type};
use parquet::file::metadata::KeyValue;
use parquet::file::properties::{EnabledStatistics, WriterProperties, WriterPropertiesPtr};
use parquet::file::writer::{SerializedFileWriter, SerializedRowGroupWriter};
use parquet::schema::types::{ColumnPath, Type, TypePtr};
use std::ops::Range;
use std::sync::Arc;

/// Rows per group: a group is compressed in memory before it is sent on.
const GROUP: usize = 1 << 16;

pub(super) fn write(answer: &Answer, out: &mut Out) -> Result<(), Stopped> {
    let table = &answer.table;
    let schema = schema(table).during("making a Parquet schema")?;
    let mut file =
        SerializedFileWriter::new(out, schema, properties(answer)).during("starting a Parquet file")?;
    // A file without rows has no groups but still has its columns.
    for start in (0..table.rows).step_by(GROUP) {
        let mut group = file.next_row_group().during("starting rows of a Parquet file")?;
        for column in &table.columns {
            let during = || format!("writing column {}", column.name);
            cells(&mut group, column, start..table.rows.min(start + GROUP)).during(during())?;
        }
        group.close().during("ending rows of a Parquet file")?;
    }
    file.close().during("ending a Parquet file")?;
    Ok(())
}

fn schema(table: &Table) -> Result<TypePtr, parquet::errors::ParquetError> {
    let timestamp = |utc| LogicalType::timestamp(utc, TimeUnit::MICROS);
    let columns = table.columns.iter().map(|column| {
        let (physical, logical) = match &column.cells {
            Cells::Text(_) => (Physical::BYTE_ARRAY, Some(LogicalType::String)),
            Cells::Number(_) => (Physical::DOUBLE, None),
            Cells::Integer(_) => (Physical::INT64, None),
            Cells::Day(_) => (Physical::INT32, Some(LogicalType::Date)),
            // A stamp is a market's wall clock and has no zone.
            Cells::Stamp(_) => (Physical::INT64, Some(timestamp(false))),
            Cells::Moment(_) => (Physical::INT64, Some(timestamp(true))),
            Cells::Flag(_) => (Physical::BOOLEAN, None),
        };
        let column = Type::primitive_type_builder(column.name, physical).with_logical_type(logical);
        Ok(Arc::new(column.with_repetition(Repetition::OPTIONAL).build()?))
    });
    let columns = columns.collect::<Result<_, parquet::errors::ParquetError>>()?;
    Ok(Arc::new(Type::group_type_builder("trueprice").with_fields(columns).build()?))
}

fn properties(answer: &Answer) -> WriterPropertiesPtr {
    let level = ZstdLevel::try_new(3).expect("3 is a level of zstd");
    let said = metadata(answer).map(|(key, value)| KeyValue::new(key, value)).collect();
    let mut properties = WriterProperties::builder()
        .set_key_value_metadata(Some(said))
        .set_compression(Compression::ZSTD(level))
        .set_statistics_enabled(EnabledStatistics::Chunk)
        .set_offset_index_disabled(true);
    for column in &answer.table.columns {
        // Prices seldom repeat; other values often do.
        if matches!(column.cells, Cells::Number(_)) {
            properties = properties.set_column_dictionary_enabled(ColumnPath::from(column.name), false);
        }
    }
    Arc::new(properties.build())
}

type Group<'g, 'o, 's> = SerializedRowGroupWriter<'g, &'o mut Out<'s>>;

fn cells(group: &mut Group, of: &Column, rows: Range<usize>) -> Result<(), Fault> {
    let at = rows.map(|row| of.at(row));
    match &of.cells {
        Cells::Text(words) => {
            let word = |word: &Option<String>| word.as_ref().map(|word| ByteArray::from(word.as_str()));
            let words: Vec<_> = words.iter().map(word).collect();
            column::<ByteArrayType>(group, at.map(|at| words[at].clone()))
        }
        Cells::Number(numbers) => {
            let there = |at: usize| Some(numbers[at]).filter(|number| number.is_finite());
            column::<DoubleType>(group, at.map(there))
        }
        Cells::Integer(numbers) => column::<Int64Type>(group, at.map(|at| numbers[at])),
        Cells::Day(days) => column::<Int32Type>(group, at.map(|at| days[at].map(|day| day.to_epoch_days()))),
        Cells::Stamp(stamps) => {
            let micros = |stamp: NaiveDateTime| stamp.and_utc().timestamp_micros();
            column::<Int64Type>(group, at.map(|at| stamps[at].map(micros)))
        }
        Cells::Moment(moments) => {
            let micros = |moment: DateTime<Utc>| moment.timestamp_micros();
            column::<Int64Type>(group, at.map(|at| moments[at].map(micros)))
        }
        Cells::Flag(flags) => column::<BoolType>(group, at.map(|at| flags[at])),
    }
}

/// Writes the next column of a group.
fn column<T: DataType>(group: &mut Group, rows: impl Iterator<Item = Option<T::T>>) -> Result<(), Fault> {
    let column = group.next_column().during("starting it")?;
    let mut column = column.ok_or_else(|| Fault::new("the schema has no more columns"))?;
    let (mut values, mut levels) = (Vec::new(), Vec::new());
    for row in rows {
        levels.push(i16::from(row.is_some()));
        values.extend(row);
    }
    column.typed::<T>().write_batch(&values, Some(&levels), None).during("encoding it")?;
    column.close().during("ending it")
}
