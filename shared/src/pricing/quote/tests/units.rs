//! Curves published before units and values were checked: each is priced as stated, or not at all.

use super::super::missing::{Missing, Reason};
use super::*;

const JUNE: (&str, &str) = ("2023-06-01", "2023-06-30");

/// The test sheets with the first curve of a data type changed.
fn with(data_type: DataType, change: impl Fn(&mut CurveName, &mut Vec<f64>)) -> Inputs {
    let mut inputs = made_up(&[[50.0, 40.0, 20.0]; 12]);
    let mut curves: Vec<Curve> = inputs.curves(data_type).to_vec();
    let mut name = (*curves[0].name).clone();
    change(&mut name, &mut curves[0].values);
    curves[0].name = Arc::new(name);
    inputs.put(data_type, sheet(900, curves));
    inputs
}

fn refused(inputs: &Inputs, (start, end): (&str, &str)) -> Vec<Missing> {
    let request = request(start, end);
    let mut desk = Desk::new(&request, inputs);
    desk.price(&request.accounts[0], "/accounts/0").err().unwrap_or_default()
}

#[test]
fn a_unit_in_the_name_of_an_older_curve_counts() {
    let inputs = with(DataType::NonEnergy, |name, values| {
        (name.labels[7], name.uom) = ("RPM Price ($/MW-Day)".to_owned(), None);
        values.fill(10.0);
    });
    let priced = price(&inputs, &request(JUNE.0, JUNE.1));
    // 1.24 MW in the last hour of each day.
    close(line(&priced, "Ancillary Charges / RPM Price ($/MW-Day)").dollars, 1.24 * 10.0 * 30.0, 1e-9);
    // The unit in the name contradicts the assumed one.
    for data_type in
        [DataType::Energy, DataType::LoadProfile, DataType::Vlr, DataType::LineLoss, DataType::Rec]
    {
        let inputs = with(data_type, |name, _| name.labels[7] += " (€/widget)");
        let told = refused(&inputs, JUNE);
        // Profiles and voltages are found by name.
        let expected = match data_type {
            DataType::LoadProfile | DataType::LineLoss => Reason::NotThere,
            _ => Reason::UnitUnknown,
        };
        let own = told.iter().find(|missing| missing.data_type == data_type.word());
        assert_eq!(own.map(|missing| missing.reason), Some(expected), "{told:#?}");
    }
}

#[test]
fn an_unknown_or_wrong_unit_is_named_for_each_input() {
    for data_type in crate::pricing::quote::inputs::NEEDED {
        let told = refused(&with(data_type, |name, _| name.uom = Some("widgets/h".to_owned())), JUNE);
        assert_eq!(told.len(), 1, "{data_type}: {told:#?}");
        assert_eq!((told[0].reason, told[0].data_type.as_str()), (Reason::UnitUnknown, data_type.word()));
        assert!(
            told[0].what.starts_with("unit_unknown") && told[0].what.contains("widgets/h"),
            "{}",
            told[0].what
        );
        // A charge that is neither an energy nor a demand price is left out; in any other input it stops the price.
        let told = refused(&with(data_type, |name, _| name.uom = Some("$/MMBtu".to_owned())), JUNE);
        let reasons: Vec<Reason> = told.iter().map(|missing| missing.reason).collect();
        let expected: &[Reason] = if data_type == DataType::NonEnergy { &[] } else { &[Reason::WrongUnit] };
        assert_eq!(reasons, expected, "{data_type}: {told:#?}");
    }
}

#[test]
fn an_impossible_value_stops_only_the_prices_of_its_months() {
    for (data_type, value) in
        [(DataType::Energy, 50_000.0), (DataType::NonEnergy, 50_000.0), (DataType::Rec, 50_000.0)]
    {
        let inputs = with(data_type, |_, values| values[5] = value);
        let told = refused(&inputs, JUNE);
        assert_eq!(told.len(), 1, "{told:#?}");
        assert_eq!(
            (told[0].reason, &told[0].months[..]),
            (Reason::ImpossibleValue, &["2023-06".to_owned()][..])
        );
        assert!(told[0].what.contains("50000"), "{}", told[0].what);
        assert!(refused(&inputs, ("2023-05-01", "2023-05-31")).is_empty(), "{data_type}");
    }
    for (data_type, value) in [
        (DataType::LineLoss, 0.0546),
        (DataType::LineLoss, 5.46),
        (DataType::LineLoss, -1.05),
        (DataType::Vlr, 193.0),
        (DataType::Shaping, 150.0),
        (DataType::LoadProfile, 1e12),
    ] {
        let told = refused(&with(data_type, |_, values| values.fill(value)), JUNE);
        let reasons: Vec<_> =
            told.iter().map(|missing| (missing.reason, missing.data_type.as_str())).collect();
        assert_eq!(reasons, [(Reason::ImpossibleValue, data_type.word())], "{told:#?}");
    }
}

#[test]
fn the_old_method_takes_charges_unconverted_and_says_so_and_prices_nothing_unknown() {
    let mut body = asked("2023-06-01", "2023-06-30");
    body["method"] = json!("legacy");
    let request = Request::read(&body).unwrap();
    let reasons = |inputs: &Inputs| -> Vec<Reason> {
        let told = legacy::price(inputs, Market::Ercot, &request.accounts[0], "").err().unwrap_or_default();
        told.into_iter().map(|missing| missing.reason).filter(|reason| *reason != Reason::NotThere).collect()
    };
    let inputs = made_up(&[[50.0, 40.0, 20.0]; 12]);
    let notes = legacy::notes(&inputs);
    assert_eq!(notes.len(), 1, "{notes:?}");
    assert!(notes.first().unwrap().contains("Capacity Charge") && notes.first().unwrap().contains("$/kW-mo"));
    assert!(reasons(&inputs).is_empty());
    let kilowatts = with(DataType::LoadProfile, |name, _| name.uom = Some("kW".to_owned()));
    assert!(reasons(&kilowatts).is_empty(), "an hour's kW is kWh");
    assert_eq!(reasons(&with(DataType::LineLoss, |_, values| values[0] = 0.0546)), [Reason::ImpossibleValue]);
    assert_eq!(
        reasons(&with(DataType::NonEnergy, |name, _| name.uom = Some("widgets/h".to_owned()))),
        [Reason::UnitUnknown]
    );
}
