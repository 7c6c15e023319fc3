use super::{Sheet, ask, blocks, cells, close, number, refused, rows};
use reqwest::{Method, StatusCode};
use serde_json::json;
use std::collections::HashMap;
use tests::download::Download;
use tests::{Running, reference};

/// Hours of 2024 by NERC's calendar: 5x16, 2x16 and 7x8 (the reference table).
const HOURS_2024: [[f64; 3]; 12] = [
    [352., 144., 248.],
    [336., 128., 232.],
    [336., 160., 247.],
    [352., 128., 240.],
    [352., 144., 248.],
    [320., 160., 240.],
    [352., 144., 248.],
    [352., 144., 248.],
    [320., 160., 240.],
    [368., 128., 248.],
    [320., 160., 241.],
    [336., 160., 248.],
];

fn price(month: u32, column: usize) -> Option<f64> {
    // The 2x16 price of the fourth month is blank.
    (column % 3 != 1 || month != 3)
        .then(|| 20.0 + f64::from(month) + 10.0 * f64::from(u32::try_from(column).unwrap()))
}

async fn started() -> (Running, String) {
    let running = Running::start().await;
    let token = running.admin().await;
    let sheet = Sheet {
        market: "ERCOT",
        columns: &blocks(&["NORTH", "SOUTH"]),
        first: "2024-02",
        price: &price,
        months: 23,
    };
    let row = running.put("Energy_ERCOT_20240105_170200_cob.csv", sheet.text().as_bytes()).await;
    assert_eq!(row["status"], "published", "{row:#}");
    (running, token)
}

#[tokio::test(flavor = "multi_thread")]
async fn a_quarter_is_weighted_by_its_hours_and_is_missing_if_a_month_is() {
    let (running, token) = started().await;
    let path = "/v1/values?market=ERCOT&load_zone=north&granularity=quarter&blocks=7x24,native&from=2024-01&to=2025-01";
    let answer = ask(&running, &token, path).await;
    let flat = |period: &str| {
        rows(&answer)
            .iter()
            .find(|row| row["block_type"] == "7x24" && row["period"] == period)
            .unwrap()
            .clone()
    };
    let third = flat("2024-Q3");
    let (mut money, mut hours) = (0.0, 0.0);
    for month in 5..8 {
        for (column, block) in HOURS_2024[month + 1].iter().enumerate() {
            money += price(u32::try_from(month).unwrap(), column).unwrap() * block;
            hours += block;
        }
    }
    assert!(close(number(&third, "value"), money / hours), "{third:#}");
    assert!(close(number(&third, "hours"), hours) && close(number(&third, "hours_present"), hours));
    assert_eq!((&third["derived"], &third["curve"]), (&true.into(), &serde_json::Value::Null));
    assert_eq!((&third["from"], &third["to"]), (&"2024-07-01".into(), &"2024-10-01".into()));
    let second = flat("2024-Q2");
    assert!(second["value"].is_null(), "May lacks its 2x16: {second:#}");
    assert_eq!(second["missing"], "2024-05");
    assert!(close(number(&second, "hours"), 2184.0) && close(number(&second, "hours_present"), 1440.0));
    let first = flat("2024-Q1");
    assert_eq!((&first["value"], &first["missing"]), (&serde_json::Value::Null, &"2024-01".into()));
    assert_eq!(answer["rows_without_a_value"], 6, "Q1 of all four, Q2 of 2x16 and 7x24");
    assert_eq!(answer["snapshots"][0]["stamp"], "2024-01-05T17:02:00");
    assert_eq!(answer["snapshots"][0]["time_zone"], "America/Chicago");
    assert_eq!(answer["calendar"], "nerc");
    // 5x16 is a published curve and has its id.
    let peak =
        rows(&answer).iter().find(|row| row["block_type"] == "5x16" && row["period"] == "2024-Q4").unwrap();
    assert!(close(number(peak, "hours"), 1024.0) && peak["curve"].is_i64());
}

#[tokio::test(flavor = "multi_thread")]
async fn months_strips_years_and_seasons_have_their_hours() {
    let (running, token) = started().await;
    let asked = async |more: &str| {
        let path = format!("/v1/values?market=ERCOT&load_zone=NORTH&block_type=5x16{more}");
        cells(&ask(&running, &token, &path).await, &["period", "hours", "missing"])
    };
    assert_eq!(
        asked("&granularity=year").await,
        ["Cal-2025 4080.0 null"],
        "the sheet begins with February, which cuts 2024"
    );
    assert_eq!(
        asked("&granularity=season&from=2024-03&to=2025-03").await,
        [
            "Spring-2024 1040.0 null",
            "Summer-2024 1344.0 null",
            "Fall-2024 688.0 null",
            "Winter-2024 1008.0 null"
        ]
    );
    assert_eq!(asked("&granularity=strip&period=next12").await, ["2024-02..2025-01 4096.0 null"]);
    assert_eq!(
        asked("&period=Q%2B1").await,
        ["2024-04 352.0 null", "2024-05 352.0 null", "2024-06 320.0 null"]
    );
    assert_eq!(asked("&period=Winter&granularity=strip&calendar=legacy").await, ["Winter-2024 1376.0 null"]);
    assert_eq!(asked("&granularity=strip&period=Cal%2B1").await, ["Cal-2025 4080.0 null"]);
    assert_eq!(
        asked("&from=2025-11").await,
        ["2025-11 304.0 null", "2025-12 352.0 null"],
        "to the end of the sheet"
    );
    let cut = ask(
        &running,
        &token,
        "/v1/values?market=ERCOT&granularity=quarter&from=2024-05&to=2024-10&block_type=7x8",
    )
    .await;
    // Periods cut by the range get no row, and are named.
    assert_eq!(cells(&cut, &["load_zone", "period", "note"]), ["NORTH 2024-Q3 null", "SOUTH 2024-Q3 null"]);
    assert_eq!(cut["notes"], json!(["ERCOT: left out, because the range cuts them: 2024-Q2"]));
    assert_eq!(cut["rows_without_a_value"], 0);
    // If the range cuts every period, there are no rows in any format, and the notes explain it.
    let path = "/v1/values?market=ERCOT&granularity=year&from=2024-05&to=2024-10&block_type=7x8";
    let all = ask(&running, &token, path).await;
    assert_eq!(
        (rows(&all).len(), &all["notes"][0]),
        (0, &json!("ERCOT: left out, because the range cuts them: Cal-2024"))
    );
    let (status, csv) = running.get(&token, &format!("{path}&format=csv&layout=wide")).await;
    assert_eq!((status, csv.contains("Cal-2024")), (StatusCode::OK, false), "{csv}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_named_period_is_a_row_even_where_a_curve_ends() {
    let (running, token) = started().await;
    let asked = async |more: &str| {
        let path = format!("/v1/values?market=ERCOT&load_zone=NORTH&{more}");
        cells(&ask(&running, &token, &path).await, &["period", "value", "missing"])
    };
    // The sheet covers 2024-02 to 2025-12.
    assert_eq!(asked("block_type=7x8&period=BOM").await, ["BOM-2024-01 null 2024-01"]);
    assert_eq!(
        asked("block_type=7x8&period=Cal-2030&granularity=year").await,
        ["Cal-2030 null 2030-01..2030-12"]
    );
    assert_eq!(
        asked("block_type=7x8&from=2023-12&to=2024-02").await,
        ["2023-12 null 2023-12", "2024-01 null 2024-01"]
    );
    let flat =
        ask(&running, &token, "/v1/values?market=ERCOT&load_zone=NORTH&blocks=7x24&period=2030-01").await;
    assert_eq!(cells(&flat, &["value", "missing"]), ["null 2030-01"]);
    assert_eq!(flat["not_made"], serde_json::json!([]), "its blocks exist, but the months do not");
    // Without a range a curve has its own months.
    assert_eq!(asked("block_type=7x8").await.len(), 23);
}

#[tokio::test(flavor = "multi_thread")]
async fn every_format_names_what_could_not_be_derived_and_the_calendar() {
    let (running, token) = started().await;
    let path =
        "/v1/values?market=ERCOT&load_zone=NORTH&blocks=7x24&block_type=5x16&calendar=legacy&period=2024-05";
    let sent =
        running.request(Method::GET, &format!("{path}&format=csv")).bearer_auth(&token).send().await.unwrap();
    assert_eq!(
        (&sent.headers()["trueprice-calendar"], &sent.headers()["trueprice-notes"]),
        (&"legacy".parse().unwrap(), &"1".parse().unwrap())
    );
    let csv = sent.text().await.unwrap();
    let row: Vec<&str> = csv.lines().nth(1).unwrap().split(',').collect();
    let column = |name: &str| csv.lines().next().unwrap().split(',').position(|title| title == name).unwrap();
    assert_eq!((row[column("block_type")], row[column("value")]), ("7x24", ""));
    assert_eq!(row[column("note")], "7x24 cannot be made of 5x16");
    let (_, wide) = running
        .get(&token, "/v1/values?market=ERCOT&load_zone=NORTH&block_type=2x16&from=2024-05&to=2024-06&fill=forward&format=csv&layout=wide")
        .await;
    assert!(wide.contains("measure,,,value,hours,missing,filled,note\n"), "{wide}");
    assert!(wide.contains("\n2024-05,2024-05-01,2024-06-01,32.0,144.0,,2024-05,\n"), "{wide}");
}

#[tokio::test(flavor = "multi_thread")]
async fn gaps_are_filled_on_request_and_reported() {
    let (running, token) = started().await;
    let asked = async |fill: &str| {
        let path = format!(
            "/v1/values?market=ERCOT&load_zone=NORTH&block_type=2x16&from=2024-04&to=2024-07&fill={fill}"
        );
        cells(&ask(&running, &token, &path).await, &["period", "value", "filled", "missing"])
    };
    assert_eq!(
        asked("forward").await,
        ["2024-04 32.0 null null", "2024-05 32.0 2024-05 null", "2024-06 34.0 null null"]
    );
    assert_eq!(asked("interpolate").await[1], "2024-05 33.0 2024-05 null");
    assert_eq!(asked("value:0").await[1], "2024-05 0.0 2024-05 null");
    let none = ask(
        &running,
        &token,
        "/v1/values?market=ERCOT&load_zone=NORTH&block_type=2x16&from=2024-05&to=2024-06",
    )
    .await;
    assert_eq!(cells(&none, &["value", "missing"]), ["null 2024-05"]);
    assert!(rows(&none)[0].get("filled").is_none());
    let beyond = ask(
        &running,
        &token,
        "/v1/values?market=ERCOT&load_zone=NORTH&block_type=7x8&from=2025-12&to=2026-03&fill=forward",
    )
    .await;
    assert_eq!(cells(&beyond, &["period", "filled"]), ["2025-12 null", "2026-01 2026-01", "2026-02 2026-02"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn both_calendars_give_the_reference_prices_of_real_sheets() {
    let Some(folder) = reference::folder("expected/downloads") else { return };
    let running = Running::start().await;
    let token = running.admin().await;
    for market in ["ercot", "pjm", "isone", "nyiso", "miso"] {
        let name = format!("energy_{market}_unstandardized_2024-01-05_dev.csv");
        let raw = Download::read(&std::fs::read_to_string(folder.join(name)).unwrap());
        let key = format!("Energy_{market}_{}_cob.csv", raw.stamp());
        running.put(&key, raw.sheet(&[("Month", "Load Zone")]).as_bytes()).await;
    }
    for (market, zone, month, legacy, nerc) in [
        ("ercot", "HOUSTON ZONE", "2024-02", 84.57126, 84.57126),
        ("ercot", "HOUSTON ZONE", "2024-03", 41.54452, 41.56789),
        ("ercot", "HOUSTON ZONE", "2024-05", 41.01925, 40.89624),
        ("ercot", "HOUSTON ZONE", "2024-11", 36.06333, 35.88151),
        ("pjm", "WEST HUB", "2024-07", 52.42806, 52.26032),
        ("pjm", "WEST HUB", "2024-12", 51.16720, 51.00097),
        ("isone", "MASS HUB", "2024-03", 53.68075, 53.68744),
        ("nyiso", "ZONE J", "2024-05", 37.39086, 37.20763),
        ("miso", "INDY HUB", "2024-11", 43.30133, 43.10232),
    ] {
        for (calendar, price) in [("&calendar=legacy", legacy), ("", nerc), ("&calendar=nerc", nerc)] {
            let zone = zone.replace(' ', "%20");
            let path =
                format!("/v1/values?market={market}&load_zone={zone}&blocks=7x24&period={month}{calendar}");
            let answer = ask(&running, &token, &path).await;
            assert_eq!(rows(&answer).len(), 1, "{path}");
            let found = number(&rows(&answer)[0], "value");
            assert!((found - price).abs() <= 0.5e-5 + 1e-9, "{path}: got {found}, expected {price}");
        }
    }
    // In all markets weighted prices recombine: 5x16 and wrap give 7x24.
    let answer = ask(&running, &token, "/v1/values?blocks=7x24,wrap,native&granularity=year").await;
    let mut money: HashMap<(String, String), (f64, f64)> = HashMap::new();
    let mut compared = 0;
    for row in rows(&answer).iter().filter(|row| row["value"].is_f64()) {
        let key = (format!("{} {}", row["market"], row["load_zone"]), row["period"].to_string());
        let sum = money.entry(key).or_default();
        let cost = number(row, "value") * number(row, "hours");
        match row["block_type"].as_str().unwrap().to_lowercase().as_str() {
            "7x24" => sum.0 += cost,
            "wrap" | "5x16" => sum.1 += cost,
            _ => {}
        }
    }
    for (key, (whole, parts)) in money {
        assert!((whole - parts).abs() < 1e-9 * whole.abs().max(1.0), "{key:?}: {whole} differs from {parts}");
        compared += 1;
    }
    assert!(compared > 60 * 3, "{compared} compared");
}

#[tokio::test(flavor = "multi_thread")]
async fn capacity_is_converted_by_month_before_it_is_weighted() {
    let running = Running::start().await;
    let token = running.admin().await;
    let columns = [("ALL", "7x24", "$/MW-mo"), ("ALL2", "7x24", "%"), ("ALL3", "7x24", "$/MWh")];
    let sheet = Sheet {
        market: "MISO",
        columns: &columns,
        first: "2024-02",
        price: &|_, _| Some(4161.14),
        months: 12,
    };
    running.put("NonEnergy_MISO_20240131_093600.csv", sheet.text().as_bytes()).await;
    let asked = async |more: &str| {
        ask(&running, &token, &format!("/v1/values?data_type=nonenergy&market=MISO&{more}")).await
    };
    let months = asked("units=$/MWh&calendar=legacy&from=2024-02&to=2024-04&load_zone=ALL").await;
    let found: Vec<String> = rows(&months).iter().map(|row| format!("{:.5}", number(row, "value"))).collect();
    assert_eq!(found, ["5.97865", "5.59293"]);
    assert_eq!(rows(&months)[0]["unit"], "$/MWh");
    let quarter = asked("units=$/MWh&granularity=strip&from=2024-02&to=2024-04").await;
    assert!(close(number(&rows(&quarter)[0], "value"), 2.0 * 4161.14 / (696.0 + 743.0)));
    assert!(
        rows(&quarter)[1]["value"].is_null() && rows(&quarter)[1]["note"].is_string(),
        "a share has no mean"
    );
    assert!(close(number(&rows(&quarter)[2], "value"), 4161.14));
    let native = asked("granularity=strip&from=2024-02&to=2024-04").await;
    assert!(rows(&native)[0]["value"].is_null() && rows(&native)[0]["missing"].is_null());
    assert!(rows(&native)[0]["note"].as_str().unwrap().contains("units=$/MWh"));
    let month = asked("from=2024-02&to=2024-03").await;
    assert_eq!(cells(&month, &["value", "unit"]), ["4161.14 $/MW-mo", "4161.14 %", "4161.14 $/MWh"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn every_format_and_page_has_the_same_rows() {
    let (running, token) = started().await;
    let path = "/v1/values?market=ERCOT&blocks=7x24&from=2024-02&to=2024-08";
    let all = ask(&running, &token, path).await;
    assert_eq!(rows(&all).len(), 12);
    let mut pages = Vec::new();
    let mut cursor = String::new();
    for _ in 0..3 {
        let page = ask(&running, &token, &format!("{path}&limit=5{cursor}")).await;
        pages.extend(rows(&page).clone());
        cursor = page["next"].as_str().map(|next| format!("&cursor={next}")).unwrap_or_default();
    }
    assert_eq!((&pages, cursor.as_str()), (rows(&all), ""));
    let first =
        running.request(Method::GET, &format!("{path}&limit=5")).bearer_auth(&token).send().await.unwrap();
    let tag = first.headers()["etag"].clone();
    let next = first.headers()["trueprice-next"].to_str().unwrap().to_owned();
    let again = running.request(Method::GET, &format!("{path}&limit=5")).bearer_auth(&token);
    let again = again.header("if-none-match", tag).send().await.unwrap();
    assert_eq!(again.status(), StatusCode::NOT_MODIFIED, "a page does not depend on the time of its request");
    for other in ["/v1/values?market=ERCOT&blocks=7x24&from=2024-02&to=2024-09", "/v1/stats?market=ERCOT"] {
        let (status, problem) = refused(&running, &token, &format!("{other}&limit=5&cursor={next}")).await;
        assert_eq!((status, &problem["errors"][0]["parameter"]), (400, &"cursor".into()), "{problem:#}");
    }
    // What is published between two pages is not on the second.
    let sheet =
        Sheet { market: "ERCOT", columns: &blocks(&["NORTH"]), first: "2024-02", price: &price, months: 1 };
    let row = running.put("Energy_ERCOT_20240108_170200_cob.csv", sheet.text().as_bytes()).await;
    assert_eq!(row["status"], "published", "{row:#}");
    let second = ask(&running, &token, &format!("{path}&limit=5&cursor={next}")).await;
    assert_eq!(rows(&second)[..], pages[5..10]);
    let path = "/v1/values?market=ERCOT&blocks=7x24&from=2024-02&to=2024-08&as_of=2024-01-05";
    let (status, csv) = running.get(&token, &format!("{path}&format=csv")).await;
    assert_eq!((status, csv.lines().count()), (StatusCode::OK, 13));
    let (_, wide) = running.get(&token, &format!("{path}&format=csv&layout=wide")).await;
    assert!(wide.contains("NORTH") && wide.contains("SOUTH") && wide.contains("2024-02"), "{wide}");
    let (_, lines) = running.get(&token, &format!("{path}&format=ndjson")).await;
    assert_eq!(lines.lines().count(), 12);
    for format in ["parquet", "arrow", "xlsx"] {
        assert_eq!(
            running.get(&token, &format!("{path}&format={format}")).await.0,
            StatusCode::OK,
            "{format}"
        );
    }
    let answer = running.request(Method::GET, path).bearer_auth(&token).header("accept", "image/png");
    assert_eq!(answer.send().await.unwrap().status(), StatusCode::NOT_ACCEPTABLE);
}

#[tokio::test(flavor = "multi_thread")]
async fn refusals_give_the_reason() {
    let (running, token) = started().await;
    for (path, status, parameter) in [
        ("/v1/values?market=ERCOT&period=M%2B1&from=2024-02", 422, "period"),
        ("/v1/values?market=NYISO&period=Spring", 404, ""),
        ("/v1/values?market=ERCOT&period=soon", 400, "period"),
        ("/v1/values?market=ERCOT&term=12", 422, "term"),
        ("/v1/values?market=ERCOT&fill=forward&from=1990-01&to=2199-12", 422, "fill"),
        ("/v1/values?market=ERCOT&load_zone=nowhere", 404, ""),
        ("/v1/values?market=ERCOT&as_of=2024-01-04", 404, ""),
        ("/v1/values?market=ERCOT&mark=all", 400, "mark"),
        ("/v1/values?data_type=rec&market=MISO", 400, "market"),
        ("/v1/evolution?market=ERCOT&period=M%2B1", 400, "from_day"),
        ("/v1/evolution?market=ERCOT&from_day=2024-01-01", 422, "period"),
        ("/v1/evolution?market=ERCOT&from_day=2024-01-01&period=M%2B3..M%2B1", 422, "period"),
        ("/v1/evolution?data_type=vlr&market=NYISO&from_day=2024-01-01&period=M%2B1", 422, "data_type"),
        ("/v1/diff", 400, "market"),
        ("/v1/diff?market=ERCOT", 404, ""),
        ("/v1/diff?snapshot=1&market=ERCOT", 422, "market"),
        ("/v1/diff?snapshot=999999", 404, ""),
        ("/v1/spread?market=ERCOT&heat_rate=0", 400, "heat_rate"),
        ("/v1/spread", 400, "a.market"),
        ("/v1/values?as_of=-5000-01-01", 400, "as_of"),
        ("/v1/values?as_of=-5000-01-01T00:00:00", 400, "as_of"),
        ("/v1/evolution?from_day=-5000-01-01&period=M%2B1", 400, "from_day"),
        ("/v1/values?known_at=-5000-01-01T00:00:00Z", 400, "known_at"),
        ("/v1/values?load_zone=%00", 400, "load_zone"),
        ("/v1/values?market=ERCOT&period=Spring&calendar=nerc&layout=wide", 400, "layout"),
        ("/v1/stats?market=ERCOT&period=M%2B1", 400, "period"),
    ] {
        let (found, problem) = refused(&running, &token, path).await;
        assert_eq!(found, status, "{path}: {problem:#}");
        if !parameter.is_empty() {
            assert_eq!(problem["errors"][0]["parameter"], parameter, "{path}: {problem:#}");
        }
    }
    let unmade = ask(&running, &token, "/v1/values?market=ERCOT&blocks=7x24,native&block_type=5x16").await;
    assert!(
        unmade["not_made"][0].as_str().unwrap().contains("cannot be made of 5x16"),
        "{}",
        unmade["not_made"]
    );
}
