use super::*;
use crate::tests::Bench;

fn archive() -> Archive {
    Archive::build(&Bench::new().read().unwrap()).unwrap()
}

/// Applies a change to an archive's bytes and gives the code of the refusal.
#[track_caller]
fn refused(change: impl FnOnce(&mut Vec<u8>)) -> &'static str {
    let mut bytes = archive().bytes().to_vec();
    change(&mut bytes);
    Archive::read(bytes).unwrap_err().code()
}

/// The same with a change to the header that starts at a byte, its sum put right after.
#[track_caller]
fn refused_header(at: usize, change: impl FnOnce(&mut [u8])) -> &'static str {
    refused(|bytes| {
        let header = &mut bytes[at..at + 512];
        change(header);
        put_sum_right(header);
    })
}

fn put_sum_right(header: &mut [u8]) {
    header[148..156].copy_from_slice(b"        ");
    let sum: u32 = header.iter().copied().map(u32::from).sum();
    header[148..156].copy_from_slice(format!("{sum:06o}\0 ").as_bytes());
}

/// Where the header of a member starts.
fn header_of(bytes: &[u8], path: &str) -> usize {
    let starts =
        |at: &usize| bytes[*at..].starts_with(path.as_bytes()) && bytes[*at + path.len()] == 0;
    (0..bytes.len()).step_by(512).find(starts).unwrap()
}

/// An archive with one member more, in its place by order.
fn with_member(path: &str, contents: &[u8]) -> Vec<u8> {
    let whole = archive();
    let mut writer = tar::Writer::default();
    writer.file(LISTING, &whole.listing().to_json()).unwrap();
    let mut files: BTreeMap<&str, &[u8]> = whole.source().folder().files().collect();
    files.insert(path, contents);
    for (path, bytes) in files {
        writer.file(path, bytes).unwrap();
    }
    writer.finish()
}

#[test]
fn an_archive_is_the_release_again() {
    let built = archive();
    let read = Archive::read(built.bytes().to_vec()).unwrap();
    assert_eq!(read.source().digest(), built.source().digest());
    assert_eq!(read.source().manifest(), built.source().manifest());
    assert_eq!(read.source().cases().unwrap().len(), 5);
    assert_eq!(read.listing(), built.listing());
    assert_eq!(built.file_name(), "retail-late-parcel-0.1.0.tar");
}

/// The bytes depend on nothing but the files: this digest holds on every machine. The
/// files are of the test itself, so that a better template does not move it.
#[test]
fn the_same_files_give_the_same_bytes_everywhere() {
    let mut writer = tar::Writer::default();
    writer.file("a.toml", b"one = 1\n").unwrap();
    let long = format!("{}/{}", "d".repeat(90), "f".repeat(90));
    writer.file(&long, &[7; 1_000]).unwrap();
    let digest = Digest::of(&writer.finish()).to_string();
    assert_eq!(
        digest,
        "780c2e04b6d69081fd1c95c8963e7f3fd0541515a29e0e80a27c658632fef0e2"
    );
}

#[test]
fn an_unpacked_archive_is_the_folder_again() {
    let bench = Bench::new();
    let built = Archive::build(&bench.read().unwrap()).unwrap();
    let unpacked = tempfile::tempdir().unwrap();
    let folder = unpacked.path().join("late-parcel/0.1.0");
    for member in tar::read(built.bytes()).unwrap() {
        let path = folder.join(&member.path);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(path, member.bytes).unwrap();
    }
    let again = SourceFolder::read(&folder).unwrap();
    assert_eq!(again.digest(), built.source().digest());
}

#[test]
fn an_extra_file_is_refused() {
    let error = Archive::read(with_member("zz.csv", b"a\n")).unwrap_err();
    assert_eq!(
        error,
        ArchiveError::Extra {
            path: "zz.csv".into()
        }
    );
    let hidden = Archive::read(with_member("a.csv", b"a\n")).unwrap_err();
    assert_eq!(hidden.code(), "archive_extra_file");
}

#[test]
fn a_missing_and_a_changed_file_are_refused() {
    let whole = archive();
    let build = |skip: &str, change: &str| {
        let mut writer = tar::Writer::default();
        writer.file(LISTING, &whole.listing().to_json()).unwrap();
        for (path, bytes) in whole.source().folder().files() {
            let mut bytes = bytes.to_vec();
            if path == change {
                bytes.push(b'\n');
            }
            if path != skip {
                writer.file(path, &bytes).unwrap();
            }
        }
        Archive::read(writer.finish()).unwrap_err().code()
    };
    assert_eq!(build("README.md", ""), "archive_missing_file");
    assert_eq!(build("", "README.md"), "archive_digest");
}

#[test]
fn paths_that_lead_outside_are_refused() {
    let at = header_of(archive().bytes(), "README.md");
    for path in [
        "../x.mdxx",
        "/etc/pass",
        "a/../b.md",
        "C:\\a.mdxx",
        ".bash.mdx",
        "a//b.mdxx",
        "a\nb.mdxxx",
    ] {
        let code = refused_header(at, |header| {
            header[..9].copy_from_slice(&path.as_bytes()[..9])
        });
        assert_eq!(code, "archive_path_outside", "{path}");
    }
}

#[test]
fn links_and_other_things_are_refused() {
    let at = header_of(archive().bytes(), "README.md");
    for (kind, expected) in [
        (b'1', "archive_link"),
        (b'2', "archive_link"),
        (b'3', "archive_not_a_file"),
        (b'5', "archive_not_a_file"),
        (b'x', "archive_not_a_file"),
        (b'L', "archive_not_a_file"),
        (0, "archive_not_a_file"),
    ] {
        let code = refused_header(at, |header| {
            header[156] = kind;
            header[157..163].copy_from_slice(b"/etc/x");
        });
        assert_eq!(code, expected, "{kind}");
    }
}

#[test]
fn bombs_are_refused_before_they_are_unpacked() {
    for magic in [
        &b"\x1f\x8b\x08"[..],
        b"\x28\xb5\x2f\xfd",
        b"\xfd7zXZ\0",
        b"BZh9",
        b"PK\x03\x04",
    ] {
        let error = Archive::read(magic.to_vec()).unwrap_err();
        assert_eq!(error.code(), "archive_compressed");
    }
    // A header that claims eight gibibytes, and one just above what a file may have.
    let at = header_of(archive().bytes(), "README.md");
    for claim in [b"77777777777", b"00004000001"] {
        let code = refused_header(at, |header| header[124..135].copy_from_slice(claim));
        assert_eq!(code, "archive_too_large");
    }
    let at_limit = refused_header(at, |header| {
        header[124..135].copy_from_slice(b"00004000000")
    });
    assert_eq!(at_limit, "archive_truncated");
    let mut many = tar::Writer::default();
    for number in 0..=FILES {
        many.file(&format!("{number:06}"), b"").unwrap();
    }
    let error = Archive::read(many.finish()).unwrap_err();
    assert_eq!(error.code(), "archive_too_many_files");
}

const FILES: usize = crate::folder::FILES_MAX + 1;

#[test]
fn other_bytes_for_the_same_files_are_refused() {
    let at = header_of(archive().bytes(), "README.md");
    // Another mode, owner, time, device, and a number written in another way.
    for (place, bytes) in [
        (100, "0000755"),
        (108, "0000001"),
        (136, "00000000001"),
        (329, "0000001"),
    ] {
        let code = refused_header(at, |header| {
            header[place..place + bytes.len()].copy_from_slice(bytes.as_bytes());
        });
        assert_eq!(code, "archive_not_canonical", "byte {place}");
    }
    assert_eq!(
        refused_header(at, |header| header[124] = b'8'),
        "archive_not_canonical"
    );
    assert_eq!(
        refused(|bytes| bytes[at + 148] = b'9'),
        "archive_not_canonical"
    );
    assert_eq!(
        refused(|bytes| bytes.extend([0; 512])),
        "archive_not_canonical"
    );
    assert_eq!(refused(|bytes| bytes.extend(b"x")), "archive_not_canonical");
    assert_eq!(
        refused(|bytes| bytes.truncate(bytes.len() - 512)),
        "archive_truncated"
    );
    assert_eq!(refused(Vec::clear), "archive_truncated");
}

#[test]
fn members_stand_in_order_and_once() {
    let whole = archive();
    let write = |paths: &[&str]| {
        let mut writer = tar::Writer::default();
        writer.file(LISTING, &whole.listing().to_json()).unwrap();
        for path in paths {
            writer.file(path, b"").unwrap();
        }
        Archive::read(writer.finish()).unwrap_err().code()
    };
    assert_eq!(write(&["b", "a"]), "archive_order");
    assert_eq!(write(&["a", "a"]), "archive_order");
    let mut writer = tar::Writer::default();
    writer.file("a", b"").unwrap();
    assert_eq!(
        Archive::read(writer.finish()).unwrap_err().code(),
        "archive_no_listing"
    );
}

#[test]
fn a_listing_says_what_the_release_says() {
    let whole = archive();
    let with = |change: &dyn Fn(&mut Listing)| {
        let mut listing = whole.listing().clone();
        change(&mut listing);
        let mut writer = tar::Writer::default();
        writer.file(LISTING, &listing.to_json()).unwrap();
        for (path, bytes) in whole.source().folder().files() {
            writer.file(path, bytes).unwrap();
        }
        Archive::read(writer.finish()).unwrap_err().code()
    };
    assert_eq!(with(&|listing| listing.format.push('2')), "archive_listing");
    assert_eq!(
        with(&|listing| listing.version.patch = 9),
        "archive_release_invalid"
    );
    let later = |listing: &mut Listing| listing.review_by = listing.review_by.plus_days(9).unwrap();
    assert_eq!(with(&later), "archive_not_canonical");
    assert_eq!(
        with(&|listing| listing.release_sha256 = Digest::of(b"")),
        "archive_not_canonical"
    );
}

#[test]
fn no_single_changed_byte_is_read_as_an_archive() {
    let whole = archive();
    for at in (0..whole.bytes().len()).step_by(97) {
        let mut bytes = whole.bytes().to_vec();
        bytes[at] ^= 1;
        assert!(Archive::read(bytes).is_err(), "byte {at}");
    }
}
