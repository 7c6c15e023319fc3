//! Real offers and real prices to compare. Downloads do not show the keys that join them, so they are joined here by utility, as an
//! analyst's workbook would do.

use super::{run, versions};
use crate::questions::{ask, rows};
use tests::download::{Download, matrix_sheet, ptc_sheet};
use tests::{Running, reference};

/// A sheet with its key row replaced: for each column, a key made from the cell in another row.
fn keyed(sheet: &[u8], row: &str, from: &str) -> Vec<u8> {
    let text: String = sheet.iter().map(|byte| char::from(*byte)).collect();
    let found = |title: &str| {
        let line = text.lines().find(|line| line.starts_with(&format!("{title},"))).unwrap();
        line.to_owned()
    };
    let keys = found(from).replacen(from, row, 1);
    let text = text.replace(&found(row), &keys);
    text.chars().map(|c| u8::try_from(u32::from(c)).unwrap()).collect()
}

/// The offers a month later: the downloads of prices to compare begin in February.
fn february(sheet: &[u8]) -> Vec<u8> {
    let text = std::str::from_utf8(sheet).unwrap();
    let lines = text.lines().map(|line| match line.strip_prefix("Beginning Date,") {
        Some(dates) => {
            format!("Beginning Date,{}", vec!["2/1/2024"; dates.split(',').count()].join(","))
        }
        None => line.to_owned(),
    });
    lines.collect::<Vec<_>>().join("\n").into_bytes()
}

#[tokio::test(flavor = "multi_thread")]
async fn real_offers_are_compared_with_real_prices() {
    let Some(folder) = reference::folder("expected/downloads") else { return };
    let running = Running::start().await;
    let token = running.admin().await;
    let mut markets = vec![];
    for (name, bytes) in reference::files(&folder) {
        let parts: Vec<&str> = name.split('_').collect();
        let [data_type @ ("ptc" | "matrix"), market, "unstandardized", _, _] = parts[..] else { continue };
        let text = String::from_utf8(bytes).unwrap();
        let (stamp, sheet) = if data_type == "ptc" {
            let download = Download::read(&text);
            (download.stamp(), keyed(&ptc_sheet(&download), "Matching ID", "Utility"))
        } else {
            ("20240116_090000".to_owned(), february(&keyed(&matrix_sheet(&text), "Lookup ID1", "Utility")))
        };
        let row = running.put(&format!("{data_type}_{market}_{stamp}.csv"), &sheet).await;
        assert_eq!(row["status"], "published", "{name}: {row:#}");
        markets.push((market.to_uppercase(), data_type.to_owned()));
    }
    println!("{markets:?}");
    println!("{}", run(running.ctx()).await);
    println!("{:?}", versions(&running).await);
    let pairs: Vec<(String, i32, i32, i32)> = sqlx::query_as(
        "select concat_ws(' ', r.market, 'offers', p.offers, 'joined', p.joined, 'computed', p.computed, 'unpublished',
                p.unpublished, 'months missing', p.months_missing, 'without partner', p.without_partner, 'ambiguous', p.ambiguous),
            p.joined, p.computed, p.without_price
        from trueprice.headroom_pair p
        join trueprice.snapshot m on m.id = p.matrix_id
        join trueprice.series r on r.id = m.series_id
        where p.current
        order by r.market",
    )
    .fetch_all(&mut running.sql().await)
    .await
    .unwrap();
    println!("{pairs:#?}");
    assert!(pairs.iter().any(|pair| pair.1 > 100 && pair.2 > 100), "real sheets are joined and compared");
    assert!(pairs.iter().all(|pair| pair.3 == 0), "every real offer has a price");
    let answer = ask(&running, &token, "/v1/headroom?by=state").await;
    for row in rows(&answer) {
        println!("{row}");
    }
    // Every offer has one of the statuses, and a headroom is consistent with its parts.
    let answer = ask(&running, &token, "/v1/headroom").await;
    for row in rows(&answer).iter().filter(|row| row["status"] == "computed") {
        let number = |name: &str| row[name].as_f64().unwrap();
        assert!((number("price_to_compare") - number("retail_price") - number("headroom")).abs() < 1e-12);
        assert!((-1.0..1.0).contains(&number("headroom")), "{row}");
    }
}
