//! Random names and passwords.

/// 32 random hexadecimal digits that cannot be guessed.
pub(crate) fn token() -> String {
    let mut bytes = [0_u8; 16];
    getrandom::fill(&mut bytes).expect("Linux always has random bytes once it has booted");
    format!("{:032x}", u128::from_be_bytes(bytes))
}

/// A random identifier (a version 4 UUID), like those that AWS gives to requests and messages.
pub(crate) fn uuid() -> String {
    uuid::Uuid::new_v4().to_string()
}
