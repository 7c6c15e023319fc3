use super::{Sheet, ask, blocks, cells, close, number, rows};
use chrono::{Datelike as _, Months, NaiveDate};
use serde_json::json;
use tests::Running;
use trueprice::catalog::calendar::is_business_day;
use trueprice::upkeep::migrate::MIGRATOR;

/// One sheet per business day, starting with the next month; a price encodes its day and delivery month. Every second day repeats
/// the day before.
async fn publish(running: &Running, first: &str, days: usize, stamp: &str) -> Vec<NaiveDate> {
    publish_by(running, (first, days), stamp, &|day, _| day.ordinal() / 2).await
}

/// The same, with prices based on what `told` returns for day and column.
async fn publish_by(
    running: &Running,
    (first, days): (&str, usize),
    stamp: &str,
    told: &(dyn Fn(NaiveDate, usize) -> u32 + Sync),
) -> Vec<NaiveDate> {
    let first: NaiveDate = first.parse().unwrap();
    let days: Vec<NaiveDate> = first.iter_days().filter(|day| is_business_day(*day)).take(days).collect();
    for day in &days {
        let begin = day.with_day(1).unwrap() + Months::new(1);
        let price = |month: u32, column: usize| {
            let delivery = begin + Months::new(month);
            Some(
                f64::from(told(*day, column))
                    + f64::from(delivery.month()) / 100.0
                    + f64::from(u32::try_from(column).unwrap()) * 1000.0,
            )
        };
        let (columns, first) = (blocks(&["NORTH", "SOUTH"]), begin.format("%Y-%m").to_string());
        let sheet = Sheet { market: "ERCOT", columns: &columns, first: &first, price: &price, months: 24 };
        let key = format!("Energy_ERCOT_{}_{stamp}.csv", day.format("%Y%m%d"));
        let row = running.put(&key, sheet.text().as_bytes()).await;
        assert_eq!(row["status"], "published", "{row:#}");
    }
    days
}

#[tokio::test(flavor = "multi_thread")]
async fn each_day_has_the_prices_of_its_sheet_whichever_curves_are_unchanged() {
    let running = Running::start().await;
    let token = running.admin().await;
    // The first column changes daily, the second every other day, and so on: each sheet shares vectors with several before it.
    let told = |day: NaiveDate, column: usize| day.ordinal() / u32::try_from(column + 1).unwrap();
    let days = publish_by(&running, ("2024-01-24", 12), "170200_cob", &told).await;
    let columns = blocks(&["NORTH", "SOUTH"]);
    for (filter, seen) in
        [("", 6), ("&block_type=2x16", 2), ("&load_zone=SOUTH", 3), ("&block_type=5x16&block_type=7x8", 4)]
    {
        let path = format!("/v1/evolution?market=ERCOT&from_day=2024-01-01&period=2024-06{filter}");
        let answer = ask(&running, &token, &path).await;
        assert_eq!(rows(&answer).len(), seen * days.len(), "{filter}");
        for row in rows(&answer) {
            let label = |name: &str| row[name].as_str().unwrap();
            let is = |(zone, block, _): &(&str, &str, &str)| {
                (*zone, *block) == (label("load_zone"), label("block_type"))
            };
            let column = columns.iter().position(is).unwrap();
            let day: NaiveDate = label("operating_day").parse().unwrap();
            let thousand = f64::from(u32::try_from(column).unwrap()) * 1000.0;
            let expected = f64::from(told(day, column)) + 0.06 + thousand;
            assert!(close(number(row, "value"), expected), "{expected} {row:#}");
        }
    }
}

/// Numbers with more than 15 digits are stored as an array instead of packed; both kinds arrive in one string.
#[tokio::test(flavor = "multi_thread")]
async fn packed_and_unpacked_numbers_are_read_together() {
    let running = Running::start().await;
    let token = running.admin().await;
    let columns = blocks(&["NORTH", "SOUTH"]);
    let of = |zone: &str| if zone == "NORTH" { 100.0 / 3.0 } else { 20.5 };
    // The third month is missing in both forms.
    let price = |month: u32, column: usize| (month != 2).then(|| of(columns[column].0));
    let sheet = Sheet { market: "ERCOT", columns: &columns, first: "2024-02", price: &price, months: 24 };
    let row = running.put("Energy_ERCOT_20240110_170200_cob.csv", sheet.text().as_bytes()).await;
    assert_eq!(row["status"], "published", "{row:#}");
    let forms = "select count(*) filter (where packed is null), count(*) from trueprice.curve_values";
    let forms: (i64, i64) = sqlx::query_as(forms).fetch_one(&mut running.sql().await).await.unwrap();
    assert_eq!(forms, (3, 6));
    for (period, there) in [("2024-03", true), ("2024-04", false)] {
        let path = format!("/v1/evolution?market=ERCOT&from_day=2024-01-01&period={period}");
        let answer = ask(&running, &token, &path).await;
        assert_eq!(rows(&answer).len(), 6);
        for row in rows(&answer) {
            let expected = of(row["load_zone"].as_str().unwrap());
            assert_eq!(row["value"].is_null(), !there, "{row:#}");
            assert!(!there || (number(row, "value") - expected).abs() < 1e-13, "{expected} {row:#}");
        }
    }
}

/// The database sends only as much of a vector as the requested month needs, however it is stored and wherever the month is.
#[tokio::test(flavor = "multi_thread")]
async fn a_month_is_found_anywhere_in_its_sheet() {
    let running = Running::start().await;
    let token = running.admin().await;
    let columns = blocks(&["NORTH", "SOUTH"]);
    // A sheet that begins as usual, one that begins before the month of its day, one that begins late, and one that repeats the
    // first except for one curve.
    let sheets = [
        ("2024-01-10", "2024-02", 1),
        ("2024-01-11", "2023-11", 2),
        ("2024-01-12", "2024-05", 3),
        ("2024-01-16", "2024-02", 1),
    ];
    let price = |(day, first, number): (&str, &str, u32), month: u32, column: usize| match column {
        0 => Some(f64::from(day[8..].parse::<u32>().unwrap()) + f64::from(month) / 100.0),
        1 => Some(20.0 + f64::from(number)),
        2 => (month % 9 > 4).then(|| f64::from(month / 9)),
        3 => Some(
            if month.is_multiple_of(2) { 9_895.821_234_5 } else { -8_872.631_234_5 }
                + f64::from(month * number),
        ),
        4 => Some(f64::from(month * number) + 100.0 / 3.0),
        _ => (month > 20 && first != "2024-05").then_some(0.000_001),
    };
    for sheet in sheets {
        let (day, first, _) = sheet;
        let price = |month: u32, column: usize| price(sheet, month, column);
        let text = Sheet { market: "ERCOT", columns: &columns, first, price: &price, months: 26 }.text();
        let key = format!("Energy_ERCOT_{}_170200_cob.csv", day.replace('-', ""));
        let row = running.put(&key, text.as_bytes()).await;
        assert_eq!(row["status"], "published", "{row:#}");
    }
    let firsts = "select s.first_values is not distinct from case when count(distinct v.id) = max(v.id) - min(v.id) + 1 then min(v.id) end,
            s.first_values is not null
        from trueprice.snapshot s
        join trueprice.snapshot_curve i on i.snapshot_id = s.id
        join trueprice.curve_values v on v.id = i.values_id
        group by s.id
        order by s.stamp";
    let mut sql = running.sql().await;
    // As written by a publication, and by the migration for earlier sheets.
    for _ in 0..2 {
        let firsts: Vec<(bool, bool)> = sqlx::query_as(firsts).fetch_all(&mut sql).await.unwrap();
        assert_eq!(firsts, [(true, true), (true, true), (true, true), (true, false)]);
        MIGRATOR.undo(&mut sql, 15).await.unwrap();
        MIGRATOR.run(&mut sql).await.unwrap();
    }
    let reader = running.user("reader@example.com", "read_only_user").await;
    sqlx::query(
        "insert into trueprice.access_grant (user_id, data_type, market, labels, patterns, from_month, to_month, granted_at)
        select id, 'energy', 'ERCOT', array[null, null, 'north'], array[null, null, 'north'], '2024-03-01', '2025-01-01', now()
        from trueprice.user_account
        where email = 'reader@example.com'",
    )
    .execute(&mut sql)
    .await
    .unwrap();
    let begin: NaiveDate = "2023-10-01".parse().unwrap();
    for ahead in 0..34 {
        let month = (begin + Months::new(ahead)).format("%Y-%m").to_string();
        for (token, only, from, to) in [
            (&token, "", "0000-00", "9999-99"),
            (&token, "SOUTH", "0000-00", "9999-99"),
            (&reader, "NORTH", "2024-03", "2024-12"),
        ] {
            let zone = if only.is_empty() { String::new() } else { format!("&load_zone={only}") };
            let path = format!("/v1/evolution?market=ERCOT&from_day=2024-01-01&period={month}{zone}");
            let answer = ask(&running, token, &path).await;
            let seen = columns.iter().filter(|(zone, ..)| only.is_empty() || *zone == only).count();
            assert_eq!(rows(&answer).len(), seen * sheets.len(), "{path}");
            for row in rows(&answer) {
                let sheet = *sheets.iter().find(|(day, ..)| row["operating_day"] == *day).unwrap();
                let column = columns
                    .iter()
                    .position(|(zone, block, _)| row["load_zone"] == *zone && row["block_type"] == *block);
                let first: NaiveDate = format!("{}-01", sheet.1).parse().unwrap();
                let place =
                    (0..26).find(|place| (first + Months::new(*place)).format("%Y-%m").to_string() == month);
                let expected = place.and_then(|place| price(sheet, place, column.unwrap()));
                let expected = expected.filter(|_| (from..=to).contains(&month.as_str()));
                assert_eq!(row["value"].as_f64(), expected, "{path}: {row:#}");
            }
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_fixed_month_stays_and_the_prompt_month_rolls() {
    let running = Running::start().await;
    let token = running.admin().await;
    let days = publish(&running, "2024-01-24", 12, "170200_cob").await;
    let curve = "/v1/evolution?market=ERCOT&load_zone=NORTH&block_type=5x16&from_day=2024-01-01";
    let fixed = ask(&running, &token, &format!("{curve}&period=2024-06")).await;
    assert_eq!(rows(&fixed).len(), days.len());
    for (row, day) in rows(&fixed).iter().zip(&days) {
        assert_eq!(row["operating_day"], day.to_string());
        assert!(close(number(row, "value"), f64::from(day.ordinal() / 2) + 0.06), "{row:#}");
        assert!(close(number(row, "hours"), 320.0));
    }
    let prompt = ask(&running, &token, &format!("{curve}&period=prompt")).await;
    let periods = cells(&prompt, &["period"]);
    assert_eq!((periods[0].as_str(), periods.last().unwrap().as_str()), ("2024-02", "2024-03"));
    for (row, day) in rows(&prompt).iter().zip(&days) {
        assert_eq!(row["period"], (*day + Months::new(1)).format("%Y-%m").to_string());
        assert!(close(
            number(row, "value"),
            f64::from(day.ordinal() / 2) + f64::from(day.month() + 1) / 100.0
        ));
    }
    // A month that later sheets no longer have is missing there.
    let gone = ask(&running, &token, &format!("{curve}&period=2024-02")).await;
    let (told, untold): (Vec<_>, Vec<_>) = rows(&gone).iter().partition(|row| row["value"].is_f64());
    assert!(told.iter().all(|row| row["operating_day"].as_str().unwrap() < "2024-02"));
    assert!(!told.is_empty() && !untold.is_empty());
    assert!(
        untold.iter().all(|row| row["missing"] == "2024-02"),
        "their sheets have the curve but not the month"
    );
    // Three months, of which later sheets have two.
    let strip = ask(&running, &token, &format!("{curve}&from=2024-02&to=2024-05")).await;
    let last = rows(&strip).last().unwrap();
    assert_eq!((&last["value"], &last["missing"]), (&json!(null), &json!("2024-02")));
    let flat = ask(
        &running,
        &token,
        "/v1/evolution?market=ERCOT&blocks=7x24&from_day=2024-01-30&to_day=2024-02-02&period=2024-Q3",
    )
    .await;
    assert_eq!(
        cells(&flat, &["load_zone", "operating_day", "hours", "period"]),
        ["NORTH", "SOUTH"]
            .iter()
            .flat_map(|zone| {
                ["2024-01-30", "2024-01-31", "2024-02-01", "2024-02-02"]
                    .map(|day| format!("{zone} {day} 2208.0 2024-Q3"))
            })
            .collect::<Vec<_>>()
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_block_is_derived_from_the_blocks_of_each_sheet() {
    let running = Running::start().await;
    let token = running.admin().await;
    let flat = [("NORTH", "7x24", "$/MWh")];
    let lone = [("NORTH", "5x16", "$/MWh")];
    for (day, columns) in [
        ("20240102", &blocks(&["NORTH"])[..]),
        ("20240103", &flat[..]),
        ("20240104", &lone[..]),
        ("20240105", &flat[..]),
    ] {
        let sheet =
            Sheet { market: "ERCOT", columns, first: "2024-02", price: &|_, _| Some(40.0), months: 24 };
        let row = running.put(&format!("Energy_ERCOT_{day}_170200_cob.csv"), sheet.text().as_bytes()).await;
        assert_eq!(row["status"], "published", "{row:#}");
    }
    let path = "/v1/evolution?market=ERCOT&blocks=7x24&from_day=2024-01-01&period=2024-Q3";
    let answer = ask(&running, &token, path).await;
    assert_eq!(
        cells(&answer, &["operating_day", "value", "derived"]),
        ["2024-01-02 40.0 true", "2024-01-03 40.0 false", "2024-01-04 null true", "2024-01-05 40.0 false"]
    );
    assert_eq!(rows(&answer)[2]["note"], "7x24 cannot be computed from 5x16");
    let told = answer["not_made"][0].as_str().unwrap();
    assert!(told.ends_with("on 1 of 4 operating days"), "{told}");
    let stats = ask(&running, &token, "/v1/stats?market=ERCOT&blocks=7x24&as_of=2024-01-03").await;
    assert!(close(number(&rows(&stats)[0], "day_value"), 40.0), "derived the day before: {stats:#}");
}

#[tokio::test(flavor = "multi_thread")]
async fn archived_sheets_evolve_and_differ_as_before() {
    let running = Running::start().await;
    let token = running.admin().await;
    publish(&running, "2024-01-02", 8, "103000").await;
    publish(&running, "2024-01-02", 8, "170200_cob").await;
    let questions = [
        "/v1/evolution?market=ERCOT&from_day=2024-01-01&period=2024-06&blocks=7x24,native&mark=intraday",
        "/v1/diff?market=ERCOT&as_of=2024-01-04&load_zone=NORTH&mark=intraday",
        "/v1/diff?market=ERCOT&as_of=2024-01-11&against_as_of=2024-01-03&against_mark=intraday",
        "/v1/values?market=ERCOT&as_of=2024-01-03&blocks=7x24&granularity=quarter&mark=intraday",
        "/v1/stats?market=ERCOT&as_of=2024-01-11&mark=intraday",
    ];
    let mut before = Vec::new();
    for question in questions {
        before.push(ask(&running, &token, question).await);
    }
    for command in
        [json!({ "command": "keep", "data_type": "energy", "intraday_days": 1 }), json!({ "command": "run" })]
    {
        let done = trueprice::upkeep::compact::handle(running.ctx(), command).await;
        let done = done.unwrap_or_else(|fault| panic!("{}", fault.chain()));
        assert_eq!(done["done"], true, "{done}");
    }
    let archived: i64 =
        sqlx::query_scalar("select count(*) from trueprice.snapshot where archive_id is not null")
            .fetch_one(&mut running.sql().await)
            .await
            .unwrap();
    assert_eq!(archived, 8, "every sheet that is not the mark of its day");
    for (question, before) in questions.iter().zip(before) {
        let after = ask(&running, &token, question).await;
        assert_eq!(after, before, "{question}");
    }
}
