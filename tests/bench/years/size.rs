//! The disk space of two years, compared with one row per value.

use super::history::{History, MONTH, sheets_of};
use crate::ground::{Ground, number};
use crate::old;
use crate::report::Report;
use crate::sheet;
use std::fmt;

/// The tables that grow with the sheets, including the journal.
const OURS: [&str; 7] =
    ["curve", "curve_values", "snapshot", "snapshot_curve", "coverage", "snapshot_coverage", "upload"];
/// The largest share of the old tables' size that ours may take: a fiftieth.
const MAX_SHARE: f64 = 0.02;

/// Bytes of our tables, with their indexes.
pub struct Sizes {
    tables: [u32; OURS.len()],
    values: u64,
}

impl Sizes {
    pub async fn of(history: &History<'_>) -> Self {
        let mut sql = history.bed.sql().await;
        let mut tables = [0; OURS.len()];
        for (size, table) in tables.iter_mut().zip(OURS) {
            *size = number(&mut sql, &format!("select pg_total_relation_size('trueprice.{table}')")).await;
        }
        Self { tables, values: history.values }
    }

    fn bytes_a_value(&self) -> f64 {
        f64::from(self.tables.iter().sum::<u32>()) / float(self.values)
    }
}

impl fmt::Display for Sizes {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let bytes: u32 = self.tables.iter().sum();
        write!(f, "{:.2} a value = {} kB", self.bytes_a_value(), bytes / 1000)?;
        let tables = OURS.iter().zip(self.tables).map(|(table, size)| format!("{table} {}", size / 1000));
        write!(f, " ({})", tables.collect::<Vec<_>>().join(", "))
    }
}

/// Compares our tables before and after compaction with the old table, whose rows all have the same size: one month of sheets is
/// stored in it, and its size per value is extrapolated.
pub async fn judge(
    ground: &Ground,
    history: &History<'_>,
    (before, after): (&Sizes, &Sizes),
    report: &mut Report,
) {
    let mut sql = ground.sql("postgres").await;
    old::create(&mut sql, "old_month").await;
    let (mut rows, mut sheets) = (0, 0);
    for arrival in sheets_of(MONTH) {
        let sheet = sheet::read(&arrival.file_name(), &arrival.bytes);
        rows += old::copy_in(&mut sql, "old_month", &old::rows(&sheet)).await;
        sheets += 1;
    }
    let size = number(&mut sql, "select pg_total_relation_size('old_month')").await;
    crate::ground::run(&mut sql, "drop table old_month").await;
    let each = f64::from(size) / float(rows);

    report.tell("Bytes of two years before compaction", &before.to_string());
    report.tell("- after it, without an archive", &after.to_string());
    report.tell(
        "- old table",
        &format!("{each:.2} a value = {} kB for {rows} values of {sheets} sheets", size / 1000),
    );
    let ratio = after.bytes_a_value() / each;
    let text = format!("{ratio:.4}: {:.1} times smaller, of {} values", 1.0 / ratio, history.values);
    report.judge("- ours after compaction / old table", &text, (ratio, MAX_SHARE), "", "1");
}

fn float(count: u64) -> f64 {
    f64::from(u32::try_from(count).expect("below 2^32"))
}
