//! Signatures with the secret of a subscription: on webhooks, so that a receiver knows who sent them and when, and on unsubscribe
//! links, so that no one can end another user's subscription.

use crate::fault::{During, Fault};
use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use hmac::{Hmac, KeyInit as _, Mac as _};
use sha2::Sha256;

/// The prefix of a token, which identifies it if it is found somewhere.
const SIGN: &str = "uns_";
/// The prefix of a secret's text.
const PREFIX: &str = "whsec_";
/// Bytes of a secret; Standard Webhooks requires 24 to 64.
const SECRET: usize = 32;
/// Bytes of the signature in a link: 128 bits cannot be guessed.
const SHORT: usize = 16;

fn hmac(secret: &[u8], parts: &[&[u8]]) -> Hmac<Sha256> {
    let mut mac = Hmac::<Sha256>::new_from_slice(secret).expect("HMAC takes keys of any length");
    for part in parts {
        mac.update(part);
    }
    mac
}

/// Makes a new secret.
///
/// # Errors
/// A fault if the system has no random bytes.
pub(super) fn secret() -> Result<Vec<u8>, Fault> {
    let mut bytes = vec![0; SECRET];
    getrandom::fill(&mut bytes).during("asking the system for random bytes")?;
    Ok(bytes)
}

/// The text in which a secret is shown to its user, once: the bytes in base64, as Standard Webhooks writes them.
pub(super) fn shown(secret: &[u8]) -> String {
    format!("{PREFIX}{}", STANDARD.encode(secret))
}

/// The header `webhook-signature` (Standard Webhooks): HMAC-SHA256 of id, timestamp and body, joined by dots. The key is the
/// secret's bytes, in whichever alphabet its text was shown.
pub(super) fn sign(secret: &[u8], id: &str, timestamp: i64, body: &[u8]) -> String {
    let timestamp = timestamp.to_string();
    let mac = hmac(secret, &[id.as_bytes(), b".", timestamp.as_bytes(), b".", body]);
    format!("v1,{}", STANDARD.encode(mac.finalize().into_bytes()))
}

/// The earlier header `trueprice-signature`, sent for one more release: HMAC-SHA256 of timestamp and body, joined by a dot. The key
/// is the secret's text as earlier releases showed it: URL-safe base64 without padding.
pub(super) fn sign_legacy(secret: &[u8], timestamp: i64, body: &[u8]) -> String {
    let text = format!("{PREFIX}{}", URL_SAFE_NO_PAD.encode(secret));
    let mac = hmac(text.as_bytes(), &[timestamp.to_string().as_bytes(), b".", body]);
    format!("v1={}", hex::encode(mac.finalize().into_bytes()))
}

/// The token of an unsubscribe link.
pub(super) fn token(id: i32, secret: &[u8]) -> String {
    let mac = hmac(secret, &[b"unsubscribe", &id.to_be_bytes()]).finalize().into_bytes();
    let bytes = [&id.to_be_bytes()[..], &mac[..SHORT]].concat();
    format!("{SIGN}{}", URL_SAFE_NO_PAD.encode(bytes))
}

/// The subscription that a token names, and its signature.
pub(super) fn read_token(token: &str) -> Option<(i32, Vec<u8>)> {
    let bytes = URL_SAFE_NO_PAD.decode(token.strip_prefix(SIGN)?).ok()?;
    let (id, signature) = bytes.split_first_chunk::<4>()?;
    (signature.len() == SHORT).then(|| (i32::from_be_bytes(*id), signature.to_vec()))
}

/// Whether a token was signed with a secret; compares in constant time.
pub(super) fn is_signed(id: i32, signature: &[u8], secret: &[u8]) -> bool {
    hmac(secret, &[b"unsubscribe", &id.to_be_bytes()]).verify_truncated_left(signature).is_ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_example_of_standard_webhooks_is_signed_as_published() {
        let secret = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw";
        let bytes = STANDARD.decode(secret.strip_prefix(PREFIX).unwrap()).unwrap();
        assert_eq!(shown(&bytes), secret);
        assert_eq!(
            sign(&bytes, "msg_p5jXN8AQM9LWM0D4loKWxJek", 1_614_265_330, br#"{"test": 2432232314}"#),
            "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE="
        );
    }

    #[test]
    fn a_secret_from_an_earlier_release_still_signs_the_earlier_header() {
        let secret: Vec<u8> = (0xe0..=0xff).collect();
        // printf '1700000000.{"a":1}' | openssl dgst -sha256 -hmac whsec_4OHi4-Tl5ufo6err7O3u7_Dx8vP09fb3-Pn6-_z9_v8
        assert_eq!(
            sign_legacy(&secret, 1_700_000_000, br#"{"a":1}"#),
            "v1=318c7c8e3bf67709a2fd5a87fdf2cdc2defb7dc1403b534bdec510923f80bd2c"
        );
        assert_eq!(shown(&secret), "whsec_4OHi4+Tl5ufo6err7O3u7/Dx8vP09fb3+Pn6+/z9/v8=");
    }

    #[test]
    fn a_token_ends_only_its_own_subscription() {
        let (secret, other) = (secret().unwrap(), secret().unwrap());
        let (id, signature) = read_token(&token(7, &secret)).unwrap();
        assert!(id == 7 && is_signed(7, &signature, &secret));
        assert!(!is_signed(7, &signature, &other) && !is_signed(8, &signature, &secret));
        assert!(!is_signed(7, &[0; 16], &secret));
        for wrong in ["", "AAAA", "uns_", "uns_AAAA", "x", "!", &"A".repeat(100)] {
            assert_eq!(read_token(wrong), None, "{wrong}");
        }
    }
}
