use proptest::prelude::*;

use super::*;

// The keys and the note that Go's `sumdb/note` is tested with.
const PETER: &str = "PeterNeumann+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW";
const PETER_PRIVATE: &str =
    "PRIVATE+KEY+PeterNeumann+c74f20a3+AYEKFALVFGyNhPJEMzD1QIDr+Y7hfZx09iUvxdXHKDFz";
const ENOCH: &str = "EnochRoot+af0cfe78+ATtqJ7zOtqQtYqOo0CpvDXNlMhV3HeJDpjrASKGLWdop";
const TEXT: &str = "If you think cryptography is the answer to your problem,\nthen you don't know what your problem is.\n";
const PETER_LINE: &str = "— PeterNeumann x08go/ZJkuBS9UG/SffcvIAQxVBtiFupLLr8pAcElZInNIuGUgYN1FFYC2pZSNXgKvqfqdngotpRZb6KE6RyyBwJnAM=\n";
const ENOCH_LINE: &str = "— EnochRoot rwz+eBzmZa0SO3NbfRGzPCpDckykFXSdeX+MNtCOXm2/5n2tiOHp+vAF1aGrQ5ovTG01oOTGwnWLox33WWd1RvMc+QQ=\n";

fn key(text: &str) -> VerifierKey {
    text.parse().unwrap()
}

fn note() -> String {
    format!("{TEXT}\n{PETER_LINE}{ENOCH_LINE}")
}

#[track_caller]
fn malformed(note: &[u8], problem: NoteProblem) {
    let error = Note::parse(note).unwrap_err();
    assert_eq!(
        error,
        NoteError::Malformed { problem },
        "{}",
        String::from_utf8_lossy(note)
    );
    assert_eq!(error.code(), "note_malformed");
}

#[test]
fn keys_read_and_write_back() {
    assert_eq!(key(PETER).to_string(), PETER);
    let private: SignerKey = PETER_PRIVATE.parse().unwrap();
    assert_eq!(private.to_private_text(), PETER_PRIVATE);
    assert_eq!(private.verifier(), key(PETER));
    assert_eq!(private.verifier().id().to_string(), "c74f20a3");
    assert!(
        !format!("{private:?}").contains("AYEK"),
        "a private key is never shown"
    );
    let witness = private.witness();
    assert!(witness.is_witness());
    assert_eq!(key(&witness.to_string()), witness);
}

#[test]
fn a_mangled_key_is_none() {
    for from in 0..=PETER.len() {
        for to in from..=PETER.len() {
            if (from, to) != (0, PETER.len()) {
                assert!(
                    PETER[from..to].parse::<VerifierKey>().is_err(),
                    "{from}..{to}"
                );
            }
        }
    }
    for text in [PETER, PETER_PRIVATE] {
        for at in 0..text.len() {
            let mut bytes = text.as_bytes().to_vec();
            bytes[at] += 1;
            let mangled = String::from_utf8(bytes).unwrap();
            assert!(mangled.parse::<VerifierKey>().is_err(), "{mangled}");
            assert!(mangled.parse::<SignerKey>().is_err(), "{mangled}");
        }
    }
    let problem = |text: &str| text.parse::<VerifierKey>().unwrap_err().problem;
    // A key of another length and of another algorithm, with ids that fit.
    assert_eq!(
        problem("PeterNeumann+cc469956+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TWBADKEY=="),
        KeyProblem::Form
    );
    assert_eq!(
        problem("PeterNeumann+173116ae+ZRpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW"),
        KeyProblem::Algorithm
    );
    assert_eq!(
        problem(&PETER.replace("c74f20a3", "c74f20a4")),
        KeyProblem::Id
    );
    assert_eq!(
        problem(&PETER.replace("c74f20a3", "C74F20A3")),
        KeyProblem::Form
    );
    let name = KeyName::new("small.example").unwrap();
    let id = |bytes: &[u8; 32]| {
        let hash = redress_model::Digest::of(&[b"small.example\n\x01", bytes.as_slice()].concat());
        hash.to_string()[..8].to_owned()
    };
    // The point of order one, for which signatures of any text can be made.
    let mut weak = [0; 32];
    weak[0] = 1;
    let text = format!(
        "{name}+{}+{}",
        id(&weak),
        STANDARD.encode([&[1], weak.as_slice()].concat())
    );
    assert_eq!(problem(&text), KeyProblem::Point);
    for name in [
        "",
        "a b",
        "a+b",
        "a\u{a0}b",
        "a\nb",
        "a\u{7}",
        &"a".repeat(256),
    ] {
        assert_eq!(
            KeyName::new(name).unwrap_err().code(),
            "bad_key",
            "{name:?}"
        );
    }
}

#[test]
fn a_signature_is_the_one_that_others_make() {
    let mut note = Note::new(TEXT.to_owned()).unwrap();
    let private: SignerKey = PETER_PRIVATE.parse().unwrap();
    note.sign(&private);
    note.sign(&private);
    assert_eq!(
        note.to_string(),
        format!("{TEXT}\n{PETER_LINE}"),
        "signed once"
    );
}

#[test]
fn a_note_opens_with_the_keys_that_are_known() {
    let text = note();
    let note: Note = text.parse().unwrap();
    assert_eq!(note.to_string(), text);
    let (peter, enoch) = (key(PETER), key(ENOCH));
    for keys in [
        vec![peter.clone()],
        vec![enoch.clone()],
        vec![enoch.clone(), peter.clone()],
    ] {
        let opened = note.open(&keys).unwrap();
        assert_eq!(opened.text, TEXT);
        assert_eq!(opened.signers.len(), keys.len());
        assert!(
            opened
                .signers
                .iter()
                .all(|signer| signer.time_seconds.is_none())
        );
    }
    let error = note.open(&[]).unwrap_err();
    assert_eq!(error, NoteError::UnknownKeys { signatures: 2 });
    // The same name with another id is another key.
    let other = SignerKey::from_seed(KeyName::new("PeterNeumann").unwrap(), &[7; 32]);
    assert_eq!(
        note.open(&[other.verifier()]).unwrap_err().code(),
        "note_unknown_keys"
    );
}

#[test]
fn a_known_key_whose_signature_does_not_fit_spoils_the_note() {
    let changed = note().replacen("answer", "Answer", 1);
    let note: Note = changed.parse().unwrap();
    let error = note.open(&[key(ENOCH)]).unwrap_err();
    assert_eq!(error.code(), "note_bad_signature");
    assert!(error.to_string().contains("EnochRoot"), "{error}");
    // A witness's signature that is too short for its time.
    let witness = SignerKey::from_seed(KeyName::new("w").unwrap(), &[7; 32]);
    let mut note = Note::new(TEXT.to_owned()).unwrap();
    note.add(Signature {
        name: witness.name().clone(),
        id: witness.witness().id(),
        bytes: vec![1; 7],
    });
    assert_eq!(
        note.open(&[witness.witness()]).unwrap_err().code(),
        "note_bad_signature"
    );
}

#[test]
fn a_witness_signs_with_its_time() {
    let witness = SignerKey::from_seed(KeyName::new("witness.example/w1").unwrap(), &[7; 32]);
    let mut note: Note = note().parse().unwrap();
    note.cosign(&witness, 1_679_315_147);
    let read: Note = note.to_string().parse().unwrap();
    let keys = [key(PETER), witness.witness()];
    let opened = read.open(&keys).unwrap();
    assert_eq!(opened.signers[1].time_seconds, Some(1_679_315_147));
    // The signature covers the time, and a witness's key is no log's key.
    let mut signature = read.signatures()[2].clone();
    signature.bytes[7] ^= 1;
    let mut moved = read.clone();
    moved.add(signature.clone());
    assert_eq!(moved.open(&keys).unwrap_err().code(), "note_bad_signature");
    signature.bytes[0] |= 0x80;
    moved.add(signature);
    assert_eq!(moved.open(&keys).unwrap_err().code(), "note_bad_signature");
    assert!(read.open(&[witness.verifier()]).is_err());
}

#[test]
fn what_is_no_note_says_why() {
    let text = note();
    malformed(TEXT.as_bytes(), NoteProblem::NoSignatures);
    malformed(format!("{TEXT}\n").as_bytes(), NoteProblem::NoSignatures);
    malformed(b"", NoteProblem::NoNewline);
    malformed(b"\n", NoteProblem::NoSignatures);
    malformed(text.trim_end().as_bytes(), NoteProblem::NoNewline);
    malformed(format!("\u{1}{text}").as_bytes(), NoteProblem::Control);
    malformed(text.replace('\n', "\r\n").as_bytes(), NoteProblem::Control);
    malformed(b"\xff\n\n", NoteProblem::NotUtf8);
    malformed(
        format!("{text}Unexpected line.\n").as_bytes(),
        NoteProblem::BadSignature,
    );
    malformed(text.replace('—', "-").as_bytes(), NoteProblem::BadSignature);
    malformed(
        text.replace("— Peter", "— Peter ").as_bytes(),
        NoteProblem::BadSignature,
    );
    malformed(
        text.replace("AM=", "AN=").as_bytes(),
        NoteProblem::BadSignature,
    );
    malformed(
        text.replace("AM=", "AM").as_bytes(),
        NoteProblem::BadSignature,
    );
    malformed(
        format!("{TEXT}\n— a AAAAAA==\n").as_bytes(),
        NoteProblem::BadSignature,
    );
    let many = |count: usize| format!("{TEXT}\n{}", PETER_LINE.repeat(count));
    assert!(Note::parse(many(SIGNATURES_MAX).as_bytes()).is_ok());
    let used = SIGNATURES_MAX + 1;
    malformed(
        many(used).as_bytes(),
        NoteProblem::TooManySignatures { used },
    );
    let used = NOTE_BYTES_MAX + 1;
    malformed(&vec![b'a'; used], NoteProblem::TooLong { used });
    for text in ["no newline", "control \u{7}\n"] {
        assert!(Note::new(text.to_owned()).is_err(), "{text:?}");
    }
}

#[test]
fn a_text_may_hold_empty_lines() {
    let poem = "Ognuno sta solo sul cuor della terra\ntrafitto da un raggio di sole:\n\ned è subito sera.\n";
    let private = SignerKey::from_seed(KeyName::new("poet.example").unwrap(), &[3; 32]);
    let mut note = Note::new(poem.to_owned()).unwrap();
    note.sign(&private);
    let read: Note = note.to_string().parse().unwrap();
    assert_eq!(read.open(&[private.verifier()]).unwrap().text, poem);
}

proptest! {
    /// Whatever the bytes are, the reader answers; what it takes it writes back.
    #[test]
    fn the_reader_never_panics(bytes in prop::collection::vec(any::<u8>(), 0..120)) {
        if let Ok(note) = Note::parse(&bytes) {
            prop_assert_eq!(note.to_string().into_bytes(), bytes);
        }
    }

    #[test]
    fn a_note_that_is_changed_anywhere_does_not_open_as_it_was(
        at: prop::sample::Index, byte: u8
    ) {
        let mut bytes = note().into_bytes();
        let at = at.index(bytes.len());
        prop_assume!(bytes[at] != byte);
        bytes[at] = byte;
        let keys = [key(PETER), key(ENOCH)];
        if let Ok(note) = Note::parse(&bytes) && let Ok(opened) = note.open(&keys) {
            // One signature can be lost, since unknown keys are passed over; the text stays.
            prop_assert_eq!(opened.text, TEXT);
            prop_assert_eq!(opened.signers.len(), 1);
        }
    }

    #[test]
    fn arbitrary_keys_never_panic(text in "(PRIVATE\\+KEY\\+)?[a-z+]{0,8}\\+[0-9a-f]{8}\\+[A-Za-z0-9+/=]{0,48}") {
        prop_assert!(text.parse::<VerifierKey>().is_err());
        prop_assert!(text.parse::<SignerKey>().is_err());
    }
}
