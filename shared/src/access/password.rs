//! Passwords: argon2id (RFC 9106), one salt each. A password is hashed in Unicode's form NFKC, as NIST SP 800-63B asks: a
//! keyboard may send a letter and its accent apart where another sends one character.

use crate::catalog::text::normalised;
use crate::fault::{During, Fault};
use argon2::password_hash::phc::PasswordHash;
use argon2::password_hash::{PasswordHasher as _, PasswordVerifier as _};
use argon2::{Algorithm, Argon2, Params, Version};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use std::borrow::Cow;
use tokio::sync::Semaphore;
use unicode_normalization::UnicodeNormalization as _;

/// 9 MiB, four passes, one lane: one of the settings that OWASP's password storage sheet holds equal in strength to
/// 19 MiB and two passes; chosen because the API is to fit into 32 MB. Older hashes verify with their own settings.
const MEMORY_KIB: u32 = 9 * 1024;
const PASSES: u32 = 4;

/// Shortest password that a person may choose, in characters.
pub const SHORTEST: usize = 12;
/// Longest, in bytes: a phrase, and no file.
pub const LONGEST: usize = 1024;

/// What is wrong with a password that somebody wants for the account of this address, and what was expected.
#[must_use]
pub fn flaw(password: &str, email: &str) -> Option<String> {
    if password.len() > LONGEST {
        return Some(format!("expected at most {LONGEST} bytes"));
    }
    if composed(password).chars().count() < SHORTEST {
        return Some(format!("expected at least {SHORTEST} characters"));
    }
    let same = normalised(password) == normalised(email);
    same.then(|| "expected another than the e-mail address".to_owned())
}

/// A password as it is hashed. One that is too long to be anybody's stays as it is.
fn composed(password: &str) -> Cow<'_, str> {
    if password.is_ascii() || password.len() > LONGEST {
        return Cow::Borrowed(password);
    }
    Cow::Owned(password.nfkc().collect())
}

/// So many hashes are computed at once, 9 MiB and some 20 ms of a core each; the others wait, and the API goes on.
static TURNS: Semaphore = Semaphore::const_new(2);

/// As [`hash`], beside the requests that are being answered.
///
/// # Errors
/// A fault if the system gives no random bytes.
pub async fn hashed(password: String) -> Result<String, Fault> {
    in_turn(move || hash(&password)).await?
}

/// As [`verify`], beside the requests that are being answered.
///
/// # Errors
/// A fault if the hashing broke off.
pub async fn verified(password: String, hash: Option<String>) -> Result<bool, Fault> {
    in_turn(move || verify(&password, hash.as_deref())).await
}

async fn in_turn<T: Send + 'static>(work: impl FnOnce() -> T + Send + 'static) -> Result<T, Fault> {
    let turn = TURNS.acquire().await.during("waiting for a turn to hash")?;
    // The turn goes along: a client that goes away does not let the next in before the memory is free.
    let work = move || {
        let made = work();
        drop(turn);
        made
    };
    tokio::task::spawn_blocking(work).await.during("hashing a password")
}

fn argon2() -> Argon2<'static> {
    let params = Params::new(MEMORY_KIB, PASSES, 1, None).expect("the settings are within argon2's bounds");
    Argon2::new(Algorithm::Argon2id, Version::V0x13, params)
}

/// Hashes a password with a salt of its own, in PHC form.
///
/// # Errors
/// A fault if the system gives no random bytes.
pub fn hash(password: &str) -> Result<String, Fault> {
    let mut salt = [0; 16];
    getrandom::fill(&mut salt).during("asking the system for a salt")?;
    let hash = argon2().hash_password_with_salt(composed(password).as_bytes(), &salt);
    hash.map(|hash| hash.to_string()).map_err(|error| Fault::new(format!("hashing a password: {error}")))
}

/// Whether the password is the one that was hashed. Without a hash (no such user) it takes as long and is not.
#[must_use]
pub fn verify(password: &str, hash: Option<&str>) -> bool {
    /// A hash of nothing anybody knows, with the settings above.
    const NOBODY: &str =
        "$argon2id$v=19$m=9216,t=4,p=1$bm9ib2R5bm9ib2R5bm9ibw$2Vq8mM0c3oQ5bX0Jm0Jk8Yw5Xr1eD3a0mJx2q0uVw1E";
    let Ok(parsed) = PasswordHash::new(hash.unwrap_or(NOBODY)) else { return false };
    let is = |password: &str| argon2().verify_password(password.as_bytes(), &parsed).is_ok();
    let composed = composed(password);
    // Before, passwords were hashed as they came. Whether there is a hash makes no difference to how long this takes.
    let right = is(&composed) || (composed != password && is(password));
    right && hash.is_some()
}

/// A random secret of 256 bits as text: a generated password, a refresh token, a signing key.
///
/// # Errors
/// A fault if the system gives no random bytes.
pub fn random() -> Result<String, Fault> {
    let mut bytes = [0; 32];
    getrandom::fill(&mut bytes).during("asking the system for random bytes")?;
    Ok(URL_SAFE_NO_PAD.encode(bytes))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_password_verifies_against_its_own_hash_alone() {
        let (one, other) = (hash("correct horse battery").unwrap(), hash("correct horse battery").unwrap());
        assert!(one.starts_with("$argon2id$v=19$m=9216,t=4,p=1$"), "{one}");
        assert_ne!(one, other, "each hash has a salt of its own");
        assert!(verify("correct horse battery", Some(&one)));
        assert!(!verify("correct horse batter", Some(&one)));
        assert!(!verify("", None));
        assert!(!verify("x", Some("not a hash")));
    }

    #[test]
    fn a_password_is_the_same_from_every_keyboard() {
        let (composed, apart, wide) =
            ("pässwörter straße", "pa\u{308}sswo\u{308}rter straße", "pässwörter\u{a0}straße");
        for (set, typed) in [(composed, apart), (apart, composed), (wide, composed), (composed, wide)] {
            assert!(verify(typed, Some(&hash(set).unwrap())), "{set:?} {typed:?}");
        }
        assert!(!verify("passworter straße", Some(&hash(composed).unwrap())), "an accent counts");
        // Hashed as it came, as all were before.
        let salt = [7; 16];
        let before = argon2().hash_password_with_salt(apart.as_bytes(), &salt).unwrap().to_string();
        assert!(verify(apart, Some(&before)));
        assert_eq!(flaw("e\u{301}lf letters", "x@example.com"), flaw("elf letters", "x@example.com"));
    }

    #[test]
    fn a_password_is_long_enough_and_not_the_address() {
        let email = "Long.Enough@Example.com";
        assert_eq!(flaw("correct horse", email), None);
        assert_eq!(flaw(&"ü".repeat(SHORTEST), email), None, "characters, not bytes");
        for (password, says) in [
            ("", "at least 12 characters"),
            ("elf letters", "at least 12 characters"),
            ("long.enough@example.com", "another than the e-mail"),
            (" LONG.ENOUGH@EXAMPLE.COM ", "another than the e-mail"),
            (&"x".repeat(LONGEST + 1), "at most 1024 bytes"),
        ] {
            assert!(flaw(password, email).unwrap().contains(says), "{password}");
        }
    }

    #[test]
    fn a_user_that_is_not_there_takes_as_long_as_one_that_is() {
        let hash = hash("correct horse battery").unwrap();
        let parsed = PasswordHash::new(&hash).unwrap();
        assert_eq!(parsed.params.get_decimal("m"), Some(MEMORY_KIB));
        let time = |hash: Option<&str>| {
            let start = std::time::Instant::now();
            assert!(!verify("wrong", hash));
            start.elapsed().as_secs_f64()
        };
        let ratio = time(None) / time(Some(&hash));
        assert!((0.2..5.0).contains(&ratio), "{ratio}");
    }
}
