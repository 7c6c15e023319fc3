//! Which values a curve shows.

use super::*;

#[test]
fn a_zero_is_no_price_where_it_means_that_nothing_was_published() {
    let labels = ["PJM", "PA", "PECO", "PECO", "PECO", "7x24", "PTC", "PTC"].map(str::to_owned);
    let name = CurveName {
        labels,
        sub_component: "PTC".to_owned(),
        sub_component_raw: None,
        uom: None,
        details: vec![],
    };
    let name = Arc::new(name);
    for (data_type, gaps) in [(DataType::Ptc, [false, true, true]), (DataType::NonEnergy, [false; 3])] {
        let zero_is_missing = Layout::of(data_type).zero_is_missing;
        let curve = Curve { id: 1, name: Arc::clone(&name), months: None, zero_is_missing };
        let start = "2024-01-01".parse().unwrap();
        let cut = curve.cut(start, &[0.1, 0.0, -0.0], (i64::MIN, i64::MAX)).unwrap();
        assert_eq!(cut.values.iter().map(|value| value.is_nan()).collect::<Vec<_>>(), gaps, "{data_type}");
    }
}
