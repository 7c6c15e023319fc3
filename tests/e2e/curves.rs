//! The main task, with real sheets: what is put into the bucket is what a client downloads.

use reqwest::StatusCode;
use serde_json::json;
use tests::download::Download;
use tests::{Running, reference};
use trueprice::clock::Clock;

/// Label rows for a sheet made from a download: first cell, and the header row whose cells are repeated.
fn label_rows(data_type: &str) -> &'static [(&'static str, &'static str)] {
    match data_type {
        "energy" => &[("Month", "Load Zone")],
        "nonenergy" => &[("Date", "Cost Component")],
        _ => &[("", "State"), ("EY", "Cost Component")],
    }
}

/// Half a unit of the fifth decimal.
const HALF: f64 = 0.5e-5;

#[tokio::test(flavor = "multi_thread")]
async fn published_downloads_are_reproduced_from_their_sheets() {
    let Some(folder) = reference::folder("expected/downloads") else { return };
    // The paragraph in the published files, which the operator configures.
    let some = std::fs::read_to_string(folder.join("energy_ercot_standardized_2024-01-05_dev.csv")).unwrap();
    let footer = Download::read(&some).footer.trim().trim_matches('"').replace("\"\"", "\"");
    let running =
        Running::start_with(Clock::system(), |options| options.settings.footer = Some(footer)).await;
    let token = running.admin().await;
    let mut compared = 0;
    for (name, bytes) in reference::files(&folder) {
        let parts: Vec<&str> = name.split('_').collect();
        let [data_type, market, "unstandardized", ..] = parts[..] else { continue };
        if !["energy", "nonenergy", "rec"].contains(&data_type) {
            continue;
        }
        let raw = Download::read(std::str::from_utf8(&bytes).unwrap());
        let cob = if raw.index[0].get(2).is_some_and(|mark| mark == "True") { "_cob" } else { "" };
        let key = format!("{data_type}_{market}_{}{cob}.csv", raw.stamp());
        let row = running.put(&key, raw.sheet(label_rows(data_type)).as_bytes()).await;
        assert_eq!(row["status"], "published", "{row:#}");

        let day = &raw.index[0][0][..10];
        for strip in ["unstandardized", "standardized"] {
            let expected =
                std::fs::read_to_string(folder.join(name.replace("unstandardized", strip))).unwrap();
            let expected = Download::read(&expected);
            let query =
                format!("/get_data?curve_type={data_type}&iso={market}&strip={strip}&operating_day={day}");
            let (status, body) = running.get(&token, &query).await;
            assert_eq!(status, StatusCode::OK, "{query}: {body}");
            assert!(body.contains("\r\n\"") && body.ends_with("\"\r\n"), "the footer is between CRLFs");
            let found = Download::read(&body);
            assert_eq!(found.header, expected.header, "{name} {strip}");
            assert_eq!(found.index, expected.index, "{name} {strip}");
            assert_eq!(found.footer, expected.footer, "{name} {strip}");
            compared += compare(&name, strip, &raw, &found, &expected);
        }
    }
    println!("{compared} values compared");
    assert!(compared > 50_000, "{compared} values compared");
}

/// Compares all values at five decimals. Where the sheet itself is known to only five decimals, because it was taken from a
/// published file, and a conversion multiplies the truncation error (a $/kW-mo by 1000 and then by the hours), the value may differ
/// by that error and no more.
fn compare(name: &str, strip: &str, raw: &Download, found: &Download, expected: &Download) -> usize {
    let mut compared = 0;
    for (row, (found_row, expected_row)) in found.rows.iter().zip(&expected.rows).enumerate() {
        assert_eq!(found_row.len(), expected_row.len());
        for (column, (found_cell, expected_cell)) in found_row.iter().zip(expected_row).enumerate() {
            compared += 1;
            if found_cell == expected_cell {
                continue;
            }
            let slack = slack(raw, expected, row, column);
            assert!(
                strip == "standardized" && slack > 0.0,
                "{name} {strip} row {row} column {column}: got {found_cell}, expected {expected_cell}"
            );
            let difference =
                (found_cell.parse::<f64>().unwrap() - expected_cell.parse::<f64>().unwrap()).abs();
            assert!(
                difference <= slack,
                "{name} row {row} column {column}: got {found_cell}, expected {expected_cell}"
            );
        }
    }
    compared
}

/// The uncertainty of a converted value due to five decimals of input; 0 if the input's unit is `$/MWh`.
fn slack(raw: &Download, expected: &Download, row: usize, column: usize) -> f64 {
    let same = |title: &str, at: usize| raw.label(title)[at] == expected.label(title)[column];
    let titles = ["State", "Load Zone", "Capacity Zone", "Utility", "Cost Group", "Cost Component"];
    let source = (0..raw.rows[0].len()).find(|at| titles.iter().all(|title| same(title, *at))).unwrap();
    let month: chrono::NaiveDate = expected.index[row][1][..10].parse().unwrap();
    let hours = f64::from(trueprice::catalog::Month::of(month).days() * 24);
    match raw.label("UOM")[source].as_str() {
        "$/kW-mo" => HALF * 1000.0 / hours + HALF + 1e-9,
        "$/MW-mo" => HALF / hours + HALF * 2.0,
        _ => 0.0,
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn every_acceptable_sheet_is_published_and_every_faulty_one_rejected() {
    let (Some(accepted), Some(refused)) =
        (reference::folder("inputs/accepted"), reference::folder("inputs/refused"))
    else {
        return;
    };
    let running = Running::start().await;
    let cells = [
        ("Energy_ERCOT_20230522_082540.csv", 732),
        ("Energy_ERCOT_20230522_082542_cob.csv", 732),
        ("Energy_ISONE_20230522_082540.csv", 1647),
        ("Energy_ISONE_20230522_082542_cob.csv", 1647),
        ("Energy_NYISO_20230522_082540.csv", 2013),
        ("Energy_NYISO_20230522_082542_cob.csv", 2013),
        ("Energy_PJM_20230503_083250.csv", 4209),
        ("Energy_PJM_20230503_083252_cob.csv", 4209),
        ("NonEnergy_ERCOT_20230419_101010.csv", 6048),
        ("NonEnergy_MISO_20230430_101010.csv", 7308),
        ("NonEnergy_NYISO_20230430_101010.csv", 2520),
        ("NonEnergy_PJM_20230410_101010.csv", 71_316),
        ("REC_ERCOT_20230506_142300.csv", 1596),
        ("REC_ERCOT_20230507_142300.csv", 684),
        ("REC_ISONE_20230507_142300.csv", 12_540),
        ("REC_NYISO_20230506_142700.csv", 1824),
        ("REC_PJM_20230506_142900.csv", 11_172),
    ];
    for (name, bytes) in reference::files(&accepted) {
        let row = running.put(&name, &bytes).await;
        assert_eq!(row["status"], "published", "{name}: {row:#}");
        let expected = cells.iter().find(|(file, _)| *file == name).expect("reference numbers").1;
        assert_eq!(row["cells"], expected, "{name}");
    }
    let mut sql = running.sql().await;
    let before: Vec<i64> = counts(&mut sql).await;
    for (name, bytes) in reference::files(&refused) {
        let row = running.put(&name, &bytes).await;
        assert_eq!(row["status"], "rejected", "{name}");
        assert!(row["flaw_count"].as_u64().unwrap() > 0 && row["flaws"][0]["code"].is_string(), "{row:#}");
        let report = running.ctx().objects();
        let key = format!("rejected/{name}.errors.json");
        let trueprice::objects::Fetched::Object(report) =
            report.get(local::options::BUCKET, &key, None, 1 << 20).await.unwrap()
        else {
            panic!("{key} is missing")
        };
        let report: serde_json::Value = serde_json::from_slice(&report.bytes).unwrap();
        assert_eq!(report["flaws"], row["flaws"]);
    }
    assert_eq!(counts(&mut sql).await, before, "a rejected sheet changes nothing");
    // The stored values have the same sums as in the old system, where its rules agree with ours.
    let sums =
        "select to_char(s.stamp, 'YYYYMMDD_HH24MISS') || '_' || r.data_type || '_' || r.market, sum(v.value)
        from trueprice.snapshot s
        join trueprice.series r on r.id = s.series_id
        join trueprice.snapshot_curve c on c.snapshot_id = s.id
        join trueprice.curve_values cv on cv.id = c.values_id,
        lateral unnest(coalesce(cv.values, trueprice.unpack(cv.packed))) as v (value)
        group by 1";
    let sums: std::collections::HashMap<String, f64> =
        sqlx::query_as(sums).fetch_all(&mut sql).await.unwrap().into_iter().collect();
    for (name, sum) in [
        ("20230522_082540_energy_ERCOT", 31_720.56),
        ("20230503_083252_energy_PJM", 209_932.73),
        ("20230430_101010_nonenergy_MISO", 559_352.52),
        ("20230410_101010_nonenergy_PJM", 14_530_939_168.466_71),
        ("20230507_142300_rec_ISONE", 247_624.43),
    ] {
        assert!((sums[name] - sum).abs() < sum * 1e-12 + 1e-6, "{name}: {}", sums[name]);
    }
}

/// The row counts of all tables that a publication writes to.
async fn counts(sql: &mut sqlx::PgConnection) -> Vec<i64> {
    let mut counts = vec![];
    for table in ["series", "curve", "curve_values", "snapshot", "snapshot_curve"] {
        let count =
            sqlx::query_scalar(sqlx::AssertSqlSafe(format!("select count(*) from trueprice.{table}")));
        counts.push(count.fetch_one(&mut *sql).await.unwrap());
    }
    counts
}

#[tokio::test(flavor = "multi_thread")]
async fn both_calendars_give_their_reference_prices() {
    let Some(folder) = reference::folder("expected/downloads") else { return };
    let running = Running::start().await;
    let token = running.admin().await;
    for market in ["ercot", "pjm", "isone", "nyiso", "miso"] {
        let name = format!("energy_{market}_unstandardized_2024-01-05_dev.csv");
        let raw = Download::read(&std::fs::read_to_string(folder.join(name)).unwrap());
        let key = format!("Energy_{market}_{}_cob.csv", raw.stamp());
        running.put(&key, raw.sheet(label_rows("energy")).as_bytes()).await;
    }
    for (market, zone, month, legacy, nerc) in [
        ("ercot", "HOUSTON ZONE", "2024-02", "84.57126", "84.57126"),
        ("ercot", "HOUSTON ZONE", "2024-03", "41.54452", "41.56789"),
        ("ercot", "HOUSTON ZONE", "2024-05", "41.01925", "40.89624"),
        ("ercot", "HOUSTON ZONE", "2024-11", "36.06333", "35.88151"),
        ("pjm", "WEST HUB", "2024-07", "52.42806", "52.26032"),
        ("pjm", "WEST HUB", "2024-12", "51.16720", "51.00097"),
        ("isone", "MASS HUB", "2024-03", "53.68075", "53.68744"),
        ("nyiso", "ZONE J", "2024-05", "37.39086", "37.20763"),
        ("miso", "INDY HUB", "2024-11", "43.30133", "43.10232"),
    ] {
        for (calendar, price) in [("", legacy), ("&calendar=legacy", legacy), ("&calendar=nerc", nerc)] {
            let query = format!(
                "/get_data?curve_type=energy&iso={market}&strip=standardized&start={month}-01&end={month}-01{calendar}"
            );
            let (_, body) = running.get(&token, &query).await;
            let found = Download::read(&body);
            let column = found.label("Load Zone").iter().position(|name| name == zone).unwrap();
            assert_eq!(found.rows[0][column], price, "{market} {zone} {month} {calendar}");
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn files_of_all_formats_have_the_same_values() {
    let running = Running::start().await;
    let token = running.admin().await;
    for (name, bytes) in local::samples::SAMPLES {
        let row = running.put(name, bytes).await;
        assert_eq!(row["status"], "published", "{row:#}");
    }
    let query =
        "/get_data?curve_type=nonenergy&iso=MISO&strip=unstandardized&start=2023-01-01&end=2023-06-01";
    let (_, csv) = running.get(&token, query).await;
    let csv = Download::read(&csv);
    let (status, json) = running.get(&token, &format!("{query}&type=json")).await;
    assert_eq!(status, StatusCode::OK);
    let records: Vec<serde_json::Value> = serde_json::from_str(&json).unwrap();
    assert_eq!(records.len(), csv.rows.len() * csv.rows[0].len());
    let mut missing = 0;
    for (at, record) in records.iter().enumerate() {
        let (row, column) = (at / csv.rows[0].len(), at % csv.rows[0].len());
        assert_eq!(record["Curve Start Month"].as_str().unwrap()[..7], csv.index[row][1][..7]);
        assert_eq!(record["Curve Update Date"], csv.index[row][0][..19]);
        assert_eq!(record["Cost Component"], csv.label("Cost Component")[column]);
        assert_eq!(record["UOM"], csv.label("UOM")[column]);
        assert_eq!(record["COB"], json!(false));
        if let Some(value) = record["Data"].as_f64() {
            assert_eq!(format!("{value:.5}"), csv.rows[row][column]);
        } else {
            missing += 1;
            assert_eq!(csv.rows[row][column], "", "missing is blank in CSV and null in JSON, never 0");
        }
    }
    assert_eq!(missing, 5, "the sample has five months without a capacity price");
    let answer = running.request(reqwest::Method::GET, &format!("{query}&type=xlsx")).bearer_auth(&token);
    let answer = answer.send().await.unwrap();
    assert_eq!(
        answer.headers()["content-disposition"],
        "attachment; filename=nonenergy_miso_unstandardized_2024-01-31.xlsx"
    );
    let workbook = answer.bytes().await.unwrap();
    let mut workbook = zip::ZipArchive::new(std::io::Cursor::new(workbook)).unwrap();
    let sheet = std::io::read_to_string(workbook.by_name("xl/worksheets/sheet1.xml").unwrap()).unwrap();
    assert!(sheet.contains("state=\"frozen\""), "the header is frozen");
    // Cells without t="s" are numbers: values, stamps and months.
    let numbers = sheet.matches("<c r=").count() - sheet.matches(" t=\"s\"").count();
    assert_eq!(numbers, csv.rows.len() * 2 + records.len() - missing, "numbers and dates are typed");

    let (status, all) = running.get(&token, "/get_data").await;
    assert_eq!(status, StatusCode::OK);
    assert!(all.starts_with("PK"), "several files come as a zip");
}
