//! The disk space of a sheet, with everything that belongs to it.

use crate::ground::{Ground, number};
use crate::old;
use crate::publish::publish;
use crate::report::Report;
use crate::sheet::{self, Sheet};
use sqlx::PgConnection;
use tests::generate;

/// The tables that grow with the sheets. For the journal, only the sheet's row counts, not the pages of a nearly empty table.
const OURS: [&str; 6] = ["curve", "curve_values", "snapshot", "snapshot_curve", "difference", "change"];
/// Versions after the first, of each kind.
const VERSIONS: u32 = 10;

/// Publishes a sheet into an empty database, then further versions.
pub async fn measure(ground: &Ground, sheet: &Sheet, report: &mut Report) {
    let bed = ground.bed("storage").await;
    let mut sql = bed.sql().await;
    old::create(&mut sql, "old_curves").await;
    // Each table and index has first pages once, whatever is stored; the old schema had 98 such tables. A sheet with one number has
    // allocated them.
    publish(bed.ctx(), "NonEnergy_ERCOT_20230101_080000.csv", generate::sheet("ERCOT", 1, 1)).await;
    let opened = ours(&mut sql).await;

    store(&bed, &mut sql, 0, sheet.version(0)).await;
    let first = sizes(&mut sql).await;
    let (measured, ratio) = text(sheet.values(), (first.0 - opened, first.1));
    report.judge("Storage that the sheet adds / old table", &measured, (ratio, 0.03), "", "1 (12 MB)");
    report.tell("- with the first pages of the tables", &text(sheet.values(), first).0);
    let tables = tables(&mut sql).await;
    report.tell("- of it, in kB", &format!("{tables}, of which were there {}", opened / 1000));

    for (what, kind) in [
        ("every number new", Sheet::version as fn(&Sheet, u32) -> Vec<u8>),
        ("5 % of curves new", Sheet::revised),
    ] {
        let before = sizes(&mut sql).await;
        for version in 1..=VERSIONS {
            let version = if what.starts_with('5') { VERSIONS + version } else { version };
            store(&bed, &mut sql, version, kind(sheet, version)).await;
        }
        let after = sizes(&mut sql).await;
        let grown = (after.0 - before.0, after.1 - before.1);
        let measured = text(sheet.values() * VERSIONS as usize, grown).0;
        report.tell(&format!("- {VERSIONS} more versions, {what}"), &measured);
    }
    drop(sql);
    bed.stop().await;
}

async fn store(bed: &crate::ground::Bed<'_>, sql: &mut PgConnection, version: u32, bytes: Vec<u8>) {
    let name = sheet::name(version);
    let rows = old::rows(&sheet::read(&name, &bytes));
    publish(bed.ctx(), &name, bytes).await;
    old::copy_in(sql, "old_curves", &rows).await;
}

fn text(values: usize, (ours, theirs): (u32, u32)) -> (String, f64) {
    let ratio = f64::from(ours) / f64::from(theirs);
    let each = f64::from(ours) / f64::from(u32::try_from(values).expect("below 2^32"));
    (format!("{ratio:.4} = {} kB / {} kB; {each:.2} bytes a value", ours / 1000, theirs / 1000), ratio)
}

/// Bytes of our tables with the journal row of the last sheet, and of the old table.
async fn sizes(sql: &mut PgConnection) -> (u32, u32) {
    let row = "select pg_column_size(u) from trueprice.upload u order by id desc limit 1";
    let ours = ours(sql).await + number(sql, row).await;
    (ours, number(sql, "select pg_total_relation_size('old_curves')").await)
}

async fn ours(sql: &mut PgConnection) -> u32 {
    let sizes = OURS.map(|table| format!("pg_total_relation_size('trueprice.{table}')"));
    number(sql, &format!("select {}", sizes.join(" + "))).await
}

/// Each table with its indexes.
async fn tables(sql: &mut PgConnection) -> String {
    let mut told = Vec::new();
    for table in OURS {
        let size = number(sql, &format!("select pg_total_relation_size('trueprice.{table}')")).await;
        told.push(format!("{table} {}", size / 1000));
    }
    told.join(", ")
}
