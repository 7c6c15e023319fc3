//! Old paths and their successors, and what the list may be asked.

use super::*;

/// Routes that are not below `/v1` and that nothing replaces: pages, sessions, and the upload of a sheet.
const NOT_OLD: [&str; 9] = [
    "/apidocs",
    "/health",
    "/login",
    "/logout",
    "/openapi.json",
    "/refreshToken",
    "/set-password",
    "/unsubscribe",
    "/upload_csv",
];

#[test]
fn every_route_outside_of_v1_has_a_successor_or_is_not_old() {
    let routes = crate::api::routes();
    let outside = routes.iter().filter(|route| !route.handlers.path.starts_with("/v1/"));
    let mut successors = BTreeMap::new();
    for route in outside {
        let path = route.handlers.path.as_str();
        let not_old = NOT_OLD.contains(&path);
        assert!(route.successor.is_some() != not_old, "{path}: add .legacy(…), or add it to NOT_OLD");
        let other = successors.insert(path, route.successor);
        assert!(other.is_none_or(|other| other == route.successor), "{path} has two successors");
    }
    for path in NOT_OLD {
        assert!(successors.contains_key(path), "{path} is no route any more");
    }
    assert!(routes.iter().all(|route| route.successor.is_none() || !route.handlers.path.starts_with("/v1/")));
}

#[test]
fn every_successor_is_a_route_that_is_not_old_itself() {
    let routes = crate::api::routes();
    let there = |path: &str| {
        let mut found = routes.iter().filter(|route| route.handlers.path == path).peekable();
        found.peek().is_some() && found.all(|route| route.successor.is_none())
    };
    for (path, successor) in SUCCESSORS.iter() {
        assert!(there(successor), "{path} leads to {successor}");
    }
    assert!(SUCCESSORS.len() > 60, "{} old paths", SUCCESSORS.len());
}

#[test]
fn everything_that_is_wrong_is_said_at_once() {
    let pairs = [
        ("path", "/get_dta"),
        ("user", "0"),
        ("from_month", "2026-12"),
        ("to_month", "2026-11"),
        ("unused", "maybe"),
        ("limit", "201"),
        ("cursor", "12"),
        ("since", "2026"),
    ];
    let pairs = pairs.map(|(name, value)| (name.to_owned(), value.to_owned()));
    let wrong = parse(&pairs).unwrap_err();
    let names: Vec<&str> = wrong.iter().map(|wrong| wrong.parameter.as_str()).collect();
    assert_eq!(names, ["since", "path", "user", "to_month", "unused", "cursor", "limit"]);
    assert!(wrong[1].detail.contains("did you mean `/get_data`?"), "{}", wrong[1].detail);
}

#[test]
fn a_page_goes_on_where_the_one_before_ended() {
    let place = Place {
        month: NaiveDate::from_ymd_opt(2026, 11, 1).unwrap(),
        user_id: 1,
        path: "/get_data".to_owned(),
    };
    assert_eq!(place.cursor(), "MjAyNi0xMS0wMSAxIC9nZXRfZGF0YQ");
    assert_eq!(Place::read(&place.cursor()), Some(place));
    for made_up in ["", "x", "MjAyNi0xMSAxIC9nZXRfZGF0YQ", "MjAyNi0xMS0wMSAxIC8A"] {
        assert_eq!(Place::read(made_up), None, "{made_up}");
    }
}
