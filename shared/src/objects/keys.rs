//! Keys as S3 writes them.

/// A key of a list, decoded if the list is encoded. A key that cannot be decoded is kept as it is.
pub fn key(key: String, encoded: bool) -> String {
    if encoded { decoded(&key).unwrap_or(key) } else { key }
}

/// A key as S3 writes it into notifications and encoded lists: like a form field, `+` for a blank. `None` if it is not.
#[must_use]
pub fn decoded(key: &str) -> Option<String> {
    let mut bytes = Vec::with_capacity(key.len());
    let mut rest = key.bytes();
    while let Some(byte) = rest.next() {
        let digit = |byte: Option<u8>| byte.and_then(|byte| char::from(byte).to_digit(16));
        match byte {
            b'+' => bytes.push(b' '),
            b'%' => {
                let (high, low) = (digit(rest.next())?, digit(rest.next())?);
                bytes.push(u8::try_from(high * 16 + low).expect("two hex digits are a byte"));
            }
            byte => bytes.push(byte),
        }
    }
    String::from_utf8(bytes).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_key_of_a_list_is_decoded_if_the_list_says_that_it_is_encoded() {
        let listed = |text: &str| key(text.to_owned(), true);
        assert_eq!(listed("a+b%2Bc%00/%C3%BC.csv"), "a b+c\0/\u{fc}.csv");
        assert_eq!(listed("100%"), "100%", "not as S3 writes it: left as it is");
        assert_eq!(decoded("%ff"), None, "no text");
        assert_eq!(key("a+b%41".to_owned(), false), "a+b%41");
    }
}
