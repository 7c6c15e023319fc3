//! Late snapshots. What had been published by a moment is history and does not change: a day is judged the same way however often
//! it is checked, and is reported once.

use super::evaluate::{Notices, text};
use super::judge;
use super::rule::{CurveSelection, On, Rule, series_word};
use crate::access::Grants;
use crate::ctx::Ctx;
use crate::db::Tx;
use crate::fault::{During, Fault};
use chrono::{DateTime, Days, NaiveDate, TimeDelta, Utc};

/// A lateness older than this is no longer reported.
const STALE: TimeDelta = TimeDelta::hours(36);

/// A day whose deadline has passed.
#[derive(Clone, Debug)]
pub(super) struct Due {
    /// Operating day.
    pub(super) day: NaiveDate,
    /// By when its snapshot was due.
    pub(super) deadline: DateTime<Utc>,
}

/// The days of a rule whose deadline is after one moment and not after another.
pub(super) fn due(rule: &Rule, after: DateTime<Utc>, upto: DateTime<Utc>) -> Vec<Due> {
    let On::Late { by, zone, every_day } = rule.on else { return vec![] };
    let first = after.with_timezone(&zone).date_naive().checked_sub_days(Days::new(1)).unwrap_or_default();
    let last = upto.with_timezone(&zone).date_naive();
    let days = first.iter_days().take_while(|day| *day <= last);
    let dues = days.filter_map(|day| Some(Due { day, deadline: judge::deadline(day, by, zone, every_day)? }));
    dues.filter(|due| due.deadline > after && due.deadline <= upto).collect()
}

/// Whether a visible snapshot of each day was published in time.
///
/// # Errors
/// A fault if the database does not respond.
pub(super) async fn were_there(
    tx: &mut Tx,
    asked: &[(&CurveSelection, bool, &Due)],
    grants: &Grants,
) -> Result<Vec<bool>, Fault> {
    let series: Vec<String> = asked.iter().map(|(of, ..)| series_word(of.series())).collect();
    let cob: Vec<bool> = asked.iter().map(|(_, cob, _)| *cob).collect();
    let days: Vec<NaiveDate> = asked.iter().map(|(.., due)| due.day).collect();
    let deadlines: Vec<DateTime<Utc>> = asked.iter().map(|(.., due)| due.deadline).collect();
    sqlx::query_scalar!(
        r#"select exists (
            select
            from trueprice.series r
            join trueprice.snapshot s on s.series_id = r.id
            where r.data_type || ':' || r.market = d.series
              and s.operating_day = d.day
              and (s.cob or not d.cob)
              and lower(s.known) <= d.deadline
              and trueprice.can_see_snapshot($5, $6, $7, s.id)
        ) as "there!"
        from unnest($1::text[], $2::boolean[], $3::date[], $4::timestamptz[]) with ordinality
            as d (series, cob, day, deadline, place)
        order by d.place"#,
        &series,
        &cob,
        &days,
        &deadlines,
        grants.user_id(),
        grants.everything(),
        grants.now()
    )
    .fetch_all(tx)
    .await
    .during("looking for the snapshots of days")
}

/// Reports the days that are late now and returns the number of notices made.
///
/// # Errors
/// A fault if the database does not respond.
pub(super) async fn tell(ctx: &Ctx) -> Result<u64, Fault> {
    let now = ctx.clock().now();
    let mut tx = ctx.db().begin("look for late snapshots").await?;
    let held = sqlx::query_scalar!("select held from trueprice.notice_cursor");
    let held = held.fetch_one(&mut tx).await.during("checking whether notices are on hold")?;
    let rows = sqlx::query!(
        "select s.id, s.user_id, s.rule, s.created_at
        from trueprice.subscription s
        join trueprice.user_account a on a.id = s.user_id
        where s.deadline and s.ended_at is null and a.enabled and not $1
        order by s.id",
        held
    );
    let rows = rows.fetch_all(&mut tx).await.during("reading subscriptions")?;
    let mut made = 0;
    for row in rows {
        let Ok(rule) = Rule::read(&row.rule) else { continue };
        let dues = due(&rule, row.created_at.max(now - STALE), now);
        let asked: Vec<(&CurveSelection, bool, &Due)> = dues
            .iter()
            .flat_map(|due| rule.watched.iter().map(move |watched| (&*watched.of, rule.cob_only, due)))
            .collect();
        if asked.is_empty() {
            continue;
        }
        let Some(grants) = Grants::of_user(&mut tx, row.user_id, now).await? else { continue };
        let there = were_there(&mut tx, &asked, &grants).await?;
        for ((of, cob, due), _) in asked.iter().zip(there).filter(|(_, there)| !there) {
            let (data_type, market) = of.series();
            if !grants.see_some(&mut tx, data_type, market).await? {
                continue;
            }
            let mut notices = Notices::default();
            let place = notices.text(text(&judge::late(of, due.day, due.deadline, *cob)));
            notices.tell(row.id, place);
            made += notices.keep(&mut tx, &event(of, due.day), now).await?;
        }
    }
    tx.commit().await?;
    Ok(made)
}

/// The event key that identifies a late day.
pub(super) fn event(of: &CurveSelection, day: NaiveDate) -> String {
    format!("late:{}:{day}", series_word(of.series()))
}
