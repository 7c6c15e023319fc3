//! What must hold for every price, whatever the numbers.

use super::*;

/// Prices for twelve months.
fn prices() -> impl Strategy<Value = Vec<[f64; 3]>> {
    proptest::collection::vec([-20.0..150.0, -20.0..150.0, -20.0..150.0], 12)
}

fn column<'h>(hourly: &'h crate::pricing::quote::hourly::Hourly, name: &str) -> &'h [f64] {
    &hourly.columns.iter().find(|(known, _)| *known == name).unwrap().1
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(24))]

    #[test]
    fn block_prices_recombine_to_the_base_price(prices in prices(), steepness in 0.001..3.0_f64) {
        let mut inputs = made_up(&prices);
        let shapes: Vec<Curve> = inputs.curves(DataType::Shaping).iter().map(|curve| {
            let values = curve.values.iter().enumerate();
            let factor = |(at, value): (usize, &f64)| value + steepness * f64::from(u32::try_from(at * 7919 % 101).unwrap());
            Curve { values: values.map(factor).collect(), ..curve.clone() }
        }).collect();
        inputs.put(DataType::Shaping, sheet(102, shapes));
        let request = request("2023-01-01", "2023-12-31");
        let hours = Hours::new(Market::Ercot, Rules::Nerc, month("2023-01"), month("2023-12"));
        let zone = Zone::new(&inputs, Market::Ercot, &hours, &request.accounts[0]);
        for (place, months) in prices.iter().enumerate() {
            let mean = |kinds: u8| {
                let own = (0..hours.len()).filter(|hour| {
                    usize::from(hours.month[*hour]) == place && kinds >> hours.kind[*hour] & 1 == 1
                });
                let (sum, count) = own.fold((0.0, 0.0), |(sum, count), hour| (sum + zone.price[hour], count + 1.0));
                (sum / count, count)
            };
            let month = hours.month_at(place);
            let mut whole = 0.0;
            for (block, price) in Block::PARTITIONS[0].iter().zip(months) {
                let (found, count) = mean(kinds_of(*block));
                prop_assert!((found - price).abs() < 1e-9 * (1.0 + price.abs()), "{month} {block}: got {found}, expected {price}");
                whole += price * count;
            }
            let flat = whole / Calendar::Nerc.hours(month, Block::Flat7x24);
            prop_assert!((mean(0b1111).0 - flat).abs() < 1e-9 * (1.0 + flat.abs()));
        }
    }

    #[test]
    fn lines_sum_to_the_price_and_hours_to_the_lines(
        prices in prices(), start in 0_u64..300, length in 0_u64..64, kw in proptest::option::of(0.0..5000.0_f64),
    ) {
        let inputs = made_up(&prices);
        let first = NaiveDate::from_ymd_opt(2023, 1, 1).unwrap() + chrono::Days::new(start);
        let last = first + chrono::Days::new(length);
        let mut asked = asked(&first.to_string(), &last.to_string());
        asked["accounts"][0]["capacity_kw"] = json!(kw);
        let request = Request::read(&asked).unwrap();
        let mut desk = Desk::new(&request, &inputs);
        let priced = desk.price(&request.accounts[0], "").unwrap();
        let hourly = desk.hourly(&request.accounts[0]);
        let sum: f64 = priced.lines.iter().map(|line| line.price_per_mwh).sum();
        prop_assert!((sum - priced.price_per_mwh).abs() < 1e-9);
        let sum: f64 = priced.lines.iter().map(|line| line.dollars).sum();
        prop_assert!((sum - priced.dollars).abs() < 1e-9);
        prop_assert!((priced.dollars / priced.mwh - priced.price_per_mwh).abs() < 1e-9);
        prop_assert_eq!(hourly.day.len() as u64, priced.hours);
        let load = column(&hourly, "load_mw");
        let weighted = |name: &str| column(&hourly, name).iter().zip(load).map(|(cell, load)| cell * load).sum::<f64>();
        let dollars = |kind: &str| {
            let own = priced.lines.iter().filter(|line| line.kind == kind);
            own.map(|line| line.dollars).sum::<f64>()
        };
        for (name, expected) in [
            ("price", priced.dollars), ("energy", dollars("energy")), ("vlr", dollars("vlr")), ("rec", dollars("rec")),
            ("losses", dollars("losses")), ("adders", dollars("adder")),
        ] {
            let found = weighted(name);
            prop_assert!((found - expected).abs() < 1e-9 * (1.0 + expected.abs()), "{name}: got {found}, expected {expected}");
        }
        let charges = weighted("nonenergy") + weighted("demand");
        prop_assert!((charges - dollars("nonenergy")).abs() < 1e-9 * (1.0 + charges.abs()));
    }
}

#[test]
fn capacity_is_paid_by_demand_and_never_by_the_load_of_an_hour() {
    let inputs = made_up(&[[50.0, 40.0, 20.0]; 12]);
    let priced = price(&inputs, &request("2023-06-01", "2023-06-30"));
    // 1.24 MW in the last hour of each day, at 2 $/kW-mo.
    close(line(&priced, "Capacity / Capacity Charge").dollars, 1240.0 * 2.0, 1e-9);
    let half = price(&inputs, &request("2023-06-01", "2023-06-15"));
    close(line(&half, "Capacity / Capacity Charge").dollars, 1240.0, 1e-9);
    let mut told = asked("2023-06-01", "2023-06-30");
    told["accounts"][0]["capacity_kw"] = json!(900);
    close(
        line(&price(&inputs, &Request::read(&told).unwrap()), "Capacity / Capacity Charge").dollars,
        1800.0,
        1e-9,
    );
    // Losses apply to energy, risk and charges in $/MWh; not to capacity, obligations and adders.
    let [energy, vlr, fee] =
        ["energy", "vlr", "Ancillary Charges / Admin Fee"].map(|component| line(&priced, component).dollars);
    close(line(&priced, "losses").dollars, 0.05 * (energy + vlr + fee), 1e-9);
}

#[test]
fn months_with_a_change_of_clocks_are_priced_by_their_hours() {
    let inputs = made_up(&[[50.0, 50.0, 50.0]; 12]);
    for (start, end, hours) in [("2023-03-01", "2023-03-31", 743), ("2023-11-01", "2023-11-30", 721)] {
        let priced = price(&inputs, &request(start, end));
        assert_eq!(priced.hours, hours, "{start}");
        assert!((priced.mwh - f64::from(u32::try_from(hours).unwrap()) * 1.125).abs() < 2.0);
    }
}

#[test]
fn all_missing_inputs_are_named_at_once() {
    let whole = made_up(&[[50.0, 40.0, 20.0]; 12]);
    let request = request("2023-12-01", "2024-01-31");
    let missing = |inputs: &Inputs| {
        let mut desk = Desk::new(&request, inputs);
        desk.price(&request.accounts[0], "/accounts/0").unwrap_err()
    };
    let told = missing(&whole);
    let types: Vec<&str> = told.iter().map(|missing| missing.data_type.as_str()).collect();
    // The sheets end with 2023; shape and profile are typical; risk and losses are always valid.
    assert_eq!(types, ["energy", "energy", "energy", "nonenergy", "nonenergy", "rec"], "{told:#?}");
    assert!(told.iter().all(|missing| missing.months == ["2024-01"] && missing.accounts == ["/accounts/0"]));
    let none = missing(&Inputs::default());
    let types: Vec<&str> = none.iter().map(|missing| missing.data_type.as_str()).collect();
    assert_eq!(
        types,
        ["energy", "shaping", "loadprofile", "vlr", "lineloss", "nonenergy", "rec"],
        "{none:#?}"
    );
    assert_eq!(none[2].upload, "LoadProfile_ERCOT_<YYYYMMDD>_<HHMMSS>.csv");
    assert_eq!(none[2].labels["cost_component"], "RESLOWR_NORTH");
}

#[test]
fn the_closest_charge_counts_and_capacity_is_local() {
    let at = |zone: &'static str, utility: &'static str, group, component| {
        ["NYISO", "NY", zone, zone, utility, "7x24", group, component]
    };
    let first = i64::from(month("2023-01").ordinal());
    let all = [
        (at("ALL", "ALL", "Ancillaries", "NTAC"), "$/MWh", 1.0),
        (at("ZONE J", "ALL", "Ancillaries", "NTAC"), "$/MWh", 2.0),
        (at("ALL", "CONED", "Ancillaries", "NTAC"), "$/MWh", 3.0),
        (at("ZONE A", "ALL", "Ancillaries", "Uplift"), "$/MWh", 4.0),
        (at("ALL", "ALL", "Capacity", "NYC"), "$/kW-mo", 5.0),
        (at("ALL", "ALL", "Capacity", "ROS"), "$/kW-mo", 6.0),
        (at("ALL", "ALL", "Gas", "Transco Z6"), "$/MMBtu", 7.0),
        (at("ALL", "ALL", "Ancillaries", "Peak Fee on-peak"), "$/MWh", 8.0),
        (at("ALL", "ALL", "Ancillaries", "Peak Fee off-peak"), "$/MWh", 9.0),
    ];
    let curves = all.into_iter().enumerate().map(|(id, (labels, unit, value))| {
        curve(i32::try_from(id).unwrap(), labels, Some(unit), first, vec![value; 12])
    });
    let mut inputs = Inputs::default();
    inputs.put(DataType::NonEnergy, sheet(1, curves.collect()));
    let hours = Hours::new(Market::Nyiso, Rules::Nerc, month("2023-01"), month("2023-12"));
    let place = crate::pricing::quote::select::Place {
        state: Some("ny".to_owned()),
        load_zone: "zone j".to_owned(),
        capacity_zone: "zone j".to_owned(),
        utility: "coned".to_owned(),
    };
    let charges = crate::pricing::quote::charges::Charges::of(
        &inputs,
        Market::Nyiso,
        &place,
        &hours,
        &std::collections::BTreeMap::new(),
    );
    let names: Vec<&str> = charges.all.iter().map(|charge| charge.name.as_str()).collect();
    assert_eq!(names, ["Ancillaries / NTAC", "Capacity / NYC", "Ancillaries / Peak Fee"]);
    assert_eq!(charges.all[0].curves, [2]);
    assert_eq!(charges.all[2].curves, [7, 8]);
    assert_eq!(charges.left_out.len(), 1, "{:?}", charges.left_out);
    assert_eq!(inputs.curves(DataType::NonEnergy)[0].label(Label::LoadZone), "all");
}
