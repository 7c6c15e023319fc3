//! Random names and passwords.

/// 32 hexadecimal digits that nobody can guess.
pub(crate) fn token() -> String {
    let mut bytes = [0_u8; 16];
    getrandom::fill(&mut bytes).expect("Linux always has random bytes once it has booted");
    format!("{:032x}", u128::from_be_bytes(bytes))
}

/// A random identifier in the form of a UUID of version 4, as AWS gives to requests and messages.
pub(crate) fn uuid() -> String {
    let digits = token();
    format!("{}-{}-4{}-a{}-{}", &digits[..8], &digits[8..12], &digits[13..16], &digits[17..20], &digits[20..])
}
