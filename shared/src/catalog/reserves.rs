//! Reserve products whose charges need the obligation of the load before they can be priced per `MWh`.

/// Reserves whose price is of a MW of reserve and hour, and not of a MW of load.
pub const RESERVES: [&str; 5] = ["ecrs", "nsrs", "rrs", "reg down", "reg up"];
