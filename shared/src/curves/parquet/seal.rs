//! The seal: a digest of the file, inside of the file. Promises: a byte that is not as it was written is noticed before
//! anything is parsed, which Parquet itself does not promise: a changed price would be read as a price.
//!
//! The digest stands in the file's own metadata, which other readers pass over, and is taken with zeros in its place.

use crate::fault::Fault;
use memchr::memmem;
use sha2::{Digest, Sha256};

/// Where the digest stands in the metadata.
pub(super) const KEY: &str = "trueprice.sha256";
/// What stands there until it is known.
pub(super) const BLANK: &str = "0000000000000000000000000000000000000000000000000000000000000000";

/// The key as the footer has it: then a field that is a string (0x18), 64 bytes long.
const MARK: &[u8] = b"trueprice.sha256\x18\x40";
/// The first and last four bytes of every Parquet file.
const MAGIC: &[u8] = b"PAR1";

/// Puts the digest in its place.
pub(super) fn put(bytes: &mut [u8]) -> Result<(), Fault> {
    let place = place(bytes).ok_or_else(|| Fault::new("the file has no place for its seal"))?;
    let digest = digest(bytes, place);
    bytes[place..place + BLANK.len()].copy_from_slice(digest.as_bytes());
    Ok(())
}

/// Checks that the bytes are those that were sealed.
pub(super) fn check(bytes: &[u8]) -> Result<(), Fault> {
    if !bytes.starts_with(MAGIC) {
        return Err(Fault::new("this is not a Parquet file"));
    }
    if !bytes.ends_with(MAGIC) {
        return Err(Fault::new("the file does not end as a Parquet file does: it was cut or changed"));
    }
    let place =
        place(bytes).ok_or_else(|| Fault::new("the file has no seal of TRUEPrice: it is from elsewhere"))?;
    if bytes[place..place + BLANK.len()] == *digest(bytes, place).as_bytes() {
        Ok(())
    } else {
        Err(Fault::new("the file is not as TRUEPrice wrote it: its digest is another"))
    }
}

fn place(bytes: &[u8]) -> Option<usize> {
    let place = memmem::rfind(bytes, MARK)? + MARK.len();
    (place + BLANK.len() <= bytes.len()).then_some(place)
}

fn digest(bytes: &[u8], place: usize) -> String {
    let mut hash = Sha256::new();
    hash.update(&bytes[..place]);
    hash.update(BLANK);
    hash.update(&bytes[place + BLANK.len()..]);
    hex::encode(hash.finalize())
}
