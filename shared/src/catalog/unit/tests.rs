use super::*;
use proptest::prelude::*;

/// Every unit on the list of supported units, in spellings found in sheets.
const SPELLINGS: [(&str, Unit); 62] = [
    ("$/MWh", Unit::DollarsPerMwh),
    ("$/Mwh", Unit::DollarsPerMwh),
    ("$ / mwh", Unit::DollarsPerMwh),
    ("USD/MWh", Unit::DollarsPerMwh),
    ("$ per MWh", Unit::DollarsPerMwh),
    ("dollars per MWh", Unit::DollarsPerMwh),
    ("$/MW-h", Unit::DollarsPerMwh),
    ("$/MW-hr", Unit::DollarsPerMwh),
    ("[$/MWh]", Unit::DollarsPerMwh),
    ("(in $/MWh)", Unit::DollarsPerMwh),
    ("$/MWh\u{200b}", Unit::DollarsPerMwh),
    ("$/kWh", Unit::DollarsPerKwh),
    ("$/KWH", Unit::DollarsPerKwh),
    ("¢/kWh", Unit::CentsPerKwh),
    ("¢ / kWh", Unit::CentsPerKwh),
    ("cents/kWh", Unit::CentsPerKwh),
    ("Cents per kWh", Unit::CentsPerKwh),
    ("c/kWh", Unit::CentsPerKwh),
    ("mills/kWh", Unit::MillsPerKwh),
    ("mill/kWh", Unit::MillsPerKwh),
    ("$/MW-day", Unit::DollarsPerMwDay),
    ("$/MW-Day", Unit::DollarsPerMwDay),
    ("$/MW day", Unit::DollarsPerMwDay),
    ("$/MW/day", Unit::DollarsPerMwDay),
    ("$/MW per day", Unit::DollarsPerMwDay),
    ("$/(MW-day)", Unit::DollarsPerMwDay),
    ("$/MW\u{2011}day", Unit::DollarsPerMwDay),
    ("$/MW·day", Unit::DollarsPerMwDay),
    ("$/day-MW", Unit::DollarsPerMwDay),
    ("$/kW-day", Unit::DollarsPerKwDay),
    ("$/kw-mo", Unit::DollarsPerKwMonth),
    ("$/kW-month", Unit::DollarsPerKwMonth),
    ("$/kW-Month", Unit::DollarsPerKwMonth),
    ("$/kW-months", Unit::DollarsPerKwMonth),
    ("$/kW_mo", Unit::DollarsPerKwMonth),
    ("$/MW-mo", Unit::DollarsPerMwMonth),
    ("$/MW-month", Unit::DollarsPerMwMonth),
    ("$/MW-yr", Unit::DollarsPerMwYear),
    ("$/MW-year", Unit::DollarsPerMwYear),
    ("$/MW-Yr", Unit::DollarsPerMwYear),
    ("$ per MW per year", Unit::DollarsPerMwYear),
    ("$/kW-yr", Unit::DollarsPerKwYear),
    ("$/kW-year", Unit::DollarsPerKwYear),
    ("$/MMBtu", Unit::DollarsPerMmbtu),
    ("$/mmbtu", Unit::DollarsPerMmbtu),
    ("$/Dth", Unit::DollarsPerDth),
    ("$/therm", Unit::DollarsPerTherm),
    ("$/REC", Unit::DollarsPerRec),
    ("$/rec", Unit::DollarsPerRec),
    ("$", Unit::Dollars),
    ("$/month", Unit::DollarsPerMonth),
    ("MW", Unit::Megawatts),
    ("mw", Unit::Megawatts),
    ("kW", Unit::Kilowatts),
    ("MWh", Unit::MegawattHours),
    ("MW-h", Unit::MegawattHours),
    ("kWh", Unit::KilowattHours),
    ("(kWh)", Unit::KilowattHours),
    ("%", Unit::Percent),
    ("percent", Unit::PercentPoints),
    ("factor", Unit::Factor),
    ("MMBtu/MWh", Unit::MmbtuPerMwh),
];
/// Texts that are not known units, however similar they look.
const UNKNOWN: [&str; 37] = [
    "",
    " ",
    "EUR",
    "€/MWh",
    "CAD/MWh",
    "C$/MWh",
    "A$/MWh",
    "$/MW",
    "$/kW",
    "$/kVA-mo",
    "$/MW-week",
    "$/MW-wk",
    "$/MW-season",
    "$/MWh-mo",
    "widgets/h",
    "MWh/$",
    "kWh/MWh",
    "$/ton",
    "GWh",
    "$/GWh",
    "cents/MWh",
    "mills/MWh",
    "cents/kW-mo",
    "$/kW-m",
    "k$/MW-yr",
    "$000/MW-yr",
    "$1000/MWh",
    "0.01 $/kWh",
    "$/MW-day UCAP",
    "$/MWhh",
    "$$/MWh",
    "$//MWh",
    "$/",
    "/MWh",
    "MWday",
    "per",
    "bananas",
];

#[test]
#[expect(clippy::float_cmp, reason = "sizes are whole numbers")]
fn the_table_is_complete_and_every_symbol_parses_as_its_unit() {
    let mut symbols = Vec::new();
    for (at, unit) in Unit::ALL.into_iter().enumerate() {
        assert_eq!(unit as usize, at, "{unit:?} has different positions in the table and in the list");
        assert_eq!(Unit::parse(unit.symbol()), Some(unit));
        for word in TABLE[at].words {
            assert_eq!(Unit::parse(word), Some(unit), "{word}");
        }
        let (times, over) = TABLE[at].size;
        assert!(times.fract() == 0.0 && over.fract() == 0.0 && (times == 1.0 || over == 1.0), "{unit:?}");
        symbols.push(unit.symbol());
    }
    symbols.sort_unstable();
    symbols.dedup();
    assert_eq!(symbols.len(), Unit::ALL.len());
}

#[test]
fn every_spelling_parses_as_its_unit_and_other_texts_as_none() {
    for (text, unit) in SPELLINGS {
        assert_eq!(Unit::parse(text), Some(unit), "{text:?}");
    }
    for text in UNKNOWN {
        assert_eq!(Unit::parse(text), None, "{text:?}");
    }
}

#[test]
fn a_unit_is_found_anywhere_in_a_name() {
    let known = |unit| Written::Known(unit);
    let unknown = |text: &str| Written::Unknown(text.to_owned());
    for (name, rest, said) in [
        ("Inadvertent Energy ($/MWh)", "Inadvertent Energy", known(Unit::DollarsPerMwh)),
        ("NITS Rate  ($/kW-Month)", "NITS Rate", known(Unit::DollarsPerKwMonth)),
        ("Reactive Supply Value ($/kw-mo)", "Reactive Supply Value", known(Unit::DollarsPerKwMonth)),
        ("Black Start Charge ($/MW-month)", "Black Start Charge", known(Unit::DollarsPerMwMonth)),
        ("Capacity Price ($/kW-day)", "Capacity Price", known(Unit::DollarsPerKwDay)),
        ("Capacity [ $ / MW-Day ]", "Capacity", known(Unit::DollarsPerMwDay)),
        ("TEAC $/kw-mo", "TEAC", known(Unit::DollarsPerKwMonth)),
        ("NITS $/MW-yr", "NITS", known(Unit::DollarsPerMwYear)),
        ("Fee cents/kWh", "Fee", known(Unit::CentsPerKwh)),
        ("Fee USD per MWh", "Fee", known(Unit::DollarsPerMwh)),
        ("Blackstart ($/MWh) off-peak", "Blackstart off-peak", known(Unit::DollarsPerMwh)),
        ("Blackstart (Zone 1) ($/MWh)", "Blackstart (Zone 1)", known(Unit::DollarsPerMwh)),
        ("ACP (%)", "ACP", known(Unit::Percent)),
        ("Total Contract Load (kWh)", "Total Contract Load", known(Unit::KilowattHours)),
        ("$/MWh", "$/MWh", known(Unit::DollarsPerMwh)),
        ("cents/kWh", "cents/kWh", known(Unit::CentsPerKwh)),
        ("Fee (widgets/h)", "Fee (widgets/h)", unknown("widgets/h")),
        ("Fee (€/MWh)", "Fee (€/MWh)", unknown("€/MWh")),
        ("Fee ($/MW)", "Fee ($/MW)", unknown("$/MW")),
        ("Fee ($/kVA-mo) on-peak", "Fee ($/kVA-mo) on-peak", unknown("$/kVA-mo")),
        ("Fee (per MWh)", "Fee (per MWh)", unknown("per MWh")),
        ("Fee (MW-day)", "Fee (MW-day)", unknown("MW-day")),
        ("Fee $/customer", "Fee $/customer", unknown("$/customer")),
        ("Fee ($/MWh) ($/kWh)", "Fee ($/MWh) ($/kWh)", unknown("$/MWh and $/kWh")),
        ("Fee ($/(MW-day))", "Fee", known(Unit::DollarsPerMwDay)),
        ("Fee (old ($/MWh)", "Fee (old", known(Unit::DollarsPerMwh)),
    ] {
        assert_eq!(Written::in_name(name), (rest.to_owned(), said), "{name}");
    }
    // Plain words in brackets and signs in names, from real sheets.
    for name in [
        "% o load covered by Supplier (vs Utility)",
        "Total Cost per MWh (ZEC Rate)",
        "Class III (ZEC)",
        "CES (Less RPS I) Obligation",
        "Residential Electric Service (Non-Heating) (Rate 1)",
        "Small General Electric Service (Rate 30)",
        "ACP %",
        "RPS_Mandate_Mwh",
        "VSS/Black Start",
        "ARR (Credit)",
        "Variable Load Risk (VLR)",
        "Network Upgrade Charge ",
        "ISO-NE CT/RI",
        "Fee (N/A)",
        "Shape (On/Off)",
        "Cap ($5 floor)",
        "Share (50%)",
        "Demand (Upper half)",
    ] {
        assert_eq!(Written::in_name(name), (name.to_owned(), Written::Nothing), "{name}");
    }
}

#[test]
fn a_unit_cell_that_is_blank_or_a_dash_means_no_unit() {
    for cell in ["", "  ", "-", "N/A", "#N/A", "none"] {
        assert_eq!(Written::in_cell(cell), Written::Nothing, "{cell:?}");
    }
    assert_eq!(Written::in_cell(" $/MW-yr "), Written::Known(Unit::DollarsPerMwYear));
    assert_eq!(Written::in_cell(" widgets "), Written::Unknown("widgets".to_owned()));
}

#[test]
#[expect(clippy::float_cmp, reason = "the same operations in the same order")]
fn a_day_is_paid_in_full_when_clocks_change_and_a_year_by_its_hours() {
    let march = Month::new(2024, 3).unwrap();
    let per_mwh = |unit: Unit, calendar, hours| unit.per_mwh(0.01, march, hours, calendar).unwrap();
    assert_eq!(per_mwh(Unit::DollarsPerKwDay, Calendar::Nerc, 743.0), 310.0 / 743.0);
    assert_eq!(per_mwh(Unit::DollarsPerKwDay, Calendar::Legacy, 744.0), 10.0 / 24.0);
    for (calendar, hours) in [(Calendar::Nerc, 743.0), (Calendar::Legacy, 744.0)] {
        assert_eq!(per_mwh(Unit::DollarsPerKwYear, calendar, hours), 10.0 / 8784.0);
    }
    assert_eq!(hours_of_year(Month::new(2023, 12).unwrap()), 8760.0);
    assert_eq!(hours_of_year(Month::new(2100, 1).unwrap()), 8760.0);
    assert_eq!(hours_of_year(Month::new(2000, 7).unwrap()), 8784.0);
    for year in [2006, 2024, 2025] {
        let months = (1..=12).map(|month| Month::new(year, month).unwrap());
        for calendar in [Calendar::Nerc, Calendar::Legacy] {
            let sum: f64 =
                months.clone().map(|month| calendar.hours(month, crate::catalog::Block::Flat7x24)).sum();
            assert_eq!(sum, hours_of_year(Month::new(year, 1).unwrap()), "{year} {calendar}");
        }
    }
}

#[test]
fn only_units_of_the_same_dimension_are_converted_with_a_single_operation() {
    assert_eq!(Unit::DollarsPerMwh.convert(101.5, Unit::DollarsPerKwh), Some(101.5 / 1000.0));
    assert_eq!(Unit::CentsPerKwh.convert(12.3, Unit::DollarsPerKwh), Some(12.3 / 100.0));
    assert_eq!(Unit::KilowattHours.convert(745.0, Unit::MegawattHours), Some(745.0 / 1000.0));
    assert_eq!(Unit::MegawattHours.convert(0.3, Unit::KilowattHours), Some(0.3 * 1000.0));
    assert_eq!(Unit::PercentPoints.convert(3.5, Unit::Percent), Some(3.5 / 100.0));
    assert_eq!(Unit::Kilowatts.read_as(0.3, Unit::KilowattHours), Some(0.3));
    assert_eq!(Unit::Megawatts.read_as(0.3, Unit::KilowattHours), Some(0.3 * 1000.0));
    assert_eq!(Unit::MegawattHours.read_as(0.3, Unit::Megawatts), None, "energy over an hour is not demand");
    assert_eq!(Unit::Kilowatts.read_as(1000.0, Unit::MegawattHours), Some(1.0));
    assert_eq!(Unit::Percent.read_as(0.95, Unit::Factor), Some(0.95));
    assert_eq!(Unit::PercentPoints.read_as(95.0, Unit::Factor), Some(0.95));
    assert_eq!(Unit::DollarsPerMwh.read_as(95.0, Unit::Factor), None);
    for one in Unit::ALL {
        assert_eq!(one.convert(0.1, one), Some(0.1), "{one:?}");
        for other in Unit::ALL {
            let same = one.dimension() == other.dimension();
            assert_eq!(one.convert(1.0, other).is_some(), same, "{one:?} {other:?}");
        }
        let per_mwh = one.per_mwh(1.0, Month::new(2024, 3).unwrap(), 743.0, Calendar::Nerc);
        assert_eq!(per_mwh.is_some(), one.becomes_per_mwh(), "{one:?}");
    }
    assert_eq!(Unit::DollarsPerMwDay.convert(1.0, Unit::DollarsPerMwMonth), None);
    assert_eq!(Unit::Megawatts.convert(1.0, Unit::MegawattHours), None, "power is energy only over time");
}

/// The text with changed case and with blanks inserted between its characters.
fn respelled(text: &str, upper: &[bool], blanks: &[u8]) -> String {
    let mut respelled = String::new();
    for (at, c) in text.chars().enumerate() {
        let lower: String = c.to_lowercase().collect();
        // Case is changed only where the conversion is reversible.
        let other: String = c.to_uppercase().collect();
        let comes_back = other.to_lowercase() == lower && other.chars().count() == 1;
        respelled += if upper[at % upper.len()] && comes_back { &other } else { &lower };
        respelled += ["", "", " ", "\t", "\u{a0}", "\u{200b}"][usize::from(blanks[at % blanks.len()]) % 6];
    }
    respelled
}

/// Texts similar to units: words of the grammar in random order.
fn near_units() -> impl Strategy<Value = String> {
    let words = [
        "$", "¢", "€", "c", "cents", "mills", "usd", "us$", "/", "per", "-", "·", "(", ")", "mwh", "kwh",
        "mw", "kw", "gw", "mmbtu", "btu", "rec", "h", "hr", "day", "mo", "month", "yr", "year", "week", "%",
        "percent", "factor", "in", "x", "1000",
    ];
    proptest::collection::vec(proptest::sample::select(words.to_vec()), 1..6).prop_map(|words| words.concat())
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(2000))]

    #[test]
    fn letter_case_and_blanks_change_no_unit(
        text in prop_oneof![near_units(), "[$¢a-zA-Z/% ()-]{0,14}"],
        upper in proptest::collection::vec(any::<bool>(), 1..20),
        blanks in proptest::collection::vec(any::<u8>(), 1..20),
    ) {
        prop_assert_eq!(Unit::parse(&respelled(&text, &upper, &blanks)), Unit::parse(&text));
    }

    /// `mwh` is parsed like `mwhr`, but no word of a unit ends in one of these letters.
    #[test]
    fn a_parsed_unit_has_a_symbol_and_an_extra_letter_makes_it_unknown(text in near_units(), more in "[bfgjpqvz€]{1,2}") {
        if let Some(unit) = Unit::parse(&text) {
            prop_assert_eq!(Unit::parse(unit.symbol()), Some(unit));
            let longer = format!("{text}{more}");
            prop_assert_eq!(Unit::parse(&longer), None, "{}", longer);
        }
    }

    #[test]
    fn a_known_unit_after_a_name_is_found_and_an_unknown_one_stays_unknown(
        at in 0..SPELLINGS.len(), other in 0..UNKNOWN.len(),
        upper in proptest::collection::vec(any::<bool>(), 1..20),
    ) {
        let (text, unit) = SPELLINGS[at];
        let bare = text.strip_prefix(['(', '[']).and_then(|text| text.strip_suffix([')', ']']));
        let inside = respelled(bare.unwrap_or(text), &upper, &[0]);
        let (name, said) = Written::in_name(&format!("Fee ({inside})"));
        prop_assert_eq!((name.as_str(), said), ("Fee", Written::Known(unit)), "{}", inside);
        let said = Written::in_name(&format!("Fee ({})", respelled(UNKNOWN[other], &upper, &[0]))).1;
        prop_assert_eq!(said.known(), None, "{}", UNKNOWN[other]);
    }
}
