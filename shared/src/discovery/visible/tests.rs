use super::*;

#[test]
fn ranges_are_months_and_open_ends_are_absent() {
    let range = |from: Option<&str>, to: Option<&str>| MonthRange {
        from: from.map(str::to_owned),
        to: to.map(str::to_owned),
    };
    assert_eq!(ranges(None), [range(None, None)]);
    assert_eq!(ranges(Some(vec![])), []);
    let numbers = vec![i32::MIN, 2024 * 12, 2025 * 12 + 11, i32::MAX];
    assert_eq!(ranges(Some(numbers)), [range(None, Some("2024-01")), range(Some("2025-12"), None)]);
}
