//! Computed numbers as decimals. A number of a sheet is answered as it was written; one that is computed from such numbers is a float
//! that is off by some units in its last places, and would be written with them (-1.2100000000000009). Here it is rounded to the
//! digits that its inputs vouch for.
//!
//! The rule: a float vouches for [`DIGITS`] significant digits. What is computed is rounded to as many digits, counted from the
//! first digit of the greatest number that it was computed from: a small difference of great numbers has fewer. Stored numbers
//! never come here, so that nothing of them is lost.

/// Significant digits that every float has (IEEE 754, binary64).
pub const DIGITS: i32 = 15;
/// Whole numbers below are floats exactly.
const MAX_WHOLE: f64 = 9_007_199_254_740_992.0;
/// Powers of ten that are floats exactly.
const EXACT: [f64; 23] = [
    1e0, 1e1, 1e2, 1e3, 1e4, 1e5, 1e6, 1e7, 1e8, 1e9, 1e10, 1e11, 1e12, 1e13, 1e14, 1e15, 1e16, 1e17, 1e18,
    1e19, 1e20, 1e21, 1e22,
];

/// A number that was computed from others of its size.
#[inline]
#[must_use]
pub fn computed(value: f64) -> f64 {
    rounded(value, value, DIGITS)
}

/// A number that was computed from others, the greatest of which (by its size) is given.
#[inline]
#[must_use]
pub fn computed_from(value: f64, greatest: f64) -> f64 {
    rounded(value, greatest, DIGITS)
}

/// A number with so many decimals at most, up to 22: parts that have as many sum to a whole that has as many. One that is too large for
/// them stays as it is.
#[inline]
#[must_use]
pub fn fixed(value: f64, decimals: usize) -> f64 {
    let power = EXACT[decimals];
    let whole = (value * power).round();
    if whole.abs() < MAX_WHOLE { whole / power + 0.0 } else { value }
}

/// A number that was converted from another: the same if it is, else as computed.
#[inline]
#[must_use]
pub fn converted(value: f64, from: f64) -> f64 {
    if value.to_bits() == from.to_bits() { value } else { computed(value) }
}

/// The difference of two numbers.
#[inline]
#[must_use]
pub fn difference(one: f64, other: f64) -> f64 {
    let difference = one - other;
    let rounded = rounded(difference, one.abs().max(other.abs()), DIGITS);
    // Two stored numbers that differ in their last places only do differ.
    if rounded == 0.0 { computed(difference) } else { rounded }
}

/// How much a number moved in percent of what it was; NaN if that was nothing, or is missing. Up is positive, of a negative number
/// too.
#[inline]
#[must_use]
pub fn percent(new: f64, old: f64) -> f64 {
    if old == 0.0 { f64::NAN } else { computed(difference(new, old) / old.abs() * 100.0) }
}

/// Rounds to so many digits, counted from the first of the greatest.
#[inline]
fn rounded(value: f64, greatest: f64, digits: i32) -> f64 {
    if value == 0.0 || !value.is_finite() || !greatest.is_finite() {
        // A zero has one sign.
        return value + 0.0;
    }
    #[expect(clippy::cast_possible_truncation, reason = "a float has an exponent of three digits")]
    let first = greatest.abs().max(value.abs()).log10().floor() as i32;
    let decimals = digits - 1 - first;
    // Both the whole number and the power are exact, so that the quotient is the float that is nearest to the decimal.
    match usize::try_from(decimals).map(|decimals| EXACT.get(decimals)) {
        Ok(Some(power)) => (value * power).round() / power + 0.0,
        Ok(None) => {
            format!("{value:.*}", decimals.unsigned_abs().min(340) as usize).parse().unwrap_or(value) + 0.0
        }
        Err(_) => match EXACT.get(decimals.unsigned_abs() as usize) {
            Some(power) => (value / power).round() * power + 0.0,
            None => value,
        },
    }
}

/// A sum, exact to a unit in its last place however many numbers it has and in whatever order they come (Neumaier 1974).
#[derive(Clone, Copy, Debug, Default)]
pub struct Sum {
    sum: f64,
    lost: f64,
}

impl Sum {
    /// Adds a number. A missing one (NaN) makes the sum missing.
    #[inline]
    pub fn add(&mut self, value: f64) {
        let sum = self.sum + value;
        self.lost +=
            if self.sum.abs() >= value.abs() { (self.sum - sum) + value } else { (value - sum) + self.sum };
        self.sum = sum;
    }

    /// The sum, unrounded.
    #[inline]
    #[must_use]
    pub fn value(self) -> f64 {
        self.sum + self.lost
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn a_difference_has_the_decimals_of_what_it_is_made_of() {
        for (one, other, expected) in [
            (33.45, 34.66, "-1.21"),
            (34.66, 33.45, "1.21"),
            (0.3, 0.1, "0.2"),
            (1e6 + 0.1, 1e6, "0.1"),
            (84.571_26, 84.571_25, "0.00001"),
            (0.123_456_7, 0.101_5, "0.0219567"),
            (5.0, 5.0, "0"),
            (-0.0, 0.0, "0"),
            (0.1, f64::NAN, "NaN"),
        ] {
            assert_eq!(difference(one, other).to_string(), expected, "{one} - {other}");
        }
        let next = f64::from_bits(34.66_f64.to_bits() + 1);
        assert!(difference(next, 34.66) > 0.0, "what differs is not told to be equal");
    }

    #[test]
    fn computed_numbers_are_short_and_exact_ones_stay() {
        for (value, expected) in [
            (0.1 + 0.2, "0.3"),
            (1.1 * 1.1, "1.21"),
            (43.050_000_000_000_004, "43.05"),
            (1e-9 / 3.0, "0.000000000333333333333333"),
            (2.0 / 3.0, "0.666666666666667"),
            (123_456_789_012_345.0, "123456789012345"),
            (1.5e300, "1.5e300"),
            (-7.0, "-7"),
        ] {
            assert_eq!(computed(value).to_string().parse::<f64>(), expected.parse::<f64>(), "{value}");
        }
        assert_eq!(computed(0.1 + 0.2).to_string(), "0.3");
        assert!(computed(f64::NAN).is_nan() && computed(f64::INFINITY).is_infinite());
        assert_eq!(computed(-0.0).to_string(), "0");
        assert_eq!(fixed(43.050_000_000_000_4, 12).to_string(), "43.05");
        assert_eq!(fixed(30_996.000_000_000_004, 9).to_string(), "30996");
        assert_eq!(fixed(1e12 / 3.0, 9).to_bits(), (1e12_f64 / 3.0).to_bits());
        assert!(fixed(f64::NAN, 9).is_nan() && fixed(f64::INFINITY, 9).is_infinite());
        for (new, old, expected) in [(45.0, 40.0, "12.5"), (-34.0, -40.0, "15"), (1.1, 1.0, "10")] {
            assert_eq!(percent(new, old).to_string(), expected);
        }
        assert!(percent(1.0, 0.0).is_nan());
    }

    #[test]
    fn a_sum_does_not_depend_on_the_order() {
        let mut numbers: Vec<f64> = (1..2000)
            .map(|number| 1.0 / f64::from(number) * if number % 3 == 0 { -1e9 } else { 1.0 })
            .collect();
        let sum = |numbers: &[f64]| {
            let mut sum = Sum::default();
            for number in numbers {
                sum.add(*number);
            }
            computed(sum.value()).to_bits()
        };
        let forwards = sum(&numbers);
        numbers.reverse();
        assert_eq!(sum(&numbers), forwards);
        let mut tenths = Sum::default();
        (0..8760).for_each(|_| tenths.add(0.1));
        assert_eq!(computed(tenths.value()).to_string(), "876");
    }

    proptest! {
        #[test]
        fn a_number_of_fifteen_digits_is_never_changed(digits in -999_999_999_999_999_i64..=999_999_999_999_999, point in 0..30_i32) {
            let value: f64 = format!("{digits}e-{point}").parse().unwrap();
            prop_assert_eq!(computed(value).to_bits(), (value + 0.0).to_bits());
        }

        #[test]
        fn rounding_moves_a_number_by_less_than_its_fifteenth_digit(value in -1e12..1e12_f64) {
            let rounded = computed(value);
            prop_assert!((rounded - value).abs() <= value.abs() * 5.1e-15, "{} {}", value, rounded);
            prop_assert_eq!(computed(rounded).to_bits(), rounded.to_bits());
            prop_assert!(rounded.to_string().trim_start_matches(['-', '0', '.']).bytes().filter(u8::is_ascii_digit).count() <= 17);
        }

        #[test]
        fn a_difference_of_decimals_is_that_decimal(one in -99_999_999_i64..=99_999_999, other in -99_999_999_i64..=99_999_999, point in 0..6_u32) {
            let scale = 10_f64.powi(point.cast_signed());
            #[expect(clippy::cast_precision_loss, reason = "eight digits")]
            let [first, second, exact] = [one, other, one - other].map(|number| number as f64 / scale);
            prop_assert_eq!(difference(first, second).to_bits(), (exact + 0.0).to_bits());
        }
    }
}
