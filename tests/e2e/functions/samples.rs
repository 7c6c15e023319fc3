//! Sample sheets that several tests put into buckets.

use local::samples::SAMPLES;

pub(super) const PJM: &str = "Energy_PJM_20240105_170200_cob.csv";

/// The bytes of a sample.
pub(super) fn sample_named(name: &str) -> &'static [u8] {
    SAMPLES.iter().find(|sample| sample.0 == name).unwrap_or_else(|| panic!("no sample {name}")).1
}
