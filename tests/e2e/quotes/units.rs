//! Units and values of sheets, from the bucket to the price: each number is priced in its written unit, or not at all.

use super::{account, number, post, quote, request, sample, texas};
use reqwest::StatusCode;
use serde_json::{Value, json};
use tests::Running;

/// A sheet with two charges for March 2024: a fee of 1 $/`MWh`, and one more.
fn charges(component: &str, uom: &str, value: &str) -> String {
    format!(
        "Lookup ID1,k,k\nControl Area,ERCOT,ERCOT\nState,TX,TX\nLoad Zone,ALL,ALL\nCapacity Zone,ALL,ALL\nUtility,ALL,ALL
Block Type,7x24,7x24\nCost Group,Fees,Capacity\nCost Component,Admin Fee ($/MWh),{component}\nUOM,,{uom}\n,,\nDate,,
3/1/2024,1,{value}\n"
    )
}

/// An account with a demand of 1 MW.
fn of_one_megawatt() -> Value {
    let mut own = account("A");
    own["capacity_kw"] = json!(1000);
    request(&[own])
}

fn codes(row: &Value, list: &str) -> Vec<String> {
    let all = row[list].as_array().unwrap_or_else(|| panic!("{row:#}")).iter();
    all.map(|flaw| flaw["code"].as_str().unwrap().to_owned()).collect()
}

/// The only reason why there is no quote.
async fn refused(running: &Running, token: &str, body: &Value) -> (Value, String) {
    let (status, problem) = post(running, token, "/v1/quotes", body).await;
    assert_eq!(status, StatusCode::UNPROCESSABLE_ENTITY, "{problem:#}");
    let missing = problem["missing"].as_array().unwrap();
    assert_eq!(missing.len(), 1, "{problem:#}");
    (missing[0].clone(), missing[0]["reason"].as_str().unwrap().to_owned())
}

#[tokio::test(flavor = "multi_thread")]
async fn a_charge_is_priced_in_its_written_unit_wherever_that_is_written() {
    let running = texas().await;
    let token = running.admin().await;
    // March has 743 hours and 31 days, and 2024 has 8,784 hours.
    let per_mwh = |made: &Value| number(&made["accounts"][0]["mwh"]);
    for (at, (component, uom, value, dollars)) in [
        ("Capacity ($/MW-day)", "", "10", Some(310.0)),
        ("RPM Price", "$ / MW-Day", "10", Some(310.0)),
        ("RPM [$/kW-day]", "$/kw-day", "0.01", Some(310.0)),
        ("NITS $/MW-yr", "", "8784", Some(743.0)),
        ("NITS Rate ($/kW-year)", "", "8.784", Some(743.0)),
        ("NITS ($/MW-month)", "", "500", Some(500.0)),
        ("Fee (¢/kWh)", "", "0.1", None),
        ("Fee", "mills/kWh", "1", None),
    ]
    .into_iter()
    .enumerate()
    {
        let name = format!("NonEnergy_ERCOT_20240105_09{at:02}00.csv");
        let row = running.put(&name, charges(component, uom, value).as_bytes()).await;
        assert_eq!(row["status"], "published", "{row:#}");
        let made = quote(&running, &token, &of_one_megawatt()).await;
        let lines = made["accounts"][0]["lines"].as_array().unwrap();
        let line = lines.iter().find(|line| line["component"].as_str().unwrap().starts_with("Capacity /"));
        let line = line.unwrap_or_else(|| panic!("{component}: {made:#}"));
        let expected = dollars.unwrap_or_else(|| per_mwh(&made));
        assert!((number(&line["dollars"]) - expected).abs() < 1e-9 * expected, "{component}: {line:#}");
        assert_eq!(made["notes"], json!([]), "{component}");
        assert!(!line["component"].as_str().unwrap().contains('$'), "{line:#}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn an_unknown_unit_is_reported_at_upload_and_stops_quotes_that_need_it() {
    let running = texas().await;
    let token = running.admin().await;
    for (at, (component, uom)) in [("Fee (widgets/h)", ""), ("Fee", "$/MW")].into_iter().enumerate() {
        let name = format!("NonEnergy_ERCOT_20240105_09{at:02}00.csv");
        let row = running.put(&name, charges(component, uom, "10").as_bytes()).await;
        assert_eq!(row["status"], "published", "{row:#}");
        assert!(codes(&row, "warnings").contains(&"unit_unknown".to_owned()), "{row:#}");
        for method in ["nerc", "legacy"] {
            let mut body = of_one_megawatt();
            body["method"] = json!(method);
            let (status, problem) = post(&running, &token, "/v1/quotes", &body).await;
            assert_eq!(status, StatusCode::UNPROCESSABLE_ENTITY, "{method}: {problem:#}");
            let missing = problem["missing"].as_array().unwrap();
            let told = missing.iter().find(|missing| missing["reason"] == "unit_unknown");
            let told = told.unwrap_or_else(|| panic!("{method}: {problem:#}"));
            assert_eq!(
                (&told["data_type"], &told["labels"]["cost_component"]),
                (&json!("nonenergy"), &json!(component))
            );
        }
    }
    // A contradiction is a flaw.
    let row = running
        .put("NonEnergy_ERCOT_20240105_100000.csv", charges("Fee ($/MW-day)", "$/MWh", "1").as_bytes())
        .await;
    assert_eq!(
        (&row["status"], codes(&row, "flaws")),
        (&json!("rejected"), vec!["unit_conflict".to_owned()])
    );
    // A charge without any unit is taken as before, and the note says so.
    let row = running.put("NonEnergy_ERCOT_20240105_110000.csv", charges("Fee", "", "1").as_bytes()).await;
    assert_eq!(row["status"], "published", "{row:#}");
    let made = quote(&running, &token, &of_one_megawatt()).await;
    assert!(made["notes"][0].as_str().unwrap().contains("Fee"), "{made:#}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_load_is_priced_in_the_unit_of_its_sheet() {
    let running = texas().await;
    let token = running.admin().await;
    let made = quote(&running, &token, &of_one_megawatt()).await;
    let before = number(&made["accounts"][0]["mwh"]);
    let profile = String::from_utf8(sample("LoadProfile_ERCOT_20240104_080000.csv").to_vec()).unwrap();
    let with =
        |unit: &str| profile.replacen("Customer Type,", &format!("UOM,,{unit},{unit}\r\nCustomer Type,"), 1);
    for (at, (unit, times)) in
        [("kWh", 1.0), ("KW", 1.0), ("MWh", 1000.0), ("M W", 1000.0)].into_iter().enumerate()
    {
        let name = format!("LoadProfile_ERCOT_20240105_08{at:02}00.csv");
        let row = running.put(&name, with(unit).as_bytes()).await;
        assert_eq!(row["status"], "published", "{row:#}");
        let made = quote(&running, &token, &of_one_megawatt()).await;
        let mwh = number(&made["accounts"][0]["mwh"]);
        assert!((mwh - times * before).abs() < 1e-9 * mwh, "{unit}: {mwh} and {before} before");
    }
    for (unit, code) in [("widgets/h", "unit_unknown"), ("$/MWh", "wrong_unit"), ("%", "wrong_unit")] {
        let row = running.put("LoadProfile_ERCOT_20240105_090000.csv", with(unit).as_bytes()).await;
        assert_eq!(row["status"], "rejected", "{unit}: {row:#}");
        // Both columns have the same problem: one flaw.
        assert_eq!(
            (codes(&row, "flaws"), &row["flaws"][0]["more"]),
            (vec![code.to_owned()], &json!(1)),
            "{unit}"
        );
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn losses_in_another_form_are_refused_and_those_in_older_sheets_stop_the_quote() {
    let running = texas().await;
    let token = running.admin().await;
    let losses = String::from_utf8(sample("LineLoss_ERCOT_20240104_080000.csv").to_vec()).unwrap();
    let (first, factor) = {
        let line = losses.lines().nth(1).unwrap();
        (line, line.rsplit_once(',').unwrap().1)
    };
    for cell in ["0.0546", "5.46%", "5.46", "0", "-1.05"] {
        let line = format!("{},{cell}", first.strip_suffix(factor).unwrap().trim_end_matches(','));
        let row = running
            .put("LineLoss_ERCOT_20240105_080000.csv", losses.replacen(first, &line, 1).as_bytes())
            .await;
        assert_eq!(
            (&row["status"], codes(&row, "flaws")),
            (&json!("rejected"), vec!["impossible_value".to_owned()]),
            "{cell}"
        );
        assert!(row["flaws"][0]["expected"].as_str().unwrap().contains("a factor such as 1.0546"), "{row:#}");
    }
    quote(&running, &token, &of_one_megawatt()).await;
    // As published before values were checked.
    let old = "update trueprice.curve_values v set values = array[0.0546], packed = null
        from trueprice.snapshot_curve i
        join trueprice.snapshot s on s.id = i.snapshot_id
        join trueprice.series r on r.id = s.series_id
        where v.id = i.values_id and r.data_type = 'lineloss'";
    sqlx::query(old).execute(&mut running.sql().await).await.unwrap();
    for method in ["nerc", "legacy"] {
        let mut body = of_one_megawatt();
        body["method"] = json!(method);
        if method == "legacy" {
            let (status, problem) = post(&running, &token, "/v1/quotes", &body).await;
            let told = problem["missing"].as_array().unwrap().iter();
            assert!(
                told.clone().any(|missing| missing["reason"] == "impossible_value"),
                "{status} {problem:#}"
            );
            continue;
        }
        let (missing, reason) = refused(&running, &token, &body).await;
        assert_eq!((reason.as_str(), &missing["data_type"]), ("impossible_value", &json!("lineloss")));
        let what = missing["what"].as_str().unwrap();
        assert!(what.contains("0.0546") && what.contains("a factor such as 1.0546"), "{what}");
        assert_eq!(missing["labels"]["utility"], "ONCOR", "{missing:#}");
    }
}
