//! The SQL of jobs. The process that runs a job has a lease and an attempt number. A process that takes over gets a new number, and
//! from then on the first one can no longer write.

use crate::access::Grants;
use crate::db::Tx;
use crate::fault::{During, Fault};
use chrono::{DateTime, Utc};
use serde_json::Value;
use uuid::Uuid;

/// A job.
#[derive(Clone, Debug)]
pub struct Job {
    /// The id of the job.
    pub id: Uuid,
    /// The kind of work.
    pub kind: String,
    /// `queued`, `running`, `done` or `failed`.
    pub state: String,
    /// Accounts done so far.
    pub done: i32,
    /// Accounts in total.
    pub total: i32,
    /// How often it was started.
    pub attempts: i32,
    /// When it was requested.
    pub created_at: DateTime<Utc>,
    /// When it was last started.
    pub started_at: Option<DateTime<Utc>>,
    /// When it ended, successfully or not.
    pub finished_at: Option<DateTime<Utc>>,
    /// The quote it made.
    pub quote_id: Option<Uuid>,
    /// The key of the object with its result.
    pub result_key: Option<String>,
    /// The problem document of a failed job.
    pub problem: Option<Value>,
}

/// A job that was claimed to be run now.
#[derive(Clone, Debug)]
pub struct Claim {
    /// The id of the job.
    pub id: Uuid,
    /// The user who requested it.
    pub user_id: i32,
    /// Whether that user is still enabled.
    pub enabled: bool,
    /// The stored request.
    pub request: Value,
    /// The number of this attempt.
    pub attempt: i32,
}

/// Adds a job.
///
/// # Errors
/// A fault if the database refuses it.
pub async fn enqueue(
    tx: &mut Tx,
    id: Uuid,
    user: i32,
    (request, total): (&Value, i32),
    now: DateTime<Utc>,
) -> Result<(), Fault> {
    let added = sqlx::query!(
        "insert into trueprice.job (id, kind, user_id, request, state, total, created_at)
        values ($1, 'quote', $2, $3, 'queued', $4, $5)",
        id,
        user,
        request,
        total,
        now
    );
    added.execute(tx).await.during("adding a job")?;
    Ok(())
}

/// How many unfinished jobs a user has.
///
/// # Errors
/// A fault if the database does not respond.
pub async fn waiting(tx: &mut Tx, user: i32) -> Result<i64, Fault> {
    let count = sqlx::query_scalar!(
        r#"select count(*) as "count!" from trueprice.job where user_id = $1 and state in ('queued', 'running')"#,
        user
    );
    count.fetch_one(tx).await.during("counting jobs")
}

/// The job with this id, if it is the caller's or the caller is an admin.
///
/// # Errors
/// A fault if the database does not respond.
pub async fn find(tx: &mut Tx, id: Uuid, grants: &Grants) -> Result<Option<Job>, Fault> {
    let row = sqlx::query_as!(
        Job,
        "select id, kind, state, done, total, attempts, created_at, started_at, finished_at, quote_id, result_key, problem
        from trueprice.job
        where id = $1
          and (user_id = $2 or $3)",
        id,
        grants.user_id(),
        grants.everything()
    );
    row.fetch_optional(tx).await.during("looking for a job")
}

/// Takes the job that has waited longest, or one whose lease has expired.
///
/// # Errors
/// A fault if the database does not respond.
pub async fn claim(tx: &mut Tx, now: DateTime<Utc>, lease: DateTime<Utc>) -> Result<Option<Claim>, Fault> {
    let row = sqlx::query_as!(
        Claim,
        r#"update trueprice.job j
        set state = 'running', attempts = j.attempts + 1, done = 0, started_at = $1, lease_until = $2
        from trueprice.user_account u
        where u.id = j.user_id
          and j.id = (
            select w.id
            from trueprice.job w
            where w.state = 'queued' or (w.state = 'running' and w.lease_until < $1)
            order by w.created_at
            limit 1
            for update skip locked
          )
        returning j.id, j.user_id, u.enabled, j.request, j.attempts as attempt"#,
        now,
        lease
    );
    row.fetch_optional(tx).await.during("claiming a job")
}

/// Records progress and extends the lease; false if another process has taken over.
///
/// # Errors
/// A fault if the database does not respond.
pub async fn progress(tx: &mut Tx, claim: &Claim, done: i32, lease: DateTime<Utc>) -> Result<bool, Fault> {
    let told = sqlx::query!(
        "update trueprice.job
        set done = $3, lease_until = $4
        where id = $1
          and attempts = $2
          and state = 'running'",
        claim.id,
        claim.attempt,
        done,
        lease
    );
    Ok(told.execute(tx).await.during("recording the progress of a job")?.rows_affected() == 1)
}

/// Ends it successfully; false if another process has taken over.
///
/// # Errors
/// A fault if the database does not respond.
pub async fn finish(
    tx: &mut Tx,
    claim: &Claim,
    quote: Uuid,
    key: &str,
    now: DateTime<Utc>,
) -> Result<bool, Fault> {
    let told = sqlx::query!(
        "update trueprice.job
        set state = 'done', done = total, lease_until = null, finished_at = $5, quote_id = $3, result_key = $4
        where id = $1
          and attempts = $2
          and state = 'running'",
        claim.id,
        claim.attempt,
        quote,
        key,
        now
    );
    Ok(told.execute(tx).await.during("ending a job")?.rows_affected() == 1)
}

/// Ends it with a problem; does nothing if another process has taken over.
///
/// # Errors
/// A fault if the database does not respond.
pub async fn fail(tx: &mut Tx, claim: &Claim, problem: &Value, now: DateTime<Utc>) -> Result<(), Fault> {
    let told = sqlx::query!(
        "update trueprice.job
        set state = 'failed', lease_until = null, finished_at = $4, problem = $3
        where id = $1
          and attempts = $2
          and state = 'running'",
        claim.id,
        claim.attempt,
        problem,
        now
    );
    told.execute(tx).await.during("failing a job")?;
    Ok(())
}
