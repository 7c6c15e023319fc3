//! Reports for users who see only the bucket: as JSON for programs, and as CSV for people with a spreadsheet.

use crate::ctx::Ctx;
use crate::fault::{During as _, Fault};
use crate::http::writers::csv::text as csv_text;
use crate::sheets::flaw::Flaw;
use crate::sheets::flaw::code::Code;
use serde_json::Value;
use std::collections::HashMap;

/// Writes a report twice, as `<place>.json` and `<place>.csv`. May be repeated.
///
/// A key has at most 1,024 bytes (S3, object keys); for a longer one only the journal has the flaws.
///
/// # Errors
/// A fault, if the bucket does not take it.
pub async fn write(
    ctx: &Ctx,
    bucket: &str,
    place: &str,
    report: &Value,
    flaws: impl Iterator<Item = &Flaw>,
) -> Result<(), Fault> {
    let json = serde_json::to_vec_pretty(report).during("writing a report")?;
    let csv = csv(flaws)?;
    for (bytes, ending, kind) in [(json, "json", "application/json"), (csv, "csv", "text/csv; charset=utf-8")]
    {
        let key = format!("{place}.{ending}");
        if key.len() <= 1024 {
            ctx.objects().put(bucket, &key, bytes, kind, HashMap::new()).await?;
        }
    }
    Ok(())
}

/// Flaws and warnings, one row each; a text that a spreadsheet would take for a formula is prefixed with an apostrophe.
fn csv<'f>(flaws: impl Iterator<Item = &'f Flaw>) -> Result<Vec<u8>, Fault> {
    let mut csv = b"line,column,code,found,expected,message\n".to_vec();
    for flaw in flaws {
        let line = flaw.line.map(|line| line.to_string()).unwrap_or_default();
        let cells = [
            &line,
            flaw.column.as_deref().unwrap_or_default(),
            &word(flaw.code)?,
            &flaw.found,
            &flaw.expected,
            &flaw.message,
        ];
        for (at, cell) in cells.into_iter().enumerate() {
            if at > 0 {
                csv.push(b',');
            }
            csv_text(&mut csv, cell);
        }
        csv.push(b'\n');
    }
    Ok(csv)
}

/// A code as it appears in JSON.
fn word(code: Code) -> Result<String, Fault> {
    let word = serde_json::to_value(code).during("writing a code")?;
    Ok(word.as_str().unwrap_or_default().to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_report_opens_in_a_spreadsheet_and_runs_no_formula() {
        let flaws = [
            Flaw::of_file(Code::NotANumber, "=HYPERLINK(\"x\",\"y\")", "a number").at_line(16).in_column(3),
            Flaw::of_file(Code::FileDate, "", "the operating day"),
        ];
        let text = String::from_utf8(csv(flaws.iter()).unwrap()).unwrap();
        let mut lines = text.lines();
        assert_eq!(lines.next(), Some("line,column,code,found,expected,message"));
        let first = lines.next().unwrap();
        assert!(
            first.starts_with(r#"16,D,not_a_number,"'=HYPERLINK(""x"",""y"")",a number,"Cell D16: "#),
            "{first}"
        );
        assert!(
            lines
                .next()
                .unwrap()
                .starts_with(",,file_date,,the operating day,The file name has no operating day.")
        );
        assert_eq!(lines.next(), None);
    }
}
