//! The old system's table: a row per value, with all its labels.

use futures_util::TryStreamExt as _;
use serde_json::Value;
use sqlx::postgres::PgConnection;
use sqlx::{AssertSqlSafe, Connection as _};
use std::fmt::Write as _;
use trueprice::catalog::{Label, Month};
use trueprice::curves::sheet::CurveSheet;

/// Creates a table with the old columns.
pub async fn create(sql: &mut PgConnection, table: &str) {
    let labels = LABELS.map(|label| format!("{label} varchar(100)")).join(", ");
    let statement = format!(
        "create table {table} (id serial primary key, curvestart timestamptz, month timestamptz, \
         data numeric(20,10), {labels})"
    );
    sqlx::raw_sql(AssertSqlSafe(statement)).execute(sql).await.expect("a table");
}

const LABELS: [&str; 9] = [
    "control_area",
    "state",
    "load_zone",
    "capacity_zone",
    "utility",
    "strip",
    "cost_group",
    "cost_component",
    "sub_cost_component",
];

/// A sheet as rows of the table, in the text format of COPY.
pub fn rows(sheet: &CurveSheet) -> Vec<u8> {
    let mut text = String::new();
    for curve in &sheet.curves {
        let labels: Vec<String> = curve
            .name
            .labels
            .iter()
            .chain([&curve.name.sub_component])
            .map(|label| label.trim().chars().take(100).collect::<String>().replace('\\', "\\\\"))
            .collect();
        let labels = labels.join("\t");
        let part = &curve.parts[0];
        for (step, value) in part.values.iter().enumerate() {
            let month = Month::of(part.start).plus(step);
            write!(text, "{}+00\t{month}-01 00:00:00+00\t", sheet.name.stamp).expect("a String takes it");
            if value.is_nan() {
                text.push_str("\\N");
            } else {
                write!(text, "{value}").expect("a String takes it");
            }
            writeln!(text, "\t{labels}").expect("a String takes it");
        }
    }
    text.into_bytes()
}

/// The records of a JSON download as rows of the table.
pub fn records(records: &[Value]) -> Vec<u8> {
    let mut text = String::new();
    for record in records {
        let word = |name: &str| record[name].as_str().unwrap_or_default().replace('\\', "\\\\");
        let (stamp, month) = (word("Curve Update Date"), word("Curve Start Month"));
        let value = record["Data"].as_f64().map_or("\\N".to_owned(), |value| value.to_string());
        let titles = Label::ALL.map(Label::title).into_iter().chain(["Sub Cost Component"]);
        let labels = titles.map(word).collect::<Vec<_>>().join("\t");
        writeln!(text, "{stamp}+00\t{month}+00\t{value}\t{labels}").expect("a String takes it");
    }
    text.into_bytes()
}

/// Stores the rows in their own transaction and returns their number.
pub async fn copy_in(sql: &mut PgConnection, table: &str, rows: &[u8]) -> u64 {
    let mut tx = sql.begin().await.expect("a transaction");
    let columns = format!("curvestart, month, data, {}", LABELS.join(", "));
    let mut copy =
        tx.copy_in_raw(&format!("copy {table} ({columns}) from stdin")).await.expect("COPY begins");
    for chunk in rows.chunks(64 * 1024) {
        copy.send(chunk).await.expect("COPY takes it");
    }
    let rows = copy.finish().await.expect("COPY ends");
    tx.commit().await.expect("a commit");
    rows
}

/// Reads all rows of the table as CSV and returns the number of bytes.
pub async fn copy_out(sql: &mut PgConnection, table: &str) -> usize {
    let columns = format!("curvestart, month, data, {}", LABELS.join(", "));
    let statement = format!("copy (select {columns} from {table}) to stdout with (format csv)");
    copied_out(sql, &statement).await
}

/// Reads the result of a query as CSV and returns the number of bytes.
pub async fn copy_query_out(sql: &mut PgConnection, query: &str) -> usize {
    copied_out(sql, &format!("copy ({query}) to stdout with (format csv, header)")).await
}

async fn copied_out(sql: &mut PgConnection, statement: &str) -> usize {
    let copy = sql.copy_out_raw(statement).await.expect("COPY begins");
    let sum = |sum: usize, part: bytes::Bytes| async move { Ok(sum + part.len()) };
    copy.try_fold(0, sum).await.expect("COPY ends")
}

/// Fills a table from a CSV with a header and returns the number of rows.
pub async fn copy_csv_in(sql: &mut PgConnection, table: &str, csv: &[u8]) -> u64 {
    let statement = format!("copy {table} from stdin with (format csv, header)");
    let mut copy = sql.copy_in_raw(&statement).await.expect("COPY begins");
    for chunk in csv.chunks(64 * 1024) {
        copy.send(chunk).await.expect("COPY takes it");
    }
    copy.finish().await.expect("COPY ends")
}
