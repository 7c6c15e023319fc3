//! All requests: each route, with the parameters that make a difference, and with the ids of hidden data.

use super::bodies::bodies;
use super::people::zone;
use crate::access::worlds::request::SentRequest;
use tests::Running;

/// All requests, with the ids that exist in a world.
pub async fn everything(world: &Running) -> Vec<SentRequest> {
    let mut asked = vec![];
    for market in ["ERCOT", "PJM", "NYISO", "ISONE", "MISO"] {
        asked.extend(of_market(market).into_iter().map(SentRequest::get));
    }
    asked.extend(lists().into_iter().map(SentRequest::get));
    asked.extend(old_paths().into_iter().map(SentRequest::get));
    asked.extend(by_key(world).await);
    asked.extend(bodies());
    asked
}

/// Price queries and downloads of a market.
fn of_market(market: &str) -> Vec<String> {
    let zone = zone(market).replace(' ', "%20");
    let questions = [
        "values?market={m}",
        "values?market={m}&as_of=2024-01-04T12:30:00&fill=forward&blocks=7x24",
        "values?market={m}&mark=cob&granularity=quarter&format=csv",
        "values?market={m}&mark=intraday&known_at=2024-01-06T02:20:00Z&limit=3",
        "values?market={m}&load_zone=*&period=Cal%2B1",
        "evolution?market={m}&from_day=2024-01-01&period=M%2B3",
        "evolution?market={m}&from_day=2024-01-01&from=2024-03&to=2024-07&mark=intraday&format=ndjson",
        "stats?market={m}&blocks=5x16",
        "stats?market={m}&as_of=2024-01-05",
        "diff?market={m}",
        "diff?market={m}&as_of=2024-01-04&against_as_of=2024-01-03&limit=2",
        "diff?market={m}&mark=cob",
        "spread?a.market={m}&b.market={m}&a.load_zone={z}&b.load_zone={z}&a.block_type=5x16&b.block_type=7x8",
        "snapshots?market={m}&limit=3",
        "snapshots?market={m}&mark=latest",
        "snapshots?market={m}&known_at=2024-01-06T02:30:00Z&format=csv",
        "snapshots?market={m}&as_of=2024-01-04&mark=cob",
        "curves?market={m}&facets=load_zone,block_type,data_type,unit&limit=4",
        "curves?market={m}&as_of=2024-01-04&mark=cob",
        "changes?market={m}",
        "changes?market={m}&limit=2&format=csv",
        "headroom?market={m}",
        "markets?as_of=2024-01-04",
    ];
    let old = [
        "get_data?curve_type=energy&iso={m}",
        "get_data?curve_type=energy&iso={m}&strip=standardized&operating_day=2024-01-02&operating_day_end=2024-01-05",
        "get_data?curve_type=all&iso={m}&history=true&operating_day=2024-01-02&operating_day_end=2024-01-05",
        "get_data?curve_type=energy&iso={m}&mark=all&operating_day=2024-01-04&type=json",
        "cob_check?curve=energy&iso={m}&operating_day=2024-01-05",
        "cob_check?curve=energy&iso={m}&operating_day=2024-01-03",
        "get_operating_day?curve=energy&iso={m}",
        "get_operating_days?table={l}_energy&load_zone={z}",
        "intraday_timestamps_download?curve=energy&iso={m}",
        "intraday_timestamps?control_table={l}_energy&operating_day=2024-01-05",
        "intraday_timestamps?control_table={l}_energy&operating_day=2024-01-03",
        "load_zones?control_table={l}_energy",
        "get_locations?control_table={l}_energy",
    ];
    let fill =
        |path: &str| path.replace("{m}", market).replace("{l}", &market.to_lowercase()).replace("{z}", &zone);
    let questions = questions.iter().map(|path| fill(&format!("/v1/{path}")));
    questions.chain(old.iter().map(|path| fill(&format!("/{path}")))).collect()
}

/// Lists over all markets, and the caller's own data.
fn lists() -> Vec<String> {
    let paths = [
        "values?data_type=loadprofile&market=MISO&limit=50",
        "values?data_type=loadprofile&market=MISO&from=2024-03&to=2024-04&limit=5",
        "values?data_type=nonenergy&market=ERCOT",
        "values?data_type=matrix&market=PJM",
        "values?data_type=ptc&market=PJM",
        "values?data_type=headroom&market=PJM",
        "diff?data_type=ptc&market=PJM",
        "diff?data_type=matrix&market=PJM&as_of=2024-01-05",
        "headroom?by=state",
        "headroom?as_of=2024-01-03&method=legacy",
        "curves?facets=market,data_type,load_zone,state&limit=200",
        "curves?q=zone&limit=1",
        "curves?data_type=loadprofile",
        "curves?data_type=headroom&as_of=2024-01-04",
        "snapshots?limit=200",
        "snapshots?limit=2&data_type=headroom",
        "changes?limit=1000",
        "changes?since=3&mark=cob",
        "changes?data_type=headroom",
        "markets",
        "markets?mark=cob&format=csv",
        "places",
        "places?kind=zone&market=MISO",
        "me/visible?limit=200",
        "me/visible?market=NYISO",
        "me/inbox?limit=200",
        "me/inbox?limit=1&unread=true",
        "me/notices?limit=200",
        "me/subscriptions",
        "me/keys",
        "graphs",
        "uploads?limit=200",
        "uploads?status=published",
        "uploads?status=unchanged",
        "uploads?status=corrected",
        "uploads?status=accepted",
        "uploads?status=rejected",
        "users",
        "users/1",
        "users/1/grants",
        "users/1/visible",
        "packages",
        "packages/1",
        "outbox",
    ];
    let mut all: Vec<String> = paths.iter().map(|path| format!("/v1/{path}")).collect();
    // Cursors that were never issued: for hidden and for missing rows.
    for id in [3, 20, 45, 60, 100, 150, 5000] {
        for path in
            ["snapshots", "curves", "curves/1", "changes", "uploads", "me/notices", "me/visible", "graphs"]
        {
            all.push(format!("/v1/{path}?cursor={}", cursor(id)));
        }
    }
    all
}

/// A cursor as lists issue it: eight bytes in URL-safe base64.
fn cursor(id: i64) -> String {
    const DIGITS: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
    // 64 bits and two zero bits make eleven digits.
    let bits = u128::from(id.cast_unsigned()) << 2;
    (0..11)
        .rev()
        .map(|place| char::from(DIGITS[usize::try_from(bits >> (6 * place) & 63).unwrap()]))
        .collect()
}

fn old_paths() -> Vec<String> {
    let paths = [
        "get_data",
        "download_data?curve_type=headroom&iso=PJM",
        "download_data?curve_type=loadprofile&iso=MISO",
        "upload_status",
        "alluploads",
        "allcomponents",
        "curves_catalog",
        "get_options?curve=energy",
        "get_options_for_strips?curve=energy",
        "get_heatmap",
        "get_heatmap?method=legacy",
        "generate_headroom_heatmap",
        "get_graphview",
        "available_graphs",
        "get_notifications",
        "get_catalog_data",
        "get_state?control_table=ercot_energy",
        "get_logs",
        "log_stream",
    ];
    paths.iter().map(|path| format!("/{path}")).collect()
}

/// Resources with ids: some that are visible, and all that are hidden.
async fn by_key(world: &Running) -> Vec<SentRequest> {
    let mut sql = world.sql().await;
    let snapshots: Vec<(i32, String)> = sqlx::query_as(
        "select s.id, r.market from trueprice.snapshot s join trueprice.series r on r.id = s.series_id order by s.id",
    )
    .fetch_all(&mut sql)
    .await
    .unwrap();
    // The first curve of each series, and all that were added late.
    let curves: Vec<(i32, String)> = sqlx::query_as(
        "select c.id, r.market from trueprice.curve c join trueprice.series r on r.id = c.series_id
        where c.block_type in ('5x16', '7x24') and c.cost_component <> 'Energy' is not true
           or c.id in (select min(o.id) from trueprice.curve o group by o.series_id)
        order by c.id",
    )
    .fetch_all(&mut sql)
    .await
    .unwrap();
    let uploads: Vec<i64> = sqlx::query_scalar(
        "select id from trueprice.upload where uploaded_by like '%@example.com' or id % 7 = 0 order by id",
    )
    .fetch_all(&mut sql)
    .await
    .unwrap();
    let graphs: Vec<i32> = sqlx::query_scalar("select id from trueprice.saved_graph order by id")
        .fetch_all(&mut sql)
        .await
        .unwrap();
    let mut all = vec![];
    for (id, market) in &snapshots {
        all.push(SentRequest::get(format!("/v1/snapshots/{id}")).of(market));
        all.push(SentRequest::get(format!("/v1/diff?snapshot={id}")).of(market));
    }
    for pair in snapshots.windows(2) {
        let (against, (id, market)) = (pair[0].0, &pair[1]);
        all.push(SentRequest::get(format!("/v1/diff?snapshot={id}&against={against}")).of(market));
    }
    for (at, (id, market)) in curves.iter().enumerate() {
        all.push(SentRequest::get(format!("/v1/curves/{id}?limit=200")).of(market));
        if at % 4 == 0 {
            all.push(SentRequest::get(format!("/v1/curves/{id}?as_of=2024-01-04&mark=cob")).of(market));
        }
    }
    all.extend(uploads.iter().map(|id| SentRequest::get(format!("/v1/uploads/{id}"))));
    for id in &graphs {
        for path in [format!("/v1/graphs/{id}"), format!("/v1/graphs/{id}/values"), format!("/graph/{id}")] {
            all.push(SentRequest::get(path));
        }
    }
    all
}
