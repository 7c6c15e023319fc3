//! Which hours blocks have.

use crate::catalog::Block;
use serde::Serialize;
use std::collections::BTreeMap;
use utoipa::ToSchema;

/// Hours by their end.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct HoursEnding {
    /// The first, included.
    #[schema(example = 8)]
    pub(super) first: u8,
    /// The last, included.
    #[schema(example = 23)]
    pub(super) last: u8,
}

/// Something for each block, by its name.
pub(super) type ByBlock<T> = BTreeMap<&'static str, T>;

/// Which hours each block has.
pub(super) fn conventions() -> ByBlock<&'static str> {
    let about = |block| match block {
        Block::Peak5x16 => "peak hours of Monday to Friday without holidays",
        Block::Peak2x16 => "peak hours of weekends and holidays",
        Block::Night7x8 => "the other hours of every day, with the one that daylight saving takes or gives",
        Block::Flat7x24 => "all hours",
        Block::Weekday => "all hours of Monday to Friday without holidays",
        Block::Weekend => "all hours of weekends and holidays",
        Block::OnPeak => "as 5x16; with calendar=legacy 16 hours of every day",
        Block::OffPeak => "as wrap; with calendar=legacy 8 hours of every day",
        Block::Wrap => "7x8 and 2x16 together",
    };
    Block::ALL.into_iter().map(|block| (block.name(), about(block))).collect()
}
