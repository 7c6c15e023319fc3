//! The kinds of file that a download comes as.

/// The kind of file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Format {
    /// Wide, with header block and footer.
    Csv,
    /// Wide, typed cells.
    Xlsx,
    /// A record per value.
    Json,
}

impl Format {
    /// Extension of its files.
    #[must_use]
    pub const fn extension(self) -> &'static str {
        match self {
            Self::Csv => "csv",
            Self::Xlsx => "xlsx",
            Self::Json => "json",
        }
    }

    /// Minimum number of bytes that this many values take while the file is made: in CSV a comma and seven characters each, in a
    /// workbook the cells before they are packed, in JSON the names around each value.
    #[must_use]
    pub const fn least_bytes(self, values: usize) -> usize {
        match self {
            Self::Csv => values * 8,
            Self::Xlsx => values * 64,
            Self::Json => values * 320,
        }
    }

    /// Media type of its files.
    #[must_use]
    pub const fn media_type(self) -> &'static str {
        match self {
            Self::Csv => "text/csv; charset=utf-8",
            Self::Xlsx => "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
            Self::Json => "application/json",
        }
    }
}
