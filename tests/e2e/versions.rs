//! Versions: corrections, late files, the mark of the day, and concurrent writers.

use chrono::NaiveDateTime;
use reqwest::StatusCode;
use std::time::Duration;
use tests::Running;
use tests::download::Download;
use trueprice::intake::judge::OVERTAKEN;

/// A small energy sheet of ERCOT whose first price is `first`.
pub fn sheet(first: &str) -> String {
    format!(
        "Lookup ID1,a,b,c\nControl Area,ERCOT,ERCOT,ERCOT\nState,TX,TX,TX\nLoad Zone,NORTH,NORTH,NORTH\n\
         Capacity Zone,NORTH,NORTH,NORTH\nUtility,ALL,ALL,ALL\nBlock Type,7x8,2x16,5x16\nCost Group,Energy,Energy,Energy\n\
         Cost Component,Energy,Energy,Energy\n,,,\nMonth,NORTH,NORTH,NORTH\n2/1/2024,{first},2,3\n3/1/2024,4,5,6\n"
    )
}

/// The number of snapshots of such sheets that lack part of their manifest.
pub async fn torn(running: &Running) -> i64 {
    let torn = sqlx::query_scalar(
        "select count(*) from trueprice.snapshot s
        where (select count(*) from trueprice.snapshot_curve c where c.snapshot_id = s.id) <> 3",
    );
    torn.fetch_one(&mut running.sql().await).await.unwrap()
}

/// The first price that a download shows, with its stamp.
async fn shown(running: &Running, token: &str, more: &str) -> Option<(String, String)> {
    let query = format!("/get_data?curve_type=energy&iso=ercot{more}");
    let (status, body) = running.get(token, &query).await;
    if status == StatusCode::NOT_FOUND {
        return None;
    }
    let download = Download::read(&body);
    let column = download.label("Block Type").iter().position(|block| block == "7x8").unwrap();
    Some((download.index[0][0][11..16].to_owned(), download.rows[0][column].clone()))
}

#[expect(clippy::unnecessary_wraps, reason = "it is compared with the shown price, which may be absent")]
fn price(stamp: &str, price: &str) -> Option<(String, String)> {
    Some((stamp.to_owned(), price.to_owned()))
}

#[tokio::test(flavor = "multi_thread")]
async fn the_same_content_changes_nothing_and_other_content_is_a_correction() {
    let running = Running::start().await;
    let token = running.admin().await;
    let key = "Energy_ERCOT_20240105_080000.csv";
    assert_eq!(running.put(key, sheet("1").as_bytes()).await["status"], "published");
    let again = running.put(key, sheet("1").as_bytes()).await;
    assert_eq!(again["status"], "unchanged", "{again:#}");
    let respelt = running.put(key, sheet("$1.00 ").replace('\n', "\r\n").as_bytes()).await;
    assert_eq!(respelt["status"], "unchanged", "other bytes with the same meaning change nothing");
    let corrected = running.put(key, sheet("1.5").as_bytes()).await;
    assert_eq!(corrected["status"], "corrected", "{corrected:#}");
    assert_eq!(shown(&running, &token, "").await, price("08:00", "1.50000"));

    let revisions: Vec<(i32, bool, bool)> = sqlx::query_as(
        "select revision, upper_inf(known), lower(known) = lag(upper(known)) over (order by revision)
        from trueprice.snapshot order by revision",
    )
    .fetch_all(&mut running.sql().await)
    .await
    .map(|rows: Vec<(i32, bool, Option<bool>)>| {
        rows.into_iter().map(|row| (row.0, row.1, row.2.unwrap_or(true))).collect()
    })
    .unwrap();
    assert_eq!(
        revisions,
        [(1, false, true), (2, true, true)],
        "the old revision ends where the new one begins"
    );
    let stored: i64 = sqlx::query_scalar("select count(*) from trueprice.curve_values")
        .fetch_one(&mut running.sql().await)
        .await
        .unwrap();
    assert_eq!(stored, 4, "three curves, one of them twice: unchanged values are stored once");
}

#[tokio::test(flavor = "multi_thread")]
async fn an_older_stamp_joins_the_history_and_does_not_become_the_newest() {
    let running = Running::start().await;
    let token = running.admin().await;
    running.put("Energy_ERCOT_20240105_100000.csv", sheet("10").as_bytes()).await;
    let late = running.put("Energy_ERCOT_20240105_090000.csv", sheet("9").as_bytes()).await;
    assert_eq!(late["status"], "published");
    running.put("Energy_ERCOT_20240103_120000.csv", sheet("3").as_bytes()).await;
    assert_eq!(shown(&running, &token, "").await, price("10:00", "10.00000"));
    assert_eq!(shown(&running, &token, "&operating_day=2024-01-03").await, price("12:00", "3.00000"));
    assert_eq!(shown(&running, &token, "&operating_day=2024-01-04").await, None);
    let (_, body) =
        running.get(&token, "/get_data?curve_type=energy&iso=ercot&operating_day=2024-01-05&offset=2").await;
    let days: Vec<String> = Download::read(&body).index.iter().map(|row| row[0][..10].to_owned()).collect();
    assert_eq!(
        days,
        ["2024-01-03", "2024-01-03", "2024-01-05", "2024-01-05"],
        "one row per snapshot and month, by stamp"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn the_close_of_business_is_the_mark_of_its_day() {
    let running = Running::start().await;
    let token = running.admin().await;
    running.put("Energy_ERCOT_20240105_110000.csv", sheet("11").as_bytes()).await;
    // Stamped before the last intraday file, and still the mark.
    running.put("Energy_ERCOT_20240105_100000_cob.csv", sheet("10").as_bytes()).await;
    assert_eq!(shown(&running, &token, "").await, price("10:00", "10.00000"));
    // A later intraday file is stored but is not the mark.
    running.put("Energy_ERCOT_20240105_120000.csv", sheet("12").as_bytes()).await;
    assert_eq!(shown(&running, &token, "&idcob=latestall").await, price("10:00", "10.00000"));
    assert_eq!(shown(&running, &token, "&idcob=intradayonly").await, price("12:00", "12.00000"));
    // A later close of business becomes the mark.
    running.put("Energy_ERCOT_20240105_130000_cob.csv", sheet("13").as_bytes()).await;
    assert_eq!(shown(&running, &token, "&idcob=cobonly").await, price("13:00", "13.00000"));
    // The mark can be added to a known stamp: the same content with the suffix is a correction.
    running.put("Energy_ERCOT_20240106_090000.csv", sheet("9").as_bytes()).await;
    assert_eq!(shown(&running, &token, "&idcob=cobonly").await, price("13:00", "13.00000"));
    let promoted = running.put("Energy_ERCOT_20240106_090000_cob.csv", sheet("9").as_bytes()).await;
    assert_eq!(promoted["status"], "corrected");
    assert_eq!(shown(&running, &token, "&idcob=cobonly").await, price("09:00", "9.00000"));
    assert_eq!(shown(&running, &token, "&idcob=intradayonly&operating_day=2024-01-06").await, None);
}

#[tokio::test(flavor = "multi_thread")]
async fn two_concurrent_uploads_are_both_published_in_order() {
    let running = Running::start().await;
    for round in 0..20 {
        let day = format!("202402{:02}", round + 1);
        // Two stamps of one day, and two contents under one of them; through the bucket and the API concurrently.
        let (one, two) = (format!("Energy_ERCOT_{day}_080000.csv"), format!("energy_ercot_{day}_090000.csv"));
        let token = running.admin().await;
        let again = format!("again/{two}");
        let (early, late, other) = (sheet("1"), sheet("2"), sheet(&format!("{round}.5")));
        let ((), through_api, ()) = tokio::join!(
            running.put_only(&one, early.as_bytes()),
            running.upload(&token, &two, late.as_bytes()),
            running.put_only(&again, other.as_bytes()),
        );
        assert_eq!(through_api.0, StatusCode::OK, "{:#}", through_api.1);
        running.system.queue.idle().await;
        let stamps: Vec<(NaiveDateTime, i64, i64)> = sqlx::query_as(
            "select stamp, count(*), count(*) filter (where upper_inf(known))
            from trueprice.snapshot where to_char(stamp, 'YYYYMMDD') = $1 group by stamp order by stamp",
        )
        .bind(&day)
        .fetch_all(&mut running.sql().await)
        .await
        .unwrap();
        let counts: Vec<(i64, i64)> = stamps.iter().map(|row| (row.1, row.2)).collect();
        // Of two contents under one stamp, the one that arrived first may come to its turn last. It is then overtaken, and
        // changes nothing.
        let overtaken: i64 =
            sqlx::query_scalar("select count(*) from trueprice.upload where note = $1 and key like $2")
                .bind(OVERTAKEN)
                .bind(format!("%{day}%"))
                .fetch_one(&mut running.sql().await)
                .await
                .unwrap();
        assert!(overtaken <= 1, "round {round}: {overtaken}");
        assert_eq!(
            counts,
            [(1, 1), (2 - overtaken, 1)],
            "round {round}: each stamp has one known revision, and nothing was lost"
        );
    }
    let disorder: i64 = sqlx::query_scalar(
        "select count(*)
        from (select lower(known) < lag(lower(known)) over (partition by series_id order by id) as back
            from trueprice.snapshot) as s
        where back",
    )
    .fetch_one(&mut running.sql().await)
    .await
    .unwrap();
    assert_eq!(disorder, 0, "revisions are known in the order they were written");
    assert_eq!(torn(&running).await, 0, "every snapshot has its full manifest");
}

#[tokio::test(flavor = "multi_thread")]
async fn months_are_cut_in_the_database_and_too_much_is_refused() {
    let running = Running::start().await;
    let token = running.admin().await;
    running.put("Energy_ERCOT_20240105_080000.csv", sheet("1").as_bytes()).await;
    for (range, months) in [
        ("", vec!["2024-02", "2024-03"]),
        ("&start=2024-01-01&end=2024-02-01", vec!["2024-02"]),
        ("&start=2024-03-01&end=9999-12-31", vec!["2024-03"]),
        ("&end=2024-03-15", vec!["2024-02", "2024-03"]),
        ("&start=2024-04-01", vec![]),
        ("&end=2024-01-01", vec![]),
    ] {
        let (status, body) =
            running.get(&token, &format!("/get_data?curve_type=energy&iso=ercot{range}")).await;
        let found = match status {
            StatusCode::NOT_FOUND => vec![],
            _ => Download::read(&body).index.iter().map(|row| row[1][..7].to_owned()).collect(),
        };
        assert_eq!(found, months, "{range}");
    }
    // Too many days of curves to be read at once: the request is refused, and the system carries on.
    sqlx::raw_sql(
        "insert into trueprice.snapshot (series_id, stamp, cob, revision, known, content, upload_id)
        select series_id, stamp - day * interval '1 day', false, 1, known, content, upload_id
        from trueprice.snapshot, generate_series(1, 900) as day;
        insert into trueprice.curve_values (curve_id, start, digest, values)
        select curve_id, start, gen_random_uuid(), array_fill(1.5::float8, array[500])
        from trueprice.curve_values;
        insert into trueprice.snapshot_curve
        select s.id, v.curve_id, v.id
        from trueprice.snapshot s, trueprice.curve_values v
        where cardinality(coalesce(v.values, trueprice.unpack(v.packed))) = 500
          and not exists (select from trueprice.snapshot_curve c where c.snapshot_id = s.id)",
    )
    .execute(&mut running.sql().await)
    .await
    .unwrap();
    let all = "/get_data?curve_type=energy&iso=ercot&operating_day=2000-01-01&operating_day_end=2100-01-01";
    let (status, body) = running.get(&token, all).await;
    assert_eq!(status, StatusCode::PAYLOAD_TOO_LARGE, "{body}");
    // An answer too large for Lambda is redirected, and clients that follow notice nothing.
    let (status, body) =
        running.get(&token, &format!("{all}&type=json&start=2024-02-01&end=2024-12-01")).await;
    assert!(status == StatusCode::OK && body.len() > 6 << 20 && body.ends_with("}]"), "{status}");
    let (status, _) = running.get(&token, &format!("{all}&start=2024-02-01&end=2024-02-01")).await;
    assert_eq!(status, StatusCode::OK, "one month of all days is not too much");
}

#[tokio::test(flavor = "multi_thread")]
async fn blocks_of_one_series_combine_however_they_are_spelt() {
    let running = Running::start().await;
    let token = running.admin().await;
    let text = sheet("10").replacen("Load Zone,NORTH,NORTH,NORTH", "Load Zone,NORTH,north,North ", 1);
    assert_eq!(running.put("Energy_ERCOT_20240105_080000.csv", text.as_bytes()).await["status"], "published");
    let (_, body) = running.get(&token, "/get_data?curve_type=energy&iso=ercot&strip=standardized").await;
    let found = Download::read(&body);
    assert_eq!(found.label("Load Zone"), ["NORTH"]);
    // February 2024: 336, 128 and 232 of 696 hours.
    let mean = (3.0 * 336.0 + 2.0 * 128.0 + 10.0 * 232.0) / 696.0;
    assert_eq!(found.rows[0], [format!("{mean:.5}")]);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_operating_day_in_the_future_is_a_mistake() {
    let running = Running::start().await;
    let row = running.put("Energy_ERCOT_20990105_080000.csv", sheet("1").as_bytes()).await;
    assert_eq!((&row["status"], &row["flaws"][0]["code"]), (&"rejected".into(), &"file_date".into()));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_correction_is_known_later_even_if_the_clock_goes_back() {
    let noon = "2024-01-05T12:00:00Z".parse().unwrap();
    let running = Running::start_with(trueprice::clock::Clock::fixed(noon), |_| {}).await;
    let key = "Energy_ERCOT_20240105_080000.csv";
    running.put(key, sheet("1").as_bytes()).await;
    running.clock.set(noon - Duration::from_hours(1));
    assert_eq!(running.put(key, sheet("2").as_bytes()).await["status"], "corrected");
    let empty: i64 = sqlx::query_scalar("select count(*) from trueprice.snapshot where isempty(known)")
        .fetch_one(&mut running.sql().await)
        .await
        .unwrap();
    assert_eq!(empty, 0);
}
