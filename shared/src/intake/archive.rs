//! Archives: a zip of sheets is taken apart, and each sheet is judged on its own.

use super::flaw::{Code, Flaw};
use std::io::{Cursor, Read as _};
use zip::ZipArchive;

/// Most files in an archive; a day of all markets and types is fewer than 100.
pub const MOST_FILES: usize = 500;

/// An open archive of sheets.
#[derive(Debug)]
pub struct Archive<'a> {
    zip: ZipArchive<Cursor<&'a [u8]>>,
    most_bytes: u64,
    members: Vec<(usize, String)>,
}

/// Whether the name is an archive's.
#[must_use]
pub fn is_archive(name: &str) -> bool {
    name.rsplit_once('.').is_some_and(|(_, extension)| extension.eq_ignore_ascii_case("zip"))
}

impl<'a> Archive<'a> {
    /// Opens an archive. What it declares to unpack to is looked at before anything is unpacked: at most `most_bytes`.
    ///
    /// # Errors
    /// A flaw, if it is no zip, has no sheets, or holds more than we read.
    pub fn open(bytes: &'a [u8], most_bytes: u64) -> Result<Self, Flaw> {
        let broken = |found: String| Flaw::of_file(Code::BadArchive, found, "a zip of sheets, not encrypted");
        let mut zip = ZipArchive::new(Cursor::new(bytes)).map_err(|error| broken(error.to_string()))?;
        if zip.len() > MOST_FILES {
            let found = format!("{} files", zip.len());
            return Err(Flaw::of_file(
                Code::TooLarge,
                found,
                format!("at most {MOST_FILES} files in an archive"),
            ));
        }
        let (mut total, mut members) = (0_u64, Vec::new());
        for index in 0..zip.len() {
            let file = zip.by_index_raw(index).map_err(|error| broken(error.to_string()))?;
            total = total.saturating_add(file.size());
            // What a Mac adds for itself is no sheet.
            let name = file.name().map_err(|error| broken(error.to_string()))?.into_owned();
            if file.is_file() && !name.starts_with("__MACOSX/") && !name.ends_with(".DS_Store") {
                members.push((index, name));
            }
        }
        if total > most_bytes {
            let found = format!("{total} bytes unpacked");
            return Err(Flaw::of_file(Code::TooLarge, found, format!("at most {most_bytes} bytes unpacked")));
        }
        if members.is_empty() {
            return Err(broken("no files".to_owned()));
        }
        Ok(Self { zip, most_bytes, members })
    }

    /// Number and name of each sheet.
    #[must_use]
    pub fn members(&self) -> Vec<(usize, String)> {
        self.members.clone()
    }

    /// Unpacks one. It stops at the size that the archive declares, whatever is behind it.
    ///
    /// # Errors
    /// A flaw, if it cannot be unpacked or is larger than declared.
    pub fn read(&mut self, index: usize) -> Result<Vec<u8>, Flaw> {
        let broken = |found: String| {
            Flaw::of_file(Code::BadArchive, found, "a file that unpacks to its declared size")
        };
        let file = self.zip.by_index(index).map_err(|error| broken(error.to_string()))?;
        let declared = file.size().min(self.most_bytes);
        let mut bytes = Vec::with_capacity(usize::try_from(declared).unwrap_or(0));
        file.take(declared + 1).read_to_end(&mut bytes).map_err(|error| broken(error.to_string()))?;
        if bytes.len() as u64 > declared {
            return Err(broken(format!("more than the declared {declared} bytes")));
        }
        Ok(bytes)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::intake::MOST_BYTES;
    use std::io::Write as _;
    use zip::write::SimpleFileOptions;

    fn archive(files: &[(&str, &[u8])]) -> Vec<u8> {
        let mut zip = zip::ZipWriter::new(Cursor::new(Vec::new()));
        for (name, bytes) in files {
            zip.start_file(*name, SimpleFileOptions::default()).unwrap();
            zip.write_all(bytes).unwrap();
        }
        zip.finish().unwrap().into_inner()
    }

    /// Lets the last entry of the central directory declare this size (APPNOTE 4.3.12, uncompressed size).
    fn declare(bytes: &mut [u8], size: u32) {
        let directory = bytes.windows(4).rposition(|window| window == b"PK\x01\x02").unwrap();
        bytes[directory + 24..directory + 28].copy_from_slice(&size.to_le_bytes());
    }

    #[test]
    fn sheets_come_out_as_they_went_in_and_helpers_of_a_mac_do_not() {
        let bytes = archive(&[("a/x.csv", b"1,2"), ("__MACOSX/a/x.csv", b"junk"), (".DS_Store", b"junk")]);
        let mut open = Archive::open(&bytes, MOST_BYTES).unwrap();
        assert_eq!(open.members(), [(0, "a/x.csv".to_owned())]);
        assert_eq!(open.read(0).unwrap(), b"1,2");
    }

    #[test]
    fn a_bomb_is_refused_by_what_it_declares() {
        // What the central directory declares is what is looked at, before anything is unpacked.
        let mut bytes = archive(&[("x.csv", b"1,2"), ("y.csv", b"3,4")]);
        declare(&mut bytes, u32::try_from(MOST_BYTES).unwrap());
        assert_eq!(Archive::open(&bytes, MOST_BYTES).unwrap_err().code, Code::TooLarge);
    }

    #[test]
    fn a_bomb_that_lies_is_stopped_at_what_it_declared() {
        let mut bytes = archive(&[("x.csv", &vec![b'7'; 1 << 20])]);
        declare(&mut bytes, 10);
        let mut open = Archive::open(&bytes, MOST_BYTES).unwrap();
        assert_eq!(open.read(0).unwrap_err().code, Code::BadArchive);
    }

    #[test]
    fn what_is_no_zip_or_empty_is_a_flaw() {
        for bytes in [&b"PK\x03\x04 not really"[..], b"", &archive(&[])] {
            assert_eq!(Archive::open(bytes, MOST_BYTES).unwrap_err().code, Code::BadArchive);
        }
    }
}
