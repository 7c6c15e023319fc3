//! The pricing desk: quotes over HTTP, their explanations, who may see them, jobs, and the old paths.

mod desk;
mod jobs;
mod units;
mod who;

use local::samples::SAMPLES;
use reqwest::{Method, StatusCode};
use serde_json::{Value, json};
use tests::Running;

/// A system with the sample sheets for Texas.
pub async fn texas() -> Running {
    let running = Running::start().await;
    for (name, bytes) in SAMPLES.iter().filter(|(name, _)| name.contains("_ERCOT_")) {
        running.put_only(name, bytes).await;
    }
    running.system.queue.idle().await;
    running
}

/// An account that the samples can price.
pub fn account(name: &str) -> Value {
    json!({
        "name": name, "load_zone": "NORTH ZONE", "utility": "ONCOR", "voltage": "Secondary", "load_profile": "BUSMEDLF_NCENT",
        "start": "2024-03-01", "end": "2024-03-31", "margin": 1.0, "sleeve_fee": 0.5,
    })
}

/// A request for these accounts.
pub fn request(accounts: &[Value]) -> Value {
    json!({ "market": "ERCOT", "curve_date": "2024-01-05", "accounts": accounts })
}

/// Sends a body, and returns status and answer.
pub async fn post(running: &Running, token: &str, path: &str, body: &Value) -> (StatusCode, Value) {
    let answer = running.request(Method::POST, path).bearer_auth(token).json(body).send().await.unwrap();
    let status = answer.status();
    let text = answer.text().await.unwrap();
    (status, serde_json::from_str(&text).unwrap_or_else(|error| panic!("{path}: {error}: {text}")))
}

/// Makes a quote.
pub async fn quote(running: &Running, token: &str, body: &Value) -> Value {
    let (status, answer) = post(running, token, "/v1/quotes", body).await;
    assert_eq!(status, StatusCode::OK, "{answer:#}");
    answer
}

/// The JSON of a successful answer.
pub async fn get(running: &Running, token: &str, path: &str) -> Value {
    let (status, body) = running.get(token, path).await;
    assert_eq!(status, StatusCode::OK, "{path}: {body}");
    serde_json::from_str(&body).unwrap()
}

pub fn number(value: &Value) -> f64 {
    value.as_f64().unwrap_or_else(|| panic!("{value} is not a number"))
}

fn lines(account: &Value) -> &Vec<Value> {
    account["lines"].as_array().unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_quote_is_the_sum_of_its_lines_and_is_repeated_byte_for_byte() {
    let running = texas().await;
    let token = running.admin().await;
    let body = request(&[account("A"), account("B")]);
    let made = quote(&running, &token, &body).await;
    let first = &made["accounts"][0];
    // March has 31 days, less one hour.
    assert_eq!((first["hours"].as_u64(), first["end"].as_str()), (Some(743), Some("2024-03-31")));
    let sum: f64 = lines(first).iter().map(|line| number(&line["price_per_mwh"])).sum();
    assert!((sum - number(&first["price_per_mwh"])).abs() < 1e-9, "{first:#}");
    let sum: f64 = lines(first).iter().map(|line| number(&line["dollars"])).sum();
    assert!((sum - number(&first["dollars"])).abs() < 1e-9);
    for line in lines(first) {
        assert!(!line["formula"].as_str().unwrap().is_empty());
        let adder = line["kind"] == "adder";
        for ids in [&line["snapshots"], &line["curves"]] {
            assert_eq!(ids.as_array().unwrap().is_empty(), adder, "{line:#}");
        }
    }
    let kinds: Vec<&str> = lines(first).iter().map(|line| line["kind"].as_str().unwrap()).collect();
    assert_eq!(kinds[..2], ["energy", "vlr"]);
    assert_eq!(kinds.iter().filter(|kind| **kind == "nonenergy").count(), 4, "{kinds:?}");
    let left: Vec<&str> =
        made["left_out"].as_array().unwrap().iter().map(|left| left["component"].as_str().unwrap()).collect();
    assert_eq!(left, ["HH", "NSRS"]);
    assert_eq!(made["total"]["accounts"], 2);
    assert_eq!(made["snapshots"].as_array().unwrap().len(), 7);
    // The close of business is the mark of the day.
    let energy = made["snapshots"].as_array().unwrap().iter().find(|of| of["data_type"] == "energy").unwrap();
    assert_eq!((&energy["cob"], &energy["operating_day"]), (&json!(true), &json!("2024-01-05")));

    let path = format!("/v1/quotes/{}", made["id"].as_str().unwrap());
    let (_, again) = running.get(&token, &path).await;
    assert_eq!(serde_json::from_str::<Value>(&again).unwrap(), made);
    assert_eq!(running.get(&token, &path).await.1, again);
    // The same request has the same hash, whatever was left out, but another quote has its own id.
    let mut said = body.clone();
    said["method"] = json!("nerc");
    said["accounts"][0]["capacity_zone"] = json!("NORTH ZONE");
    let second = quote(&running, &token, &said).await;
    assert_eq!(second["hash"], made["hash"]);
    assert_ne!(second["id"], made["id"]);
    said["accounts"][0]["margin"] = json!(1.01);
    assert_ne!(quote(&running, &token, &said).await["hash"], made["hash"]);
    // A later correction changes no quote, nor a request as of before.
    let bytes = std::str::from_utf8(sample("Energy_ERCOT_20240105_170200_cob.csv")).unwrap();
    let corrected = bytes.replacen("3/1/2024,", "3/1/2024,1", 1);
    assert_eq!(
        running.put("Energy_ERCOT_20240105_170200_cob.csv", corrected.as_bytes()).await["status"],
        "corrected"
    );
    assert_eq!(running.get(&token, &path).await.1, again);
    let mut before = body.clone();
    before["known_at"] = made["known_at"].clone();
    assert_eq!(quote(&running, &token, &before).await["hash"], made["hash"]);
    assert_ne!(quote(&running, &token, &body).await["hash"], made["hash"]);
    let hours = get(&running, &token, &format!("{path}?view=hourly&account=A")).await;
    assert_eq!(hours["rows"].as_array().unwrap().len(), 743, "hours come from the snapshots of the quote");
}

fn sample(name: &str) -> &'static [u8] {
    SAMPLES.iter().find(|(known, _)| *known == name).unwrap().1
}

#[tokio::test(flavor = "multi_thread")]
async fn lines_and_hours_come_in_every_format_and_agree() {
    let running = texas().await;
    let token = running.admin().await;
    let made = quote(&running, &token, &request(&[account("A"), account("B")])).await;
    let path = format!("/v1/quotes/{}", made["id"].as_str().unwrap());
    let hours = get(&running, &token, &format!("{path}?view=hourly")).await;
    let rows = hours["rows"].as_array().unwrap();
    assert_eq!(rows.len(), 2 * 743);
    assert_eq!(hours["hash"], made["hash"]);
    let own: Vec<&Value> = rows.iter().filter(|row| row["account"] == "A").collect();
    let weighted = |name: &str| -> f64 {
        own.iter().map(|row| number(&row[name]) * number(&row["load_mw"])).sum::<f64>()
    };
    let first = &made["accounts"][0];
    assert!((weighted("price") - number(&first["dollars"])).abs() < 1e-6);
    let energy = number(&lines(first)[0]["dollars"]);
    assert!((weighted("energy") - energy).abs() < 1e-6);
    // The day of the spring clock change has no hour ending 3; Good Friday is a business day.
    let of_day = |day: &str| own.iter().filter(|row| row["day"] == day).count();
    assert_eq!((of_day("2024-03-10"), of_day("2024-03-29")), (23, 24));
    let good_friday = own.iter().find(|row| row["day"] == "2024-03-29" && row["hour_ending"] == 7).unwrap();
    assert_eq!(good_friday["block_type"], "5x16");
    for (view, count) in [("summary", 2 * (lines(first).len() + 1)), ("hourly", 2 * 743)] {
        let (status, csv) = running.get(&token, &format!("{path}?view={view}&format=csv")).await;
        assert_eq!(status, StatusCode::OK, "{csv}");
        assert_eq!(csv.lines().count(), count + 1, "{view}");
        for (format, magic) in [("xlsx", &b"PK"[..]), ("parquet", b"PAR1"), ("arrow", b"\xff\xff\xff\xff")] {
            let request = running.request(Method::GET, &format!("{path}?view={view}&format={format}"));
            let bytes = request.bearer_auth(&token).send().await.unwrap().bytes().await.unwrap();
            assert!(bytes.starts_with(magic), "{view} {format}");
        }
    }
    for (query, expected) in [
        ("view=hourly&account=C", 404),
        ("account=A", 400),
        ("view=daily", 400),
        ("what=1", 400),
        ("format=pdf", 400),
    ] {
        let (status, body) = running.get(&token, &format!("{path}?{query}")).await;
        assert_eq!(status.as_u16(), expected, "{query}: {body}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_quote_is_explained_and_both_breakdowns_sum_to_the_difference() {
    let running = texas().await;
    let token = running.admin().await;
    // The next day energy falls, and so does a charge.
    let tried = include_bytes!("../../shared/samples/Energy_ERCOT_20240108_103000.csv");
    running.put("Energy_ERCOT_20240108_103000.csv", tried).await;
    let charges = std::str::from_utf8(sample("NonEnergy_ERCOT_20240104_111500.csv")).unwrap();
    let dearer = charges.replace("\r\n3/1/2024,", "\r\n3/1/2024,1");
    assert_ne!(dearer, charges);
    running.put("NonEnergy_ERCOT_20240108_111500.csv", dearer.as_bytes()).await;
    let mut later = request(&[account("A")]);
    later["curve_date"] = json!("2024-01-08");
    let made = quote(&running, &token, &later).await;
    let id = made["id"].as_str().unwrap();
    let told = get(&running, &token, &format!("/v1/quotes/{id}/explain?against=2024-01-05")).await;
    let moved = &told["accounts"][0];
    let change = number(&moved["change"]);
    assert!((number(&moved["after"]) - number(&made["accounts"][0]["price_per_mwh"])).abs() < 1e-12);
    assert!((number(&moved["after"]) - number(&moved["before"]) - change).abs() < 1e-12);
    let before = quote(&running, &token, &request(&[account("A")])).await;
    assert!((number(&moved["before"]) - number(&before["accounts"][0]["price_per_mwh"])).abs() < 1e-12);
    for parts in ["components", "inputs"] {
        let sum: f64 = moved[parts].as_array().unwrap().iter().map(|part| number(&part["change"])).sum();
        assert!((sum - change).abs() < 1e-9, "{parts}: got {sum}, expected {change}");
    }
    let part = |parts: &str, name: &str, of: &str| {
        let found = moved[parts].as_array().unwrap().iter().find(|part| part[name] == of);
        number(&found.unwrap_or_else(|| panic!("no {of} in {moved:#}"))["change"])
    };
    assert!(part("components", "component", "energy") < -0.5);
    assert!((part("components", "component", "Ancillary Charges / ERCOT Admin Fee") - 10.0).abs() < 1e-6);
    assert!(part("inputs", "data_type", "energy") < -0.5);
    assert!(part("inputs", "data_type", "nonenergy") > 10.0);
    assert!(part("inputs", "data_type", "loadprofile").abs() < 1e-12);
    // Compared with itself nothing moved; compared with a day before all sheets everything is missing.
    let same = get(&running, &token, &format!("/v1/quotes/{id}/explain?against=2024-01-08")).await;
    assert!(number(&same["accounts"][0]["change"]).abs() < 1e-12);
    let (status, body) = running.get(&token, &format!("/v1/quotes/{id}/explain?against=2023-01-08")).await;
    let body: Value = serde_json::from_str(&body).unwrap();
    assert_eq!((status.as_u16(), body["missing"].as_array().unwrap().len()), (422, 7), "{body:#}");
    for query in ["", "?against=yesterday", "?against=2024-01-05&what=1"] {
        assert_eq!(running.get(&token, &format!("/v1/quotes/{id}/explain{query}")).await.0.as_u16(), 400);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn missing_inputs_are_named_with_what_to_upload_and_errors_by_their_pointer() {
    let running = texas().await;
    let token = running.admin().await;
    let mut other = account("B");
    other["load_zone"] = json!("SOUTH ZONE");
    other["load_profile"] = json!("BUSLOLF_SOUTH");
    other["voltage"] = json!("Campus");
    other["end"] = json!("2024-04-30");
    let (status, problem) = post(&running, &token, "/v1/quotes", &request(&[account("A"), other])).await;
    assert_eq!(status.as_u16(), 422, "{problem:#}");
    let missing = problem["missing"].as_array().unwrap();
    let types: Vec<&str> = missing.iter().map(|one| one["data_type"].as_str().unwrap()).collect();
    assert_eq!(types, ["shaping", "loadprofile", "vlr", "lineloss"], "{problem:#}");
    assert_eq!(missing[1]["upload"], "LoadProfile_ERCOT_<YYYYMMDD>_<HHMMSS>.csv");
    assert_eq!(missing[1]["labels"]["cost_component"], "BUSLOLF_SOUTH");
    assert!(missing.iter().all(|one| one["accounts"] == json!(["/accounts/1"])), "{problem:#}");
    // A month unknown to the sheets: no April has a shape or a load.
    let mut longer = account("A");
    longer["end"] = json!("2024-04-30");
    let (_, problem) = post(&running, &token, "/v1/quotes", &request(&[longer])).await;
    let months: Vec<String> =
        problem["missing"].as_array().unwrap().iter().map(|one| one["months"].to_string()).collect();
    assert_eq!(months, [r#"["2024-04"]"#, r#"["2024-04"]"#], "{problem:#}");

    let mut wrong = request(&[account("A")]);
    wrong["accounts"][0]["start"] = json!("March");
    wrong["accounts"][0]["margin"] = json!("a lot");
    wrong["market"] = json!("CAISO");
    let (status, problem) = post(&running, &token, "/v1/quotes", &wrong).await;
    let mut places: Vec<&str> =
        problem["errors"].as_array().unwrap().iter().map(|one| one["parameter"].as_str().unwrap()).collect();
    places.sort_unstable();
    assert_eq!((status.as_u16(), places), (400, vec!["/accounts/0/margin", "/accounts/0/start", "/market"]));
    for path in ["/v1/quotes/7", "/v1/quotes/00000000-0000-4000-8000-000000000000", "/v1/jobs/x"] {
        assert_eq!(running.get(&token, path).await.0, StatusCode::NOT_FOUND, "{path}");
    }
}
