use super::*;
use crate::catalog::layouts::LAYOUTS;
use crate::catalog::{DataType, Layout};

#[test]
fn every_range_is_ordered_and_its_layout_accepts_its_dimension() {
    for layout in &LAYOUTS {
        for range in layout.ranges {
            let Range { possible, plausible, middle, .. } = range;
            assert!(possible.0 <= plausible.0 && plausible.0 < plausible.1 && plausible.1 <= possible.1);
            assert!(middle.0 < middle.1 && !range.form.is_empty(), "{}", layout.data_type);
            let takes = layout.dimensions.iter().any(|known| alike(*known, range.dimension));
            assert!(takes || layout.dimensions.is_empty(), "{} {:?}", layout.data_type, range.dimension);
        }
        // A layout that requires units has a default unit, and a range for it.
        if let Some(unit) = layout.unit {
            assert!(layout.bounds(unit, "").is_some(), "{}", layout.data_type);
            assert!(layout.takes(unit), "{}", layout.data_type);
        }
    }
}

#[test]
fn a_range_is_the_same_in_every_unit_of_its_dimension() {
    let of = |data_type, unit| Layout::of(data_type).bounds(unit, "x").unwrap();
    for (data_type, unit, possible, impossible) in [
        (DataType::Energy, Unit::DollarsPerMwh, 9000.0, 10_000.1),
        (DataType::Energy, Unit::CentsPerKwh, 900.0, 1000.1),
        (DataType::Energy, Unit::DollarsPerKwh, -0.9, -10.1),
        (DataType::Ptc, Unit::DollarsPerKwh, 0.494, 12.3),
        (DataType::Ptc, Unit::CentsPerKwh, 49.4, 1230.0),
        (DataType::NonEnergy, Unit::DollarsPerMwDay, 466.0, 7000.0),
        (DataType::NonEnergy, Unit::DollarsPerKwMonth, 20.8, 4161.0),
        (DataType::NonEnergy, Unit::DollarsPerMwYear, 250_000.0, 3e6),
        (DataType::LoadProfile, Unit::KilowattHours, 57.0, 3e8),
        (DataType::LoadProfile, Unit::Megawatts, -2.0, 3e5),
        (DataType::Vlr, Unit::PercentPoints, 5.43, 193.0),
    ] {
        let bounds = of(data_type, unit);
        assert!(bounds.is_possible(possible) && bounds.is_plausible(f64::NAN), "{data_type} {unit:?}");
        assert!(!bounds.is_possible(impossible) && !bounds.is_plausible(impossible), "{data_type} {unit:?}");
    }
    assert_eq!(
        of(DataType::LineLoss, Unit::Factor).expected(),
        "a factor such as 1.0546: from 1 to 1.5 factor"
    );
    assert_eq!(
        of(DataType::Ptc, Unit::CentsPerKwh).usual(),
        "a price to compare such as 0.1234 $/kWh: from 0.1 to 60 cents/kWh"
    );
}

#[test]
fn loss_factors_are_near_and_above_one() {
    let bounds = Layout::of(DataType::LineLoss).bounds(Unit::Factor, "Secondary").unwrap();
    for factor in [0.0546, 5.46, 0.0, -1.05, 0.9454, 0.999] {
        assert!(!bounds.is_possible(factor), "{factor}");
    }
    for factor in [1.0, 1.0113, 1.0546, 1.071, 1.16] {
        assert!(bounds.is_possible(factor) && bounds.is_plausible(factor), "{factor}");
    }
    assert!(bounds.is_possible(1.3) && !bounds.is_plausible(1.3));
}

#[test]
fn the_price_of_an_offer_has_its_own_range_and_a_zero_price_to_compare_means_unpublished() {
    let matrix = Layout::of(DataType::Matrix);
    let of = |component: &str| matrix.bounds(Unit::DollarsPerMwh, component).unwrap();
    assert!(of("Balancing Account Proceeds").is_plausible(-0.54));
    assert!(!of("Total  bundled_price").is_possible(-0.54) && !of("Total Bundled Price").is_possible(0.0829));
    assert!(matrix.bounds(Unit::KilowattHours, "Total Contract Load").is_none());
    let ptc = Layout::of(DataType::Ptc).bounds(Unit::DollarsPerKwh, "R").unwrap();
    assert!(ptc.is_possible(0.0) && ptc.is_plausible(0.0) && !ptc.is_possible(-0.1));
}
