//! Refresh tokens. Guarantees: each works once, and only a digest of it is stored. If the same token is sent twice within [`GRACE`]
//! (by two tabs, or by a retry after a lost response), both get the same pair, so that neither is logged out. If it is sent later,
//! or after its successor has been used, two parties hold it, and the session ends.
//!
//! The same pair can be returned twice because the next token is derived from the current one and the signing key (HMAC). The key
//! is only in the secret store, so neither the database nor the holder of a token can predict the next one.

use super::{Ended, LONGEST_SESSION, SESSION_LIFETIME, end};
use crate::access::password;
use crate::access::users::store::{self, User};
use crate::ctx::Ctx;
use crate::db::Tx;
use crate::fault::{During, Fault};
use crate::secrets::Keyring;
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use chrono::{DateTime, TimeDelta, Utc};
use hmac::{Hmac, KeyInit as _, Mac as _};
use sha2::{Digest as _, Sha256};
use uuid::Uuid;

/// How long an exchanged token still returns the same pair. A retry comes within seconds; a thief would have to be as fast.
pub const GRACE: TimeDelta = TimeDelta::seconds(10);

/// A refresh token: the session it belongs to, and a secret. As text it is `<session>.<secret>`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RefreshToken {
    session: Uuid,
    secret: String,
}

impl RefreshToken {
    /// The first token of a session.
    ///
    /// # Errors
    /// A fault if the system provides no random bytes.
    pub fn first(session: Uuid) -> Result<Self, Fault> {
        Ok(Self { session, secret: password::random()? })
    }

    /// Parses the text of a token; `None` if it is malformed.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        let (session, secret) = text.split_once('.')?;
        Some(Self { session: Uuid::parse_str(session).ok()?, secret: secret.to_owned() })
    }

    /// The next token of the same session, derived with a signing key.
    #[must_use]
    fn next(&self, key: &str) -> Self {
        let mut mac = Hmac::<Sha256>::new_from_slice(key.as_bytes()).expect("HMAC takes keys of any length");
        // Differs from the start of every signed access token, so that the two can never be confused.
        mac.update(b"trueprice refresh\0");
        mac.update(self.session.as_bytes());
        mac.update(self.secret.as_bytes());
        Self { session: self.session, secret: URL_SAFE_NO_PAD.encode(mac.finalize().into_bytes()) }
    }

    /// The next token, derived with the current signing key.
    fn next_now(&self, keys: &Keyring) -> Result<Self, Fault> {
        let key = keys.keys.get(&keys.current);
        Ok(self.next(key.ok_or_else(|| Fault::new("the keyring has no current key"))?))
    }

    /// The next token whose digest is stored, whichever key derived it, because keys rotate.
    fn next_stored(&self, keys: &Keyring, digest: &[u8]) -> Option<Self> {
        keys.keys.values().map(|key| self.next(key)).find(|next| next.digest() == digest)
    }

    /// The session that the token belongs to.
    #[must_use]
    pub fn session(&self) -> Uuid {
        self.session
    }

    /// The text given to a client.
    #[must_use]
    pub fn text(&self) -> String {
        format!("{}.{}", self.session, self.secret)
    }

    /// The digest that is stored.
    fn digest(&self) -> Vec<u8> {
        Sha256::digest(&self.secret).to_vec()
    }
}

/// Starts a session for a user whose password was just verified. `None` if the account has changed since: verification takes time,
/// and an admin may have reset the password or disabled the user in the meantime.
///
/// # Errors
/// A fault if the database rejects the session.
pub async fn begin(
    tx: &mut Tx,
    user: &User,
    user_agent: Option<&str>,
    now: DateTime<Utc>,
) -> Result<Option<(Uuid, RefreshToken)>, Fault> {
    let token = RefreshToken::first(Uuid::new_v4())?;
    let begun = sqlx::query!(
        "insert into trueprice.session (id, user_id, refresh_digest, created_at, refreshed_at, expires_at, user_agent)
        select $1, id, $3, $4, $4, $5, $7
        from trueprice.user_account
        where id = $2
          and enabled
          and password_hash = $6
        for share",
        token.session(),
        user.id,
        token.digest(),
        now,
        now + SESSION_LIFETIME,
        user.password_hash,
        user_agent
    );
    let rows = begun.execute(tx).await.during("starting a session")?.rows_affected();
    Ok((rows == 1).then(|| (token.session(), token)))
}

/// The result of presenting a refresh token.
#[derive(Debug)]
pub enum Refreshed {
    /// It was valid and has been replaced by the next one.
    Rotated {
        /// The user of the session.
        user: User,
        /// The token that replaces it.
        next: RefreshToken,
        /// When it was replaced: now, or some seconds ago if the same token is sent a second time.
        at: DateTime<Utc>,
    },
    /// It was not the current token. The user's session has been ended, because two parties hold its tokens.
    Reused(User),
    /// The session does not exist or has ended.
    Unknown,
}

/// Exchanges a refresh token. If two requests present it at the same time, one waits for the other, and both get the same pair.
///
/// # Errors
/// A fault if the database or the secret store does not answer.
pub async fn refresh(
    ctx: &Ctx,
    tx: &mut Tx,
    old: &RefreshToken,
    now: DateTime<Utc>,
) -> Result<Refreshed, Fault> {
    let keys = ctx.keyring(false).await?;
    let next = old.next_now(&keys)?;
    let rotated = sqlx::query_scalar!(
        "update trueprice.session
        set refresh_digest = $3, refreshed_at = $4, expires_at = least($5, created_at + $6)
        where id = $1
          and refresh_digest = $2
          and revoked_at is null
          and expires_at > $4
        returning refreshed_at",
        old.session,
        old.digest(),
        next.digest(),
        now,
        now + SESSION_LIFETIME,
        LONGEST_SESSION as _
    );
    let rotated = rotated.fetch_optional(&mut *tx).await.during("rotating a refresh token")?;
    let Some(user) = store::session(&mut *tx, old.session, now).await? else { return Ok(Refreshed::Unknown) };
    let exchanged = match rotated {
        Some(at) => Some((next, at)),
        None => again(ctx, tx, (old, &keys), now).await?,
    };
    if let Some((next, at)) = exchanged {
        return Ok(if user.enabled { Refreshed::Rotated { user, next, at } } else { Refreshed::Unknown });
    }
    let ended = end(tx, old.session, Ended::Reuse, now).await?;
    Ok(if ended { Refreshed::Reused(user) } else { Refreshed::Unknown })
}

/// The token that `old` was exchanged for within [`GRACE`], and when; `None` if `old` was not the last one exchanged, or the
/// exchange is longer ago.
async fn again(
    ctx: &Ctx,
    tx: &mut Tx,
    (old, keys): (&RefreshToken, &Keyring),
    now: DateTime<Utc>,
) -> Result<Option<(RefreshToken, DateTime<Utc>)>, Fault> {
    let stored = sqlx::query!(
        "select refresh_digest, refreshed_at
        from trueprice.session
        where id = $1
          and refreshed_at > $2",
        old.session,
        now - GRACE
    );
    let stored = stored.fetch_optional(tx).await.during("looking up the last refresh of a session")?;
    let Some(stored) = stored else { return Ok(None) };
    let mut next = old.next_stored(keys, &stored.refresh_digest);
    if next.is_none() {
        // It may have been derived with a key newer than the cached ones.
        next = old.next_stored(&ctx.keyring(true).await?, &stored.refresh_digest);
    }
    Ok(next.map(|next| (next, stored.refreshed_at)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_next_token_is_derived_from_the_previous_one_and_the_key() {
        let first = RefreshToken::first(Uuid::nil()).unwrap();
        let next = first.next("key");
        assert_eq!(next, first.next("key"));
        assert_eq!(RefreshToken::parse(&next.text()), Some(next.clone()));
        let other = RefreshToken { session: Uuid::max(), ..first.clone() };
        for different in [first.next("another key"), other.next("key"), next.next("key"), first.clone()] {
            assert_ne!(next.secret, different.secret);
        }
        assert_eq!(URL_SAFE_NO_PAD.decode(&next.secret).unwrap().len(), 32);
    }

    #[test]
    fn a_stored_token_is_found_with_every_key_still_in_the_keyring() {
        let old = RefreshToken::first(Uuid::nil()).unwrap();
        let keys = Keyring { current: "a".to_owned(), keys: [("a".to_owned(), "one".to_owned())].into() };
        let rotated = keys.rotated("b".to_owned(), "two".to_owned());
        let next = old.next_now(&keys).unwrap();
        assert_eq!(old.next_stored(&rotated, &next.digest()), Some(next.clone()));
        assert_ne!(old.next_now(&rotated).unwrap(), next);
        let again = rotated.rotated("c".to_owned(), "three".to_owned());
        assert_eq!(old.next_stored(&again, &next.digest()), None);
    }
}
