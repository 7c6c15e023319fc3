//! Vectors as the database stores them: read in the one form of `trueprice.stored_vector`, written into a COPY.

use super::pack;
use crate::fault::Fault;
use chrono::NaiveDate;
use sqlx::encode::IsNull;
use sqlx::error::BoxDynError;
use sqlx::postgres::{PgArgumentBuffer, PgTypeInfo, PgValueFormat, PgValueRef};
use sqlx::{Decode, Encode as _, Postgres, Type};
use std::ops::Range;
use uuid::Uuid;

/// Approximate size of a chunk, so that a large sheet is not held in memory twice.
const CHUNK: usize = 64 * 1024;

/// The byte before an array; no packed vector begins with it.
const ARRAY: u8 = 0xff;

/// The numbers of a curve, as `trueprice.stored_vector` gives them; NaN for missing.
#[derive(Clone, Debug)]
pub struct Vector(pub Vec<f64>);

impl Type<Postgres> for Vector {
    fn type_info() -> PgTypeInfo {
        <[u8] as Type<Postgres>>::type_info()
    }
}

impl<'r> Decode<'r, Postgres> for Vector {
    fn decode(value: PgValueRef<'r>) -> Result<Self, BoxDynError> {
        if value.format() != PgValueFormat::Binary {
            return Err("expected a vector in binary format".into());
        }
        let mut values = Vec::new();
        read_into(&mut values, value.as_bytes()?, usize::MAX)?;
        Ok(Self(values))
    }
}

/// Reads a vector in the form of `trueprice.stored_vector` into `values`, replacing their content; of a packed one only the first
/// `most` values.
///
/// # Errors
/// A fault if the bytes are not in this form.
pub fn read_into(values: &mut Vec<f64>, bytes: &[u8], most: usize) -> Result<(), Fault> {
    match bytes.split_first() {
        Some((&ARRAY, array)) => {
            *values = array_of(array)
                .map_err(|error| Fault::new(format!("stored values cannot be read: {error}")))?;
            Ok(())
        }
        _ => pack::unpack_into(values, bytes, most),
    }
}

/// The vector of one curve in one snapshot, as `trueprice.price_matrix` returns it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Cell<'b> {
    /// Key of the curve.
    pub curve: i32,
    /// The vector, for [`read_into`].
    pub bytes: &'b [u8],
}

/// The vectors of a snapshot: for each, 32 bits of key, 32 bits of size, and the vector.
///
/// # Errors
/// A fault, and then nothing, if the bytes are truncated.
pub fn cells(mut bytes: &[u8]) -> impl Iterator<Item = Result<Cell<'_>, Fault>> {
    std::iter::from_fn(move || {
        if bytes.is_empty() {
            return None;
        }
        let cell = bytes.split_first_chunk().and_then(|(curve, rest)| {
            let (size, rest) = rest.split_first_chunk()?;
            let (bytes, rest) = rest.split_at_checked(usize::try_from(i32::from_be_bytes(*size)).ok()?)?;
            Some((Cell { curve: i32::from_be_bytes(*curve), bytes }, rest))
        });
        let cut_off = || Fault::new("the values of a snapshot are cut off");
        let (cell, rest) = cell.map_or_else(|| (Err(cut_off()), &[][..]), |(cell, rest)| (Ok(cell), rest));
        bytes = rest;
        Some(cell)
    })
}

/// The elements of an array in the binary form of PostgreSQL (`array_send`): dimensions, has-nulls, element type, length, lower
/// bound, and then each element's size, -1 for null, and its bytes.
fn elements(
    bytes: &[u8],
) -> Result<impl ExactSizeIterator<Item = Result<Option<Range<usize>>, BoxDynError>>, BoxDynError> {
    let word = |at: usize| {
        let word = bytes.get(at..at + 4).and_then(|word| word.try_into().ok()).map(i32::from_be_bytes);
        word.ok_or("the array is cut off")
    };
    let length = match word(0)? {
        0 => 0,
        1 => usize::try_from(word(12)?)?,
        _ => return Err("expected an array of one dimension".into()),
    };
    let mut at = 20;
    Ok((0..length).map(move |_| {
        let size = word(at)?;
        at += 4;
        let Ok(size) = usize::try_from(size) else { return Ok(None) };
        let place = at..at + size;
        at = place.end;
        if at > bytes.len() { Err("the array is cut off".into()) } else { Ok(Some(place)) }
    }))
}

/// Reads an array of numbers in one pass over the bytes; element by element it is five times slower.
fn array_of(bytes: &[u8]) -> Result<Vec<f64>, BoxDynError> {
    let mut values = Vec::new();
    let elements = elements(bytes)?;
    values.reserve_exact(elements.len().min(bytes.len()));
    for place in elements {
        values.push(match place? {
            Some(place) => f64::from_be_bytes(bytes[place].try_into()?),
            None => f64::NAN,
        });
    }
    Ok(values)
}

/// A row to be inserted into `curve_values`.
#[derive(Clone, Copy, Debug)]
pub struct NewValues<'v> {
    /// Key of the curve.
    pub curve: i32,
    /// Day of the first value.
    pub start: NaiveDate,
    /// Digest of start and values.
    pub digest: Uuid,
    /// The values; NaN for missing.
    pub values: &'v [f64],
}

/// Appends a row of a binary COPY into `curve_values (curve_id, start, digest, values, packed, length)`.
fn encode(row: &mut Vec<u8>, new: &NewValues) -> Result<(), BoxDynError> {
    let mut field = |bytes: Option<&[u8]>| -> Result<(), BoxDynError> {
        let size = bytes.map_or(Ok(-1), |bytes| i32::try_from(bytes.len()))?;
        row.extend_from_slice(&size.to_be_bytes());
        row.extend_from_slice(bytes.unwrap_or_default());
        Ok(())
    };
    let mut date = PgArgumentBuffer::default();
    let IsNull::No = new.start.encode_by_ref(&mut date)? else { return Err("a date is not null".into()) };
    let packed = pack::pack(new.values);
    let array = if packed.is_none() { Some(array(new.values)?) } else { None };
    field(Some(&new.curve.to_be_bytes()))?;
    field(Some(&date))?;
    field(Some(new.digest.as_bytes()))?;
    field(array.as_deref())?;
    field(packed.as_deref())?;
    field(Some(&i32::try_from(new.values.len())?.to_be_bytes()))
}

/// A `float8[]`, null for NaN.
fn array(values: &[f64]) -> Result<Vec<u8>, BoxDynError> {
    /// Type id of float8 (`pg_type`).
    const FLOAT8: i32 = 701;
    let mut array = Vec::with_capacity(20 + values.len() * 12);
    let has_null = values.iter().any(|value| value.is_nan());
    for word in [1, i32::from(has_null), FLOAT8, i32::try_from(values.len())?, 1] {
        array.extend_from_slice(&word.to_be_bytes());
    }
    for value in values {
        if value.is_nan() {
            array.extend_from_slice(&(-1_i32).to_be_bytes());
        } else {
            array.extend_from_slice(&8_i32.to_be_bytes());
            array.extend_from_slice(&value.to_be_bytes());
        }
    }
    Ok(array)
}

/// Rows of `curve_values (curve_id, start, digest, values, packed, length)` as chunks of a binary COPY.
///
/// The form (PostgreSQL, COPY, file formats): signature, flags and extension; each row with its number of fields; -1.
pub fn copy_chunks<'v>(
    mut rows: impl Iterator<Item = NewValues<'v>> + Send,
) -> impl Iterator<Item = Vec<u8>> + Send {
    let (mut begun, mut ended) = (false, false);
    std::iter::from_fn(move || {
        let mut chunk = Vec::with_capacity(CHUNK + 16 * 1024);
        if !begun {
            chunk.extend_from_slice(b"PGCOPY\n\xff\r\n\0\0\0\0\0\0\0\0\0");
            begun = true;
        }
        while chunk.len() < CHUNK {
            let Some(new) = rows.next() else {
                if !ended {
                    chunk.extend_from_slice(&(-1_i16).to_be_bytes());
                    ended = true;
                }
                break;
            };
            chunk.extend_from_slice(&6_i16.to_be_bytes());
            encode(&mut chunk, &new)
                .expect("a start is a date, and a sheet's column is shorter than 2^31 bytes");
        }
        (!chunk.is_empty()).then_some(chunk)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn cells_come_in_order_until_they_are_cut_off() {
        let words = [(7_u64 << 32) | 3, 0x7fff_ffff << 32];
        let all = [&words[0].to_be_bytes()[..], b"abc", &words[1].to_be_bytes()].concat();
        let (first, second) = (Cell { curve: 7, bytes: b"abc" }, Cell { curve: i32::MAX, bytes: b"" });
        assert_eq!(cells(&all).map(Result::unwrap).collect::<Vec<_>>(), [first, second]);
        assert_eq!(cells(b"").count(), 0);
        for end in (1..all.len()).filter(|end| *end != 11) {
            let read: Vec<_> = cells(&all[..end]).collect();
            assert!(
                read.last().unwrap().is_err() && read.iter().filter(|cell| cell.is_err()).count() == 1,
                "{end}"
            );
        }
    }

    #[test]
    fn a_vector_is_read_in_either_way_of_storing_it() {
        let (packed, not_packed) = (vec![1.5, f64::NAN, -2.25], vec![1.0 / 3.0, f64::NAN, 0.1 + 0.2]);
        let mut values = vec![9.0; 5];
        let mut read = |bytes: &[u8], most| read_into(&mut values, bytes, most).map(|()| values.clone());
        let same = |one: &[f64], other: &[f64]| {
            assert_eq!(bits(one), bits(other));
        };
        let stored = pack::pack(&packed).unwrap();
        assert_ne!(stored[0], ARRAY);
        same(&read(&stored, usize::MAX).unwrap(), &packed);
        same(&read(&stored, 1).unwrap(), &packed[..1]);
        assert_eq!(pack::pack(&not_packed), None);
        let stored = [&[ARRAY][..], &array(&not_packed).unwrap()].concat();
        same(&read(&stored, 1).unwrap(), &not_packed);
        for damaged in [&stored[..stored.len() - 1], &[ARRAY], &[]] {
            assert!(read(damaged, usize::MAX).is_err(), "{damaged:?}");
        }
    }

    fn bits(values: &[f64]) -> Vec<u64> {
        values.iter().map(|value| value.to_bits()).collect()
    }

    #[test]
    fn chunks_begin_and_end_once_however_many_they_are() {
        let (values, start) = (vec![1.0 / 3.0; 5000], NaiveDate::from_ymd_opt(2024, 2, 1).unwrap());
        let rows = (0..10).map(|curve| NewValues { curve, start, digest: Uuid::nil(), values: &values });
        let chunks: Vec<Vec<u8>> = copy_chunks(rows).collect();
        assert!(chunks.len() > 2, "{} chunks", chunks.len());
        assert!(chunks[0].starts_with(b"PGCOPY\n\xff\r\n\0"));
        assert!(chunks.last().unwrap().ends_with(&[0xff, 0xff]));
        let fields = 2 + (4 + 4) + (4 + 4) + (4 + 16) + (4 + 20 + 5000 * 12) + 4 + (4 + 4);
        assert_eq!(chunks.iter().map(Vec::len).sum::<usize>(), 19 + 10 * fields + 2);
    }
}
