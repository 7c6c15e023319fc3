use super::{Sheet, ask, blocks, cells, close, number, refused, rows};
use tests::Running;

#[tokio::test(flavor = "multi_thread")]
async fn a_spread_is_the_difference_of_two_values() {
    let running = Running::start().await;
    let token = running.admin().await;
    let price = |month: u32, column: usize| {
        (column != 3 || month != 5)
            .then(|| 30.0 + f64::from(month * month) + 7.0 * f64::from(u32::try_from(column).unwrap()))
    };
    let sheet = Sheet {
        market: "ERCOT",
        columns: &blocks(&["NORTH", "SOUTH"]),
        first: "2024-02",
        price: &price,
        months: 12,
    };
    running.put("Energy_ERCOT_20240105_170200_cob.csv", sheet.text().as_bytes()).await;

    let path = "/v1/spread?market=ERCOT&a.load_zone=SOUTH&b.load_zone=NORTH&blocks=7x24&granularity=quarter";
    let spread = ask(&running, &token, path).await;
    let values = ask(&running, &token, "/v1/values?market=ERCOT&blocks=7x24&granularity=quarter").await;
    let value = |zone: &str, period: &str| {
        rows(&values).iter().find(|row| row["load_zone"] == zone && row["period"] == period).unwrap()["value"]
            .as_f64()
    };
    let mut compared = 0;
    for row in rows(&spread) {
        let period = row["period"].as_str().unwrap();
        let both = value("SOUTH", period).zip(value("NORTH", period));
        assert_eq!(row["spread"].is_f64(), both.is_some(), "{row:#}");
        if let Some((a, b)) = both {
            assert!(close(number(row, "spread"), a - b), "{row:#}");
            compared += 1;
        }
    }
    assert_eq!(compared, 2, "{spread:#}");
    // The sheet covers 2024-02 to 2025-01: the first and the last quarter are cut, and named.
    assert_eq!(cells(&spread, &["period"]), ["2024-Q2", "2024-Q3", "2024-Q4"]);
    assert_eq!(
        spread["notes"],
        serde_json::json!(["left out, because the range cuts them: 2024-Q1, 2025-Q1"])
    );
    let third = rows(&spread).iter().find(|row| row["period"] == "2024-Q3").unwrap();
    assert_eq!((&third["spread"], &third["a_missing"]), (&serde_json::Value::Null, &"2024-07".into()));
    // Peak minus night, each weighted by its own hours.
    let path = "/v1/spread?market=ERCOT&a.load_zone=NORTH&a.block_type=5x16&b.load_zone=NORTH&b.block_type=7x8&granularity=strip&period=2024-Q2";
    let night = ask(&running, &token, path).await;
    assert_eq!(cells(&night, &["hours", "b_hours"]), ["1024.0 728.0"]);

    let (status, problem) =
        refused(&running, &token, "/v1/spread?market=ERCOT&a.load_zone=NORTH&b.load_zone=SOUTH").await;
    assert_eq!((status, problem["matches"].as_array().unwrap().len()), (422, 3), "{problem:#}");
    assert!(problem["matches"][0].as_str().unwrap().contains("NORTH"), "{problem:#}");
}

#[tokio::test(flavor = "multi_thread")]
async fn gas_is_weighted_by_the_hours_of_the_power_generated_from_it() {
    let running = Running::start().await;
    let token = running.admin().await;
    let power = Sheet {
        market: "ERCOT",
        columns: &blocks(&["NORTH"]),
        first: "2024-02",
        price: &|month, _| Some([50.0, 40.0, 45.0][month as usize]),
        months: 3,
    };
    running.put("Energy_ERCOT_20240105_170200_cob.csv", power.text().as_bytes()).await;
    let gas = Sheet {
        market: "ERCOT",
        columns: &[("HH", "7x24", "$/MMBtu"), ("X", "7x24", "$/MWh")],
        first: "2024-02",
        price: &|month, _| Some([3.0, 2.0, 2.5][month as usize]),
        months: 3,
    };
    running.put("NonEnergy_ERCOT_20240105_080000.csv", gas.text().as_bytes()).await;
    let sides = "market=ERCOT&a.block_type=5x16&b.data_type=nonenergy&b.load_zone=HH";
    let months = ask(&running, &token, &format!("/v1/spread?{sides}&heat_rate=7.5")).await;
    assert_eq!(
        cells(&months, &["period", "a", "b", "spread"]),
        ["2024-02 50.0 3.0 27.5", "2024-03 40.0 2.0 25.0", "2024-04 45.0 2.5 26.25"]
    );
    assert_eq!(months["unit"], "$/MWh");
    assert_eq!(months["snapshots"].as_array().unwrap().len(), 2);
    let strip = ask(&running, &token, &format!("/v1/spread?{sides}&heat_rate=7.5&granularity=strip")).await;
    let weighted = (27.5 * 336.0 + 25.0 * 336.0 + 26.25 * 352.0) / 1024.0;
    assert!(close(number(&rows(&strip)[0], "spread"), weighted), "{strip:#}");
    // Power in blocks, gas as published, by the mark of the day although gas sheets are not marked.
    let flat = "market=ERCOT&a.load_zone=NORTH&b.data_type=nonenergy&b.load_zone=HH&heat_rate=7.5";
    let made = ask(&running, &token, &format!("/v1/spread?{flat}&blocks=7x24&mark=cob&period=2024-03")).await;
    assert_eq!(cells(&made, &["a", "b", "spread"]), ["40.0 2.0 25.0"]);
    assert_eq!(made["notes"], serde_json::json!([]));
    let later = running.put("Energy_ERCOT_20240108_170200_cob.csv", power.text().as_bytes()).await;
    assert_eq!(later["status"], "published", "{later:#}");
    let apart = ask(&running, &token, &format!("/v1/spread?{flat}&blocks=wrap&period=2024-03")).await;
    assert_eq!(apart["notes"][0], "a is of operating day 2024-01-08, and b of 2024-01-05");
    for (more, parameter) in
        [("", "heat_rate"), ("&heat_rate=7.5&b.load_zone=X", "b"), ("&heat_rate=-1", "heat_rate")]
    {
        let (_, problem) = refused(&running, &token, &format!("/v1/spread?{sides}{more}")).await;
        assert_eq!(problem["errors"][0]["parameter"], parameter, "{more}: {problem:#}");
    }
    let path = "/v1/spread?market=ERCOT&a.block_type=5x16&b.data_type=nonenergy&b.load_zone=X&heat_rate=7.5";
    let (status, problem) = refused(&running, &token, path).await;
    assert_eq!((status, &problem["errors"][0]["parameter"]), (422, &"heat_rate".into()), "{problem:#}");
}
