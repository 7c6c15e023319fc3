//! The other kinds of sheet: prices to compare, offers, hourly sheets, line losses.

use chrono::{Days, NaiveDate};
use reqwest::{Method, StatusCode};
use serde_json::Value;
use std::fmt::Write as _;
use tests::download::{Download, matrix_sheet, ptc_sheet};
use tests::{Running, reference};
use trueprice::catalog::grid::hours_of;
use trueprice::catalog::{DataType, Label, Layout};
use trueprice::clock::Clock;

#[tokio::test(flavor = "multi_thread")]
async fn published_prices_and_offers_are_reproduced_from_their_sheets() {
    let Some(folder) = reference::folder("expected/downloads") else { return };
    let some = std::fs::read_to_string(folder.join("ptc_miso_standardized_2024-01-15_dev.csv")).unwrap();
    let footer = Download::read(&some).footer.trim().trim_matches('"').to_owned();
    let running =
        Running::start_with(Clock::system(), |options| options.settings.footer = Some(footer)).await;
    let token = running.admin().await;
    let (mut files, mut odd) = (0, 0);
    for (name, bytes) in reference::files(&folder) {
        let parts: Vec<&str> = name.split('_').collect();
        let [data_type @ ("ptc" | "matrix"), market, strip, day, _] = parts[..] else { continue };
        let expected = String::from_utf8(bytes).unwrap();
        let (stamp, sheet) = if data_type == "ptc" {
            let download = Download::read(&expected);
            (download.stamp(), ptc_sheet(&download))
        } else {
            (format!("{}_110000", day.replace('-', "")), matrix_sheet(&expected))
        };
        let row = running.put(&format!("{data_type}_{market}_{stamp}.csv"), &sheet).await;
        // Both files of a market are made from one sheet.
        let status = if strip == "standardized" { "published" } else { "unchanged" };
        assert_eq!(row["status"], status, "{name}: {row:#}");

        let query =
            format!("/get_data?curve_type={data_type}&iso={market}&strip={strip}&operating_day={day}");
        let (status, body) = running.get(&token, &query).await;
        assert_eq!(status, StatusCode::OK, "{name}: {body}");
        // The old system took Windows-1252 for Latin-1: its quotes and dashes became control characters.
        let shown = expected.replace('\u{93}', "“").replace('\u{94}', "”").replace('\u{96}', "–");
        odd += usize::from(shown != expected);
        assert_eq!(body.replace("\r\n", "\n"), shown, "{name}");
        files += 1;
    }
    assert_eq!((files, odd), (18, 2), "files compared byte for byte, and those with quotes");
}

#[tokio::test(flavor = "multi_thread")]
async fn every_kind_of_sheet_has_a_sample_that_is_published_without_flaws() {
    let running = Running::start().await;
    let token = running.admin().await;
    for data_type in DataType::ALL.into_iter().filter(|data_type| Layout::of(*data_type).has_sheet) {
        let samples = local::samples::SAMPLES.iter().filter(|(name, _)| {
            name.split('_').next().is_some_and(|word| word.eq_ignore_ascii_case(data_type.word()))
        });
        let samples: Vec<_> = samples.collect();
        assert!(!samples.is_empty(), "{data_type} has a sample");
        for (name, bytes) in samples {
            assert!(bytes.len() < 60_000, "{name} is small");
            let row = running.put(name, bytes).await;
            assert_eq!(row["status"], "published", "{row:#}");
        }
        csv(&running, &token, &format!("curve_type={data_type}")).await;
    }
}

/// The header block of an hourly sheet with two columns, with `more` below it; `second` comes before the columns.
fn block(market: &str, second: &str, more: &str) -> String {
    let labels = [market, "TX", "NORTH ZONE", "NORTH ZONE", "ALL", "7x24", "Shape"];
    let mut text = String::new();
    for (title, cell) in Label::ALL.map(Label::title).iter().zip(labels) {
        writeln!(text, "{title}{second},{cell},{cell}").unwrap();
    }
    writeln!(text, "Cost Component{second},one,two").unwrap();
    text + more
}

/// A value that identifies its hour.
fn load(day: NaiveDate, hour: i32) -> f64 {
    f64::from(u16::try_from(day.format("%j").to_string().parse::<u32>().unwrap()).unwrap())
        + f64::from(hour) / 100.0
}

/// Two years of loads with both clock changes: the repeated hour is 25 in the first year and a second 2 in the other.
fn loadprofile() -> String {
    let customers = "Customer Type,,Residential,Commercial\n,,,\nDate,HE,r,c\n";
    let mut text = block("ERCOT", ",", customers);
    let mut day = NaiveDate::from_ymd_opt(2024, 1, 1).unwrap();
    while day < NaiveDate::from_ymd_opt(2026, 1, 1).unwrap() {
        let hours = hours_of(day);
        for hour in (1..=hours.max(24)).filter(|hour| hours != 23 || *hour != 3) {
            let written = if hour == 25 && day.format("%Y").to_string() == "2025" { 2 } else { hour };
            let value = load(day, hour);
            writeln!(text, "{},{written},{value},{}", day.format("%-m/%-d/%Y"), -value).unwrap();
        }
        day = day + Days::new(1);
    }
    text
}

async fn csv(running: &Running, token: &str, query: &str) -> String {
    let (status, body) = running.get(token, &format!("/get_data?{query}")).await;
    assert_eq!(status, StatusCode::OK, "{query}: {body}");
    body
}

#[tokio::test(flavor = "multi_thread")]
async fn hours_round_trip_and_a_month_reads_only_its_year() {
    let running = Running::start().await;
    let token = running.admin().await;
    let row = running.put("LoadProfile_ERCOT_20240105_080000.csv", loadprofile().as_bytes()).await;
    assert_eq!(row["status"], "published", "{row:#}");
    assert_eq!((&row["curves"], &row["months"]), (&Value::from(2), &Value::from(731 * 24)));

    // One vector for each curve and year.
    let mut sql = running.sql().await;
    let chunks = "select v.start, count(*), min(cardinality(coalesce(v.values, trueprice.unpack(v.packed))))
        from trueprice.curve_values v group by 1 order by 1";
    let chunks: Vec<(NaiveDate, i64, i32)> = sqlx::query_as(chunks).fetch_all(&mut sql).await.unwrap();
    let new_year = |year| NaiveDate::from_ymd_opt(year, 1, 1).unwrap();
    assert_eq!(chunks, [(new_year(2024), 2, 366 * 25), (new_year(2025), 2, 365 * 25)]);

    let all = csv(&running, &token, "curve_type=loadprofile&iso=ercot").await;
    let lines: Vec<&str> = all.lines().collect();
    assert_eq!(lines[0], "Control Area,,,ERCOT,ERCOT");
    assert_eq!(
        lines[7..10].join("|"),
        "Cost Component,,,one,two|Customer Type,,,Residential,Commercial|\
        Curve Update Date,Curve Start Month,HE,,"
    );
    // Shown in MWh, as ever.
    assert_eq!(lines[10], "2024-01-05 08:00:00+00:00,2024-01-01 00:00:00+00:00,1,0.00101,-0.00101");
    let all = Download::read(&all);
    assert_eq!(all.rows.len(), 731 * 24);
    for (index, row) in all.index.iter().zip(&all.rows) {
        let (day, hour) = (index[1][..10].parse().unwrap(), index[2].parse().unwrap());
        let expected = load(day, hour) / 1000.0;
        assert_eq!(row, &[format!("{expected:?}"), format!("{:?}", -expected)], "{index:?}");
    }
    let hours = |day: &str| all.index.iter().filter(|index| index[1].starts_with(day)).count();
    for (day, count) in [("2024-03-10", 23), ("2024-11-03", 25), ("2025-03-09", 23), ("2025-11-02", 25)] {
        assert_eq!(hours(day), count, "{day}");
    }

    // Data that are not read do no harm: the vectors of the other year are corrupted.
    sqlx::query(
        "update trueprice.curve_values set values = null, packed = '\\x00ff' where start = '2025-01-01'",
    )
    .execute(&mut sql)
    .await
    .unwrap();
    let month = "curve_type=loadprofile&iso=ercot&start=2024-11-01&end=2024-11-30";
    let november = Download::read(&csv(&running, &token, month).await);
    assert_eq!(november.rows.len(), 30 * 24 + 1);
    let (status, _) = running.get(&token, "/get_data?curve_type=loadprofile&iso=ercot").await;
    assert_eq!(status, StatusCode::INTERNAL_SERVER_ERROR, "they are corrupted");

    // The same month in the other formats.
    let json: Vec<Value> =
        serde_json::from_str(&csv(&running, &token, &format!("{month}&type=json")).await).unwrap();
    assert_eq!(json.len(), november.rows.len() * 2);
    for (at, record) in json.iter().enumerate() {
        let index = &november.index[at / 2];
        assert_eq!(record["Curve Start Month"].as_str().unwrap()[..10], index[1][..10]);
        assert_eq!(record["HE"].to_string(), index[2]);
        assert_eq!(format!("{:?}", record["Data"].as_f64().unwrap()), november.rows[at / 2][at % 2]);
        assert_eq!(record["customer_type"], ["Residential", "Commercial"][at % 2]);
        assert_eq!(record["UOM"], "MWh");
    }
    let sheet = workbook(&running, &token, month).await;
    // Stamp, day, hour and two values.
    assert_eq!(numbers(&sheet), november.rows.len() * 5);
}

/// The only sheet of a workbook.
pub async fn workbook(running: &Running, token: &str, query: &str) -> String {
    let answer =
        running.request(Method::GET, &format!("/get_data?{query}&type=xlsx")).bearer_auth(token).send().await;
    let bytes = answer.unwrap().bytes().await.unwrap();
    let mut workbook = zip::ZipArchive::new(std::io::Cursor::new(bytes)).unwrap();
    std::io::read_to_string(workbook.by_name("xl/worksheets/sheet1.xml").unwrap()).unwrap()
}

/// The number of cells that are not text.
fn numbers(sheet: &str) -> usize {
    sheet.matches("<c r=").count() - sheet.matches(" t=\"s\"").count()
}

#[tokio::test(flavor = "multi_thread")]
async fn shapes_and_risks_are_downloaded_in_their_old_layout() {
    let running = Running::start().await;
    let token = running.admin().await;
    let shaping = block("ERCOT", ",", "\nDate,HE,a,b\n1/31/2024,24,1.5,-0.25\n2/1/2024,1,,1e-3\n");
    let vlr = block("NYISO", ",", "Month,HE,v,w\n1,1,3.5%,\n1,2,-2.25,0\n12,24,1.5,4\n");
    for (name, sheet) in
        [("Shaping_ERCOT_20240105_080000.csv", shaping), ("VLR_NYISO_20240105_080000.csv", vlr)]
    {
        let row = running.put(name, sheet.as_bytes()).await;
        assert_eq!(row["status"], "published", "{row:#}");
    }
    let shown = csv(&running, &token, "curve_type=shaping").await;
    assert!(shown.starts_with("Control Area,,,ERCOT,ERCOT\nState,,,TX,TX\n"), "{shown}");
    let rows = "Curve Update Date,Curve Start Month,HE,,\n\
        2024-01-05 08:00:00+00:00,2024-01-31 00:00:00+00:00,24,1.5,-0.25\n\
        2024-01-05 08:00:00+00:00,2024-02-01 00:00:00+00:00,1,,0.001\n\r\n";
    assert!(shown.contains(rows), "{shown}");
    assert_eq!(shown.lines().position(|line| line.starts_with("Curve Update")), Some(8), "eight header rows");
    let february = csv(&running, &token, "curve_type=shaping&start=2024-02&end=2024-02").await;
    assert_eq!(Download::read(&february).rows, [["", "0.001"]]);

    let shown = csv(&running, &token, "curve_type=vlr&iso=nyiso&start=2030-01-01").await;
    let rows = "Curve Update Date,Month,HE,,\n2024-01-05 08:00:00+00:00,1,1,3.5,\n\
        2024-01-05 08:00:00+00:00,1,2,-2.25,0.0\n2024-01-05 08:00:00+00:00,12,24,1.5,4.0\n\r\n";
    assert!(shown.contains(rows), "months of any year apply to all years: {shown}");
    let json: Vec<Value> =
        serde_json::from_str(&csv(&running, &token, "curve_type=vlr&type=json").await).unwrap();
    assert_eq!((&json[0]["Month"], &json[0]["HE"], &json[0]["Data"]), (&1.into(), &1.into(), &3.5.into()));
    assert_eq!((json.len(), &json[0]["UOM"], &json[1]["Data"]), (6, &"percent".into(), &Value::Null));
    assert_eq!(numbers(&workbook(&running, &token, "curve_type=vlr").await), 3 * 3 + 5);
}

fn lineloss(market: &str, rows: &[(&str, &str, f64)]) -> String {
    let mut text = "Control Area,State,Load Zone,Capacity Zone,Utility,Block Type,Cost Group,Cost Component,\
        Line Loss Factor\n"
        .to_owned();
    for (utility, voltage, factor) in rows {
        writeln!(text, "{market},TX,ALL,ALL,{utility},7x24,Line Loss,{voltage},{factor}").unwrap();
    }
    text
}

#[tokio::test(flavor = "multi_thread")]
async fn line_losses_of_one_market_do_not_affect_another() {
    let running = Running::start().await;
    let token = running.admin().await;
    let first = lineloss("ERCOT", &[("ONCOR", "Secondary", 1.05), ("ONCOR", "Primary", 1.0303)]);
    let second = lineloss("ERCOT", &[("ONCOR", "Secondary", 1.06), ("TNMP", "Primary", 1.02)]);
    let other = lineloss("ISONE", &[("CLP", "Secondary", 1.07)]);
    for (name, sheet) in [
        ("LineLoss_ERCOT_20240105_080000.csv", &first),
        ("LineLoss_ISONE_20240105_080000.csv", &other),
        ("LineLoss_ERCOT_20240106_080000.csv", &second),
    ] {
        assert_eq!(running.put(name, sheet.as_bytes()).await["status"], "published");
    }
    let wrong = running.put("LineLoss_PJM_20240105_080000.csv", other.as_bytes()).await;
    assert_eq!((&wrong["status"], &wrong["flaws"][0]["code"]), (&"rejected".into(), &"wrong_market".into()));

    let title = ",Curve Update Date,Control Area,State,Load Zone,Capacity Zone,Utility,Block Type,Cost Group,\
        Cost Component,Line Loss Factor\n";
    let line = |count: usize, day: &str, market: &str, rest: &str, factor: &str| {
        let (utility, voltage) = rest.split_once(' ').unwrap();
        format!(
            "{count},{day} 08:00:00+00:00,{market},TX,ALL,ALL,{utility},7x24,Line Loss,{voltage},{factor}\n"
        )
    };
    let ercot = line(0, "2024-01-06", "ERCOT", "ONCOR Secondary", "1.06")
        + &line(1, "2024-01-06", "ERCOT", "TNMP Primary", "1.02");
    let shown = csv(&running, &token, "curve_type=lineloss&iso=ercot").await;
    assert_eq!(shown.split("\r\n").next().unwrap(), format!("{title}{ercot}"));
    let isone = csv(&running, &token, "curve_type=lineloss&iso=isone").await;
    assert!(isone.contains(&line(0, "2024-01-05", "ISONE", "CLP Secondary", "1.07")), "{isone}");

    // Both days, each with its own factors.
    let days = "curve_type=lineloss&iso=ercot&operating_day=2024-01-01&operating_day_end=2024-01-31";
    let both = csv(&running, &token, days).await;
    let expected = line(0, "2024-01-05", "ERCOT", "ONCOR Primary", "1.0303")
        + &line(1, "2024-01-05", "ERCOT", "ONCOR Secondary", "1.05")
        + &line(2, "2024-01-06", "ERCOT", "ONCOR Secondary", "1.06")
        + &line(3, "2024-01-06", "ERCOT", "TNMP Primary", "1.02");
    assert_eq!(both.split("\r\n").next().unwrap(), format!("{title}{expected}"));
    let json: Vec<Value> =
        serde_json::from_str(&csv(&running, &token, &format!("{days}&type=json")).await).unwrap();
    let factors: Vec<f64> = json.iter().map(|record| record["Data"].as_f64().unwrap()).collect();
    assert_eq!(factors, [1.0303, 1.05, 1.06, 1.02], "a missing factor is not listed");
    let sheet = workbook(&running, &token, days).await;
    assert_eq!(numbers(&sheet), 4 * 3, "count, stamp and factor are typed, labels are text");
    let corrected = lineloss("ERCOT", &[("ONCOR", "Secondary", 1.055)]);
    let row = running.put("LineLoss_ERCOT_20240106_080000.csv", corrected.as_bytes()).await;
    assert_eq!(row["status"], "corrected");
    let history = csv(&running, &token, &format!("{days}&history=true")).await;
    assert!(history.starts_with(",Curve Update Date,Revision,Control Area"), "{history}");
    assert_eq!(history.lines().filter(|line| line.contains("ERCOT")).count(), 5, "{history}");
}

/// Two offers that differ in their term, one of them without ancillaries.
fn matrix(price: &str, beginning: &str) -> String {
    format!(
        "Matching ID,,\nLookup ID1,K,K\nBeginning Date,{beginning},{beginning}\nControl Area,ERCOT,ERCOT\nState,TX,TX\n\
         Load Zone,NORTH ZONE,NORTH ZONE\nCapacity Zone,4,4\nUtility,ONCOR,ONCOR\nBlock Type,7x24,7x24\n\
         Cost Group,FFR,FFR\nCost Component,RES,RES\nLoad Profile,RES,RES\nTerm (Months),12,6\n\n\
         Ancillaries,1.5,\nEnergy,({price}),50\nTotal Contract Load (kWh),1200,600\n"
    )
}

#[tokio::test(flavor = "multi_thread")]
async fn offers_are_columns_in_every_format_and_their_days_stay_separate() {
    let running = Running::start().await;
    let token = running.admin().await;
    for (name, sheet) in [
        ("Matrix_ERCOT_20240105_110000.csv", matrix("48", "2/1/2024")),
        // Another spelling is the same offer.
        ("Matrix_ERCOT_20240106_110000.csv", matrix("49", "2/15/2024").replace("ONCOR", "Oncor ")),
    ] {
        assert_eq!(running.put(name, sheet.as_bytes()).await["status"], "published");
    }
    let expected = |price: &str, day: &str| {
        format!(
            "control_area,ERCOT,ERCOT\nstate,TX,TX\nload_zone,NORTH ZONE,NORTH ZONE\ncapacity_zone,4,4\n\
             utility,ONCOR,ONCOR\nstrip,7x24,7x24\ncost_group,FFR,FFR\ncost_component,RES,RES\nterm,6.0,12.0\n\
             beginning_date,{day} 00:00:00+00:00,{day} 00:00:00+00:00\nload_profile,RES,RES\nAncillaries,,1.5\n\
             Energy,50.0,-{price}.0\nTotal Contract Load (kWh),600.0,1200.0\n"
        )
    };
    for (query, price, day) in [("", "49", "2024-02-15"), ("&operating_day=2024-01-05", "48", "2024-02-01")] {
        let shown = csv(&running, &token, &format!("curve_type=matrix{query}")).await;
        assert_eq!(shown.split("\r\n").next().unwrap(), expected(price, day));
    }
    let sheet = workbook(&running, &token, "curve_type=matrix").await;
    // Two terms, two beginnings, five values; a capacity zone named 4 is text.
    assert_eq!(numbers(&sheet), 2 + 2 + 5);
    let json: Vec<Value> =
        serde_json::from_str(&csv(&running, &token, "curve_type=matrix&type=json").await).unwrap();
    assert_eq!(json.len(), 5);
    let last = &json[4];
    assert_eq!(
        (&last["Sub Cost Component"], &last["Data"]),
        (&"Total Contract Load (kWh)".into(), &1200.0.into())
    );
    assert_eq!(
        (&last["term"], &last["beginning_date"], &last["UOM"]),
        (&"12".into(), &"2024-02-15".into(), &"kWh".into())
    );
    let both =
        csv(&running, &token, "curve_type=matrix&operating_day=2024-01-05&operating_day_end=2024-01-06")
            .await;
    assert!(both.contains("Energy,50.0,-48.0,50.0,-49.0\n"), "{both}");
}
