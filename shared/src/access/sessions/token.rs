//! Access tokens: short-lived JWTs (RFC 7519) signed with HS256. Guarantees: a token names the user, the session and the role, and
//! contains nothing about a password. It is signed with a key from the secret store that its header names, so that keys can rotate.

use crate::access::Role;
use crate::ctx::Ctx;
use crate::fault::{During, Fault};
use chrono::{DateTime, TimeDelta, Utc};
use jsonwebtoken::{Algorithm, DecodingKey, EncodingKey, Header, Validation};
use serde::{Deserialize, Serialize};
use uuid::Uuid;

/// Lifetime of an access token.
pub const LIFETIME: TimeDelta = TimeDelta::minutes(15);
const ISSUER: &str = "trueprice";

/// The claims in a token.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Claims {
    /// User id.
    pub sub: String,
    /// Session id.
    pub sid: Uuid,
    /// Role when it was issued.
    pub role: String,
    /// Issuer of the token.
    pub iss: String,
    /// When it was issued, in seconds since 1970.
    pub iat: i64,
    /// When it expires, in seconds since 1970.
    pub exp: i64,
}

/// Why a token is refused.
#[derive(Debug)]
pub enum Refused {
    /// It is malformed or was not issued by this system.
    Invalid,
    /// It has expired.
    Expired,
    /// It could not be checked.
    Fault(Fault),
}

/// Signs a token for a session.
///
/// # Errors
/// A fault if the signing keys cannot be read.
pub async fn issue(
    ctx: &Ctx,
    user_id: i32,
    session: Uuid,
    role: Role,
    now: DateTime<Utc>,
) -> Result<String, Fault> {
    let keyring = ctx.keyring(false).await?;
    let key =
        keyring.keys.get(&keyring.current).ok_or_else(|| Fault::new("the keyring has no current key"))?;
    let mut header = Header::new(Algorithm::HS256);
    header.kid = Some(keyring.current.clone());
    let claims = Claims {
        sub: user_id.to_string(),
        sid: session,
        role: role.name().to_owned(),
        iss: ISSUER.to_owned(),
        iat: now.timestamp(),
        exp: (now + LIFETIME).timestamp(),
    };
    jsonwebtoken::encode(&header, &claims, &EncodingKey::from_secret(key.as_bytes()))
        .during("signing a token")
}

/// Checks the signature, issuer and expiry of a token.
///
/// # Errors
/// The reason why the token is refused.
pub async fn check(ctx: &Ctx, token: &str) -> Result<Claims, Refused> {
    let header = jsonwebtoken::decode_header(token).map_err(|_| Refused::Invalid)?;
    let id = header.kid.ok_or(Refused::Invalid)?;
    let mut keyring = ctx.keyring(false).await.map_err(Refused::Fault)?;
    if !keyring.keys.contains_key(&id) {
        keyring = ctx.keyring(true).await.map_err(Refused::Fault)?;
    }
    let key = keyring.keys.get(&id).ok_or(Refused::Invalid)?;
    let mut validation = Validation::new(Algorithm::HS256);
    validation.set_issuer(&[ISSUER]);
    validation.set_required_spec_claims(&["exp", "iss", "sub"]);
    // Expiry is compared with our own clock below, which tests can stop.
    validation.validate_exp = false;
    let decoded =
        jsonwebtoken::decode::<Claims>(token, &DecodingKey::from_secret(key.as_bytes()), &validation);
    let claims = decoded.map_err(|_| Refused::Invalid)?.claims;
    if claims.exp <= ctx.clock().now().timestamp() { Err(Refused::Expired) } else { Ok(claims) }
}
