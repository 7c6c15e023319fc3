//! The file and the heat map that clients of the old system read, byte for byte.

use super::{matrix, ptc, publish, run};
use crate::types::workbook;
use reqwest::{Method, StatusCode};
use serde_json::{Value, json};
use tests::Running;
use trueprice::downloads::csv::FOOTER;

const TITLES: &str = "ISO ,State,Utility,Load Zone,Load Profile,Headroom Effective Date,PTC Effective Date,\
    Utility PTC ($/MWh),TLE Price Term (months),TLE Price Start Date,Truelight Price ($/MWh),Headroom ($/MWh),Headrrom (%)\n";

async fn system() -> (Running, String) {
    let running = Running::start().await;
    publish(&running, "PTC_PJM_20240115_120000", &ptc("0.1234567")).await;
    publish(&running, "Matrix_PJM_20240120_090000", &matrix("101.5")).await;
    run(running.ctx()).await;
    let token = running.admin().await;
    (running, token)
}

#[tokio::test(flavor = "multi_thread")]
async fn the_file_is_unchanged() {
    let (running, token) = system().await;
    let get = async |query: &str| {
        running.get(&token, &format!("/get_data?curve_type=headroom&iso=pjm{query}")).await
    };
    let footer = format!("\r\n\"{FOOTER}\"\r\n");
    let (status, csv) = get("").await;
    assert_eq!(status, StatusCode::OK, "{csv}");
    let row = |effective: &str| {
        format!(
            "PJM,NJ,PSEG,PSEG,RS,01/20/2024,{effective},123.4567,6.0,02/01/2024,101.5,21.956699999999998,17.784939983\n"
        )
    };
    // Only offers that can be compared over their months.
    assert_eq!(csv, format!("{TITLES}{}{footer}", row("02/01/2024")));
    // The old method: the month of the sheet, with unpublished prices as 0.
    let (_, csv) = get("&method=legacy").await;
    let unpublished = "PJM,NJ,PSEG,PSEG,GLP,01/20/2024,01/01/2024,0.0,6.0,02/01/2024,101.5,-101.5,0.0\n";
    let other = "PJM,PA,PECO,PECO,R,01/20/2024,01/01/2024,90.0,6.0,02/01/2024,80.0,10.0,11.1111111111\n";
    assert_eq!(csv, format!("{TITLES}{unpublished}{}{other}{footer}", row("01/01/2024")));

    let (_, text) = get("&type=json").await;
    assert_eq!(
        text,
        r#"[{"ISO ":"PJM","State":"NJ","Utility":"PSEG","Load Zone":"PSEG","Load Profile":"RS","#.to_owned()
            + r#""Headroom Effective Date":"01/20/2024","PTC Effective Date":"02/01/2024","Utility PTC ($/MWh)":123.4567,"#
            + r#""TLE Price Term (months)":6.0,"TLE Price Start Date":"02/01/2024","Truelight Price ($/MWh)":101.5,"#
            + r#""Headroom ($/MWh)":21.956699999999998,"Headrrom (%)":17.784939983}]"#
    );

    let sheet = workbook(&running, &token, "curve_type=headroom&iso=pjm").await;
    assert!(
        sheet.contains("<v>101.5</v>") && sheet.contains("<v>17.784939983</v>"),
        "numbers are typed: {sheet}"
    );
    let (_, by_form) = running.get(&token, "/download_data?curve_type=headroom&iso=pjm&method=legacy").await;
    assert_eq!(by_form, csv);
    // If nothing can be compared, nothing is found.
    let (status, _) = get("&operating_day=2024-01-19").await;
    assert_eq!(status, StatusCode::NOT_FOUND);
    let (status, problem) = get("&method=old").await;
    assert_eq!(status, StatusCode::BAD_REQUEST, "{problem}");
}

#[tokio::test(flavor = "multi_thread")]
async fn the_heat_map_is_unchanged() {
    let (running, token) = system().await;
    let rs = json!({ "state": "NJ", "utility": "PSEG", "load_zone": "PSEG", "utility_price": "0.12346",
        "retail_price": "0.10150", "headroom": "0.02196", "headroom_prct": 17.78, "customer_type": "RS", "term": 6 });
    for path in ["/get_heatmap", "/generate_headroom_heatmap"] {
        for method in [Method::GET, Method::POST] {
            let answer = running.request(method.clone(), path).bearer_auth(&token).send().await.unwrap();
            assert_eq!(answer.status(), StatusCode::OK, "{method} {path}");
            assert_eq!(answer.json::<Value>().await.unwrap(), json!([rs]), "{method} {path}");
        }
        let (_, legacy) = running.get(&token, &format!("{path}?method=legacy")).await;
        let legacy: Value = serde_json::from_str(&legacy).unwrap();
        let found: Vec<String> = legacy
            .as_array()
            .unwrap()
            .iter()
            .map(|cell| format!("{} {} {}", cell["customer_type"], cell["headroom"], cell["headroom_prct"]))
            .collect();
        assert_eq!(found, [r#""GLP" "-0.10150" 0.0"#, r#""RS" "0.02196" 17.78"#, r#""R" "0.01000" 11.11"#]);
    }
}
