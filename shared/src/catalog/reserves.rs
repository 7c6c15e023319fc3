//! Reserve products whose charges can be priced per `MWh` only with the load's obligation.

/// Reserves priced per MW of reserve and hour, not per MW of load.
pub const RESERVES: [&str; 5] = ["ecrs", "nsrs", "rrs", "reg down", "reg up"];
