use super::{Sheet, ask, blocks, cells, refused, rows};
use serde_json::json;
use tests::Running;

async fn put(
    running: &Running,
    key: &str,
    zones: &[&str],
    first: &str,
    price: &dyn Fn(u32, usize) -> Option<f64>,
) {
    let sheet = Sheet { market: "ERCOT", columns: &blocks(zones), first, price, months: 4 };
    let row = running.put(key, sheet.text().as_bytes()).await;
    assert!(row["status"] == "published" || row["status"] == "corrected", "{row:#}");
}

#[tokio::test(flavor = "multi_thread")]
async fn added_and_removed_curves_and_changed_months_are_reported_and_nothing_else() {
    let running = Running::start().await;
    let token = running.admin().await;
    put(&running, "Energy_ERCOT_20240104_170200_cob.csv", &["NORTH", "OLD"], "2024-02", &|month, _| {
        (month != 2).then_some(40.0)
    })
    .await;
    put(&running, "Energy_ERCOT_20240105_103000.csv", &["NORTH"], "2024-02", &|_, _| Some(1.0)).await;
    // In the second month only 5x16 of NORTH has moved; in the third it has a price where it had none.
    put(&running, "Energy_ERCOT_20240105_170200_cob.csv", &["NORTH", "NEW"], "2024-02", &|month, column| {
        match (month, column) {
            (1, 0) => Some(45.0),
            (2, 0) => Some(41.0),
            (3, 0) | (2, _) => None,
            (0, 3) => Some(0.0),
            _ => Some(40.0),
        }
    })
    .await;
    let diff = ask(&running, &token, "/v1/diff?market=ERCOT").await;
    assert_eq!(diff["snapshot"]["stamp"], "2024-01-05T17:02:00");
    assert_eq!(
        diff["against"]["stamp"], "2024-01-04T17:02:00",
        "the mark of the day before, not the sheet before"
    );
    assert_eq!(
        diff["counts"],
        json!({ "curves_added": 3, "curves_removed": 3, "curves_changed": 1, "curves_equal": 2,
            "values_changed": 1, "values_appeared": 1 + 3 * 3, "values_vanished": 1 + 3 * 3 })
    );
    let north = ask(&running, &token, "/v1/diff?market=ERCOT&load_zone=NORTH").await;
    assert_eq!(
        cells(&north, &["block_type", "month", "kind", "old", "new", "change", "percent"]),
        [
            "5x16 2024-03-01 changed 40.0 45.0 5.0 12.5",
            "5x16 2024-04-01 changed null 41.0 null null",
            "5x16 2024-05-01 changed 40.0 null null null",
        ]
    );
    let new = ask(&running, &token, "/v1/diff?market=ERCOT&load_zone=NEW&block_type=5x16&to=2024-03").await;
    assert_eq!(cells(&new, &["kind", "month", "old", "new"]), ["added 2024-02-01 null 0.0"]);
    // The reverse comparison, by ids.
    let (one, other) = (diff["snapshot"]["id"].clone(), diff["against"]["id"].clone());
    let back =
        ask(&running, &token, &format!("/v1/diff?snapshot={other}&against={one}&load_zone=NORTH")).await;
    assert_eq!(cells(&back, &["old", "new", "percent"])[0], "45.0 40.0 -11.1111111111111");
    let same = ask(&running, &token, &format!("/v1/diff?snapshot={one}&against={one}")).await;
    assert!(rows(&same).is_empty() && same["counts"]["curves_equal"] == 6, "{}", same["counts"]);
    let intraday = ask(
        &running,
        &token,
        "/v1/diff?market=ERCOT&against_as_of=2024-01-05&against_mark=intraday&load_zone=NORTH",
    )
    .await;
    assert_eq!(intraday["against"]["stamp"], "2024-01-05T10:30:00");
    let (status, _) = refused(&running, &token, &format!("/v1/diff?snapshot={one}&against=424242")).await;
    assert_eq!(status, 404);
    let page = ask(&running, &token, "/v1/diff?market=ERCOT&load_zone=NORTH&limit=2").await;
    let next = page["next"].as_str().unwrap();
    let rest =
        ask(&running, &token, &format!("/v1/diff?market=ERCOT&load_zone=NORTH&limit=2&cursor={next}")).await;
    assert_eq!((rows(&page).len(), rows(&rest).len()), (2, 1));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_rolled_sheet_differs_in_its_dropped_and_its_new_month() {
    let running = Running::start().await;
    let token = running.admin().await;
    put(&running, "Energy_ERCOT_20240131_170200_cob.csv", &["NORTH"], "2024-02", &|_, _| Some(40.0)).await;
    put(&running, "Energy_ERCOT_20240201_170200_cob.csv", &["NORTH"], "2024-03", &|_, _| Some(40.0)).await;
    let diff = ask(&running, &token, "/v1/diff?market=ERCOT&block_type=7x8").await;
    assert_eq!(cells(&diff, &["month", "old", "new"]), ["2024-02-01 40.0 null", "2024-06-01 null 40.0"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn other_data_types_differ_too() {
    let running = Running::start().await;
    let token = running.admin().await;
    let sample = |name: &str| {
        let found = local::samples::SAMPLES.iter().find(|(known, _)| *known == name).unwrap();
        String::from_utf8(found.1.to_vec()).unwrap()
    };
    let text = sample("VLR_NYISO_20240102_080000.csv");
    running.put("VLR_NYISO_20240102_080000.csv", text.as_bytes()).await;
    running.put("VLR_NYISO_20240103_080000.csv", text.as_bytes()).await;
    let same = ask(&running, &token, "/v1/diff?data_type=vlr&market=NYISO").await;
    assert!(rows(&same).is_empty());
    let text = sample("LoadProfile_PJM_20240102_080000.csv");
    running.put("LoadProfile_PJM_20240102_080000.csv", text.as_bytes()).await;
    let last = text.trim_end().rsplit_once('\n').unwrap().1;
    let cells_of_last: Vec<&str> = last.split(',').collect();
    let mut changed = cells_of_last.clone();
    *changed.last_mut().unwrap() = "123456.5";
    let changed = text.replace(last, &changed.join(","));
    let row = running.put("LoadProfile_PJM_20240103_080000.csv", changed.as_bytes()).await;
    assert_eq!(row["status"], "published", "{row:#}");
    let diff = ask(&running, &token, "/v1/diff?data_type=loadprofile&market=PJM").await;
    assert_eq!(rows(&diff).len(), 1, "{diff:#}");
    assert_eq!(rows(&diff)[0]["new"], 123_456.5);
    assert!(rows(&diff)[0]["day"].is_string() && rows(&diff)[0]["hour_ending"].is_i64());
}
