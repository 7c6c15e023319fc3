//! The delivery months for which a vector has values.

use crate::catalog::{Grid, Layout, Month};
use crate::curves::values::vector::Vector;
use chrono::NaiveDate;

/// A stored part of a curve: its first day and its values. Empty for a curve that no snapshot has.
pub(super) type Part = Option<(NaiveDate, Vector)>;

/// The first and the last granted delivery month with a value; `None` if the values have no delivery month. Grants are pairs of numbers
/// (year × 12 + month − 1, the second excluded); all months if absent. `tail` is the last part if there are several.
///
/// A zero does not count as a value where it means that nothing was published.
pub(super) fn span(
    layout: &Layout,
    head: Part,
    tail: Part,
    granted: Option<&[i32]>,
) -> Option<(Month, Month)> {
    let grid = layout.grid;
    match grid {
        Grid::Month | Grid::DayHour | Grid::Offer => {}
        Grid::MonthHour | Grid::Always => return None,
    }
    let head = head?;
    let month = |slot: i64| Month::of(grid.day(slot));
    // The end of values that are not granted must not be revealed either.
    let is_seen = |slot: i64| {
        let number = month(slot).ordinal() - 1;
        granted
            .is_none_or(|ranges| ranges.chunks_exact(2).any(|range| (range[0]..range[1]).contains(&number)))
    };
    let slots = |(start, Vector(values)): &(NaiveDate, Vector)| {
        let is_price = |value: &f64| !(value.is_nan() || layout.zero_is_missing && *value == 0.0);
        let prices = (grid.first_slot(*start)..)
            .zip(values)
            .filter(|(_, value)| is_price(value))
            .map(|(slot, _)| slot);
        let mut seen = prices.filter(|slot| is_seen(*slot));
        let begins = seen.next();
        (begins, seen.last().or(begins))
    };
    let (first, last) = slots(&head);
    let (tail_first, tail_last) = tail.as_ref().map_or((None, None), slots);
    first.or(tail_first).zip(tail_last.or(last)).map(|(first, last)| (month(first), month(last)))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::catalog::DataType;

    fn part(start: &str, values: &[f64]) -> Part {
        Some((start.parse().unwrap(), Vector(values.to_vec())))
    }

    fn months(grid: Grid, head: Part, tail: Part, granted: Option<&[i32]>) -> Option<String> {
        months_of(&Layout { grid, ..*Layout::of(DataType::Energy) }, head, tail, granted)
    }

    fn months_of(layout: &Layout, head: Part, tail: Part, granted: Option<&[i32]>) -> Option<String> {
        let span = span(layout, head, tail, granted);
        span.map(|(first, last)| format!("{first} {last}"))
    }

    #[test]
    fn a_price_to_compare_of_zero_is_not_published() {
        let none = || None;
        let vector = || part("2024-02-01", &[0.0, 0.1, 0.0, 0.2, 0.0, -0.0]);
        let of = |data_type| months_of(Layout::of(data_type), vector(), none(), None).unwrap();
        assert_eq!(of(DataType::Ptc), "2024-03 2024-05");
        assert_eq!(of(DataType::Energy), "2024-02 2024-07");
        assert_eq!(months_of(Layout::of(DataType::Ptc), part("2024-02-01", &[0.0]), none(), None), None);
    }

    #[test]
    fn missing_values_at_the_ends_do_not_count_and_what_is_not_granted_does_not_either() {
        const NONE: f64 = f64::NAN;
        let none = || None;
        let vector = || part("2024-02-01", &[NONE, 1.0, NONE, 2.0, NONE]);
        assert_eq!(months(Grid::Month, vector(), none(), None).unwrap(), "2024-03 2024-05");
        // Only April 2024 has a value; two years do not exist.
        let granted = [2024 * 12 + 3, 2024 * 12 + 4, 2030 * 12, 2032 * 12];
        assert_eq!(months(Grid::Month, vector(), none(), Some(&granted)), None, "no value in April");
        assert_eq!(months(Grid::Month, vector(), none(), Some(&granted[2..])), None);
        let granted = [2024 * 12 + 3, 2024 * 12 + 5];
        assert_eq!(months(Grid::Month, vector(), none(), Some(&granted)).unwrap(), "2024-05 2024-05");
        // March to May: a value after them does not move the end.
        let granted = [2024 * 12 + 2, 2024 * 12 + 5];
        for behind in [NONE, 7.0] {
            let vector = part("2024-02-01", &[9.0, 1.0, NONE, NONE, behind]);
            assert_eq!(months(Grid::Month, vector, none(), Some(&granted)).unwrap(), "2024-03 2024-03");
        }
        assert_eq!(months(Grid::Month, part("2024-02-01", &[NONE]), none(), None), None);
        assert_eq!(months(Grid::Always, part("2000-01-01", &[1.0]), none(), None), None);
        let hours = || part("2024-01-01", &vec![1.0; 366 * 25]);
        let tail = part("2025-01-01", &[1.0; 25]);
        assert_eq!(months(Grid::DayHour, hours(), tail, None).unwrap(), "2024-01 2025-01");
        assert_eq!(months(Grid::DayHour, hours(), none(), None).unwrap(), "2024-01 2024-12");
    }
}
