use super::{Sheet, ask, blocks, cells, close, number, rows};
use tests::Running;

#[tokio::test(flavor = "multi_thread")]
async fn figures_move_by_business_days_over_the_same_delivery_months() {
    let running = Running::start().await;
    let token = running.admin().await;
    // The Tuesday after Memorial Day; the business day before is Friday. A month before is a Sunday, so Friday, 26 April counts.
    for (day, base) in [("20240426", 30.0), ("20240520", 40.0), ("20240524", 48.0), ("20240528", 50.0)] {
        let price = |month: u32, _: usize| Some(base + f64::from(month) / 10.0);
        let sheet = Sheet {
            market: "ERCOT",
            columns: &blocks(&["NORTH"]),
            first: "2024-05",
            price: &price,
            months: 32,
        };
        let row = running.put(&format!("Energy_ERCOT_{day}_170200_cob.csv"), sheet.text().as_bytes()).await;
        assert_eq!(row["status"], "published", "{row:#}");
    }
    let stats = ask(&running, &token, "/v1/stats?market=ERCOT&blocks=7x24").await;
    assert_eq!(
        cells(&stats, &["metric", "period", "months", "missing"]),
        [
            "prompt 2024-06 1 null",
            "next12 2024-06..2025-05 12 null",
            "next24 2024-06..2026-05 24 null",
            "year Cal-2025 12 null",
            "year Cal-2026 12 null",
            "season Summer-2024 4 null",
            "season Fall-2024 2 null",
            "season Winter-2024 3 null",
            "season Spring-2025 3 null",
            "season Summer-2025 4 null",
            "season Fall-2025 2 null",
            "season Winter-2025 3 null",
            "season Spring-2026 3 null",
            "season Summer-2026 4 null",
            "season Fall-2026 2 null",
        ]
    );
    for row in rows(&stats) {
        assert_eq!(
            (&row["day_before"], &row["week_before"], &row["month_before"]),
            (&"2024-05-24".into(), &"2024-05-20".into(), &"2024-04-26".into())
        );
        assert!(close(number(row, "day_change"), 2.0), "{row:#}");
        assert!(
            close(number(row, "week_change"), 10.0) && close(number(row, "month_change"), 20.0),
            "{row:#}"
        );
        assert!(close(number(row, "day_percent"), 200.0 / number(row, "day_value")));
    }
    let year = &rows(&stats)[3];
    // The months of a year, weighted by their hours: the base plus a tenth of each month's position in the sheet.
    let hours = [744., 672., 743., 720., 744., 720., 744., 744., 720., 744., 721., 744.];
    let money: f64 =
        hours.iter().zip(8..).map(|(hours, month)| hours * (50.0 + f64::from(month) / 10.0)).sum();
    assert!(close(number(year, "value"), money / 8760.0) && close(number(year, "hours"), 8760.0), "{year:#}");
    // For an earlier day there is no mark of the business day before, and none of the week before.
    let late = ask(&running, &token, "/v1/stats?market=ERCOT&as_of=2024-05-24&block_type=5x16").await;
    let row = &rows(&late)[0];
    assert!(row["day_before"].is_null() && row["day_change"].is_null(), "{row:#}");
    assert!(
        late["notes"].as_array().unwrap().iter().any(|note| note.as_str().unwrap().contains("2024-05-23")),
        "{}",
        late["notes"]
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn years_and_seasons_end_with_the_newest_sheet_however_long_earlier_ones_were() {
    let running = Running::start().await;
    let token = running.admin().await;
    let put = async |stamp: &str, zones: &[&str], months: u32| {
        let price = |month: u32, _: usize| Some(40.0 + f64::from(month));
        let columns = blocks(zones);
        let sheet = Sheet { market: "ERCOT", columns: &columns, first: "2024-05", price: &price, months };
        let row = running.put(&format!("Energy_ERCOT_{stamp}.csv"), sheet.text().as_bytes()).await;
        assert_eq!(row["status"], "published", "{row:#}");
    };
    let periods = async |query: &str| {
        let stats = ask(&running, &token, &format!("/v1/stats?market=ERCOT&blocks=7x24{query}")).await;
        let ahead = cells(&stats, &["metric", "period"]).into_iter();
        ahead.filter(|row| row.starts_with("year") || row.starts_with("season")).collect::<Vec<_>>()
    };
    // Up to December 2026, and on the next business day only up to February 2025.
    put("20240524_090000", &["NORTH", "SOUTH"], 32).await;
    put("20240528_090000", &["NORTH"], 10).await;
    let short = ["season Summer-2024", "season Fall-2024", "season Winter-2024"];
    assert_eq!(periods("&load_zone=NORTH").await, short);
    assert_eq!(periods("").await, short);
    assert!(periods("&as_of=2024-05-24").await.contains(&"year Cal-2026".to_owned()));
    // The months that both have are still compared.
    let stats = ask(&running, &token, "/v1/stats?market=ERCOT&blocks=7x24&load_zone=NORTH").await;
    assert!(rows(&stats).iter().all(|row| row["day_before"] == "2024-05-24"), "{stats:#}");
    assert!(close(number(&rows(&stats)[0], "day_change"), 0.0));
    // A zone that the newest sheet lacks has no current value.
    let gone = super::refused(&running, &token, "/v1/stats?market=ERCOT&load_zone=SOUTH").await;
    assert_eq!(gone.0, 404, "{}", gone.1);
}
