//! Account lock-out with back-off. Guarantees: of any wrong passwords sent for one account at the same time, exactly five are
//! judged, however many instances judge them; an unknown address is treated like a known one, so that no one can learn which
//! accounts exist.
//!
//! A password is hashed before the lock-out is checked and outside any transaction: a locked account takes as long to answer as any
//! other, and no row is locked while a hash is computed. Attempts while an account is locked are not counted, so that a program
//! with an old password does not lock its user out forever.

use super::origin::Origin;
use crate::access::actor::By;
use crate::access::users::store::{self, User};
use crate::db::Tx;
use crate::fault::{During, Fault};
use crate::http::Problem;
use chrono::{DateTime, TimeDelta, Utc};
use serde_json::json;
use sha2::{Digest, Sha256};

/// Number of consecutive wrong passwords allowed; the last of them locks the account.
pub const FREE: i32 = 5;
/// Duration of the first lock.
const FIRST: TimeDelta = TimeDelta::minutes(1);
/// Longest lock. Each lock is twice as long as the one before, up to this.
const LONGEST: TimeDelta = TimeDelta::hours(1);
/// The count restarts after this long without a wrong password.
const REMEMBERED: TimeDelta = TimeDelta::days(1);

/// The key under which an account is counted: the hash of its address, or of whatever was typed as one.
#[derive(Clone, Debug)]
pub struct Account(Vec<u8>);

impl Account {
    /// The account of an address, ignoring case.
    #[must_use]
    pub fn of(email: &str) -> Self {
        Self(Sha256::digest(store::normal(email)).to_vec())
    }
}

/// The result of a wrong password.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Failure {
    /// It was counted; once the limit is reached, the account is locked.
    Counted {
        /// Number of consecutive wrong passwords.
        failures: i32,
        /// End of the lock, if the account is now locked.
        locked_until: Option<DateTime<Utc>>,
    },
    /// The account is locked until this moment, and the password was not judged.
    Locked(DateTime<Utc>),
}

/// The verdict on a password.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// The password is right.
    Right,
    /// The password is wrong, or there is no user with this address.
    Wrong,
    /// The account is locked until this moment. Whether the password is right is not disclosed.
    Locked(DateTime<Utc>),
}

impl Verdict {
    /// The problem with which a log-in is refused.
    #[must_use]
    pub fn problem(self, now: DateTime<Utc>) -> Problem {
        match self {
            Self::Right | Self::Wrong => Problem::login_failed(),
            Self::Locked(until) => {
                let left = (until - now).num_milliseconds().max(1);
                Problem::locked_out((left + 999) / 1000)
            }
        }
    }
}

/// Judges a password that has already been verified: counts a wrong one or resets the count, and records refusals in the audit log.
/// Attempts on a locked account or an unknown address are not audited; otherwise, repeated attempts would fill the audit log. For
/// an unknown address only the count is kept, and it expires.
///
/// # Errors
/// A fault if the database does not answer.
pub async fn judge(
    tx: &mut Tx,
    email: &str,
    user: Option<&User>,
    (right, origin): (bool, &Origin),
    now: DateTime<Utc>,
) -> Result<Verdict, Fault> {
    let account = Account::of(email);
    // Checked before anything depends on whether the password is right: while the account is locked, both cases take the same path,
    // and the response time reveals nothing.
    if let Some(until) = locked_until(tx, &account, now).await? {
        return Ok(Verdict::Locked(until));
    }
    if right && user.is_some() {
        let locked = passed(tx, &account, now).await?;
        return Ok(locked.map_or(Verdict::Right, Verdict::Locked));
    }
    let (failures, locked_until) = match failed(tx, &account, now).await? {
        Failure::Locked(until) => return Ok(Verdict::Locked(until)),
        Failure::Counted { failures, locked_until } => (failures, locked_until),
    };
    let by = By { came_from: origin.address.as_deref(), ..By::NOBODY };
    let locked = locked_until.map(|until| json!({ "failures": failures, "until": until }));
    let acts =
        [Some(("login.fail", json!({ "failures": failures }))), locked.map(|detail| ("login.lock", detail))];
    for (action, detail) in acts.into_iter().flatten() {
        match user {
            Some(user) => by.did(tx, action, &user.email, detail, now).await?,
            // The audit log is never purged, so made-up addresses must not fill it. The round trip to the database takes as long.
            None => nothing(tx).await?,
        }
    }
    tracing::info!(user = user.map(|user| user.id), failures, "wrong password");
    if let Some(until) = locked_until {
        tracing::warn!(user = user.map(|user| user.id), failures, %until, "locked an account after too many wrong passwords");
    }
    Ok(Verdict::Wrong)
}

/// Writes nothing, but takes the same round trip as an audit entry.
async fn nothing(tx: &mut Tx) -> Result<(), Fault> {
    let none = sqlx::query!(
        "insert into trueprice.audit (at, by, action, subject) select now(), 'nobody', 'login.fail', '' where false"
    );
    none.execute(tx).await.during("taking as long as an audit entry").map(drop)
}

/// How long this many consecutive wrong passwords lock an account; `None` if they do not.
fn lock(failures: i32) -> Option<TimeDelta> {
    let doublings = u32::try_from(failures.checked_sub(FREE)?).ok()?;
    let longest = LONGEST.num_seconds();
    let seconds = FIRST.num_seconds().checked_shl(doublings).filter(|seconds| *seconds > 0 && doublings < 32);
    Some(TimeDelta::seconds(seconds.unwrap_or(longest).min(longest)))
}

/// The durations of successive locks in seconds; the last one repeats.
fn locks() -> Vec<i32> {
    let all = (FREE..).filter_map(lock).map(|lock| i32::try_from(lock.num_seconds()).unwrap_or(i32::MAX));
    let below = all.clone().take_while(|seconds| i64::from(*seconds) < LONGEST.num_seconds());
    let count = below.count();
    all.take(count + 1).collect()
}

/// Counts a wrong password, unless the account is locked.
///
/// # Errors
/// A fault if the database does not answer.
pub async fn failed(tx: &mut Tx, account: &Account, now: DateTime<Utc>) -> Result<Failure, Fault> {
    // One statement: concurrent attempts take turns at the row, and each sees the result of the one before.
    let counted = sqlx::query!(
        "insert into trueprice.login_failure as f (account, failures, last_failed_at)
        values ($1, 1, $2)
        on conflict on constraint one_count_per_account do update
        set (failures, last_failed_at, locked_until) = (
            select n.failures, $2, $2 + make_interval(secs => ($4::integer[])[least(n.failures - $5 + 1, cardinality($4))])
            from (
                select case when f.last_failed_at > $2 - $3::interval then f.failures + 1 else 1 end as failures
            ) n
        )
        where f.locked_until is null or f.locked_until <= $2
        returning failures, locked_until",
        account.0,
        now,
        REMEMBERED as _,
        &locks(),
        FREE
    );
    if let Some(row) = counted.fetch_optional(&mut *tx).await.during("counting a wrong password")? {
        return Ok(Failure::Counted { failures: row.failures, locked_until: row.locked_until });
    }
    let until = locked_until(tx, account, now).await?;
    Ok(Failure::Locked(until.unwrap_or(now)))
}

/// Resets the count of an account whose password was right. If the account is locked, returns until when and resets nothing.
///
/// # Errors
/// A fault if the database does not answer.
pub async fn passed(
    tx: &mut Tx,
    account: &Account,
    now: DateTime<Utc>,
) -> Result<Option<DateTime<Utc>>, Fault> {
    sqlx::query!(
        "delete from trueprice.login_failure
        where account = $1
          and (locked_until is null or locked_until <= $2)",
        account.0,
        now
    )
    .execute(&mut *tx)
    .await
    .during("resetting the count of wrong passwords")?;
    // Checked after taking the row's lock, so that a wrong password counted in the meantime is seen.
    locked_until(tx, account, now).await
}

/// The moment until which an account is locked; `None` if it is not.
async fn locked_until(
    tx: &mut Tx,
    account: &Account,
    now: DateTime<Utc>,
) -> Result<Option<DateTime<Utc>>, Fault> {
    let until = sqlx::query_scalar!(
        r#"select locked_until as "until!"
        from trueprice.login_failure
        where account = $1
          and locked_until > $2"#,
        account.0,
        now
    );
    until.fetch_optional(tx).await.during("checking whether an account is locked")
}

/// Unlocks an account after its password has been reset.
///
/// # Errors
/// A fault if the database does not answer.
pub async fn unlock(tx: &mut Tx, account: &Account) -> Result<(), Fault> {
    let gone = sqlx::query!("delete from trueprice.login_failure where account = $1", account.0);
    gone.execute(tx).await.during("unlocking an account").map(drop)
}

/// Deletes expired counts and returns how many rows there were.
///
/// # Errors
/// A fault if the database does not answer.
pub async fn forget(tx: &mut Tx, now: DateTime<Utc>) -> Result<u64, Fault> {
    let gone =
        sqlx::query!("delete from trueprice.login_failure where last_failed_at <= $1", now - REMEMBERED);
    Ok(gone.execute(tx).await.during("removing old counts of wrong passwords")?.rows_affected())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn locks_double_from_a_minute_to_an_hour() {
        let minutes = |failures| lock(failures).map(|lock| lock.num_minutes());
        assert_eq!([0, 1, 4].map(minutes), [None; 3]);
        assert_eq!([5, 6, 7, 8, 9, 10].map(minutes), [1, 2, 4, 8, 16, 32].map(Some));
        assert_eq!([11, 12, 70, i32::MAX].map(minutes), [Some(60); 4]);
        assert_eq!(locks(), [60, 120, 240, 480, 960, 1920, 3600]);
        assert!(REMEMBERED > LONGEST, "a lock is not forgotten before it ends");
    }

    #[test]
    fn an_account_ignores_case_and_surrounding_blanks() {
        assert_eq!(Account::of(" Analyst@Example.COM ").0, Account::of("analyst@example.com").0);
        assert_ne!(Account::of("analyst@example.com").0, Account::of("analyst@example.org").0);
    }
}
