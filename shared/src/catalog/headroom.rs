//! What a comparison of a retail price with the price to compare consists of.

/// A number of an offer: the sub component of its curve.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Part {
    /// What the utility charges over the months of the offer, $/kWh; missing if one of them is not published.
    PriceToCompare,
    /// What the offer costs, $/kWh.
    RetailPrice,
    /// The first less the second, $/kWh.
    Headroom,
    /// The same in percent of the price to compare.
    HeadroomPercent,
    /// The load that weighted the months, kWh; absent where hours did.
    Load,
    /// Months of the offer without a published price: a number for each run of them, how many, on the first day of its first.
    MonthsMissing,
    /// The price to compare of the one month that the old system took, $/kWh, on the first day of that month.
    LegacyPriceToCompare,
}

impl Part {
    /// All of them.
    pub const ALL: [Self; 7] = [
        Self::PriceToCompare,
        Self::RetailPrice,
        Self::Headroom,
        Self::HeadroomPercent,
        Self::Load,
        Self::MonthsMissing,
        Self::LegacyPriceToCompare,
    ];

    /// The sub component.
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

    /// The unit.
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

/// Which price to compare.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Method {
    /// That of the months of the offer.
    #[default]
    Term,
    /// That of the month in which the prices to compare were published, zero where there is none, as the old system had it.
    Legacy,
}

impl Method {
    /// Its names in requests.
    pub const WORDS: [(&'static str, Self); 2] = [("term", Self::Term), ("legacy", Self::Legacy)];
}
