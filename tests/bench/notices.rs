//! Ten thousand subscriptions against one snapshot.

use crate::ground::{Bed, number, run};
use crate::publish::publish;
use crate::report::{Report, median, ms};
use crate::sheet::{self, Sheet};
use serde_json::{Value, json};
use std::time::{Duration, Instant};
use trueprice::catalog::text::normalised;
use trueprice::notices;

/// Subscriptions, and the number of their users.
const SUBSCRIPTIONS: usize = 10_000;
const USERS: usize = 500;
/// Snapshots to evaluate; the first is discarded.
const SNAPSHOTS: u32 = 4;
/// Milliseconds that one may take.
const TARGET: f64 = 1000.0;

/// Evaluates the subscriptions on the largest sheet, of which version 1 is published.
pub async fn measure(bed: &Bed<'_>, sheet: &Sheet, report: &mut Report) {
    let mut sql = bed.sql().await;
    let curves = sheet::read(&sheet::name(1), &sheet.version(1)).curves;
    make_users(&mut sql, &curves.iter().map(|curve| curve.name.labels[2].clone()).collect::<Vec<_>>()).await;
    let rules: Vec<Value> =
        (0..SUBSCRIPTIONS / 10).map(|at| rule(at, &curves[at % curves.len()].name.labels)).collect();
    let rules = Value::Array(rules).to_string();
    let statement = format!(
        "insert into trueprice.subscription (user_id, name, rule, series, deadline, zone, channel, secret, created_at, changed_at, looked_at)
        select u.id, 'bench ' || n, r.rule, array['nonenergy:PJM'], false, 'UTC', 'inbox', decode(repeat('00', 32), 'hex'), 'epoch', 'epoch', 'epoch'
        from generate_series(0, {SUBSCRIPTIONS} - 1) n
        join (select id, row_number() over (order by id) - 1 as place from trueprice.user_account where email like 'bench%') u
            on u.place = n % {USERS}
        join jsonb_array_elements($json${rules}$json$::jsonb) with ordinality as r (rule, place)
            on r.place - 1 = (n * 7) % {}",
        SUBSCRIPTIONS / 10
    );
    run(&mut sql, &statement).await;
    run(&mut sql, "update trueprice.notice_cursor set change_id = (select last from trueprice.change_count)")
        .await;
    run(&mut sql, "analyze").await;
    let mut times: Vec<Duration> = vec![];
    let mut found = 0;
    for version in 0..SNAPSHOTS {
        // Beyond the versions that other measurements use.
        publish(bed.ctx(), &sheet::name(20 + version), sheet.version(20 + version)).await;
        let begin = Instant::now();
        let answer =
            Box::pin(notices::handle(bed.ctx(), json!({ "command": "run" }))).await.expect("it runs");
        times.push(begin.elapsed());
        assert_eq!(answer["changes"], 1, "{answer}");
        found = answer["found"].as_u64().unwrap_or(0);
    }
    let count = number(&mut sql, "select count(*) from trueprice.subscription").await;
    assert_eq!(usize::try_from(count), Ok(SUBSCRIPTIONS));
    let middle = median(times);
    let what = format!(
        "Alerts: {SUBSCRIPTIONS} subscriptions of {USERS} users with grants against one snapshot ({found} notices)"
    );
    report.judge(&what, &ms(middle), (middle.as_secs_f64() * 1e3, TARGET), " ms", "");
}

/// Makes users with grants: a fifth sees the series, a fifth some months of it, and the others one to three zones.
async fn make_users(sql: &mut sqlx::PgConnection, zones: &[String]) {
    let mut zones: Vec<&String> = zones.iter().collect();
    zones.sort();
    zones.dedup();
    let zones: Vec<(&String, String)> = zones.into_iter().map(|zone| (zone, normalised(zone))).collect();
    let zones = json!(zones).to_string();
    let statement = format!(
        "insert into trueprice.user_account (email, role, password_hash, created_at, password_changed_at)
        select 'bench' || n || '@localhost', 'read_only_user', '', now(), now() from generate_series(1, {USERS}) n;
        with zones as (
            select z.pair ->> 0 as zone, z.pair ->> 1 as pattern, z.place, count(*) over () as count
            from jsonb_array_elements($json${zones}$json$::jsonb) with ordinality as z (pair, place)
        )
        insert into trueprice.access_grant (user_id, data_type, market, labels, patterns, from_month, to_month, granted_at)
        select u.id, 'nonenergy', 'PJM',
            case when u.id % 5 < 2 then '{{}}' else array[null, null, z.zone] end,
            case when u.id % 5 < 2 then '{{}}' else array[null, null, z.pattern] end,
            case when u.id % 5 = 1 then date '2020-01-01' end,
            case when u.id % 5 = 1 then date '2060-01-01' end,
            now()
        from trueprice.user_account u
        cross join generate_series(0, 2) g
        join zones z on z.place = 1 + (u.id + 3 * g) % z.count
        where u.email like 'bench%'
          and (u.id % 5 >= 2 or g = 0)
        on conflict do nothing"
    );
    run(sql, &statement).await;
}

/// One of a thousand rules: for one zone or all, by change, percentage, level or rank, by month or strip.
fn rule(at: usize, labels: &[String]) -> Value {
    let mut what = json!({ "data_type": "nonenergy", "market": "PJM", "load_zone": labels[2] });
    if !at.is_multiple_of(3) {
        what["cost_component"] = json!(labels[7]);
    }
    if at.is_multiple_of(7) {
        what.as_object_mut().expect("it is an object").remove("load_zone");
    }
    what["period"] = json!(["prompt", "M+2", "Cal+1"][at % 3]);
    let size = 0.01 * f64::from(1 + u32::try_from(at / 4).expect("a small number"));
    match at % 4 {
        0 => json!({ "on": "change", "by": size, "what": what }),
        1 => json!({ "on": "percent", "by": size, "what": what }),
        2 => json!({ "on": "level", "at": size, "what": what }),
        _ => json!({ "on": "movers", "top": 1 + at % 9, "what": what }),
    }
}
