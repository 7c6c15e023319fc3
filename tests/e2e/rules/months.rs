//! The recorded months that snapshots cover: they equal what the program computes from the same vectors, whichever release
//! published them, and are restored where an earlier release did not record them.

use super::reference::Dice;
use super::world::{curves, store};
use crate::compaction::{run, weeks};
use chrono::NaiveDate;
use serde_json::json;
use tests::Running;
use trueprice::catalog::{DataType, Grid, Layout, Market, Month};

/// Data type, start and length of a vector; the first and the end of the months recorded for it.
type Stored = (String, NaiveDate, i32, Option<NaiveDate>, Option<NaiveDate>);

#[tokio::test(flavor = "multi_thread")]
async fn the_database_and_the_program_compute_the_same_months() {
    let running = Running::start().await;
    let mut sql = running.sql().await;
    let day = |text: &str| -> NaiveDate { text.parse().unwrap() };
    for data_type in DataType::ALL {
        let grid = Layout::of(data_type).grid;
        for (operating_day, start, length) in [
            ("2024-01-05", "2024-02-01", 1),
            ("2024-01-31", "2023-12-01", 61),
            ("2024-02-29", "2024-01-31", 50),
            ("2024-03-01", "2024-12-31", 26),
        ] {
            // Offers have one value, and months begin on their first day.
            let length = if grid == Grid::Offer { 1 } else { length };
            let start = if grid == Grid::Month { Month::of(day(start)).first_day() } else { day(start) };
            let expected = match grid {
                Grid::MonthHour | Grid::Always => Grid::holds(day(operating_day)),
                Grid::Month | Grid::DayHour | Grid::Offer => {
                    let first = grid.first_slot(start);
                    let last = first + i64::from(length) - 1;
                    (Month::of(grid.day(first)), Month::of(grid.day(last)).plus(1))
                }
            };
            let found: (NaiveDate, NaiveDate) = sqlx::query_as(
                "select lower(m), upper(m) from trueprice.delivery_months($1, $2, $3, $4) as m",
            )
            .bind(data_type.word())
            .bind(day(operating_day))
            .bind(start)
            .bind(length)
            .fetch_one(&mut sql)
            .await
            .unwrap();
            assert_eq!(
                found,
                (expected.0.first_day(), expected.1.first_day()),
                "{data_type} {start} {length}"
            );
        }
    }
}

/// The coverage of each snapshot as text.
async fn covered(running: &Running) -> Vec<(i32, String)> {
    sqlx::query_as(
        "select l.snapshot_id, string_agg(concat_ws(' ', g.months, g.curves), ', ' order by g.months, g.curves)
        from trueprice.snapshot_coverage l
        join trueprice.coverage g on g.id = l.coverage_id
        group by l.snapshot_id
        order by l.snapshot_id",
    )
    .fetch_all(&mut running.sql().await)
    .await
    .unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn snapshots_written_by_the_previous_release_are_covered_too() {
    let running = Running::start().await;
    let mut sql = running.sql().await;
    // Written as by that release: without the length of a vector.
    for kind in [
        (DataType::Energy, Market::Ercot, 20),
        (DataType::LoadProfile, Market::Miso, 3),
        (DataType::Matrix, Market::Pjm, 9),
    ] {
        let curves = curves(&mut Dice(3), kind);
        store(&mut sql, (kind.0, kind.1), &curves).await;
    }
    let lengths: i64 = sqlx::query_scalar("select count(length) from trueprice.curve_values")
        .fetch_one(&mut sql)
        .await
        .unwrap();
    assert_eq!(lengths, 0);
    // Month by month, as the program counts them.
    let rows: Vec<Stored> = sqlx::query_as(
        "select r.data_type, v.start, cardinality(coalesce(v.values, trueprice.unpack(v.packed))), lower(g.months), upper(g.months)
        from trueprice.snapshot_curve i
        join trueprice.curve_values v on v.id = i.values_id
        join trueprice.curve c on c.id = i.curve_id
        join trueprice.series r on r.id = c.series_id
        left join (
            trueprice.snapshot_coverage l join trueprice.coverage g on g.id = l.coverage_id
        ) on l.snapshot_id = i.snapshot_id and g.curves @> c.id
            and g.months @> date_trunc('month', v.start::timestamp)::date",
    )
    .fetch_all(&mut sql)
    .await
    .unwrap();
    assert!(rows.len() > 30, "{}", rows.len());
    for (data_type, start, length, from, to) in rows {
        let grid = Layout::of(data_type.parse().unwrap()).grid;
        let last = grid.day(grid.first_slot(start) + i64::from(length) - 1);
        let expected = (Month::of(start).first_day(), Month::of(last).plus(1).first_day());
        assert_eq!((from, to), (Some(expected.0), Some(expected.1)), "{data_type} {start} {length}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn snapshots_archived_by_an_earlier_release_are_covered_by_the_next_compaction() {
    let running = weeks(2).await;
    let published = covered(&running).await;
    run(&running, json!({ "command": "keep", "data_type": "energy", "intraday_days": 30 })).await;
    let ran = run(&running, json!({ "command": "run" })).await;
    assert!(ran["archived"]["snapshots"].as_u64().unwrap() > 5, "{ran}");
    assert_eq!(covered(&running).await, published, "archived coverage stays recorded");
    let forget = "delete from trueprice.snapshot_coverage l using trueprice.snapshot s
        where s.id = l.snapshot_id and s.archive_id is not null;
        delete from trueprice.coverage g
        where not exists (select from trueprice.snapshot_coverage l where l.coverage_id = g.id)";
    sqlx::raw_sql(forget).execute(&mut running.sql().await).await.unwrap();
    assert!(covered(&running).await.len() < published.len());
    for _ in 0..2 {
        let ran = run(&running, json!({ "command": "run" })).await;
        assert_eq!(ran["complete"], true, "{ran}");
        assert_eq!(covered(&running).await, published);
    }
}
