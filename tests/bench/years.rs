//! Two years of generated sheets in five markets, published by the production code: how fast answers are after two years compared
//! with one month, how much space the tables take, and that compaction changes no answer.

mod answers;
pub mod history;
mod size;
mod speed;

use crate::ground::Ground;
use crate::report::Report;
use crate::years::history::{History, INTRADAY_DAYS, MONTH, SEED};
use serde_json::json;
use trueprice::upkeep::compact;

/// Calendar days of a full run.
pub const TWO_YEARS: u32 = 731;

/// Runs the measurements over this many calendar days.
pub async fn measure(ground: &Ground, days: u32, report: &mut Report) {
    let month = History::publish(ground, "years_month", MONTH.min(days)).await;
    let years = History::publish(ground, "years_all", days).await;
    let took = years.seconds;
    let what = format!("Two years of sheets ({days} days, seed {SEED}): {} sheets", years.sheets);
    report.tell(&what, &format!("{} values published in {took:.0} s", years.values));

    years.vacuum().await;
    month.vacuum().await;
    speed::measure(&month, &years, report).await;
    month.bed.stop().await;

    let token = years.bed.reader().await;
    let questions = answers::questions(&years);
    let before = answers::ask(&years, &token, &questions).await;
    let sizes = size::Sizes::of(&years).await;
    let compaction = years.compact().await;
    years.vacuum().await;
    let compacted = size::Sizes::of(&years).await;
    let after = answers::ask(&years, &token, &questions).await;
    size::judge(ground, &years, (&sizes, &compacted), report).await;
    report.tell("- compaction without a policy", &compaction);
    answers::judge("without an archive policy", &before, &after, report);

    let keep = json!({ "command": "keep", "data_type": "energy", "intraday_days": INTRADAY_DAYS });
    let kept =
        compact::handle(years.bed.ctx(), keep).await.unwrap_or_else(|fault| panic!("{}", fault.chain()));
    assert_eq!(kept["done"], true, "{kept}");
    let compaction = years.compact().await;
    years.vacuum().await;
    let after = answers::ask(&years, &token, &questions).await;
    answers::judge(
        &format!("with energy intraday archived after {INTRADAY_DAYS} days"),
        &before,
        &after,
        report,
    );
    report.tell("- compaction with it", &compaction);
    report.tell("- bytes online then", &size::Sizes::of(&years).await.to_string());
    years.bed.stop().await;
}
