//! Compares publishing the largest sheet with a COPY of its values, a row each.

use crate::ground::Bed;
use crate::old;
use crate::report::{self, RUNS, Report, median, quotient};
use crate::sheet::{self, Sheet};
use local::options::BUCKET;
use std::time::{Duration, Instant};
use trueprice::ctx::Ctx;
use trueprice::fault::Fault;
use trueprice::intake::journal;
use trueprice::intake::journal::arrivals::Arrival;
use trueprice::intake::journal::status::Status;
use trueprice::intake::unpack::unpack_and_judge;
use trueprice::objects::Stored;

/// Compares both; leaves versions 1 to `RUNS + 1` of the sheet in the database.
pub async fn measure(bed: &Bed<'_>, sheet: &Sheet, report: &mut Report) {
    let mut sql = bed.sql().await;
    old::create(&mut sql, "old_curves").await;
    let (mut ours, mut theirs, mut read) = (vec![], vec![], vec![]);
    for version in 1..=u32::try_from(RUNS + 1).expect("a small number") {
        let (name, bytes) = (sheet::name(version), sheet.version(version));
        let start = Instant::now();
        let curves = sheet::read(&name, &bytes);
        read.push(start.elapsed());
        let rows = old::rows(&curves);
        ours.push(publish(bed.ctx(), &name, bytes).await);
        // The rows are written in advance: the comparison is between the database's part of the old way and all of ours.
        let start = Instant::now();
        assert_eq!(old::copy_in(&mut sql, "old_curves", &rows).await, sheet.values() as u64);
        theirs.push(start.elapsed());
    }
    let [ours, theirs, read] = [ours, theirs, read].map(median);
    let (text, ratio) = quotient(ours, theirs);
    report.judge("Publish / COPY of the same values", &text, (ratio, 0.35), "", "21 (8.2 s)");
    report.tell("- of it reading and checking the bytes", &report::ms(read));
}

/// Publishes a sheet, from its bytes to the commit.
pub async fn publish(ctx: &Ctx, key: &str, bytes: Vec<u8>) -> Duration {
    let start = Instant::now();
    match receive(ctx, key, "bench", bytes).await {
        Ok(Status::Published) => start.elapsed(),
        Ok(status) => panic!("{key} was {}", status.name()),
        Err(fault) => panic!("{}", fault.chain()),
    }
}

/// Does what `intake::receive` does, without fetching the object. `arrival` distinguishes several arrivals under one key.
pub async fn receive(ctx: &Ctx, key: &str, arrival: &str, bytes: Vec<u8>) -> Result<Status, Fault> {
    let arrival = Arrival {
        bucket: BUCKET,
        key,
        arrival,
        uploaded_by: None,
        size: Some(bytes.len() as u64),
        sequencer: None,
        stored: &Stored::default(),
    };
    let now = ctx.clock().now();
    let mut tx = ctx.db().begin("write an arrival down").await?;
    let (id, _) = journal::arrivals::receive(&mut tx, &arrival, now, now).await?;
    tx.commit().await?;
    unpack_and_judge(ctx, id, (BUCKET, key), bytes).await
}
