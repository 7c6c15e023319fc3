//! Lock-out with back-off. Promises: of the wrong passwords that come for an account at once, exactly five are judged,
//! however many instances judge them; an address that nobody has is treated as one that somebody has, so that nobody
//! learns which are there.
//!
//! A password is hashed before this is asked and outside of any transaction: an account that is locked takes as long to
//! say so, and no row is locked while a hash is computed. What comes while an account is locked is not counted, so that
//! a program with an old password does not keep its user out for ever.

use super::origin::Origin;
use crate::access::actor::By;
use crate::access::users::store::{self, User};
use crate::db::Tx;
use crate::fault::{During, Fault};
use crate::http::Problem;
use chrono::{DateTime, TimeDelta, Utc};
use serde_json::json;
use sha2::{Digest, Sha256};

/// How many wrong passwords in a row are free; the last of them locks.
pub const FREE: i32 = 5;
/// The first lock.
const FIRST: TimeDelta = TimeDelta::minutes(1);
/// The longest; each is twice the one before, up to this.
const LONGEST: TimeDelta = TimeDelta::hours(1);
/// After this long without a wrong password the count begins anew.
const REMEMBERED: TimeDelta = TimeDelta::days(1);

/// An account as it is counted: its address, or what was typed for one, hashed.
#[derive(Clone, Debug)]
pub struct Account(Vec<u8>);

impl Account {
    /// The account of an address, in any letter case.
    #[must_use]
    pub fn of(email: &str) -> Self {
        Self(Sha256::digest(store::normal(email)).to_vec())
    }
}

/// What a wrong password came to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Failure {
    /// It was counted; if it was one too many, the account is locked until then.
    Counted {
        /// How many there were in a row.
        failures: i32,
        /// Until when nothing more is judged.
        locked_until: Option<DateTime<Utc>>,
    },
    /// The account is locked until then, and it was not judged.
    Locked(DateTime<Utc>),
}

/// What is said of a password.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// It is the one.
    Right,
    /// It is not, or there is no such user.
    Wrong,
    /// Nothing is said until then.
    Locked(DateTime<Utc>),
}

impl Verdict {
    /// How a log-in is refused with it.
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

/// Judges a password, of which it was found out already whether it is the right one: counts it or ends the count, and
/// writes down what was refused. What comes while the account is locked, or for one that is not there, is not written down,
/// or whoever goes on trying would fill the audit; of the latter there is the count alone, which is forgotten.
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
    // Asked before anything depends on whether it is right: as long as the account is locked both take the same way, and
    // the time that it takes does not tell.
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
            // What is never purged is not for whoever makes addresses up. The way to the database and back takes as long.
            None => nothing(tx).await?,
        }
    }
    tracing::info!(user = user.map(|user| user.id), failures, "a password was wrong");
    if let Some(until) = locked_until {
        tracing::warn!(user = user.map(|user| user.id), failures, %until, "an account was locked");
    }
    Ok(Verdict::Wrong)
}

/// Writes nothing, by the way that a line of the audit takes.
async fn nothing(tx: &mut Tx) -> Result<(), Fault> {
    let none = sqlx::query!(
        "insert into trueprice.audit (at, by, action, subject) select now(), 'nobody', 'login.fail', '' where false"
    );
    none.execute(tx).await.during("writing nothing down").map(drop)
}

/// For how long this many wrong passwords in a row lock an account.
fn lock(failures: i32) -> Option<TimeDelta> {
    let doublings = u32::try_from(failures.checked_sub(FREE)?).ok()?;
    let longest = LONGEST.num_seconds();
    let seconds = FIRST.num_seconds().checked_shl(doublings).filter(|seconds| *seconds > 0 && doublings < 32);
    Some(TimeDelta::seconds(seconds.unwrap_or(longest).min(longest)))
}

/// The locks that follow one another, in seconds; the last stays.
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
    // One statement: those that come at once take turns at the row, and each sees what the one before made of it.
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

/// Ends the count of an account whose password was right; if it is locked, says until when, and nothing is ended.
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
    .during("ending the count of wrong passwords")?;
    // Behind the row's lock: a wrong password that was counted meanwhile is seen.
    locked_until(tx, account, now).await
}

/// Until when an account is locked.
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
    until.fetch_optional(tx).await.during("asking whether an account is locked")
}

/// Unlocks an account: its password was set anew.
///
/// # Errors
/// A fault if the database does not answer.
pub async fn unlock(tx: &mut Tx, account: &Account) -> Result<(), Fault> {
    let gone = sqlx::query!("delete from trueprice.login_failure where account = $1", account.0);
    gone.execute(tx).await.during("unlocking an account").map(drop)
}

/// Removes what no longer counts, and says how many rows that were.
///
/// # Errors
/// A fault if the database does not answer.
pub async fn forget(tx: &mut Tx, now: DateTime<Utc>) -> Result<u64, Fault> {
    let gone =
        sqlx::query!("delete from trueprice.login_failure where last_failed_at <= $1", now - REMEMBERED);
    Ok(gone.execute(tx).await.during("forgetting wrong passwords")?.rows_affected())
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
    fn an_account_has_no_letter_case_and_no_blanks_around_it() {
        assert_eq!(Account::of(" Analyst@Example.COM ").0, Account::of("analyst@example.com").0);
        assert_ne!(Account::of("analyst@example.com").0, Account::of("analyst@example.org").0);
    }
}
