//! The numbers that make up a comparison of a retail price with the price to compare.

/// One number of a comparison, named by the sub component of its curve.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Part {
    /// The utility's price over the months of the offer, $/kWh; missing if any of those months is not published.
    PriceToCompare,
    /// The price of the offer, $/kWh.
    RetailPrice,
    /// Price to compare minus retail price, $/kWh.
    Headroom,
    /// Headroom in percent of the price to compare.
    HeadroomPercent,
    /// The load that weights the months, kWh; absent if the months are weighted by hours.
    Load,
    /// Months of the offer without a published price: for each run of such months, its length, on the first day of its first month.
    MonthsMissing,
    /// The price to compare of the one month that the old system used, $/kWh, on the first day of that month.
    LegacyPriceToCompare,
}

impl Part {
    /// All parts.
    pub const ALL: [Self; 7] = [
        Self::PriceToCompare,
        Self::RetailPrice,
        Self::Headroom,
        Self::HeadroomPercent,
        Self::Load,
        Self::MonthsMissing,
        Self::LegacyPriceToCompare,
    ];

    /// The part's sub component.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::PriceToCompare => "Price to Compare",
            Self::RetailPrice => "Retail Price",
            Self::Headroom => "Headroom",
            Self::HeadroomPercent => "Headroom Percent",
            Self::Load => "Load",
            Self::MonthsMissing => "Months Missing",
            Self::LegacyPriceToCompare => "Legacy Price to Compare",
        }
    }

    /// The part's unit.
    #[must_use]
    pub const fn unit(self) -> &'static str {
        match self {
            Self::PriceToCompare | Self::RetailPrice | Self::Headroom | Self::LegacyPriceToCompare => "$/kWh",
            Self::HeadroomPercent => "percent",
            Self::Load => "kWh",
            Self::MonthsMissing => "months",
        }
    }
}

/// The method for choosing the price to compare.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Method {
    /// The prices of the months of the offer.
    #[default]
    Term,
    /// The price of the month in which the prices to compare were published; zero if it has no price, as in the old system.
    Legacy,
}

impl Method {
    /// The methods' names in requests.
    pub const WORDS: [(&'static str, Self); 2] = [("term", Self::Term), ("legacy", Self::Legacy)];
}
