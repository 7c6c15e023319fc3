use super::*;
use crate::intake::keys::MAX_BYTES;
use std::io::Write as _;
use zip::CompressionMethod;
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
    let bytes = archive(&[
        ("a/x.csv", b"1,2"),
        ("__MACOSX/a/x.csv", b"junk"),
        (".DS_Store", b"junk"),
        ("a/__MACOSX/y.csv", b"junk"),
        ("a/._x.csv", b"junk"),
        ("b\\THUMBS.DB", b"junk"),
        ("c/", b""),
        ("__MACOSX.csv", b"3"),
    ]);
    let mut open = Archive::open(&bytes, MAX_BYTES).unwrap();
    let members = open.members();
    let named: Vec<_> = members.iter().map(|member| (member.entry, member.name.as_str())).collect();
    assert_eq!(named, [(0, "a/x.csv"), (7, "__MACOSX.csv")]);
    assert_eq!(open.read(&members[0]).unwrap(), b"1,2");
    let ignored = ["__MACOSX/a/x.csv", ".DS_Store", "a/__MACOSX/y.csv", "a/._x.csv", "b/THUMBS.DB"];
    assert_eq!(open.ignored(), ignored, "what is passed over is named");
    let flaw = Archive::open(&archive(&[("d/._x.csv", b"junk")]), MAX_BYTES).unwrap_err();
    assert_eq!((flaw.code, flaw.found.as_str()), (Code::BadArchive, "only d/._x.csv"));
}

#[test]
fn a_bomb_is_refused_by_what_it_declares() {
    // What the central directory declares is what is looked at, before anything is unpacked.
    let mut bytes = archive(&[("x.csv", b"1,2"), ("y.csv", b"3,4")]);
    declare(&mut bytes, u32::try_from(MAX_BYTES).unwrap());
    assert_eq!(Archive::open(&bytes, MAX_BYTES).unwrap_err().code, Code::TooLarge);
}

#[test]
fn a_bomb_that_lies_is_stopped_at_what_it_declared() {
    let mut bytes = archive(&[("x.csv", &vec![b'7'; 1 << 20])]);
    declare(&mut bytes, 10);
    let mut open = Archive::open(&bytes, MAX_BYTES).unwrap();
    let member = &open.members()[0];
    assert_eq!(open.read(member).unwrap_err().code, Code::BadArchive);
}

#[test]
fn what_is_no_zip_or_empty_is_a_flaw() {
    for bytes in [&b"PK\x03\x04 not really"[..], b"", &archive(&[])] {
        assert_eq!(Archive::open(bytes, MAX_BYTES).unwrap_err().code, Code::BadArchive);
    }
}

/// What becomes of each member: its bytes, or the code of its flaw.
fn outcomes(bytes: &[u8]) -> Vec<(usize, String, Result<Vec<u8>, Code>)> {
    let mut open = Archive::open(bytes, MAX_BYTES).unwrap();
    let members = open.members();
    let read = members.into_iter().map(|member| {
        let read = open.read(&member).map_err(|flaw| flaw.code);
        (member.entry, member.name, read)
    });
    read.collect()
}

#[test]
fn files_of_one_name_that_differ_are_flawed_and_files_that_say_the_same_are_not() {
    let bytes = archive(&[
        ("draft/x.csv", b"1"),
        ("y.csv", b"2"),
        ("final/X.CSV", b"3"),
        ("a/z.csv", b"4"),
        ("b/z.csv", b"4"),
    ]);
    let twice = Err(Code::DuplicateFile);
    let expected = [
        (0, "draft/x.csv".to_owned(), twice.clone()),
        (1, "y.csv".to_owned(), Ok(b"2".to_vec())),
        (2, "final/X.CSV".to_owned(), twice),
        (3, "a/z.csv".to_owned(), Ok(b"4".to_vec())),
        (4, "b/z.csv".to_owned(), Ok(b"4".to_vec())),
    ];
    assert_eq!(outcomes(&bytes), expected);
}

/// Gives the entries `y.csv` of an archive the path `x.csv`, which the writer would refuse.
fn of_one_path(mut bytes: Vec<u8>) -> Vec<u8> {
    for at in 0..bytes.len() - 5 {
        if &bytes[at..at + 5] == b"y.csv" {
            bytes[at] = b'x';
        }
    }
    bytes
}

#[test]
fn two_entries_of_one_path_are_two_members() {
    // The index of the zip has each path once, and would have lost the first without a word.
    let bytes = of_one_path(archive(&[("x.csv", b"1"), ("z.csv", b"2"), ("y.csv", b"3")]));
    let expected = [
        (0, "x.csv".to_owned(), Err(Code::DuplicateFile)),
        (1, "z.csv".to_owned(), Ok(b"2".to_vec())),
        (2, "2/x.csv".to_owned(), Err(Code::DuplicateFile)),
    ];
    assert_eq!(outcomes(&bytes), expected);
}

#[test]
fn two_entries_of_one_path_that_say_the_same_are_not_refused() {
    let text = "1,2,3\n".repeat(1000);
    let expected =
        [("x.csv", 0), ("1/x.csv", 1)].map(|(name, at)| (at, name.to_owned(), Ok(text.clone().into_bytes())));
    let methods = [CompressionMethod::Stored, CompressionMethod::Deflated];
    for (one, other) in methods.into_iter().flat_map(|one| methods.map(|other| (one, other))) {
        let zip = |last: &str| {
            let mut zip = zip::ZipWriter::new(Cursor::new(Vec::new()));
            for (name, method, text) in [("x.csv", one, text.as_str()), ("y.csv", other, last)] {
                zip.start_file(name, SimpleFileOptions::default().compression_method(method)).unwrap();
                zip.write_all(text.as_bytes()).unwrap();
            }
            of_one_path(zip.finish().unwrap().into_inner())
        };
        assert_eq!(outcomes(&zip(&text)), expected, "{one} and {other}");
        // With bytes in front of it, as a self-extracting archive has.
        let behind = [b"#!/bin/sh\n".as_slice(), &zip(&text)].concat();
        assert_eq!(outcomes(&behind), expected, "{one} and {other}, behind others");
        // As many bytes, and one of them another.
        let differs = zip(&text.replacen('3', "4", 1));
        assert!(
            outcomes(&differs).iter().all(|member| member.2 == Err(Code::DuplicateFile)),
            "{one} and {other}"
        );
    }
}

#[test]
fn names_of_entries_are_made_fit_and_keep_their_end() {
    for (entry, name) in [
        ("day/Energy.csv", "day/Energy.csv"),
        ("../../etc/x.csv", "etc/x.csv"),
        ("a\\b.csv", "a/b.csv"),
        ("./a//b.csv", "a/b.csv"),
        ("..", ""),
    ] {
        assert_eq!(fit(entry), name, "{entry}");
    }
    let long = format!("{}/Energy.csv", "ü".repeat(2000));
    assert!(fit(&long).len() <= 255 && fit(&long).ends_with("ü/Energy.csv"));
}
