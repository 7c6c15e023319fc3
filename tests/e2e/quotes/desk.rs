//! The old paths of the pricing desk.

use super::{account, number, quote, request, texas};
use reqwest::multipart::{Form, Part};
use reqwest::{Method, StatusCode};
use serde_json::Value;
use std::fmt::Write as _;
use tests::{Running, reference};

const HEADER: &str = "TimeStamp,Lookup ID4,Account Name,Load Zone,Capacity Zone,Utility,Voltage,Load Profile,Curve Date,Start Date,\
    End Date,Margin ($/MWh),Sleeve Fee ($/MWh),Utility Billing Surcharge ($/MWh),Other 1 ($/MWh),Other 2 ($/MWh)";

async fn send(running: &Running, token: &str, path: &str, name: &str, text: &str) -> (StatusCode, Value) {
    let part = Part::bytes(text.as_bytes().to_vec()).file_name(name.to_owned());
    let form = Form::new().part("file", part);
    let answer = running.request(Method::POST, path).bearer_auth(token).multipart(form).send().await.unwrap();
    (answer.status(), answer.json().await.unwrap())
}

#[tokio::test(flavor = "multi_thread")]
async fn a_request_file_is_answered_in_the_old_format_with_current_prices() {
    let running = texas().await;
    let token = running.admin().await;
    let row = |id: &str| {
        format!(
            "now,{id},\"Main Street, 1\",NORTH ZONE,NORTH ZONE,ONCOR,Secondary,BUSMEDLF_NCENT,1/5/2024,3/1/2024,3/31/2024,$1.00,0.5,,,"
        )
    };
    let file = format!("{HEADER}\r\n{}\r\n{}\r\n", row("A1"), row("A2"));
    for path in ["/pricedesk", "/pricedeskdata"] {
        let (status, answer) = send(&running, &token, path, "PriceRequest_ERCOT.csv", &file).await;
        assert_eq!(status, StatusCode::OK, "{answer:#}");
        assert_eq!(answer["filename_final_df"], serde_json::json!(["A1.csv", "A2.csv"]));
        assert_eq!(answer["filename_summary_final_df"][1], "summary_A2.csv");
        let made = quote(&running, &token, &request(&[account("A1")])).await;
        let sum: f64 = answer["component_summary"][0].as_array().unwrap().iter().map(number).sum();
        assert!((sum - number(&made["accounts"][0]["price_per_mwh"])).abs() < 1e-9);
        assert_eq!(answer["component_labels"][0][0], "energy");
        assert_eq!(answer["fr_price_hourly"][0].as_array().unwrap().len(), 743);
        assert_eq!(answer["fr_price_hourly_label"][0][0], "2024-03-01 1");
        assert_eq!(answer["price_input_list"][0]["Account Name"], "Main Street, 1");
        let csv = answer["final_df"][0].as_str().unwrap();
        let rows: Vec<Vec<&str>> = csv.lines().map(|line| line.split(',').collect()).collect();
        assert_eq!(rows.len(), 3 + 743);
        assert_eq!((rows[0][0], rows[1][0], rows[2][0]), ("curve_type", "cost_component", "lookup ID4"));
        assert_eq!((rows[2][21], rows[1][22]), ("curvestart_lineloss", "data_energy_shaped"));
        assert!(rows.iter().all(|row| row.len() == rows[0].len()));
        assert_eq!(
            rows[3][..6],
            ["A1", "ONCOR Secondary", "Leap 3 Weekday 1", "2024-03-01 1", "y", "2024-03-01"]
        );
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn former_error_pages_have_a_status_and_the_old_text() {
    let running = texas().await;
    let token = running.admin().await;
    let good = format!(
        "{HEADER}\nnow,A1,x,NORTH ZONE,NORTH ZONE,ONCOR,Secondary,BUSMEDLF_NCENT,1/5/2024,3/1/2024,3/31/2024,1,1,1,1,1\n"
    );
    for (name, text, status, toast) in [
        ("PriceRequest_ERCOT.xlsx", good.clone(), 400, "File should be in csv format"),
        ("PriceRequest_CAISO.csv", good.clone(), 400, "Exception in price calculation"),
        ("PriceRequest_ERCOT.csv", good.replace("Load Zone,", "Zone,"), 400, "Missing columns: Load Zone"),
        (
            "PriceRequest_ERCOT.csv",
            good.replace("3/1/2024", "first of March"),
            400,
            "Exception in price calculation",
        ),
        // A decimal comma is not taken for a thousands separator.
        (
            "PriceRequest_ERCOT.csv",
            good.replace("3/31/2024,1,", "3/31/2024,\"12,34\","),
            400,
            "Exception in price calculation",
        ),
        ("PriceRequest_ERCOT.csv", format!("{HEADER}\n"), 400, "Exception in price calculation"),
    ] {
        let (found, answer) = send(&running, &token, "/pricedesk", name, &text).await;
        assert_eq!((found.as_u16(), &answer["message_toast"]), (status, &toast.into()), "{answer:#}");
    }
    let unknown = good.replace("BUSMEDLF_NCENT", "NOBODY");
    let (found, answer) = send(&running, &token, "/pricedesk", "PriceRequest_ERCOT.csv", &unknown).await;
    assert_eq!((found.as_u16(), &answer["message"]), (422, &"Exception in price calculation".into()));
    assert_eq!(answer["missing"][0]["data_type"], "loadprofile");
}

/// Hourly sheets as described in appendix A.1.
fn made_up() -> Vec<(&'static str, String)> {
    let head = |columns: &[[&str; 7]]| {
        let titles =
            ["State", "Load Zone", "Capacity Zone", "Utility", "Block Type", "Cost Group", "Cost Component"];
        let mut text = format!("Control Area,{}\n", columns.iter().map(|_| ",ERCOT").collect::<String>());
        for (at, title) in titles.iter().enumerate() {
            let cells: String = columns.iter().flat_map(|column| [",", column[at]]).collect();
            writeln!(text, "{title},{cells}").unwrap();
        }
        text + &",".repeat(columns.len() + 1) + "\n"
    };
    let at = |block, group, component| ["TX", "NORTH ZONE", "NORTH ZONE", "ALL", block, group, component];
    let days = chrono::NaiveDate::from_ymd_opt(2023, 6, 1).unwrap().iter_days().take(30);
    let hours: Vec<(String, u32)> =
        days.flat_map(|day| (1..=24).map(move |hour| (day.format("%-m/%-d/%Y").to_string(), hour))).collect();
    let mut shaping =
        head(&["5x16", "2x16", "7x8"].map(|block| at(block, "Shaping", "Shape"))) + "Date,HE,a,b,c\n";
    let mut profile = head(&[at("7x24", "Load Profile", "RESLOWR_NORTH")]);
    profile = profile.replace(
        "Cost Component,,RESLOWR_NORTH\n",
        "Cost Component,,RESLOWR_NORTH\nCustomer Type,,Residential\n",
    );
    profile += "Date,HE,a\n";
    for (day, hour) in &hours {
        let factor = 1.0 + 0.001 * f64::from(*hour);
        writeln!(shaping, "{day},{hour},{factor:.3},{factor:.3},{factor:.3}").unwrap();
        writeln!(profile, "{day},{hour},{}", 1000 + 10 * hour).unwrap();
    }
    let mut vlr = head(&[at("7x24", "VLR", "VLR")]) + "Month,HE,a\n";
    for month in 1..=12 {
        (1..=24).for_each(|hour| writeln!(vlr, "{month},{hour},2.5").unwrap());
    }
    let losses = "Control Area,State,Load Zone,Capacity Zone,Utility,Block Type,Cost Group,Cost Component,Line Loss Factor\n\
        ERCOT,TX,ALL,ALL,ONCOR,7x24,Line Loss,Secondary,1.05\n";
    vec![
        ("Shaping_ERCOT_20230501_080000.csv", shaping),
        ("LoadProfile_ERCOT_20230501_080000.csv", profile),
        ("VLR_ERCOT_20230501_080000.csv", vlr),
        ("LineLoss_ERCOT_20230501_080000.csv", losses.to_owned()),
    ]
}

#[tokio::test(flavor = "multi_thread")]
async fn the_reference_case_of_the_old_desk_is_reproduced_from_bucket_to_answer() {
    let Some(folder) = reference::folder("inputs/accepted") else { return };
    let running = Running::start().await;
    for (name, text) in made_up() {
        let row = running.put(name, text.as_bytes()).await;
        assert_eq!(row["status"], "published", "{row:#}");
    }
    for name in [
        "Energy_ERCOT_20230522_082542_cob.csv",
        "NonEnergy_ERCOT_20230419_101010.csv",
        "REC_ERCOT_20230507_142300.csv",
    ] {
        running.put(name, &std::fs::read(folder.join(name)).unwrap()).await;
    }
    let token = running.admin().await;
    let file = format!(
        "{HEADER}\nnow,A1,x,NORTH ZONE,NORTH ZONE,ONCOR,Secondary,RESLOWR_NORTH,5/22/2023,6/1/2023,6/30/2023,$1.00,$0.50,$0.25,$0.10,$0.05\n"
    );
    let (status, answer) =
        send(&running, &token, "/pricedesk?method=legacy", "PriceRequest_ERCOT.csv", &file).await;
    assert_eq!(status, StatusCode::OK, "{answer:#}");
    let prices = answer["fr_price_hourly"][0].as_array().unwrap();
    assert_eq!(prices.len(), 696);
    assert!((number(&prices[0]) - 42.925_992_57).abs() < 5e-9);
    let summary: f64 = answer["component_summary"][0].as_array().unwrap().iter().map(number).sum();
    assert!((summary - 43.409_082_72).abs() < 5e-9, "{summary}");
    let csv = answer["final_df"][0].as_str().unwrap();
    assert!(
        csv.lines()
            .nth(3)
            .unwrap()
            .ends_with(&format!(",{}", csv.lines().nth(700 - 5).unwrap().rsplit(',').next().unwrap()))
    );
    let ffr: f64 = csv.lines().nth(3).unwrap().rsplit(',').next().unwrap().parse().unwrap();
    assert!((ffr - 43.391_824_39).abs() < 5e-9, "{ffr}");
    assert!(csv.contains(",2023-06-02,2023-06,2023,Non-Leap,6,4,Weekend,"), "Friday was a weekend day");
    let (status, answer) = send(&running, &token, "/pricedesk", "PriceRequest_ERCOT.csv", &file).await;
    assert_eq!(status, StatusCode::OK, "{answer:#}");
    assert_eq!(answer["fr_price_hourly"][0].as_array().unwrap().len(), 720);
    let csv = answer["final_df"][0].as_str().unwrap();
    assert!(csv.contains(",2023-06-02,2023-06,2023,Non-Leap,6,4,Weekday,"), "Friday is a weekday");
}
