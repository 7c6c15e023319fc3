//! The layouts of sheets: one row per data type. The file-name grammar, the reader, the checks, downloads, the API's enumerations
//! and the table in `docs/uploading.md` all read this table. No other code knows the specifics of a data type.

use super::Written;
use super::label::normalised;

mod layout;
mod ranges;
mod table;

pub use layout::{Body, LabelRows, Layout};
pub use ranges::OFFER_PRICE;
pub use table::LAYOUTS;

/// Whether a component of a matrix is the price of the offer: with its unit, without one, or with an unknown one.
#[must_use]
pub fn is_offer_price(component: &str) -> bool {
    match Written::in_name(component) {
        (_, Written::Unknown(_)) => normalised(component)
            .strip_prefix(OFFER_PRICE)
            .is_some_and(|rest| rest.trim_start().starts_with(['(', '[', '$', '¢'])),
        (name, Written::Nothing | Written::Known(_)) => normalised(&name) == OFFER_PRICE,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::catalog::{DataType, Grid};

    #[test]
    fn every_data_type_has_one_layout() {
        for data_type in DataType::ALL {
            assert_eq!(
                LAYOUTS.iter().filter(|layout| layout.data_type == data_type).count(),
                1,
                "{data_type}"
            );
            assert!(!Layout::of(data_type).markets.is_empty());
            assert!(!Layout::of(data_type).about.is_empty());
        }
        assert_eq!(LAYOUTS.len(), DataType::ALL.len());
    }

    #[test]
    fn the_price_of_an_offer_is_recognised_whatever_its_unit() {
        for name in ["Total Bundled Price", "Total_Bundled  Price ($/MWh)", "total bundled price $/kWh"] {
            assert!(is_offer_price(name), "{name}");
        }
        for name in
            ["Total Bundled Price (€/MWh)", "Total Bundled Price [widgets/h]", "Total Bundled Price $/MW"]
        {
            assert!(is_offer_price(name), "{name}");
        }
        for name in
            ["Total Full Requirements Price", "Total Bundled Price before tax", "Total Bundled Price (old)"]
        {
            assert!(!is_offer_price(name), "{name}");
        }
    }

    #[test]
    fn only_monthly_layouts_with_blocks_are_converted() {
        for layout in &LAYOUTS {
            assert!(
                !layout.converts || (layout.grid == Grid::Month && layout.by_block),
                "{}",
                layout.data_type
            );
        }
    }
}
