//! Vectors of prices, and how they are packed.

pub mod pack;
pub mod series;
pub mod vector;
