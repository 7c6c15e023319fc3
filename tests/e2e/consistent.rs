//! A query selects its snapshots in one statement and reads them in the next. Whatever happens between the two, it answers what was
//! true when it was sent.

use crate::headroom::{matrix, ptc, publish, run};
use crate::questions::{Sheet, blocks};
use axum::body::to_bytes;
use axum::http::{Request, StatusCode};
use serde_json::{Value, json};
use tests::Running;
use tests::held::Held;
use tower::ServiceExt as _;
use trueprice::ctx::Ctx;
use trueprice::upkeep::{compact, maintain};
use trueprice::{api, notices};

/// Two intraday sheets of one day and one of the next: the first may go to the archive.
async fn energy(running: &Running) {
    for (stamp, base) in [("20240105_090000", 30.0), ("20240105_150000", 31.0), ("20240108_090000", 32.0)] {
        let price = |month: u32, _: usize| Some(base + f64::from(month));
        let columns = blocks(&["NORTH"]);
        let sheet = Sheet { market: "ERCOT", columns: &columns, first: "2024-02", price: &price, months: 30 };
        let row = running.put(&format!("Energy_ERCOT_{stamp}.csv"), sheet.text().as_bytes()).await;
        assert_eq!(row["status"], "published", "{row:#}");
    }
}

/// Calls the API with another route to its database.
async fn get(ctx: &Ctx, token: &str, path: &str) -> (StatusCode, String) {
    let request = Request::get(path).header("authorization", format!("Bearer {token}"));
    let answer = api::router(ctx).oneshot(request.body(axum::body::Body::empty()).unwrap()).await.unwrap();
    let status = answer.status();
    let body = to_bytes(answer.into_body(), usize::MAX).await.unwrap();
    (status, String::from_utf8_lossy(&body).into_owned())
}

/// The answer when something happens between the selection and the read.
async fn held_at(
    running: &Running,
    text: &'static str,
    path: &str,
    between: impl AsyncFnOnce(),
) -> (StatusCode, String) {
    let held = Held::before(text).await;
    let ctx = running.ctx_at(running.system.store.address, held.port).await;
    let token = running.admin().await;
    let asking = get(&ctx, &token, path);
    let meanwhile = async {
        held.reached().await;
        between().await;
        held.release();
    };
    tokio::join!(asking, meanwhile).0
}

async fn archive(running: &Running) {
    for data_type in ["energy", "matrix", "ptc", "headroom", "loadprofile"] {
        let keep = json!({ "command": "keep", "data_type": data_type, "intraday_days": 1 });
        assert_eq!(compact::handle(running.ctx(), keep).await.unwrap()["done"], true);
    }
    let report = compact::handle(running.ctx(), json!({})).await.unwrap();
    assert!(report["complete"] == true && report["archived"]["snapshots"].as_u64().unwrap() > 0, "{report}");
}

async fn purge(running: &Running) {
    let purged =
        maintain::handle(running.ctx(), json!({ "command": "purge", "dry_run": false })).await.unwrap();
    assert!(purged["purged"].as_array().is_some_and(|purged| !purged.is_empty()), "{purged}");
}

/// Routes, and the statement that reads what an earlier one selected.
const ROUTES: [(&str, &str); 7] = [
    ("trueprice.price_matrix(", "/v1/values?market=ERCOT&as_of=2024-01-05T09:00:00"),
    (
        "trueprice.price_matrix(",
        "/v1/evolution?market=ERCOT&period=Cal-2025&from_day=2024-01-05&as_of=2024-01-05T09:00:00",
    ),
    ("trueprice.price_matrix(", "/v1/stats?market=ERCOT&as_of=2024-01-05T09:00:00"),
    (
        "trueprice.price_matrix(",
        "/v1/spread?a.market=ERCOT&a.block_type=5x16&b.market=ERCOT&b.block_type=7x8&as_of=2024-01-05T09:00:00",
    ),
    (
        "with visible as materialized (",
        "/v1/diff?market=ERCOT&as_of=2024-01-05T15:00:00&against_as_of=2024-01-05T09:00:00",
    ),
    ("with visibility as materialized (", "/v1/headroom?as_of=2024-01-16T09:00:00"),
    ("with visibility as materialized (", "/v1/values?data_type=matrix&market=PJM&as_of=2024-01-16T09:00:00"),
];

async fn system() -> Running {
    let running = Running::start().await;
    energy(&running).await;
    publish(&running, "PTC_PJM_20240115_120000", &ptc("0.1234567")).await;
    publish(&running, "Matrix_PJM_20240116_090000", &matrix("101.5")).await;
    publish(&running, "Matrix_PJM_20240116_110000", &matrix("100.5")).await;
    run(running.ctx()).await;
    running
}

#[tokio::test(flavor = "multi_thread")]
async fn data_archived_between_selection_and_read_is_read() {
    for (text, path) in ROUTES {
        let running = system().await;
        let (status, before) = running.get(&running.admin().await, path).await;
        assert_eq!(status, StatusCode::OK, "{path}: {before}");
        let (status, body) = held_at(&running, text, path, async || archive(&running).await).await;
        assert_eq!((status, body), (StatusCode::OK, before), "{path}");
        running.system.stop().await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn removals_withdrawals_and_publications_between_selection_and_read_are_not_seen() {
    for (text, path) in [ROUTES[0], ROUTES[4], ROUTES[5]] {
        let running = system().await;
        let (_, before) = running.get(&running.admin().await, path).await;
        let (status, body) = held_at(&running, text, path, async || purge(&running).await).await;
        assert_eq!((status, body), (StatusCode::OK, before), "{path}");
        let (status, _) = running.get(&running.admin().await, path).await;
        assert_eq!(status, StatusCode::NOT_FOUND, "{path}: now it is gone");
        running.system.stop().await;
    }
    // The newest snapshot is withdrawn, and a newer one arrives.
    let running = system().await;
    let (text, path) = (ROUTES[0].0, "/v1/values?market=ERCOT");
    let (_, before) = running.get(&running.admin().await, path).await;
    let change = async || {
        let token = running.admin().await;
        let (_, list) = running.get(&token, "/v1/snapshots?data_type=energy&market=ERCOT").await;
        let list: Value = serde_json::from_str(&list).unwrap();
        crate::headroom::withdraw(&running, &list["snapshots"][0]["id"]).await;
        let price = |_: u32, _: usize| Some(99.0);
        let columns = blocks(&["NORTH"]);
        let sheet = Sheet { market: "ERCOT", columns: &columns, first: "2024-02", price: &price, months: 30 };
        let row = running.put("Energy_ERCOT_20240109_090000.csv", sheet.text().as_bytes()).await;
        assert_eq!(row["status"], "published", "{row:#}");
    };
    let (status, body) = held_at(&running, text, path, change).await;
    assert_eq!((status, body), (StatusCode::OK, before));
    let (_, after) = running.get(&running.admin().await, path).await;
    assert!(after.contains("2024-01-09") && after.contains("99.0"), "{after}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_download_of_several_series_has_their_state_at_its_start() {
    let running = system().await;
    let path = "/get_data?curve_type=all&iso=pjm&operating_day=2024-01-16";
    let download = async |ctx: &Ctx| {
        let (status, names) = get(ctx, &running.admin().await, path).await;
        assert_eq!(status, StatusCode::OK, "{names}");
        ["Matrix_PJM", "Headroom_PJM"].map(|name| names.to_lowercase().contains(&name.to_lowercase()))
    };
    assert_eq!(download(running.ctx()).await, [true, true]);
    // A zip of two sheets: the first has been read when everything goes.
    let held = Held::before_nth("with visibility as materialized (", 2).await;
    let ctx = running.ctx_at(running.system.store.address, held.port).await;
    let meanwhile = async {
        held.reached().await;
        purge(&running).await;
        held.release();
    };
    let (found, ()) = tokio::join!(download(&ctx), meanwhile);
    assert_eq!(found, [true, true]);
    let (status, _) = running.get(&running.admin().await, path).await;
    assert_eq!(status, StatusCode::NOT_FOUND, "now it is gone");
}

#[tokio::test(flavor = "multi_thread")]
async fn prices_archived_while_a_change_is_judged_are_reported() {
    let running = Running::start().await;
    let token = running.admin().await;
    let rule = json!({ "on": "change", "by": 0.5, "what": { "data_type": "energy", "market": "ERCOT", "load_zone": "NORTH", "block_type": "5x16" } });
    let body = Some(json!({ "name": "North", "rule": rule }));
    let (status, made) =
        crate::gate::send(&running, &token, reqwest::Method::POST, "/v1/me/subscriptions", body).await;
    assert_eq!(status, StatusCode::CREATED, "{made}");
    energy(&running).await;
    // Where the second sheet is compared with the first.
    let held = Held::before_nth("trueprice.price_matrix(", 2).await;
    let ctx = running.ctx_at(running.system.store.address, held.port).await;
    let meanwhile = async {
        held.reached().await;
        archive(&running).await;
        held.release();
    };
    let (told, ()) = tokio::join!(notices::handle(&ctx, json!({})), meanwhile);
    let told = told.unwrap_or_else(|fault| panic!("{}", fault.chain()));
    // Of three sheets, the second and the third moved by one dollar.
    assert_eq!((&told["changes"], &told["found"]), (&json!(3), &json!(2)), "{told}");
}
