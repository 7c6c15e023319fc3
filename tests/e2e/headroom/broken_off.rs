//! Killed at any step, and two runs at once: the result is the same.

use super::{matrix, ptc, publish, run, versions};
use std::future::{Future, poll_fn};
use std::pin::pin;
use std::task::Poll;
use tests::{Running, slow_way_to_the_database};
use trueprice::ctx::Ctx;
use trueprice::pricing::headroom;

/// A context with a database that always makes callers wait, so that every statement is a separate step.
async fn apart(running: &Running) -> Ctx {
    running.ctx_at(running.system.store.address, slow_way_to_the_database().await).await
}

/// Polls a future this many times and then drops it, as a killed process drops its work.
async fn killed_after<F: Future>(polls: usize, future: F) -> Option<F::Output> {
    let mut future = pin!(future);
    let mut left = polls;
    poll_fn(move |context| {
        if left == 0 {
            return Poll::Ready(None);
        }
        left -= 1;
        match future.as_mut().poll(context) {
            Poll::Ready(output) => Poll::Ready(Some(output)),
            Poll::Pending if left == 0 => Poll::Ready(None),
            Poll::Pending => Poll::Pending,
        }
    })
    .await
}

/// Inconsistencies that must never be visible: a snapshot without its journal row, its manifest or its pair.
async fn torn(running: &Running) -> i64 {
    sqlx::query_scalar(
        "select count(*)
        from trueprice.snapshot s
        join trueprice.series r on r.id = s.series_id
        join trueprice.upload u on u.id = s.upload_id
        where r.data_type = 'headroom'
          and (u.snapshot_id is distinct from s.id
            or u.status not in ('published', 'corrected')
            or s.curves <> (select count(distinct c.curve_id) from trueprice.snapshot_curve c where c.snapshot_id = s.id)
            or upper_inf(s.known) and not exists (
                select from trueprice.headroom_pair p where p.snapshot_id = s.id and p.current))",
    )
    .fetch_one(&mut running.sql().await)
    .await
    .unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn after_a_kill_at_any_step_the_next_run_computes_it_once() {
    let running = Running::start().await;
    let ctx = apart(&running).await;
    publish(&running, "PTC_PJM_20240115_120000", &ptc("0.1234567")).await;
    let mut steps = 0;
    for step in 1.. {
        // Each round has its own matrix, and every third one is a correction.
        let (hour, minute) = (step / 3 / 60, step / 3 % 60);
        let name = format!("Matrix_PJM_20240116_{hour:02}{minute:02}00");
        publish(&running, &name, &matrix(&format!("{}", 100 + step))).await;
        let first = killed_after(step, headroom::handle(&ctx, serde_json::json!({}))).await;
        assert_eq!(torn(&running).await, 0, "step {step}");
        run(&ctx).await;
        assert_eq!(torn(&running).await, 0, "step {step}");
        let undone: i64 = sqlx::query_scalar(
            "select count(*)
            from trueprice.snapshot m
            join trueprice.series r on r.id = m.series_id
            where r.data_type = 'matrix'
              and upper_inf(m.known)
              and not exists (
                select
                from trueprice.headroom_pair p
                join trueprice.snapshot h on h.id = p.snapshot_id
                where p.matrix_id = m.id and p.current and h.stamp = m.stamp and upper_inf(h.known))",
        )
        .fetch_one(&mut running.sql().await)
        .await
        .unwrap();
        assert_eq!(undone, 0, "step {step}");
        if let Some(first) = first {
            assert_eq!(first.unwrap()["complete"], true);
            steps = step;
            break;
        }
    }
    assert!(steps >= 25, "the work was interrupted at only {steps} steps");
    println!("broken off at each of {steps} steps");
    // Every published matrix is compared once.
    let twice: i64 = sqlx::query_scalar("select count(*) from trueprice.headroom_pair where times > 1")
        .fetch_one(&mut running.sql().await)
        .await
        .unwrap();
    assert_eq!(twice, 0);
    assert_eq!(versions(&running).await.len(), steps);
}

#[tokio::test(flavor = "multi_thread")]
async fn concurrent_runs_compute_each_pair_once() {
    let running = Running::start().await;
    let (one, other) = tokio::join!(apart(&running), apart(&running));
    publish(&running, "PTC_PJM_20240115_120000", &ptc("0.1234567")).await;
    for round in 0..4 {
        for minute in 0..3 {
            let name = format!("Matrix_PJM_20240116_{:02}{minute:02}00", 9 + round);
            publish(&running, &name, &matrix(&(100 + round).to_string())).await;
        }
        let reports = tokio::join!(run(&one), run(&other), run(running.ctx()));
        let all = [reports.0, reports.1, reports.2];
        let published: u64 = all.iter().map(|report| report["published"].as_u64().unwrap()).sum();
        let others: u64 = all
            .iter()
            .map(|report| report["corrected"].as_u64().unwrap() + report["unchanged"].as_u64().unwrap())
            .sum();
        assert_eq!((published, others), (3, 0), "{all:?}");
        assert_eq!(torn(&running).await, 0);
    }
    assert_eq!(versions(&running).await.len(), 12);
    let rows: i64 = sqlx::query_scalar("select count(*) from trueprice.upload where key like 'HEADROOM%'")
        .fetch_one(&mut running.sql().await)
        .await
        .unwrap();
    assert_eq!(rows, 12, "one journal row each");
}
