//! How each of our types is stored in a Parquet column. Guarantees: a value that was written is read back unchanged.

use crate::fault::{During, Fault};
use chrono::{DateTime, NaiveDate, NaiveDateTime, Utc};
use parquet::data_type::{BoolType, ByteArray, ByteArrayType, DataType, DoubleType, Int32Type, Int64Type};
use uuid::Uuid;

/// A value as stored in a column of type `C`.
pub(super) type Stored<C> = <<C as Cell>::Column as DataType>::T;

/// A type that a column can hold.
pub(super) trait Cell: Sized {
    /// The type of the column.
    type Column: DataType;
    /// Converts a value for the column.
    fn put(&self) -> Stored<Self>;
    /// Converts a value of the column back.
    fn take(stored: Stored<Self>) -> Result<Self, Fault>;
}

impl Cell for bool {
    type Column = BoolType;
    fn put(&self) -> bool {
        *self
    }
    fn take(stored: bool) -> Result<Self, Fault> {
        Ok(stored)
    }
}

impl Cell for i32 {
    type Column = Int32Type;
    fn put(&self) -> i32 {
        *self
    }
    fn take(stored: i32) -> Result<Self, Fault> {
        Ok(stored)
    }
}

impl Cell for f64 {
    type Column = DoubleType;
    fn put(&self) -> f64 {
        *self
    }
    fn take(stored: f64) -> Result<Self, Fault> {
        Ok(stored)
    }
}

impl Cell for String {
    type Column = ByteArrayType;
    fn put(&self) -> ByteArray {
        ByteArray::from(self.as_str())
    }
    fn take(stored: ByteArray) -> Result<Self, Fault> {
        Ok(stored.as_utf8().during("reading a text")?.to_owned())
    }
}

impl Cell for Uuid {
    type Column = ByteArrayType;
    fn put(&self) -> ByteArray {
        self.to_string().put()
    }
    fn take(stored: ByteArray) -> Result<Self, Fault> {
        String::take(stored)?.parse().during("reading a uuid")
    }
}

/// A digest, as digits.
impl Cell for Vec<u8> {
    type Column = ByteArrayType;
    fn put(&self) -> ByteArray {
        hex::encode(self).put()
    }
    fn take(stored: ByteArray) -> Result<Self, Fault> {
        hex::decode(String::take(stored)?).during("reading a digest")
    }
}

impl Cell for NaiveDate {
    type Column = Int32Type;
    fn put(&self) -> i32 {
        self.to_epoch_days()
    }
    fn take(stored: i32) -> Result<Self, Fault> {
        Self::from_epoch_days(stored)
            .ok_or_else(|| Fault::new(format!("day {stored} is not in the calendar")))
    }
}

impl Cell for DateTime<Utc> {
    type Column = Int64Type;
    fn put(&self) -> i64 {
        self.timestamp_micros()
    }
    fn take(stored: i64) -> Result<Self, Fault> {
        let moment = Self::from_timestamp_micros(stored);
        moment.ok_or_else(|| Fault::new(format!("microsecond {stored} is not in the calendar")))
    }
}

impl Cell for NaiveDateTime {
    type Column = Int64Type;
    fn put(&self) -> i64 {
        self.and_utc().put()
    }
    fn take(stored: i64) -> Result<Self, Fault> {
        Ok(DateTime::<Utc>::take(stored)?.naive_utc())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn digits_are_read_back_and_nothing_else_is() {
        let bytes: Vec<u8> = (0..=255).collect();
        assert_eq!(Vec::<u8>::take(bytes.put()).unwrap(), bytes);
        assert_eq!(vec![0_u8, 0x9a, 0xff].put(), String::from("009aff").put());
        assert_eq!(Vec::<u8>::take(String::new().put()).unwrap(), b"");
        for text in ["0", "0g", "+1", "é", "000"] {
            assert!(Vec::<u8>::take(text.to_owned().put()).is_err(), "{text}");
        }
    }

    #[test]
    fn a_number_outside_of_the_calendar_is_a_fault() {
        assert!(NaiveDate::take(i32::MAX).is_err());
        assert!(DateTime::<Utc>::take(i64::MIN).is_err());
        assert!(NaiveDateTime::take(i64::MAX).is_err());
        assert!(String::take(ByteArray::from(vec![0x93])).is_err());
    }
}
