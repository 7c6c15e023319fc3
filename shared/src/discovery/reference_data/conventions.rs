//! The hours of each block.

use crate::catalog::Block;
use serde::Serialize;
use std::collections::BTreeMap;
use utoipa::ToSchema;

/// A range of hours, each named by its end.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct HoursEnding {
    /// First hour ending, inclusive.
    #[schema(example = 8)]
    pub(super) first: u8,
    /// Last hour ending, inclusive.
    #[schema(example = 23)]
    pub(super) last: u8,
}

/// A value for each block, by name.
pub(super) type ByBlock<T> = BTreeMap<&'static str, T>;

/// The hours of each block, in words.
pub(super) fn conventions() -> ByBlock<&'static str> {
    let about = |block| match block {
        Block::Peak5x16 => "peak hours of Monday to Friday, except holidays",
        Block::Peak2x16 => "peak hours of weekends and holidays",
        Block::Night7x8 => {
            "the other hours of every day, including the hour that daylight saving time removes or adds"
        }
        Block::Flat7x24 => "all hours",
        Block::Weekday => "all hours of Monday to Friday, except holidays",
        Block::Weekend => "all hours of weekends and holidays",
        Block::OnPeak => "same as 5x16; with calendar=legacy, 16 hours of every day",
        Block::OffPeak => "same as wrap; with calendar=legacy, 8 hours of every day",
        Block::Wrap => "7x8 and 2x16 together",
    };
    Block::ALL.into_iter().map(|block| (block.name(), about(block))).collect()
}
