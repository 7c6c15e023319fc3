//! How many requests a caller may make. Guarantees: all instances of the function share one count, and the count is exact under
//! concurrent requests. It is updated in a transaction that ends before the request is processed, so that concurrent requests of
//! one caller do not block each other.
//!
//! The count covers a fixed minute that starts with the caller's first request. There is no bucket that refills, so a client can
//! read from `RateLimit` how many requests are left and when the full quota returns. At most twice the quota fits into sixty
//! seconds that span the end of a minute. Refused requests count, so that hammering does not pay.
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

/// Period over which requests are counted.
pub const WINDOW: TimeDelta = TimeDelta::minutes(1);

/// Header that states the limits.
pub const POLICY: HeaderName = HeaderName::from_static("ratelimit-policy");
/// Header that states the remaining quota.
pub const LEFT: HeaderName = HeaderName::from_static("ratelimit");

/// A named rate limit.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Policy {
    /// Name in the headers and, for addresses, in the table.
    pub name: &'static str,
    /// Requests per minute; 0 for no limit.
    pub quota: u32,
}

impl Policy {
    /// Limit of a user with this role. A key gets the limit of a reader.
    #[must_use]
    pub const fn of(limits: Limits, role: Role) -> Self {
        match role {
            Role::Admin => Self { name: "admin", quota: limits.admin },
            Role::ReadWrite | Role::ReadOnly => Self { name: "default", quota: limits.user },
        }
    }

    /// Limit of a network address whose user is unknown.
    #[must_use]
    pub const fn anonymous(limits: Limits) -> Self {
        Self { name: "anonymous", quota: limits.anonymous }
    }

    /// Limit of a network address on routes where passwords could be guessed.
    #[must_use]
    pub const fn log_in(limits: Limits) -> Self {
        Self { name: "log-in", quota: limits.log_in }
    }

    /// Key under which an address is counted for this limit.
    #[must_use]
    pub fn caller(self, arrival: &Arrival) -> String {
        format!("{} {}", self.name, arrival.counted_as())
    }
}

/// A caller's requests in the current minute.
#[derive(Clone, Copy, Debug)]
pub struct Count {
    /// When the minute began.
    pub since: DateTime<Utc>,
    /// Requests since then, including this one.
    pub requests: i32,
}

/// A caller's remaining quota.
#[derive(Clone, Copy, Debug)]
pub struct LimitStatus {
    policy: Policy,
    left: u32,
    exceeded: bool,
    /// Seconds until the full quota is available again.
    reset: i64,
}

impl LimitStatus {
    /// Status of a count at `now`; `None` if there is no limit.
    #[must_use]
    pub fn new(policy: Policy, count: Count, now: DateTime<Utc>) -> Option<Self> {
        if policy.quota == 0 {
            return None;
        }
        let requests = u32::try_from(count.requests).unwrap_or(u32::MAX);
        // Rounded up, so that a client that waits this long has waited long enough. The clocks of instances differ slightly.
        let milliseconds = (count.since + WINDOW - now).num_milliseconds();
        Some(Self {
            policy,
            left: policy.quota.saturating_sub(requests),
            exceeded: requests > policy.quota,
            reset: (milliseconds + 999).div_euclid(1000).clamp(1, WINDOW.num_seconds()),
        })
    }

    /// # Errors
    /// 429 if the request exceeds the quota.
    pub fn check(self) -> Result<(), Problem> {
        if self.exceeded { Err(Problem::too_many_requests(self.policy.quota, self.reset)) } else { Ok(()) }
    }

    /// Writes the status into the headers of a response.
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

/// Counts a request of an address and the use of the legacy path that it called, in one statement; `None` if there is no such
/// limit. Callers of public paths are unknown, so the use is counted under user 0.
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

/// Deletes the counts of minutes that are over.
///
/// # Errors
/// A fault if the database does not answer.
pub async fn forget(tx: &mut Tx, now: DateTime<Utc>) -> Result<u64, Fault> {
    let gone = sqlx::query!("delete from trueprice.request_count where since + $2 <= $1", now, WINDOW as _);
    Ok(gone.execute(tx).await.during("removing old request counts")?.rows_affected())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_headers_state_the_remaining_quota_and_the_request_over_it_is_refused() {
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
        // Another instance's clock may be fast or slow.
        assert_eq!(at(1, since + TimeDelta::minutes(2)).reset, 1);
        assert_eq!(at(1, since - TimeDelta::minutes(2)).reset, 60);
        assert!(
            LimitStatus::new(Policy { quota: 0, ..policy }, Count { since, requests: 9 }, since).is_none()
        );
    }
}
