//! The old system's tables as views, checked against the API, and the role that reads them.

use reqwest::StatusCode;
use serde_json::{Map, Value};
use sqlx::{AssertSqlSafe, PgConnection, Row as _};
use std::time::Instant;
use tests::{Running, reference};

mod readers;

/// The names of each label in the views and in JSON.
const LABELS: [(&str, &str); 9] = [
    ("control_area", "Control Area"),
    ("state", "State"),
    ("load_zone", "Load Zone"),
    ("capacity_zone", "Capacity Zone"),
    ("utility", "Utility"),
    ("strip", "Block Type"),
    ("cost_group", "Cost Group"),
    ("cost_component", "Cost Component"),
    ("sub_cost_component", "Sub Cost Component"),
];

/// The rows of a view as sorted lines: the number first, then what the API says about it in the same words.
async fn rows_of(sql: &mut PgConnection, view: &str) -> Vec<String> {
    let query = format!(
        "select to_jsonb(v) - 'id' || jsonb_build_object(
            'curvestart', to_char(v.curvestart at time zone 'UTC', 'YYYY-MM-DD HH24:MI:SS')) as row
        from trueprice.{view} v"
    );
    let rows = sqlx::raw_sql(AssertSqlSafe(query)).fetch_all(sql).await.unwrap();
    let mut lines: Vec<String> = rows
        .iter()
        .map(|row| {
            let mut row: Map<String, Value> = serde_json::from_value(row.get("row")).unwrap();
            row.remove("curveend");
            line(row)
        })
        .collect();
    lines.sort();
    lines
}

/// Members by name; numbers as exact floats.
fn line(mut row: Map<String, Value>) -> String {
    if let Some(block) = row.remove("block_type") {
        row.insert("strip".to_owned(), block);
    }
    let text =
        |value: &Value| value.as_f64().map_or_else(|| value.to_string(), |number| format!("{number:?}"));
    let mut members: Vec<String> =
        row.iter().map(|(name, value)| format!("{name}={}", text(value))).collect();
    members.sort();
    members.join(" ")
}

/// A record from the API with the column names of the view.
fn renamed(record: &Map<String, Value>, data_type: &str) -> String {
    let mut row = Map::new();
    let mut take = |to: &str, from: &str| {
        if let Some(value) = record.get(from) {
            row.insert(to.to_owned(), value.clone());
        }
    };
    for (column, title) in LABELS {
        if column != "sub_cost_component" || ["energy", "nonenergy", "rec", "matrix"].contains(&data_type) {
            take(column, title);
        }
    }
    for name in [
        "profile_load",
        "utility_name",
        "load_profile",
        "customer_type",
        "matching_id",
        "lookup_id",
        "beginning_date",
    ] {
        take(name, name);
    }
    take("curvestart", "Curve Update Date");
    take("datemonth", "Month");
    take("he", "HE");
    if data_type == "energy" {
        take("cob", "COB");
    }
    // The old downloads divided by this.
    let number =
        record["Data"].as_f64().map(|data| if data_type == "loadprofile" { data * 1000.0 } else { data });
    row.insert("data".to_owned(), number.into());
    if let Some(month) = record.get("Curve Start Month").and_then(Value::as_str) {
        row.insert("month".to_owned(), month[..10].into());
    }
    if let Some(term) = record.get("term").and_then(Value::as_str) {
        row.insert("term".to_owned(), term.parse::<f64>().unwrap().into());
    }
    if ["ptc", "matrix"].contains(&data_type) {
        row.insert(
            "control_area_type".to_owned(),
            record["Control Area"].as_str().unwrap().to_lowercase().into(),
        );
    }
    line(row)
}

/// The API's answer for a series, as sorted lines. It is queried day by day, because a curve missing on one day is null if another
/// day has it, and in ranges of months, because answers are limited in size.
async fn answered(running: &Running, data_type: &str, market: &str, words: &str) -> Vec<String> {
    let token = running.admin().await;
    let list = format!("/v1/snapshots?data_type={data_type}&market={market}&mark=latest&limit=200");
    let list: Value = serde_json::from_str(&running.get(&token, &list).await.1).unwrap();
    let days =
        list["snapshots"].as_array().unwrap().iter().map(|entry| entry["operating_day"].as_str().unwrap());
    let step = match data_type {
        "nonenergy" => 2,
        "rec" | "energy" => 10,
        _ => 100,
    };
    let mut lines = Vec::new();
    for (day, year) in days.flat_map(|day| (2000..2100).step_by(step).map(move |year| (day, year))) {
        let until = year + i32::try_from(step).unwrap() - 1;
        let query = format!(
            "/get_data?curve_type={data_type}&iso={market}&type=json&operating_day={day}{words}&start={year}-01-01&end={until}-12-01"
        );
        let (status, body) = running.get(&token, &query).await;
        if status == StatusCode::NOT_FOUND {
            continue;
        }
        assert_eq!(status, StatusCode::OK, "{query}: {}", &body[..body.len().min(300)]);
        let records: Vec<Map<String, Value>> = serde_json::from_str(&body).unwrap();
        // An hour without a number has no row.
        let hourly = records[0].contains_key("HE");
        let records = records.iter().filter(|record| !hourly || !record["Data"].is_null());
        lines.extend(records.map(|record| renamed(record, data_type)));
    }
    lines
}

/// Compares both views of a series with the API; returns their row counts.
async fn compare(running: &Running, sql: &mut PgConnection, data_type: &str, market: &str) -> (usize, usize) {
    let one_for_all = ["ptc", "matrix", "lineloss"].contains(&data_type);
    let name =
        if one_for_all { data_type.to_owned() } else { format!("{}_{data_type}", market.to_lowercase()) };
    let market = if one_for_all { "all" } else { market };
    let mut answers = [vec![], vec![]];
    // Several files come as a zip: market by market.
    let markets = if market == "all" { vec!["ERCOT", "ISONE", "PJM"] } else { vec![market] };
    for market in markets {
        answers[0].extend(answered(running, data_type, market, "&mark=latest").await);
        answers[1].extend(answered(running, data_type, market, "&mark=all").await);
    }
    for lines in &mut answers {
        lines.sort();
    }
    let current = rows_of(sql, &name).await;
    let history = rows_of(sql, &format!("{name}_history")).await;
    assert_eq!(current.len(), answers[0].len(), "{name}");
    for (found, expected) in current.iter().zip(&answers[0]) {
        assert_eq!(found, expected, "{name}");
    }
    let mut all = current.clone();
    all.extend(history.iter().cloned());
    all.sort();
    assert_eq!(all.len(), answers[1].len(), "{name} and its history");
    for (found, expected) in all.iter().zip(&answers[1]) {
        assert_eq!(found, expected, "{name} and its history");
    }
    (current.len(), history.len())
}

async fn number(sql: &mut PgConnection, query: String) -> i64 {
    sqlx::raw_sql(AssertSqlSafe(query)).fetch_one(sql).await.unwrap().get(0)
}

#[tokio::test(flavor = "multi_thread")]
async fn the_views_agree_with_the_api_on_real_sheets() {
    let Some(folder) = reference::folder("inputs/accepted") else { return };
    let running = Running::start().await;
    let mut series = vec![];
    for (name, bytes) in reference::files(&folder) {
        let parts: Vec<String> = name.split('_').map(str::to_lowercase).collect();
        let wanted = match &*parts[0] {
            "energy" => ["ercot", "pjm", "miso"].contains(&&*parts[1]),
            "nonenergy" => ["pjm", "isone"].contains(&&*parts[1]),
            _ => true,
        };
        if wanted {
            let row = running.put(&name, &bytes).await;
            assert_eq!(row["status"], "published", "{row:#}");
            series.push((parts[0].clone(), parts[1].clone()));
        }
    }
    series.sort();
    series.dedup();
    let mut sql = running.sql().await;
    let mut rows = 0;
    for (data_type, market) in &series {
        let (current, history) = compare(&running, &mut sql, data_type, market).await;
        println!("{market}_{data_type}: {current} rows, history {history}");
        assert_eq!(history > 0, data_type == "energy", "{data_type} of {market}");
        rows += current + history;
    }
    assert!(rows > 90_000, "{rows} rows");
    assert_eq!(number(&mut sql, "select count(*) from trueprice.pjm_nonenergy".to_owned()).await, 71_316);
    assert_eq!(
        number(&mut sql, "select count(distinct id) from trueprice.pjm_nonenergy".to_owned()).await,
        71_316
    );
    let begun = Instant::now();
    let query =
        "select count(*), sum(data), count(*) filter (where data is null) from trueprice.pjm_nonenergy";
    let row = sqlx::raw_sql(query).fetch_one(&mut sql).await.unwrap();
    println!("{query}: {:?}", begun.elapsed());
    let (count, sum, blank): (i64, f64, i64) = (row.get(0), row.get(1), row.get(2));
    assert_eq!((count, blank > 0), (71_316, true));
    assert!((sum - 14_530_939_168.466_71).abs() < 1e-3, "{sum}");
    assert!(begun.elapsed().as_secs() < 20, "{:?}", begun.elapsed());
}

const TOP: &str = "Control Area,,ERCOT,ERCOT
State,,TX,TX
Load Zone,,NORTH ZONE,SOUTH ZONE
Capacity Zone,,NORTH ZONE,SOUTH ZONE
Utility,,ALL,ALL
Block Type,,5x16,5x16
Cost Group,,Shaping,Shaping
Cost Component,,Shape,Shape
";

/// Two small versions of a sheet of each other kind, for one day; they differ in the first number.
fn others(price: &str) -> [(&'static str, &'static str, String); 8] {
    let hours = format!(
        "\nDate,HE,x,y\n11/3/2024,1,{price},2\n11/3/2024,2,-0.25,\n11/3/2024,25,1.125,1e-3\n12/31/2024,24,3,4\n"
    );
    let over = "1/1/2025,1,5,6\n";
    // A tariff and a loss factor with the same digits, within the possible range.
    let digits = price.replace('.', "");
    let (tariff, factor) = (format!("0.{digits}"), format!("1.0{digits}"));
    let ptc = |market: &str, state: &str| {
        format!(
            "Matching ID,M0,\nLookup ID1,LK0,LK1\nControl Area,{market},{market}\nState,{state},MA\nLoad Zone,CONNECTICUT,ALL
Capacity Zone,CONNECTICUT,ALL\nUtility,CLP,NSTAR\nBlock Type,7x24,7x24\nCost Group,Residential,Commercial
Cost Component,Service (Rate 1),Small General\nUtility Name,CLP,NSTAR Electric
Rate Class/Load Profile,Service (Rate 1),Small General\n{}Month,Price,Price\n1/1/2024,{tariff},0.14954\n2/1/2024,0,\n",
            ",,\n".repeat(15)
        )
    };
    let matrix = format!(
        "Matching ID,M0,\nLookup ID1,LK0,LK1\nBeginning Date,9/30/2024,2024-10-01\nControl Area,ERCOT,ERCOT\nState,TX,TX
Load Zone,HOUSTON ZONE,HOUSTON ZONE\nCapacity Zone,HOUSTON ZONE,4\nUtility,AEP-CENTRAL,AEP-CENTRAL\nBlock Type,7x24,7x24
Cost Group,FFR,FFR\nCost Component,RESHIWR_COAST,RESHIWR_COAST\nLoad Profile,RESHIWR_COAST,RESHIWR_COAST
Term (Months),1,12.0\n{}Balancing Account Proceeds,-0.54,(0.55)\nEnergy,{price},\nTotal Bundled Price ($/MWh),82.9,83.1\n",
        ",,\n".repeat(11)
    );
    let lineloss = format!(
        "Control Area,State,Load Zone,Capacity Zone,Utility,Block Type,Cost Group,Cost Component,Line Loss Factor
ERCOT,TX,ALL,ALL,ONCOR,7x24,Line Loss,Secondary,{factor}\nERCOT,TX,ALL,ALL,ONCOR,7x24,Line Loss,Primary,1.0303\n"
    );
    [
        ("Shaping", "ERCOT", format!("{TOP}{hours}{over}")),
        (
            "LoadProfile",
            "ERCOT",
            format!("{TOP}Customer Type,,Residential,Commercial\n{hours}{over}").replace("-0.25", "7.5"),
        ),
        ("VLR", "ERCOT", format!("{TOP}\nMonth,HE,v,v\n1,1,{price}%,1\n1,2,-2.25,\n12,24,1.5,-\n")),
        ("PTC", "ISONE", ptc("ISONE", "CT")),
        ("PTC", "PJM", ptc("PJM", "NJ")),
        ("Matrix", "ERCOT", matrix),
        ("LineLoss", "ERCOT", lineloss.clone()),
        ("LineLoss", "PJM", lineloss.replace("ERCOT,TX", "PJM,NJ")),
    ]
}

#[tokio::test(flavor = "multi_thread")]
async fn the_views_agree_with_the_api_on_every_other_kind() {
    let running = Running::start().await;
    for (stamp, price) in
        [("20240105_080000", "1.5"), ("20240105_093000", "0.14714"), ("20240108_080000", "2.25")]
    {
        for (kind, market, text) in others(price) {
            let row = running.put(&format!("{kind}_{market}_{stamp}.csv"), text.as_bytes()).await;
            assert_eq!(row["status"], "published", "{row:#}");
        }
    }
    let mut sql = running.sql().await;
    for (data_type, market, current) in [
        ("shaping", "ERCOT", 2 * 9),
        ("loadprofile", "ERCOT", 2 * 9),
        ("vlr", "ERCOT", 2 * 5),
        ("ptc", "ISONE", 2 * 2 * 4),
        ("matrix", "ERCOT", 2 * 5),
        ("lineloss", "ERCOT", 2 * 2 * 2),
    ] {
        assert_eq!(
            compare(&running, &mut sql, data_type, market).await,
            (current, current / 2),
            "{data_type}"
        );
    }
    // What only SQL readers see: 25 for the repeated hour, and a chain of marks.
    let hours = "select count(*) from trueprice.ercot_shaping where month = '2024-11-03' and he = 25 and data = 1.125";
    assert_eq!(number(&mut sql, hours.to_owned()).await, 2);
    let ends = "select count(*) from trueprice.ptc_history where curveend = '2024-01-05 09:30+00'";
    assert_eq!(number(&mut sql, ends.to_owned()).await, 8);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_history_is_the_chain_of_a_days_marks() {
    let running = Running::start().await;
    for (stamp, price) in [
        ("20240105_080000", "1"),
        ("20240105_093000", "2"),
        ("20240105_160000_cob", "3"),
        ("20240105_170000_cob", "4"),
        ("20240105_180000", "5"),
        ("20240105_080000", "1.5"),
        ("20240104_080000", "6"),
    ] {
        running.put(&format!("Energy_ERCOT_{stamp}.csv"), crate::versions::sheet(price).as_bytes()).await;
    }
    let mut sql = running.sql().await;
    let chain = "select to_char(curvestart at time zone 'UTC', 'DD HH24:MI') || to_char(curveend at time zone 'UTC', '-HH24:MI')
        || ' ' || data::text || case when cob then ' cob' else '' end
        from trueprice.ercot_energy_history where strip = '7x8' and month = '2024-02-01' order by curvestart";
    let found: Vec<String> =
        sqlx::raw_sql(chain).fetch_all(&mut sql).await.unwrap().iter().map(|row| row.get(0)).collect();
    // The sheet after the close was never the mark.
    assert_eq!(found, ["05 08:00-09:30 1.5", "05 09:30-16:00 2", "05 16:00-17:00 3 cob", "05 18:00-18:00 5"]);
    let marks =
        "select count(*), sum(data) from trueprice.ercot_energy where strip = '7x8' and month = '2024-02-01'";
    let row = sqlx::raw_sql(marks).fetch_one(&mut sql).await.unwrap();
    assert_eq!((row.get::<i64, _>(0), row.get::<f64, _>(1)), (2, 10.0));
}
