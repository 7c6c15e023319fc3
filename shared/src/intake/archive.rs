//! Unpacks archives, which are zips of sheets, so that each sheet is judged separately.
//!
//! Guarantees: every entry of the zip is a member, or is named among those ignored. A member is identified by the number of its
//! entry. If several entries have the same name, and so would be the same sheet, none is chosen silently: if they differ, all of
//! them are flawed.

use super::keys::base_name;
use crate::sheets::flaw::Flaw;
use crate::sheets::flaw::code::Code;
use sha2::{Digest, Sha256};
use std::collections::{BTreeMap, HashMap, HashSet};
use std::io::{Cursor, Read as _};
use zip::ZipArchive;
use zip::read::read_zipfile_from_stream_with_compressed_size;

/// Maximum number of files in an archive; a day of all markets and types has fewer than 100.
pub const MAX_FILES: usize = 500;

/// An open archive of sheets.
#[derive(Debug)]
pub struct Archive<'a> {
    bytes: &'a [u8],
    zip: ZipArchive<Cursor<&'a [u8]>>,
    most_bytes: u64,
    members: Vec<Member>,
    ignored: Vec<String>,
}

/// A file of an archive.
#[derive(Clone, Debug)]
pub struct Member {
    /// Number of its entry in the archive, from 0.
    pub entry: usize,
    /// Its path, in a form that can be stored and differs from the others.
    pub name: String,
    /// Its position in the index of the zip, which has each name once.
    place: usize,
    /// Location of its bytes, if others have the same path: the index has only the last of them.
    own: Option<Own>,
    /// What is wrong with it before it is unpacked.
    flaw: Option<Flaw>,
}

/// Location of the bytes of an entry, from its own header in the directory.
#[derive(Clone, Copy, Debug)]
struct Own {
    begin: u64,
    packed: u64,
    size: u64,
}

/// Whether the name is that of an archive.
#[must_use]
pub fn is_archive(name: &str) -> bool {
    name.rsplit_once('.').is_some_and(|(_, extension)| extension.eq_ignore_ascii_case("zip"))
}

fn broken(found: &str) -> Flaw {
    Flaw::of_file(Code::BadArchive, found, "a zip of sheets, not encrypted")
}

impl<'a> Archive<'a> {
    /// Opens an archive. Its declared unpacked size is checked before anything is unpacked: at most `most_bytes`.
    ///
    /// # Errors
    /// A flaw, if it is not a zip, has no sheets, or holds more than we read.
    pub fn open(bytes: &'a [u8], most_bytes: u64) -> Result<Self, Flaw> {
        let zip = ZipArchive::new(Cursor::new(bytes)).map_err(|error| broken(&error.to_string()))?;
        let entries = entries(&zip, bytes)?;
        if entries.len() > MAX_FILES {
            let (found, expected) =
                (format!("{} files", entries.len()), format!("at most {MAX_FILES} files in an archive"));
            return Err(Flaw::of_file(Code::TooLarge, found, expected));
        }
        let mut archive = Self { bytes, zip, most_bytes, members: Vec::new(), ignored: Vec::new() };
        let (mut total, mut names) = (0_u64, HashSet::new());
        for (entry, (place, own)) in entries.iter().copied().enumerate() {
            let file = archive.zip.by_index_data(place).map_err(|error| broken(&error.to_string()))?;
            total = total.saturating_add(own.map_or(file.size(), |own| own.size));
            let path = file.name().map_or_else(
                |_| String::from_utf8_lossy(file.name_raw()).into_owned(),
                std::borrow::Cow::into_owned,
            );
            if file.is_dir() {
                continue;
            }
            let mut name = fit(&path);
            if is_of_a_file_system(&path) {
                archive.ignored.push(name);
                continue;
            }
            if name.is_empty() || !names.insert(name.clone()) {
                // Another entry has the name; its number distinguishes them.
                name = format!("{entry}/{name}");
                names.insert(name.clone());
            }
            archive.members.push(Member { entry, name, place, own, flaw: None });
        }
        if total > most_bytes {
            let (found, expected) =
                (format!("{total} bytes unpacked"), format!("at most {most_bytes} bytes unpacked"));
            return Err(Flaw::of_file(Code::TooLarge, found, expected));
        }
        if archive.members.is_empty() {
            let found = match archive.ignored.len() {
                0 => "no files".to_owned(),
                _ => format!("only {}", archive.ignored.join(", ")),
            };
            return Err(broken(&found));
        }
        archive.compare_namesakes();
        Ok(archive)
    }

    /// The files that are sheets, or ought to be, in the order of the archive.
    #[must_use]
    pub fn members(&self) -> Vec<Member> {
        self.members.clone()
    }

    /// Files that the operating system added.
    #[must_use]
    pub fn ignored(&self) -> &[String] {
        &self.ignored
    }

    /// Unpacks a member, up to the size that the archive declares.
    ///
    /// # Errors
    /// A flaw, if it cannot be unpacked, is larger than declared, or shares its name with a different file.
    pub fn read(&mut self, member: &Member) -> Result<Vec<u8>, Flaw> {
        member.flaw.clone().map_or_else(|| self.unpack(member.place), Err)
    }

    fn unpack(&mut self, place: usize) -> Result<Vec<u8>, Flaw> {
        let broken = |found: String| {
            Flaw::of_file(Code::BadArchive, found, "a file that unpacks to its declared size")
        };
        let file = self.zip.by_index(place).map_err(|error| broken(error.to_string()))?;
        let declared = file.size().min(self.most_bytes);
        let mut bytes = Vec::with_capacity(usize::try_from(declared).unwrap_or(0));
        file.take(declared + 1).read_to_end(&mut bytes).map_err(|error| broken(error.to_string()))?;
        if bytes.len() as u64 > declared {
            return Err(broken(format!("more than the declared {declared} bytes")));
        }
        Ok(bytes)
    }

    /// The bytes of a member, even if others have exactly its path; `None` if they cannot be read or distinguished.
    fn own_bytes(&mut self, member: usize) -> Option<Vec<u8>> {
        let Member { place, own, .. } = self.members[member];
        if self.members.iter().filter(|other| other.place == place).count() == 1 {
            return self.unpack(place).ok();
        }
        let Own { begin, packed, size } = own.filter(|own| own.size <= self.most_bytes)?;
        let mut rest = self.bytes.get(usize::try_from(begin).ok()?..)?;
        let file = read_zipfile_from_stream_with_compressed_size(&mut rest, packed).ok()??;
        let mut bytes = Vec::with_capacity(usize::try_from(size).ok()?);
        file.take(size + 1).read_to_end(&mut bytes).ok()?;
        (bytes.len() as u64 == size).then_some(bytes)
    }

    /// Finds members with the same name, in any folder and letter case, that differ. It is unknown which of them was meant: the
    /// last one would become a correction of the others.
    fn compare_namesakes(&mut self) {
        let mut named: BTreeMap<String, Vec<usize>> = BTreeMap::new();
        for (at, member) in self.members.iter().enumerate() {
            named.entry(base_name(&member.name).to_lowercase()).or_default().push(at);
        }
        for places in named.into_values().filter(|places| places.len() > 1) {
            let digests: Vec<_> =
                places.iter().map(|at| self.own_bytes(*at).map(|bytes| Sha256::digest(&bytes))).collect();
            if digests.iter().all(|one| one.is_some() && *one == digests[0]) {
                continue;
            }
            let name = base_name(&self.members[places[0]].name).to_owned();
            let found = format!("{} files named {name}", places.len());
            let expected = "one file per name in an archive, or files with the same bytes";
            for at in places {
                self.members[at].flaw = Some(Flaw::of_file(Code::DuplicateFile, found.clone(), expected));
            }
        }
    }
}

/// For each entry of the archive, its position in the index of the zip, which has each name once; and, where that is not enough,
/// where its bytes are.
fn entries(zip: &ZipArchive<Cursor<&[u8]>>, bytes: &[u8]) -> Result<Vec<(usize, Option<Own>)>, Flaw> {
    if !zip.has_duplicate_names() {
        return Ok((0..zip.len()).map(|place| (place, None)).collect());
    }
    // APPNOTE 4.3.12: signature, at 20 and 24 the sizes packed and unpacked, at 28, 30 and 32 the lengths of name, extra field and
    // comment, at 42 the offset of its own header; 46 bytes in all.
    let mut rest = usize::try_from(zip.central_directory_start()).ok().and_then(|start| bytes.get(start..));
    let (mut entries, mut seen) = (Vec::new(), HashMap::new());
    while let Some(header) = rest.filter(|rest| rest.starts_with(b"PK\x01\x02") && rest.len() >= 46) {
        let length = |at: usize| usize::from(u16::from_le_bytes([header[at], header[at + 1]]));
        let (name, all) = (length(28), 46 + length(28) + length(30) + length(32));
        let place = header.get(46..46 + name).and_then(|name| zip.index_for_name_raw(name));
        let place = place.ok_or_else(|| broken("a directory that does not name its files"))?;
        *seen.entry(place).or_insert(0) += 1;
        // Larger files have their size elsewhere, and exceed what we read.
        let number = |at: usize| {
            header.get(at..at + 4).and_then(|bytes| bytes.try_into().ok()).map(u32::from_le_bytes)
        };
        let number = |at: usize| number(at).filter(|number| *number != u32::MAX).map(u64::from);
        let own = number(42).zip(number(20)).zip(number(24));
        let own = own.map(|((begin, packed), size)| Own { begin: zip.offset() + begin, packed, size });
        entries.push((place, own));
        rest = header.get(all..);
    }
    if seen.len() == zip.len() { Ok(entries) } else { Err(broken("a directory that breaks off")) }
}

/// Whether the operating system added the file: resource forks and folder settings of a Mac, previews and folder
/// settings of Windows; in any folder.
fn is_of_a_file_system(path: &str) -> bool {
    let mut parts = path.split(['/', '\\']).rev();
    let name = parts.next().unwrap_or("");
    name.starts_with("._")
        || [".DS_Store", "Thumbs.db", "desktop.ini"].iter().any(|known| name.eq_ignore_ascii_case(known))
        || parts.any(|folder| folder == "__MACOSX")
}

/// The path of an entry in a form that PostgreSQL, its index and S3 all accept: without folders above the archive, without NUL,
/// and not longer than file systems allow.
fn fit(entry: &str) -> String {
    let parts = entry.split(['/', '\\']).filter(|part| !matches!(*part, "" | "." | ".."));
    let name = parts.collect::<Vec<_>>().join("/").replace('\0', "\u{fffd}");
    let tail = name.char_indices().rev().map(|(at, _)| at).take_while(|at| name.len() - at <= 255).last();
    tail.map_or(name.clone(), |from| name[from..].to_owned())
}

#[cfg(test)]
mod tests;
