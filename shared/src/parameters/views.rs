//! The blocks and units of an answer.

use crate::catalog::Block;

/// Which blocks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum View {
    /// Every curve as published.
    Native,
    /// One curve per series, for this block.
    Of(Block),
}

impl View {
    /// The words used in requests.
    pub const WORDS: [(&'static str, Self); 4] = [
        ("native", Self::Native),
        ("7x24", Self::Of(Block::Flat7x24)),
        ("wrap", Self::Of(Block::Wrap)),
        ("on-peak", Self::Of(Block::OnPeak)),
    ];
}

/// The units of an answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Units {
    /// Units as published.
    Native,
    /// $/`MWh` where the unit is an energy or capacity price; other units stay unchanged.
    PerMwh,
}

impl Units {
    /// The words used in requests.
    pub const WORDS: [(&'static str, Self); 2] = [("native", Self::Native), ("$/MWh", Self::PerMwh)];
}

/// The words for the layout of rows in requests, and whether values are side by side.
pub const LAYOUTS: [(&str, bool); 2] = [("long", false), ("wide", true)];
