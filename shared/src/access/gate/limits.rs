//! How many requests a caller may make. Promises: the count is one for all instances of the function, exact however many
//! requests come at once, and is kept in a transaction that ends before the request is answered, so that the requests of
//! one caller do not wait for each other's answers.
//!
//! The count is of a fixed minute that begins with the caller's first request, not of a bucket that refills: a client
//! reads off `RateLimit` how many requests are left and when it has all of them again. At most twice the quota fits into
//! sixty seconds, around the end of a minute. Refused requests count, so that hammering on does not pay.
//!
//! The headers are those of draft-ietf-httpapi-ratelimit-headers-11:
//! <https://datatracker.ietf.org/doc/draft-ietf-httpapi-ratelimit-headers/>.

use crate::access::Role;
use crate::ctx::{Ctx, Limits};
use crate::db::Tx;
use crate::fault::{During, Fault};
use crate::http::{Arrival, Problem};
use axum::http::{HeaderMap, HeaderName, HeaderValue};
use chrono::{DateTime, TimeDelta, Utc};

/// How long requests are counted together.
pub const WINDOW: TimeDelta = TimeDelta::minutes(1);

/// The header that says what the limits are.
pub const POLICY: HeaderName = HeaderName::from_static("ratelimit-policy");
/// The header that says what is left.
pub const LEFT: HeaderName = HeaderName::from_static("ratelimit");

/// A limit, by name.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Policy {
    /// Its name in the headers and, for addresses, in the table.
    pub name: &'static str,
    /// Requests in a minute; 0 for no limit.
    pub quota: u32,
}

impl Policy {
    /// For a user of this role, by token; for a key, that of a reader.
    #[must_use]
    pub const fn of(limits: Limits, role: Role) -> Self {
        match role {
            Role::Admin => Self { name: "admin", quota: limits.admin },
            Role::ReadWrite | Role::ReadOnly => Self { name: "default", quota: limits.user },
        }
    }

    /// For an address whose user is not known.
    #[must_use]
    pub const fn anonymous(limits: Limits) -> Self {
        Self { name: "anonymous", quota: limits.anonymous }
    }

    /// For an address, where passwords could be guessed.
    #[must_use]
    pub const fn log_in(limits: Limits) -> Self {
        Self { name: "log-in", quota: limits.log_in }
    }

    /// Under what an address is counted by this limit.
    #[must_use]
    pub fn caller(self, arrival: &Arrival) -> String {
        format!("{} {}", self.name, arrival.counted_as())
    }
}

/// The requests of a caller in its current minute.
#[derive(Clone, Copy, Debug)]
pub struct Count {
    /// When the minute began.
    pub since: DateTime<Utc>,
    /// Requests since then, this one too.
    pub requests: i32,
}

/// Where a caller stands with its limit.
#[derive(Clone, Copy, Debug)]
pub struct LimitStatus {
    policy: Policy,
    left: u32,
    exceeded: bool,
    /// Seconds until all of the quota is there again.
    reset: i64,
}

impl LimitStatus {
    /// Where a count stands at a moment; `None` if there is no limit.
    #[must_use]
    pub fn new(policy: Policy, count: Count, now: DateTime<Utc>) -> Option<Self> {
        if policy.quota == 0 {
            return None;
        }
        let requests = u32::try_from(count.requests).unwrap_or(u32::MAX);
        // Rounded up, so that who waits so long has waited long enough. Clocks of instances differ a little.
        let milliseconds = (count.since + WINDOW - now).num_milliseconds();
        Some(Self {
            policy,
            left: policy.quota.saturating_sub(requests),
            exceeded: requests > policy.quota,
            reset: (milliseconds + 999).div_euclid(1000).clamp(1, WINDOW.num_seconds()),
        })
    }

    /// # Errors
    /// 429 if the request is one too many.
    pub fn check(self) -> Result<(), Problem> {
        if self.exceeded { Err(Problem::too_many_requests(self.policy.quota, self.reset)) } else { Ok(()) }
    }

    /// Says so in the headers of an answer.
    pub fn write(self, headers: &mut HeaderMap) {
        let Self { policy: Policy { name, quota }, left, reset, .. } = self;
        let policy = format!("\"{name}\";q={quota};w={}", WINDOW.num_seconds());
        let limit_status = format!("\"{name}\";r={left};t={reset}");
        for (header, value) in [(POLICY, policy), (LEFT, limit_status)] {
            if let Ok(value) = HeaderValue::from_str(&value) {
                headers.insert(header, value);
            }
        }
    }
}

/// Counts a request of an address, in one statement with the use of the old path that it came by; `None` if there is no such
/// limit. Who asked a public path is not known: its use is counted as nobody's.
///
/// # Errors
/// A fault if the database does not answer.
pub async fn count(
    ctx: &Ctx,
    policy: Policy,
    arrival: &Arrival,
    legacy: Option<&str>,
) -> Result<Option<LimitStatus>, Fault> {
    if policy.quota == 0 && legacy.is_none() {
        return Ok(None);
    }
    let now = ctx.clock().now();
    let mut tx = ctx.db().begin("count a request").await?;
    let count = sqlx::query_as!(
        Count,
        "with used_legacy as (
            insert into trueprice.legacy_use as l (path, user_id, month, count, last_used)
            select $5::text, 0, date_trunc('month', $2::timestamptz at time zone 'UTC')::date, 1, $2::timestamptz
            where $5::text is not null
            on conflict (path, user_id, month) do update
            set count = l.count + 1, last_used = greatest(l.last_used, excluded.last_used)
        )
        insert into trueprice.request_count as c (caller, since, requests)
        select $1::text, $2::timestamptz, 1
        where $4::boolean
        on conflict (caller) do update
        set since = case when c.since + $3 <= excluded.since then excluded.since else c.since end,
            requests = case when c.since + $3 <= excluded.since then 1 else c.requests + 1 end
        returning since, requests",
        policy.caller(arrival),
        now,
        WINDOW as _,
        policy.quota > 0,
        legacy
    );
    let count = count.fetch_optional(&mut tx).await.during("counting a request")?;
    tx.commit_harmless().await?;
    Ok(count.and_then(|count| LimitStatus::new(policy, count, now)))
}

/// Forgets the counts of minutes that are over.
///
/// # Errors
/// A fault if the database does not answer.
pub async fn forget(tx: &mut Tx, now: DateTime<Utc>) -> Result<u64, Fault> {
    let gone = sqlx::query!("delete from trueprice.request_count where since + $2 <= $1", now, WINDOW as _);
    Ok(gone.execute(tx).await.during("forgetting counts of requests")?.rows_affected())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_headers_say_what_is_left_and_the_one_too_many_is_refused() {
        let since: DateTime<Utc> = "2024-01-05T12:00:00Z".parse().unwrap();
        let policy = Policy { name: "default", quota: 600 };
        let at = |requests, now| LimitStatus::new(policy, Count { since, requests }, now).unwrap();
        let mut headers = HeaderMap::new();
        let first = at(1, since + TimeDelta::milliseconds(17_500));
        first.write(&mut headers);
        assert!(first.check().is_ok());
        assert_eq!(headers["ratelimit-policy"], "\"default\";q=600;w=60");
        assert_eq!(headers["ratelimit"], "\"default\";r=599;t=43");
        assert!(at(600, since).check().is_ok());
        assert!(at(601, since).check().is_err());
        // Another instance's clock may be ahead or behind.
        assert_eq!(at(1, since + TimeDelta::minutes(2)).reset, 1);
        assert_eq!(at(1, since - TimeDelta::minutes(2)).reset, 60);
        assert!(
            LimitStatus::new(Policy { quota: 0, ..policy }, Count { since, requests: 9 }, since).is_none()
        );
    }
}
