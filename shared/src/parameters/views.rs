//! Which blocks an answer has, and in which units.

use crate::catalog::Block;

/// Which blocks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum View {
    /// Every curve as it is.
    Native,
    /// One curve per series, for this block.
    Of(Block),
}

impl View {
    /// As a request writes them.
    pub const WORDS: [(&'static str, Self); 4] = [
        ("native", Self::Native),
        ("7x24", Self::Of(Block::Flat7x24)),
        ("wrap", Self::Of(Block::Wrap)),
        ("on-peak", Self::Of(Block::OnPeak)),
    ];
}

/// Which units.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Units {
    /// Those of the sheet.
    Native,
    /// $/`MWh`, where the unit is a price of energy or of capacity; the others stay what they are.
    PerMwh,
}

impl Units {
    /// As a request writes them.
    pub const WORDS: [(&'static str, Self); 2] = [("native", Self::Native), ("$/MWh", Self::PerMwh)];
}

/// How rows stand in a table, as a request writes it; whether side by side.
pub const LAYOUTS: [(&str, bool); 2] = [("long", false), ("wide", true)];
