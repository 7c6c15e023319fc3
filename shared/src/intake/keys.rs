//! Keys of objects: what their folders mean, and how much is read of them.

/// Largest object that is read, and most that an archive may unpack to, whichever way it came: 256 MiB. The largest real sheet
/// has 475 kB, and an archive 500 of them at most.
pub const MOST_BYTES: u64 = 256 << 20;

/// Where reports of rejected objects go; what lies there is not read.
pub const REJECTED: &str = "rejected/";

/// Where sheets are put that are to be judged and not published.
pub const CHECK: &str = "check/";

/// Where reports of those go; what lies there is not read.
pub const CHECKED: &str = "checked/";

/// Metadata of an object that the API put, by which its notification finds the row that the API wrote.
pub const ANNOUNCED: &str = "trueprice-arrival";

/// The name without its folder, and without blanks around it, which nobody sees: the same by every way in. The key stays as it is.
pub(super) fn base_name(key: &str) -> &str {
    key.rsplit(['/', '\\']).next().unwrap_or(key).trim()
}
