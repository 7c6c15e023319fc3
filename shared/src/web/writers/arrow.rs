//! Arrow's IPC stream, for pyarrow, polars and DuckDB: typed columns, texts as dictionaries.
//!
//! Written with Arrow's own crates: they are Parquet's siblings of the same version, and add what a dictionary batch is.

use super::super::out::{Out, Stopped};
use super::super::table::{Answer, Cells};
use super::metadata;
use crate::fault::During;
use arrow_array::types::Int32Type;
use arrow_array::{
    ArrayRef, BooleanArray, Date32Array, DictionaryArray, Float64Array, Int32Array, Int64Array, RecordBatch,
    RecordBatchOptions, StringArray, TimestampMicrosecondArray,
};
use arrow_ipc::writer::StreamWriter;
use arrow_schema::{DataType, Field, Schema, TimeUnit};
use std::collections::HashMap;
use std::ops::Range;
use std::sync::Arc;

/// Rows of a batch.
const BATCH: usize = 1 << 16;

pub(super) fn write(answer: &Answer, out: &mut Out) -> Result<(), Stopped> {
    let table = &answer.table;
    let fields: Vec<_> =
        table.columns.iter().map(|column| Field::new(column.name, kind(&column.cells), true)).collect();
    let schema = Arc::new(Schema::new_with_metadata(fields, metadata(answer).collect::<HashMap<_, _>>()));
    let words: Vec<_> = table.columns.iter().map(|column| words(&column.cells)).collect();
    let mut stream = StreamWriter::try_new(out, &schema).during("starting an Arrow stream")?;
    for start in (0..table.rows).step_by(BATCH) {
        let rows = start..table.rows.min(start + BATCH);
        let options = RecordBatchOptions::new().with_row_count(Some(rows.len()));
        let columns = table.columns.iter().zip(&words);
        let columns = columns.map(|(column, words)| array(&column.cells, words.as_ref(), rows.clone()));
        let batch = RecordBatch::try_new_with_options(Arc::clone(&schema), columns.collect(), &options);
        stream.write(&batch.during("making rows of an Arrow stream")?).during("writing an Arrow stream")?;
    }
    stream.finish().during("ending an Arrow stream")?;
    Ok(())
}

fn kind(cells: &Cells) -> DataType {
    match cells {
        Cells::Text { .. } => DataType::Dictionary(Box::new(DataType::Int32), Box::new(DataType::Utf8)),
        Cells::Number(_) => DataType::Float64,
        Cells::Integer(_) => DataType::Int64,
        Cells::Day(_) => DataType::Date32,
        Cells::Stamp(_) => DataType::Timestamp(TimeUnit::Microsecond, None),
        Cells::Moment(_) => DataType::Timestamp(TimeUnit::Microsecond, Some("UTC".into())),
        Cells::Flag(_) => DataType::Boolean,
    }
}

/// The dictionary of a column of texts: one for all batches, so that it is written once.
fn words(cells: &Cells) -> Option<ArrayRef> {
    let Cells::Text { words, .. } = cells else { return None };
    let words = words.iter().map(|word| Some(word.as_deref().unwrap_or_default()));
    Some(Arc::new(words.collect::<StringArray>()))
}

fn array(cells: &Cells, dictionary: Option<&ArrayRef>, rows: Range<usize>) -> ArrayRef {
    match cells {
        Cells::Text { words, places } => {
            // What is missing is a key that is missing, not a word that is: some readers know only the former.
            let key = |place: &u32| words[*place as usize].as_ref().and_then(|_| i32::try_from(*place).ok());
            let keys: Int32Array = places[rows].iter().map(key).collect();
            let dictionary = dictionary.map_or_else(|| Arc::new(StringArray::new_null(0)) as _, Arc::clone);
            Arc::new(DictionaryArray::<Int32Type>::new(keys, dictionary))
        }
        Cells::Number(numbers) => {
            let there = |number: &f64| Some(*number).filter(|number| number.is_finite());
            Arc::new(numbers[rows].iter().map(there).collect::<Float64Array>())
        }
        Cells::Integer(numbers) => Arc::new(numbers[rows].iter().copied().collect::<Int64Array>()),
        Cells::Day(days) => {
            Arc::new(days[rows].iter().map(|day| day.map(|day| day.to_epoch_days())).collect::<Date32Array>())
        }
        Cells::Stamp(stamps) => {
            let micros =
                stamps[rows].iter().map(|stamp| stamp.map(|stamp| stamp.and_utc().timestamp_micros()));
            Arc::new(micros.collect::<TimestampMicrosecondArray>())
        }
        Cells::Moment(moments) => {
            let micros = moments[rows].iter().map(|moment| moment.map(|moment| moment.timestamp_micros()));
            Arc::new(micros.collect::<TimestampMicrosecondArray>().with_timezone("UTC"))
        }
        Cells::Flag(flags) => Arc::new(flags[rows].iter().copied().collect::<BooleanArray>()),
    }
}
