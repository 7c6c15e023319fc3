//! What people read about a refused sheet: a sentence for each flaw, in the answer, the journal and the bucket.

use crate::versions::sheet;
use local::options::BUCKET;
use reqwest::StatusCode;
use serde_json::json;
use tests::Running;
use trueprice::objects::Fetched;

const KEY: &str = "Energy_ERCOT_20240105_090000.csv";

async fn report(running: &Running, place: &str) -> String {
    let found = running.ctx().objects().get(BUCKET, place, None, 1 << 20).await.unwrap();
    let Fetched::Object(found) = found else { panic!("{place} is missing") };
    String::from_utf8(found.bytes).unwrap()
}

/// The rows of a report, each as a list of cells.
fn rows(csv: &str) -> Vec<Vec<String>> {
    let mut reader = csv::ReaderBuilder::new().has_headers(false).from_reader(csv.as_bytes());
    reader.records().map(|row| row.unwrap().iter().map(str::to_owned).collect()).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn each_flaw_has_a_sentence_wherever_it_is_reported() {
    let running = Running::start().await;
    let token = running.user("writer@example.com", "read_write_user").await;
    let sentence = "Cell B12: \"#REF!\" is an Excel error. Enter a number or leave the cell empty.";
    let (status, body) = running.upload(&token, KEY, sheet("#REF!").as_bytes()).await;
    assert_eq!((status, &body["detail"]), (StatusCode::UNPROCESSABLE_ENTITY, &json!(sentence)), "{body:#}");
    let flaw = &body["flaws"][0];
    assert_eq!(flaw["message"], sentence);
    assert_eq!(
        (&flaw["code"], &flaw["found"], &flaw["line"], &flaw["column"]),
        (&json!("not_a_number"), &json!("#REF!"), &json!(12), &json!("B"))
    );
    let row = running.journal(KEY).await.remove(0);
    assert_eq!((&row["note"], &row["flaws"][0]["message"]), (&json!(sentence), &json!(sentence)));
    let csv = rows(&report(&running, &format!("rejected/{KEY}.errors.csv")).await);
    assert_eq!(csv[0], ["line", "column", "code", "found", "expected", "message"]);
    assert_eq!((csv.len(), csv[1][..4].join(" ")), (2, "12 B not_a_number #REF!".to_owned()));
    assert_eq!(csv[1][5], sentence);
    // With several flaws the note has the first one.
    let two_flaws = sheet("=1+1").replace("4,5", "x,5");
    let row = running.put("more/Energy_ERCOT_20240105_100000.csv", two_flaws.as_bytes()).await;
    assert!(row["note"].as_str().unwrap().starts_with("2 flaws, the first: Cell B12: "), "{row:#}");
    let csv = report(&running, "rejected/more/Energy_ERCOT_20240105_100000.csv.errors.csv").await;
    assert!(csv.contains(",'=1+1,"), "no spreadsheet executes what was found: {csv}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_dry_run_also_gets_its_report_as_csv() {
    let running = Running::start().await;
    running.put("Energy_ERCOT_20240105_080000.csv", sheet("1").as_bytes()).await;
    running.put(&format!("check/{KEY}"), sheet("25").as_bytes()).await;
    let csv = rows(&report(&running, &format!("checked/{KEY}.report.csv")).await);
    let codes: Vec<&str> = csv[1..].iter().map(|row| row[2].as_str()).collect();
    assert_eq!(codes, ["peak_below_off_peak", "spike"], "it includes warnings");
}

/// Files that spreadsheets make out of sheets: each is one flaw with its remedy.
#[tokio::test(flavor = "multi_thread")]
async fn a_spreadsheet_mishap_is_explained_in_one_sentence() {
    let running = Running::start().await;
    let plain = sheet("1");
    let utf16: Vec<u8> = plain.encode_utf16().flat_map(u16::to_le_bytes).collect();
    let page = format!("<html><body><table>{plain}</table></body></html>");
    for (at, (bytes, code, says)) in [
        (plain.replace(',', ";").into_bytes(), "separator", "separated by semicolons instead of commas"),
        (plain.replace(',', "\t").into_bytes(), "separator", "separated by tabs instead of commas"),
        (format!("sep=,\n{plain}").into_bytes(), "separator", "Delete it"),
        (page.into_bytes(), "not_csv", "a web page (HTML)"),
        (b"PK\x03\x04....[Content_Types].xml".to_vec(), "not_csv", "an Excel workbook (.xlsx)"),
        (b"".to_vec(), "empty_file", "The file is empty"),
        (utf16, "encoding", "UTF-16"),
        (plain.replacen(",1,", ",\"1,", 1).into_bytes(), "open_quote", "is not closed"),
    ]
    .into_iter()
    .enumerate()
    {
        let row = running.put(&format!("Energy_ERCOT_20240105_09{at:02}00.csv"), &bytes).await;
        assert_eq!((&row["status"], &row["flaw_count"]), (&json!("rejected"), &json!(1)), "{row:#}");
        assert_eq!(row["flaws"][0]["code"], code);
        assert!(row["note"].as_str().unwrap().contains(says), "{row:#}");
    }
    let row = running.put("Energy_ERCOT_20240105_090000.xlsx", b"PK\x03\x04").await;
    assert_eq!(
        (&row["flaw_count"], &row["flaws"][0]["code"]),
        (&json!(1), &json!("file_extension")),
        "{row:#}"
    );
    assert!(row["note"].as_str().unwrap().contains("save the sheet as"), "{row:#}");
}
