//! Keys of objects: what their folders mean, and how much is read of them.

/// Largest object that is read, and most that an archive may unpack to, whichever way it came: 256 MiB. The largest real sheet
/// has 475 kB, and an archive 500 of them at most.
pub const MAX_BYTES: u64 = 256 << 20;

/// The folder of reports on rejected objects. Objects in it are not ingested.
pub const REJECTED: &str = "rejected/";

/// The folder of sheets that are checked and not published.
pub const CHECK: &str = "check/";

/// The folder of reports on checked sheets. Objects in it are not ingested.
pub const CHECKED: &str = "checked/";

/// Metadata of an object that the API put, by which its notification finds the row that the API wrote.
pub const ANNOUNCED: &str = "trueprice-arrival";

/// The file name without its folder and surrounding blanks, the same for every kind of upload. The key itself is not changed.
pub(super) fn base_name(key: &str) -> &str {
    key.rsplit(['/', '\\']).next().unwrap_or(key).trim()
}
