//! Users as admins see them: filtered by part of the address, role and state, page by page.

use crate::db::Tx;
use crate::fault::{During, Fault};
use chrono::{DateTime, Utc};
use serde::Serialize;
use utoipa::ToSchema;

/// A user account, as admins see it.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct Account {
    /// Id of the user.
    #[schema(example = 7)]
    pub id: i32,
    /// E-mail address, in lower case.
    #[schema(example = "analyst@example.com")]
    pub email: String,
    /// `admin`, `read_write_user` or `read_only_user`.
    #[schema(example = "read_only_user")]
    pub role: String,
    /// Whether the user may log in.
    pub enabled: bool,
    /// When the account was created.
    pub created_at: DateTime<Utc>,
    /// When the password was last set.
    pub password_changed_at: DateTime<Utc>,
    /// When the user last logged in or refreshed a session, if that session is still listed; null otherwise.
    pub last_seen_at: Option<DateTime<Utc>>,
    /// Until when the account is locked after wrong passwords; null if it is not locked.
    pub locked_until: Option<DateTime<Utc>>,
    /// When the link to set a password expires; null without a link.
    pub link_expires_at: Option<DateTime<Utc>>,
}

/// Which users to list; `None` means no filter.
#[derive(Clone, Debug, Default)]
pub struct Listing {
    /// Only the user with this id.
    pub id: Option<i32>,
    /// Only users whose address contains this text, in lower case.
    pub q: Option<String>,
    /// Only users with this role.
    pub role: Option<&'static str>,
    /// Only users who may log in, or only those who may not.
    pub enabled: Option<bool>,
    /// Only users with an id below this one.
    pub before: i64,
    /// Maximum number of users.
    pub limit: i64,
}

/// Users, newest first.
///
/// # Errors
/// A fault if the database does not answer.
pub async fn list(tx: &mut Tx, listing: &Listing, now: DateTime<Utc>) -> Result<Vec<Account>, Fault> {
    let rows = sqlx::query_as!(
        Account,
        r#"select u.id, u.email, u.role, u.enabled, u.created_at, u.password_changed_at,
            (select max(s.refreshed_at) from trueprice.session s where s.user_id = u.id) as last_seen_at,
            f.locked_until as "locked_until?", l.expires_at as "link_expires_at?"
        from trueprice.user_account u
        left join trueprice.login_failure f
            on f.account = sha256(convert_to(u.email, 'UTF8')) and f.locked_until > $7
        left join trueprice.password_link l on l.user_id = u.id and l.expires_at > $7
        where u.id < $5::bigint
          and ($1::integer is null or u.id = $1)
          and ($2::text is null or position($2 in u.email) > 0)
          and ($3::text is null or u.role = $3)
          and ($4::boolean is null or u.enabled = $4)
        order by u.id desc
        limit $6"#,
        listing.id,
        listing.q,
        listing.role,
        listing.enabled,
        listing.before,
        listing.limit,
        now
    );
    rows.fetch_all(tx).await.during("listing users")
}

/// The user with this id.
///
/// # Errors
/// A fault if the database does not answer.
pub async fn find(tx: &mut Tx, id: i32, now: DateTime<Utc>) -> Result<Option<Account>, Fault> {
    let listing = Listing { id: Some(id), before: i64::MAX, limit: 1, ..Listing::default() };
    Ok(list(tx, &listing, now).await?.pop())
}
