//! Deterministic pseudo-random numbers: `SplitMix64` (Steele, Lea and Flood, 2014), which needs no crate.

use sha2::{Digest, Sha256};

/// A stream of pseudo-random numbers.
#[derive(Clone, Debug)]
pub struct Random(u64);

impl Random {
    /// The stream with this name. Streams with different names are independent.
    #[must_use]
    pub fn new(seed: u64, name: &str) -> Self {
        let digest = Sha256::new().chain_update(seed.to_le_bytes()).chain_update(name).finalize();
        let start = digest.iter().take(8).fold(0, |start, byte| start << 8 | u64::from(*byte));
        Self(start)
    }

    fn next(&mut self) -> u32 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mixed = (self.0 ^ (self.0 >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        let mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        u32::try_from((mixed ^ (mixed >> 31)) >> 32).expect("the upper half of 64 bits")
    }

    /// A number from 0 up to, but not including, 1.
    pub fn unit(&mut self) -> f64 {
        f64::from(self.next()) / 4_294_967_296.0
    }

    /// A number from `least` up to, but not including, `most`.
    pub fn between(&mut self, least: f64, most: f64) -> f64 {
        least + (most - least) * self.unit()
    }

    /// A whole number from 0 up to, but not including, `count`.
    pub fn below(&mut self, count: u32) -> u32 {
        self.next() % count.max(1)
    }

    /// True with the probability `likely`.
    pub fn chance(&mut self, likely: f64) -> bool {
        self.unit() < likely
    }

    /// A number around 0 with a standard deviation of 1, computed as a sum of four: a logarithm would differ between machines in
    /// the last digit.
    pub fn normal(&mut self) -> f64 {
        (self.unit() + self.unit() + self.unit() + self.unit() - 2.0) * 1.732
    }
}
