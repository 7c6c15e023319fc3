//! Packed numbers. A forward price has few decimals: multiplied by a power of ten it is a whole number, and its difference
//! from the month before is a small one. 61 prices take 120 bytes, compared with 512 as an array of floats (measured 2026-11-21).
//!
//! Guarantees: unpacking returns the values that were packed, to the last bit (0 has one sign); values for which that is
//! impossible are not packed. `trueprice.unpack` in the database reads the same form, for SQL readers.

use crate::fault::Fault;

/// Powers of ten that a float represents exactly, as many as a number of 15 digits may need.
const POWERS: [f64; 16] =
    [1e0, 1e1, 1e2, 1e3, 1e4, 1e5, 1e6, 1e7, 1e8, 1e9, 1e10, 1e11, 1e12, 1e13, 1e14, 1e15];
/// A float represents every whole number up to this one.
const MAX_EXACT: f64 = 9_007_199_254_740_992.0;

/// Packs values, NaN for missing: a byte with the number of decimals, then base-128 numbers, least digit first. 0 is a run
/// of missing values and 1 a run of values equal to the one before; the number after it is how many more follow. Any
/// other number is one value: one more than the zigzag of its difference from the value before.
///
/// `None` if `values` is empty, or if a value is not a decimal number of at most 15 digits.
#[must_use]
pub fn pack(values: &[f64]) -> Option<Vec<u8>> {
    let mut decimals = 0;
    for value in values.iter().filter(|value| !value.is_nan()) {
        while !fits(*value, decimals) {
            decimals += 1;
            if decimals == POWERS.len() {
                return None;
            }
        }
    }
    // More decimals for a later value may have taken an earlier one past the exact range of a float.
    if values.is_empty() || !values.iter().all(|value| value.is_nan() || fits(*value, decimals)) {
        return None;
    }
    let mut packed = Vec::with_capacity(1 + values.len() * 2);
    packed.push(u8::try_from(decimals).ok()?);
    let (mut last, mut rest) = (0_i64, values);
    while let Some((first, behind)) = rest.split_first() {
        let number = if first.is_nan() { None } else { Some(whole(*first, decimals)) };
        let step = number.map_or(0, |number| number - last);
        if step == 0 {
            let same = |value: &f64| match number {
                None => value.is_nan(),
                Some(number) => !value.is_nan() && whole(*value, decimals) == number,
            };
            let more = behind.iter().take_while(|value| same(value)).count();
            push(&mut packed, u64::from(number.is_some()));
            push(&mut packed, more as u64);
            rest = &behind[more..];
        } else {
            push(&mut packed, (step.unsigned_abs() << 1) - u64::from(step < 0) + 1);
            rest = behind;
        }
        last = number.unwrap_or(last);
    }
    Some(packed)
}

/// Appends a number, seven bits a byte, the least first; the highest bit is set if more follow.
fn push(packed: &mut Vec<u8>, mut word: u64) {
    while word >= 128 {
        packed.push(u8::try_from(word & 127).expect("seven bits are a byte") | 128);
        word >>= 7;
    }
    packed.push(u8::try_from(word).expect("what is below 128 is a byte"));
}

/// Longest run that is unpacked: none of our vectors is longer.
const MAX_VALUES: usize = 1 << 24;

fn fits(value: f64, decimals: usize) -> bool {
    let scaled = (value * POWERS[decimals]).round();
    // Exact to the bit except for the sign of zero, which has no meaning here.
    scaled.abs() <= MAX_EXACT && (scaled / POWERS[decimals] + 0.0).to_bits() == (value + 0.0).to_bits()
}

fn whole(value: f64, decimals: usize) -> i64 {
    #[expect(clippy::cast_possible_truncation, reason = "a whole number of at most 2^53, see `fits`")]
    let number = (value * POWERS[decimals]).round() as i64;
    number
}

/// Unpacks values; missing ones are NaN.
///
/// # Errors
/// A fault if the bytes are not the output of [`pack`].
pub fn unpack(packed: &[u8]) -> Result<Vec<f64>, Fault> {
    let mut values = Vec::new();
    unpack_into(&mut values, packed, usize::MAX)?;
    Ok(values)
}

/// Unpacks up to `most` of the first values into `values`, replacing its content, so that one buffer serves many vectors. The
/// bytes after them are not read.
///
/// # Errors
/// A fault if the bytes that are read are not the output of [`pack`].
pub fn unpack_into(values: &mut Vec<f64>, packed: &[u8], most: usize) -> Result<(), Fault> {
    let bad = || Fault::new("the packed values are cut off or damaged");
    let (decimals, rest) = packed.split_first().ok_or_else(bad)?;
    let divisor = *POWERS.get(usize::from(*decimals)).ok_or_else(bad)?;
    values.clear();
    values.reserve(rest.len().min(most));
    let (mut word, mut shift, mut last, mut run) = (0_u64, 0_u32, 0_i64, None);
    for byte in rest {
        if values.len() >= most {
            values.truncate(most);
            return Ok(());
        }
        let digit = u64::from(byte & 127);
        if shift > 56 {
            return Err(bad());
        }
        word |= digit << shift;
        if byte & 128 != 0 {
            shift += 7;
            continue;
        }
        if let Some(value) = run.take() {
            let more = usize::try_from(word).ok().filter(|more| values.len() + more < MAX_VALUES);
            values.extend(std::iter::repeat_n(value, 1 + more.ok_or_else(bad)?));
        } else if word == 0 {
            run = Some(f64::NAN);
        } else if word == 1 {
            #[expect(clippy::cast_precision_loss, reason = "packed from a float, which holds it")]
            let value = last as f64 / divisor;
            run = Some(value);
        } else {
            let zigzag = i64::try_from(word - 1).map_err(|_| bad())?;
            last = last.checked_add((zigzag >> 1) ^ -(zigzag & 1)).ok_or_else(bad)?;
            #[expect(clippy::cast_precision_loss, reason = "packed from a float, which holds it")]
            values.push(last as f64 / divisor);
        }
        (word, shift) = (0, 0);
    }
    values.truncate(most);
    if shift == 0 && run.is_none() { Ok(()) } else { Err(bad()) }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn same(one: &[f64], other: &[f64]) -> bool {
        let bits = |value: &f64| if value.is_nan() { f64::NAN.to_bits() } else { (value + 0.0).to_bits() };
        one.len() == other.len() && one.iter().map(bits).eq(other.iter().map(bits))
    }

    #[test]
    fn prices_come_back_to_the_last_bit() {
        for values in [
            &[19.76, 33.65, -0.57, 0.0, 555.55][..],
            &[f64::NAN, 0.172_238_991, f64::NAN, 6.84],
            &[23_143_895.82, -778_872.63],
            &[1_714_935_900.0, 12_394_252.0, 0.0499],
            &[-0.0, 0.0],
            &[f64::NAN],
            &[0.1 + 0.2],
        ] {
            if let Some(packed) = pack(values) {
                assert!(same(&unpack(&packed).unwrap(), values), "{values:?}");
            } else {
                assert!(values.contains(&(0.1 + 0.2)), "{values:?} is packed");
            }
        }
        assert_eq!(pack(&[]), None);
        assert_eq!(pack(&[1.0 / 3.0]), None);
        assert_eq!(pack(&[1e15 + 0.5, 1e-9]), None, "no power of ten suits both");
    }

    #[test]
    fn a_year_of_prices_takes_two_bytes_each() {
        let prices: Vec<f64> = (0..61).map(|month| f64::from(4000 + (month * 37) % 900) / 100.0).collect();
        assert!(pack(&prices).unwrap().len() <= 1 + 2 * prices.len());
    }

    #[test]
    fn runs_take_two_bytes_however_long_they_are() {
        let mut values = vec![f64::NAN; 100];
        values.extend([0.0; 50]);
        values.extend([1.5; 100]);
        let packed = pack(&values).unwrap();
        assert_eq!(packed.len(), 1 + 2 + 2 + 1 + 2);
        assert!(same(&unpack(&packed).unwrap(), &values));
    }

    #[test]
    fn damaged_bytes_are_a_fault() {
        for bytes in [
            &[][..],
            &[16, 1],
            &[2, 128],
            &[2, 1],
            &[2, 0, 255, 255, 255, 255, 127],
            &[0, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 1],
        ] {
            assert!(unpack(bytes).is_err(), "{bytes:?}");
        }
    }

    proptest! {
        #[test]
        fn whatever_is_packed_comes_back(
            numbers in proptest::collection::vec(proptest::option::of(-999_999_999_999_i64..999_999_999_999), 1..80),
            decimals in 0_u32..10,
        ) {
            #[expect(clippy::cast_precision_loss, reason = "below 2^53")]
            let values: Vec<f64> = numbers
                .iter()
                .map(|number| number.map_or(f64::NAN, |number| number as f64 / 10_f64.powi(decimals.cast_signed())))
                .collect();
            let packed = pack(&values).unwrap();
            prop_assert!(same(&unpack(&packed).unwrap(), &values));
            for most in 0..values.len() + 2 {
                let first = &values[..most.min(values.len())];
                let mut values = vec![1.0];
                unpack_into(&mut values, &packed, most).unwrap();
                prop_assert!(same(&values, first), "{}", most);
            }
        }

        #[test]
        fn any_floats_come_back_or_are_not_packed(values in proptest::collection::vec(any::<f64>(), 1..20)) {
            let finite: Vec<f64> = values.into_iter().filter(|value| value.is_finite()).collect();
            if let Some(packed) = pack(&finite) {
                prop_assert!(same(&unpack(&packed).unwrap(), &finite));
            }
        }

        #[test]
        fn no_bytes_make_it_panic(bytes in proptest::collection::vec(any::<u8>(), 0..40)) {
            let _ = unpack(&bytes);
        }
    }
}
