//! Passwords: argon2id (RFC 9106), each with its own salt. A password is normalised to Unicode NFKC before hashing, as NIST SP
//! 800-63B asks, because one keyboard sends a letter and its accent as two characters where another sends one.

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

/// 9 MiB, four passes, one lane. OWASP's password storage cheat sheet rates this as strong as 19 MiB and two passes; it is chosen
/// because the API must fit into 32 MB. Older hashes are verified with their own settings.
const MEMORY_KIB: u32 = 9 * 1024;
const PASSES: u32 = 4;

/// Minimum length of a password that a person chooses, in characters.
pub const SHORTEST: usize = 12;
/// Maximum length in bytes: enough for a phrase, too short for a file.
pub const LONGEST: usize = 1024;

/// Why a password is not acceptable for the account with this address, and what was expected; `None` if it is.
#[must_use]
pub fn flaw(password: &str, email: &str) -> Option<String> {
    if password.len() > LONGEST {
        return Some(format!("expected at most {LONGEST} bytes"));
    }
    if composed(password).chars().count() < SHORTEST {
        return Some(format!("expected at least {SHORTEST} characters"));
    }
    let same = normalised(password) == normalised(email);
    same.then(|| "the password must differ from the e-mail address".to_owned())
}

/// A password in the form that is hashed. One that exceeds the maximum length is returned unchanged.
fn composed(password: &str) -> Cow<'_, str> {
    if password.is_ascii() || password.len() > LONGEST {
        return Cow::Borrowed(password);
    }
    Cow::Owned(password.nfkc().collect())
}

/// Number of hashes computed at the same time, at 9 MiB and about 20 ms of a core each. Others wait, and the API stays responsive.
static TURNS: Semaphore = Semaphore::const_new(2);

/// Like [`hash`], without blocking other requests.
///
/// # Errors
/// A fault if the system provides no random bytes.
pub async fn hashed(password: String) -> Result<String, Fault> {
    in_turn(move || hash(&password)).await?
}

/// Like [`verify`], without blocking other requests.
///
/// # Errors
/// A fault if hashing is interrupted.
pub async fn verified(password: String, hash: Option<String>) -> Result<bool, Fault> {
    in_turn(move || verify(&password, hash.as_deref())).await
}

async fn in_turn<T: Send + 'static>(work: impl FnOnce() -> T + Send + 'static) -> Result<T, Fault> {
    let turn = TURNS.acquire().await.during("waiting for a turn to hash")?;
    // The permit moves into the task: if the client disconnects, the next hash still waits until the memory is free.
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

/// Hashes a password with a new salt, in PHC format.
///
/// # Errors
/// A fault if the system provides no random bytes.
pub fn hash(password: &str) -> Result<String, Fault> {
    let mut salt = [0; 16];
    getrandom::fill(&mut salt).during("asking the system for a salt")?;
    let hash = argon2().hash_password_with_salt(composed(password).as_bytes(), &salt);
    hash.map(|hash| hash.to_string()).map_err(|error| Fault::new(format!("hashing a password: {error}")))
}

/// Whether the password matches the hash. Without a hash (no such user) it takes the same time and returns false.
#[must_use]
pub fn verify(password: &str, hash: Option<&str>) -> bool {
    /// A hash that no known password matches, with the settings above.
    const NOBODY: &str =
        "$argon2id$v=19$m=9216,t=4,p=1$bm9ib2R5bm9ib2R5bm9ibw$2Vq8mM0c3oQ5bX0Jm0Jk8Yw5Xr1eD3a0mJx2q0uVw1E";
    let Ok(parsed) = PasswordHash::new(hash.unwrap_or(NOBODY)) else { return false };
    let is = |password: &str| argon2().verify_password(password.as_bytes(), &parsed).is_ok();
    let composed = composed(password);
    // Earlier versions hashed passwords without normalising them. Whether a hash exists does not affect how long this takes.
    let right = is(&composed) || (composed != password && is(password));
    right && hash.is_some()
}

/// A random 256-bit secret as text: a generated password, a refresh token, a signing key.
///
/// # Errors
/// A fault if the system provides no random bytes.
pub fn random() -> Result<String, Fault> {
    let mut bytes = [0; 32];
    getrandom::fill(&mut bytes).during("asking the system for random bytes")?;
    Ok(URL_SAFE_NO_PAD.encode(bytes))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_password_verifies_only_against_its_own_hash() {
        let (one, other) = (hash("correct horse battery").unwrap(), hash("correct horse battery").unwrap());
        assert!(one.starts_with("$argon2id$v=19$m=9216,t=4,p=1$"), "{one}");
        assert_ne!(one, other, "each hash has its own salt");
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
        // Hashed without normalisation, as in earlier versions.
        let salt = [7; 16];
        let before = argon2().hash_password_with_salt(apart.as_bytes(), &salt).unwrap().to_string();
        assert!(verify(apart, Some(&before)));
        assert_eq!(flaw("e\u{301}lf letters", "x@example.com"), flaw("elf letters", "x@example.com"));
    }

    #[test]
    fn a_password_must_be_long_enough_and_differ_from_the_address() {
        let email = "Long.Enough@Example.com";
        assert_eq!(flaw("correct horse", email), None);
        assert_eq!(flaw(&"ü".repeat(SHORTEST), email), None, "characters, not bytes");
        for (password, says) in [
            ("", "at least 12 characters"),
            ("elf letters", "at least 12 characters"),
            ("long.enough@example.com", "differ from the e-mail"),
            (" LONG.ENOUGH@EXAMPLE.COM ", "differ from the e-mail"),
            (&"x".repeat(LONGEST + 1), "at most 1024 bytes"),
        ] {
            assert!(flaw(password, email).unwrap().contains(says), "{password}");
        }
    }

    #[test]
    fn an_unknown_user_takes_as_long_as_a_known_one() {
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
