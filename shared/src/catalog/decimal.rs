//! Decimal rounding of computed numbers. A number from a sheet is returned as it was written. A number computed from such numbers
//! is a float whose last digits are off, and would be written with them (-1.2100000000000009). This module rounds it to the digits
//! that its inputs support.
//!
//! The rule: a float supports [`DIGITS`] significant digits. A computed number is rounded to that many digits, counted from the
//! first digit of the largest number that it was computed from, so a small difference of large numbers has fewer. Stored numbers
//! are never rounded, so they lose nothing.

/// Number of significant digits that every float can hold (IEEE 754, binary64).
pub const DIGITS: i32 = 15;
/// All whole numbers below this are exact as floats.
const MAX_WHOLE: f64 = 9_007_199_254_740_992.0;
/// Powers of ten that are exact as floats.
const EXACT: [f64; 23] = [
    1e0, 1e1, 1e2, 1e3, 1e4, 1e5, 1e6, 1e7, 1e8, 1e9, 1e10, 1e11, 1e12, 1e13, 1e14, 1e15, 1e16, 1e17, 1e18,
    1e19, 1e20, 1e21, 1e22,
];

/// Rounds a number that was computed from numbers of the same size.
#[inline]
#[must_use]
pub fn computed(value: f64) -> f64 {
    rounded(value, value, DIGITS)
}

/// Rounds a number that was computed from others, the largest of which (by absolute value) is `greatest`.
#[inline]
#[must_use]
pub fn computed_from(value: f64, greatest: f64) -> f64 {
    rounded(value, greatest, DIGITS)
}

/// Rounds to at most `decimals` decimals, up to 22, so that parts with that many decimals sum to a whole with that many. A number
/// too large for this is returned unchanged.
#[inline]
#[must_use]
pub fn fixed(value: f64, decimals: usize) -> f64 {
    let power = EXACT[decimals];
    let whole = (value * power).round();
    if whole.abs() < MAX_WHOLE { whole / power + 0.0 } else { value }
}

/// Rounds a number that was converted from another, unless the conversion did not change it.
#[inline]
#[must_use]
pub fn converted(value: f64, from: f64) -> f64 {
    if value.to_bits() == from.to_bits() { value } else { computed(value) }
}

/// The difference of two numbers, rounded.
#[inline]
#[must_use]
pub fn difference(one: f64, other: f64) -> f64 {
    let difference = one - other;
    let rounded = rounded(difference, one.abs().max(other.abs()), DIGITS);
    // Two stored numbers that differ only in their last digits still differ.
    if rounded == 0.0 { computed(difference) } else { rounded }
}

/// The change of a number in percent of its old value; NaN if the old value is zero or missing. An increase is positive, even for a
/// negative number.
#[inline]
#[must_use]
pub fn percent(new: f64, old: f64) -> f64 {
    if old == 0.0 { f64::NAN } else { computed(difference(new, old) / old.abs() * 100.0) }
}

/// Rounds to `digits` digits, counted from the first digit of `greatest`.
#[inline]
fn rounded(value: f64, greatest: f64, digits: i32) -> f64 {
    if value == 0.0 || !value.is_finite() || !greatest.is_finite() {
        // Adding zero turns -0.0 into 0.0.
        return value + 0.0;
    }
    #[expect(clippy::cast_possible_truncation, reason = "a float has an exponent of three digits")]
    let first = greatest.abs().max(value.abs()).log10().floor() as i32;
    let decimals = digits - 1 - first;
    // Both the whole number and the power are exact, so the quotient is the float nearest to the decimal.
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

/// A sum that is exact to one unit in the last place, whatever the number and order of its terms (Neumaier 1974).
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
    fn a_difference_has_the_decimals_of_its_terms() {
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
        assert!(difference(next, 34.66) > 0.0, "different numbers do not appear equal");
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
