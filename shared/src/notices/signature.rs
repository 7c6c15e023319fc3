//! What is signed with the secret of a subscription: webhooks, so that a receiver knows who sent them and when, and the links
//! that end a subscription, so that nobody ends another's.

use crate::fault::{During, Fault};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use hmac::{Hmac, KeyInit as _, Mac as _};
use sha2::Sha256;

/// What a token begins with, so that one which is found somewhere is known for what it is.
const SIGN: &str = "uns_";
/// Bytes of a secret.
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

/// A new secret.
///
/// # Errors
/// A fault if the system has no random bytes.
pub(super) fn secret() -> Result<Vec<u8>, Fault> {
    let mut bytes = vec![0; SECRET];
    getrandom::fill(&mut bytes).during("asking the system for random bytes")?;
    Ok(bytes)
}

/// A secret as its user is shown it, once; its text is the key of the HMAC.
pub(super) fn shown(secret: &[u8]) -> String {
    format!("whsec_{}", URL_SAFE_NO_PAD.encode(secret))
}

/// The header `trueprice-signature`: HMAC-SHA256, by the secret as it was shown, of the timestamp, a dot and the body.
#[must_use]
pub fn sign(secret: &str, timestamp: i64, body: &[u8]) -> String {
    let mac = hmac(secret.as_bytes(), &[timestamp.to_string().as_bytes(), b".", body]);
    format!("v1={}", hex::encode(mac.finalize().into_bytes()))
}

/// The token of the link that ends a subscription.
pub(super) fn token(id: i32, secret: &[u8]) -> String {
    let mac = hmac(secret, &[b"unsubscribe", &id.to_be_bytes()]).finalize().into_bytes();
    let bytes = [&id.to_be_bytes()[..], &mac[..SHORT]].concat();
    format!("{SIGN}{}", URL_SAFE_NO_PAD.encode(bytes))
}

/// The subscription that a token names, and what it is signed with.
pub(super) fn read_token(token: &str) -> Option<(i32, Vec<u8>)> {
    let bytes = URL_SAFE_NO_PAD.decode(token.strip_prefix(SIGN)?).ok()?;
    let (id, signature) = bytes.split_first_chunk::<4>()?;
    (signature.len() == SHORT).then(|| (i32::from_be_bytes(*id), signature.to_vec()))
}

/// Whether a token was signed with a secret; in the same time, wherever it differs.
pub(super) fn is_signed(id: i32, signature: &[u8], secret: &[u8]) -> bool {
    hmac(secret, &[b"unsubscribe", &id.to_be_bytes()]).verify_truncated_left(signature).is_ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_signature_is_that_of_any_other_implementation() {
        // printf '1700000000.{"a":1}' | openssl dgst -sha256 -hmac whsec_test
        assert_eq!(
            sign("whsec_test", 1_700_000_000, b"{\"a\":1}"),
            "v1=38877139021993b830af32feea6e18a8da83eb2f6e49ee50bd9e4cf4ca4d3789"
        );
    }

    #[test]
    fn a_token_ends_its_own_subscription_alone() {
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
