//! The labels that identify the curve in a column.

pub use super::text::normalised;

/// One of the eight rows of the header block.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Label {
    /// Market, as written in the sheet.
    ControlArea,
    /// State; `-` for hubs, `ALL` for market-wide.
    State,
    /// Load zone or hub.
    LoadZone,
    /// Capacity zone.
    CapacityZone,
    /// Utility code, or `ALL`.
    Utility,
    /// Block, such as `5x16`.
    BlockType,
    /// Family of the component.
    CostGroup,
    /// Name of the curve.
    CostComponent,
}

impl Label {
    /// All labels, in the order of a sheet and of a download.
    pub const ALL: [Self; 8] = [
        Self::ControlArea,
        Self::State,
        Self::LoadZone,
        Self::CapacityZone,
        Self::Utility,
        Self::BlockType,
        Self::CostGroup,
        Self::CostComponent,
    ];

    /// The text in the first cell of the label's row.
    #[must_use]
    pub const fn title(self) -> &'static str {
        match self {
            Self::ControlArea => "Control Area",
            Self::State => "State",
            Self::LoadZone => "Load Zone",
            Self::CapacityZone => "Capacity Zone",
            Self::Utility => "Utility",
            Self::BlockType => "Block Type",
            Self::CostGroup => "Cost Group",
            Self::CostComponent => "Cost Component",
        }
    }

    /// The label's name in requests, JSON and SQL.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::ControlArea => "control_area",
            Self::State => "state",
            Self::LoadZone => "load_zone",
            Self::CapacityZone => "capacity_zone",
            Self::Utility => "utility",
            Self::BlockType => "block_type",
            Self::CostGroup => "cost_group",
            Self::CostComponent => "cost_component",
        }
    }

    /// The label's position in [`Label::ALL`].
    #[must_use]
    pub const fn index(self) -> usize {
        self as usize
    }
}

/// A further row of the header block that distinguishes curves of some data types.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Detail {
    /// The rate class a price to compare is for.
    ProfileLoad,
    /// The utility's name.
    UtilityName,
    /// The load profile an offer is for.
    LoadProfile,
    /// Term of an offer in months.
    Term,
    /// Class of customers.
    CustomerType,
    /// Key that joins a price to compare to the offers it is compared with.
    MatchingId,
    /// Key of an offer, or of a price to compare, in the analysts' workbook.
    LookupId,
}

impl Detail {
    /// All details.
    pub const ALL: [Self; 7] = [
        Self::ProfileLoad,
        Self::UtilityName,
        Self::LoadProfile,
        Self::Term,
        Self::CustomerType,
        Self::MatchingId,
        Self::LookupId,
    ];

    /// The text in the first cell of the detail's row.
    #[must_use]
    pub const fn title(self) -> &'static str {
        match self {
            Self::ProfileLoad => "Rate Class/Load Profile",
            Self::UtilityName => "Utility Name",
            Self::LoadProfile => "Load Profile",
            Self::Term => "Term (Months)",
            Self::CustomerType => "Customer Type",
            Self::MatchingId => "Matching ID",
            Self::LookupId => "Lookup ID1",
        }
    }

    /// The detail's name in JSON and SQL.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::ProfileLoad => "profile_load",
            Self::UtilityName => "utility_name",
            Self::LoadProfile => "load_profile",
            Self::Term => "term",
            Self::CustomerType => "customer_type",
            Self::MatchingId => "matching_id",
            Self::LookupId => "lookup_id",
        }
    }

    /// The title in the header block of a download; `None` if downloads do not show it.
    #[must_use]
    pub const fn shown(self) -> Option<&'static str> {
        match self {
            Self::ProfileLoad => Some("Profile_load"),
            Self::LoadProfile => Some("load_profile"),
            Self::Term => Some("term"),
            Self::CustomerType => Some("Customer Type"),
            Self::UtilityName | Self::MatchingId | Self::LookupId => None,
        }
    }

    /// The meaning of a blank cell; `None` if the cell must be filled.
    #[must_use]
    pub const fn blank(self) -> Option<&'static str> {
        match self {
            Self::MatchingId => Some("N/A"),
            Self::ProfileLoad
            | Self::UtilityName
            | Self::LoadProfile
            | Self::Term
            | Self::CustomerType
            | Self::LookupId => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_index_is_the_position_in_the_list() {
        for (place, label) in Label::ALL.into_iter().enumerate() {
            assert_eq!(label.index(), place);
        }
    }
}
