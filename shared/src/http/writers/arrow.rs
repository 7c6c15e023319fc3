//! Arrow's IPC stream, for pyarrow, polars and DuckDB: typed columns, texts as dictionaries.
//!
//! Written with the Arrow crates, which are siblings of the Parquet crates at the same version; they add dictionary batches.

use super::metadata::metadata;
use crate::fault::During;
use crate::http::out::{Out, Stopped};
use crate::http::table::{Answer, Cells, Column};
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

/// Rows per batch.
const BATCH: usize = 1 << 16;

pub(super) fn write(answer: &Answer, out: &mut Out) -> Result<(), Stopped> {
    let table = &answer.table;
    let fields: Vec<_> =
        table.columns.iter().map(|column| Field::new(column.name, kind(&column.cells), true)).collect();
    let schema = Arc::new(Schema::new_with_metadata(fields, metadata(answer).collect::<HashMap<_, _>>()));
    let dictionaries: Vec<_> = table.columns.iter().map(|column| dictionary(&column.cells)).collect();
    let mut stream = StreamWriter::try_new(out, &schema).during("starting an Arrow stream")?;
    for start in (0..table.rows).step_by(BATCH) {
        let rows = start..table.rows.min(start + BATCH);
        let options = RecordBatchOptions::new().with_row_count(Some(rows.len()));
        let columns = table.columns.iter().zip(&dictionaries);
        let columns = columns.map(|(column, words)| array(column, words.as_ref(), rows.clone()));
        let batch = RecordBatch::try_new_with_options(Arc::clone(&schema), columns.collect(), &options);
        stream.write(&batch.during("making rows of an Arrow stream")?).during("writing an Arrow stream")?;
    }
    stream.finish().during("ending an Arrow stream")?;
    Ok(())
}

fn kind(cells: &Cells) -> DataType {
    match cells {
        Cells::Text(_) => DataType::Dictionary(Box::new(DataType::Int32), Box::new(DataType::Utf8)),
        Cells::Number(_) => DataType::Float64,
        Cells::Integer(_) => DataType::Int64,
        Cells::Day(_) => DataType::Date32,
        Cells::Stamp(_) => DataType::Timestamp(TimeUnit::Microsecond, None),
        Cells::Moment(_) => DataType::Timestamp(TimeUnit::Microsecond, Some("UTC".into())),
        Cells::Flag(_) => DataType::Boolean,
    }
}

/// The dictionary of a text column. All batches share it, so it is written only once.
struct Dictionary {
    words: ArrayRef,
    /// The word of each place. A missing text is a missing key: some readers support only that.
    keys: Vec<Option<i32>>,
}

/// Curves that share a word have separate places, but a dictionary must hold each word once: pandas refuses duplicates.
fn dictionary(cells: &Cells) -> Option<Dictionary> {
    let Cells::Text(words) = cells else { return None };
    let (mut unique, mut known) = (Vec::new(), HashMap::new());
    let mut key = |word: &str| {
        *known.entry(word.to_owned()).or_insert_with(|| {
            unique.push(word.to_owned());
            i32::try_from(unique.len() - 1).expect("an answer has fewer than 2^31 words")
        })
    };
    let keys = words.iter().map(|word| word.as_deref().map(&mut key)).collect();
    Some(Dictionary { words: Arc::new(StringArray::from(unique)), keys })
}

fn array(column: &Column, dictionary: Option<&Dictionary>, rows: Range<usize>) -> ArrayRef {
    let at = rows.map(|row| column.at(row));
    match &column.cells {
        Cells::Text(_) => {
            let dictionary = dictionary.expect("a column of texts has one");
            let keys: Int32Array = at.map(|at| dictionary.keys[at]).collect();
            Arc::new(DictionaryArray::<Int32Type>::new(keys, Arc::clone(&dictionary.words)))
        }
        Cells::Number(numbers) => {
            let there = |at: usize| Some(numbers[at]).filter(|number| number.is_finite());
            Arc::new(at.map(there).collect::<Float64Array>())
        }
        Cells::Integer(numbers) => Arc::new(at.map(|at| numbers[at]).collect::<Int64Array>()),
        Cells::Day(days) => {
            Arc::new(at.map(|at| days[at].map(|day| day.to_epoch_days())).collect::<Date32Array>())
        }
        Cells::Stamp(stamps) => {
            let micros = at.map(|at| stamps[at].map(|stamp| stamp.and_utc().timestamp_micros()));
            Arc::new(micros.collect::<TimestampMicrosecondArray>())
        }
        Cells::Moment(moments) => {
            let micros = at.map(|at| moments[at].map(|moment| moment.timestamp_micros()));
            Arc::new(micros.collect::<TimestampMicrosecondArray>().with_timezone("UTC"))
        }
        Cells::Flag(flags) => Arc::new(at.map(|at| flags[at]).collect::<BooleanArray>()),
    }
}
