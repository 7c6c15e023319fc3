//! Which curves and months a snapshot covers.

use super::*;

#[test]
fn a_coverage_has_its_curves_in_its_months() {
    let month = |year: i32, month: i32| year * 12 + month - 1;
    let covered = Some(vec![month(2024, 2), month(2024, 5)]);
    let coverage = Coverage { snapshot: 1, from: vec![3, 9], to: vec![5, 10], months: covered };
    let april = [month(2024, 4), month(2024, 5)];
    let may = [month(2024, 5), i32::MAX];
    for (curve, granted, has) in [
        (3, None, true),
        (4, Some(&april[..]), true),
        (9, Some(&[i32::MIN, month(2024, 3)]), true),
        (5, None, false),
        (4, Some(&may), false),
        (4, Some(&[]), false),
    ] {
        assert_eq!(coverage.has(curve, granted), has, "{curve} {granted:?}");
    }
    let timeless = Coverage { months: None, ..coverage };
    assert!(timeless.has(4, Some(&may)) && !timeless.has(5, Some(&may)));
}
