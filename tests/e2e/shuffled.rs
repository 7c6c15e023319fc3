//! Ten sheets of each type arrive concurrently, shuffled, twice each: the database ends up as if they had
//! arrived once and in order.

use serde_json::Value;
use std::collections::BTreeSet;
use tests::Running;
use trueprice::catalog::layouts::LAYOUTS;

/// Ten versions of a sample of every type, by key, which differ in the last number.
fn sheets() -> Vec<(String, Vec<u8>)> {
    let folder = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("../shared/samples");
    let mut samples: Vec<_> = std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()).collect();
    samples.sort();
    let mut sheets = Vec::new();
    for layout in LAYOUTS.iter().filter(|layout| layout.has_sheet) {
        let title = layout.data_type.title();
        let sample = samples
            .iter()
            .find(|path| path.file_name().unwrap().to_str().unwrap().starts_with(&format!("{title}_")))
            .unwrap_or_else(|| panic!("{title} has no sample"));
        let name = sample.file_name().unwrap().to_str().unwrap();
        let market = name.split('_').nth(1).unwrap();
        let bytes = std::fs::read(sample).unwrap();
        let end = bytes.iter().rposition(|byte| !byte.is_ascii_whitespace()).unwrap() + 1;
        let cell = bytes[..end].iter().rposition(|byte| *byte == b',').unwrap() + 1;
        for version in 0..10 {
            let mut sheet = bytes[..cell].to_vec();
            sheet.extend_from_slice(format!("1.0{}\n", 3 + version % 7).as_bytes());
            let mark = if version == 9 { "_cob" } else { "" };
            // Three days, several sheets a day.
            let (day, hour) = (4 + version / 4, 9 + version % 4);
            sheets.push((format!("{title}_{market}_202401{day:02}_{hour:02}0000{mark}.csv"), sheet));
        }
    }
    sheets
}

/// Everything in the database about curves and snapshots, except ids and times.
async fn state(running: &Running) -> BTreeSet<String> {
    let rows: Vec<String> = sqlx::query_scalar(
        "select concat_ws('|', r.data_type, r.market, s.stamp, s.cob, s.revision, upper_inf(s.known), s.content, s.curves,
            s.cells, s.missing, p.stamp, s.added, s.removed, s.changed,
            (select md5(string_agg(concat(c.identity, v.start, v.digest), ',' order by c.identity, v.start))
            from trueprice.snapshot_curve i
            join trueprice.curve c on c.id = i.curve_id
            join trueprice.curve_values v on v.id = i.values_id
            where i.snapshot_id = s.id))
        from trueprice.snapshot s
        join trueprice.series r on r.id = s.series_id
        left join trueprice.snapshot p on p.id = s.previous_id
        union all
        select concat_ws('|', c.identity, c.control_area, c.load_zone, c.utility, c.cost_component, c.sub_cost_component, c.uom,
            c.details, v.start, v.digest, v.packed, v.values)
        from trueprice.curve c
        join trueprice.curve_values v on v.curve_id = c.id",
    )
    .fetch_all(&mut running.sql().await)
    .await
    .unwrap();
    let count = rows.len();
    let state: BTreeSet<String> = rows.into_iter().collect();
    assert_eq!(state.len(), count, "nothing is duplicated");
    state
}

async fn downloads(running: &Running) -> Vec<String> {
    let token = running.admin().await;
    let mut downloads = Vec::new();
    for layout in LAYOUTS.iter().filter(|layout| layout.has_sheet) {
        let path = format!(
            "/get_data?curve_type={}&operating_day=2024-01-04&operating_day_end=2024-01-06&mark=all&type=json",
            layout.data_type
        );
        downloads.push(running.get(&token, &path).await.1);
    }
    downloads
}

#[tokio::test(flavor = "multi_thread")]
async fn ten_shuffled_and_repeated_sheets_of_each_type_end_up_as_if_in_order_and_once() {
    let sheets = sheets();
    assert_eq!(sheets.len(), 90);
    let (in_order, at_once) = tokio::join!(Running::start(), Running::start());
    for (key, bytes) in &sheets {
        let row = in_order.put(key, bytes).await;
        assert_eq!(row["status"], "published", "{row:#}");
    }
    // Each one twice, in a shuffled order that is the same in every run.
    let mut twice: Vec<&(String, Vec<u8>)> = sheets.iter().chain(&sheets).collect();
    let mut random = 20_240_104_u64;
    for place in (1..twice.len()).rev() {
        random = random.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        twice.swap(place, usize::try_from((random >> 33) % (place as u64 + 1)).unwrap());
    }
    for (key, bytes) in twice {
        at_once.put_only(key, bytes).await;
    }
    at_once.system.queue.idle().await;
    let token = at_once.admin().await;
    let (_, journal) = at_once.get(&token, "/v1/uploads?limit=200").await;
    let journal: Value = serde_json::from_str(&journal).unwrap();
    let statuses: Vec<&str> =
        journal["uploads"].as_array().unwrap().iter().map(|row| row["status"].as_str().unwrap()).collect();
    assert_eq!(statuses.len(), 180, "every arrival is in the journal");
    assert_eq!(statuses.iter().filter(|status| **status == "published").count(), 90, "{statuses:?}");
    assert_eq!(statuses.iter().filter(|status| **status == "unchanged").count(), 90, "{statuses:?}");
    let (expected, found) = (state(&in_order).await, state(&at_once).await);
    let differing: Vec<&String> = expected.symmetric_difference(&found).take(6).collect();
    assert!(differing.is_empty(), "{differing:#?}");
    assert_eq!(downloads(&in_order).await, downloads(&at_once).await);
}
