use proptest::prelude::*;

use super::*;
use crate::fixture;
use crate::merkle::{Collector, Frontier, Plan};

fn receipt(seq: u64, size: u64) -> Receipt {
    let (head, appended) = fixture::log(size);
    let mut collector = Collector::new(&Plan::inclusion(seq, size).unwrap());
    appended.iter().for_each(|it| collector.leaf(it.leaf));
    let it = &appended[usize::try_from(seq).unwrap()];
    let checkpoint = head.checkpoint(&fixture::origin()).sign(&fixture::signer());
    Receipt::new(
        Record::parse(&it.line).unwrap(),
        &it.openings,
        collector.finish().unwrap(),
        checkpoint.unwrap(),
    )
}

fn keys() -> [VerifierKey; 1] {
    [fixture::signer().verifier()]
}

#[test]
fn a_receipt_proves_a_decision_in_both_forms() {
    for (seq, size) in [(1, 2), (11, 12), (11, 64), (21, 100)] {
        let receipt = receipt(seq, size);
        for bytes in [receipt.to_json(), receipt.to_tlog_proof().into_bytes()] {
            let read = Receipt::parse(&bytes).unwrap();
            assert_eq!(read, receipt);
            let proven = read.verify(&keys()).unwrap();
            assert_eq!((proven.record.seq, proven.checkpoint.size), (seq, size));
            let mut body = proven.record.body.clone();
            let closed = proven.openings.open(&mut body);
            assert_eq!(closed, 2, "the sister and the agent");
            let claimant = body.get("decision").unwrap().get("claimant").unwrap();
            assert_eq!(claimant.as_text(), Some("王小明"));
        }
    }
}

#[test]
fn a_receipt_says_nothing_about_anybody_else() {
    let receipt = receipt(11, 40);
    for text in [
        String::from_utf8(receipt.to_json()).unwrap(),
        receipt.to_tlog_proof(),
    ] {
        assert!(
            !text.contains("sister-8") && !text.contains("agent-li"),
            "{text}"
        );
    }
    let json = String::from_utf8(receipt.to_json()).unwrap();
    assert!(
        json.contains("王小明"),
        "what is about the customer is there"
    );
    let extra = receipt.to_tlog_proof();
    let extra = extra
        .lines()
        .nth(1)
        .unwrap()
        .strip_prefix("extra ")
        .unwrap();
    let extra = String::from_utf8(STANDARD.decode(extra).unwrap()).unwrap();
    assert!(
        !extra.contains("sister-8") && !extra.contains("agent-li"),
        "{extra}"
    );
}

/// A tool that lays JSON out anew does not spoil a receipt.
#[test]
fn a_receipt_survives_being_laid_out_anew() {
    let receipt = receipt(11, 40);
    let value: serde_json::Value = serde_json::from_slice(&receipt.to_json()).unwrap();
    let pretty = serde_json::to_string_pretty(&value).unwrap();
    let read = Receipt::parse(pretty.as_bytes()).unwrap();
    read.verify(&keys()).unwrap();
    assert_eq!(read, receipt);
}

#[test]
fn an_erased_customer_still_has_a_valid_proof() {
    let (head, appended) = fixture::log(12);
    let mut collector = Collector::new(&Plan::inclusion(11, 12).unwrap());
    appended.iter().for_each(|it| collector.leaf(it.leaf));
    let record = Record::parse(&appended[11].line).unwrap();
    let note = head
        .checkpoint(&fixture::origin())
        .sign(&fixture::signer())
        .unwrap();
    let receipt = Receipt::new(record, &[], collector.finish().unwrap(), note);
    let proven = receipt.verify(&keys()).unwrap();
    assert_eq!(proven.openings.iter().count(), 0);
}

#[test]
fn what_proves_nothing_says_why() {
    let good = receipt(11, 40);
    let check = |change: fn(&mut Receipt), code: &str| {
        let mut receipt = good.clone();
        change(&mut receipt);
        let read = Receipt::parse(&receipt.to_json()).unwrap();
        assert_eq!(read.verify(&keys()).unwrap_err().code(), code);
    };
    check(|it| it.index = 12, "receipt_malformed");
    check(
        |it| it.record.nonce = seal::Salt::from_bytes([0; 16]),
        "root_mismatch",
    );
    check(|it| it.proof.swap(0, 1), "root_mismatch");
    check(|it| it.proof.truncate(1), "proof_length");
    check(
        |it| it.openings[0].value = "\"x\"".to_owned(),
        "bad_opening",
    );
    check(
        |it| it.checkpoint = receipt(11, 41).checkpoint,
        "root_mismatch",
    );
    check(
        |it| it.checkpoint = receipt(1, 5).checkpoint,
        "leaf_beyond_tree",
    );
    let other = crate::note::SignerKey::from_seed(fixture::origin(), &[1; 32]);
    let error = good.verify(&[other.verifier()]).unwrap_err();
    assert_eq!(error.code(), "note_unknown_keys");
}

#[test]
fn what_is_no_receipt_says_why() {
    let good = String::from_utf8(receipt(11, 40).to_json()).unwrap();
    let text = receipt(11, 40).to_tlog_proof();
    let check = |receipt: &str, code: &str| {
        let error = Receipt::parse(receipt.as_bytes()).unwrap_err();
        assert_eq!(error.code(), code, "{error}");
    };
    check("", "json_syntax");
    check("[]", "receipt_malformed");
    check("{}", "receipt_malformed");
    check(
        &good.replace("redress.receipt.v1", "redress.receipt.v2"),
        "receipt_malformed",
    );
    check(
        &good.replace("\"openings\"", "\"opening\""),
        "record_invalid",
    );
    check(&good.replace("index 11", "index 011"), "receipt_malformed");
    check(
        &good.replace("index 11", "extra AAAA\\nindex 11"),
        "receipt_malformed",
    );
    check(
        &good.replace("tlog-proof@v1", "tlog-proof@v2"),
        "receipt_malformed",
    );
    check(&good.replace("\\n\\n", "\\n"), "receipt_malformed");
    check(
        &good.replace("\u{2014} redress", "redress"),
        "note_malformed",
    );
    check(
        &good.replace("\"v\":\"1\"", "\"v\":\"2\""),
        "record_malformed",
    );
    check(&text.replace("extra ", "extra !"), "receipt_malformed");
    let without: Vec<&str> = text
        .lines()
        .filter(|line| !line.starts_with("extra"))
        .collect();
    check(&(without.join("\n") + "\n"), "receipt_malformed");
    let hash = STANDARD.encode([0; 32]);
    let too_many = text.replace(
        "index 11\n",
        &format!("index 11\n{}", format!("{hash}\n").repeat(65)),
    );
    check(&too_many, "receipt_malformed");
}

/// The proof inside is one that other tools read: C2SP `tlog-proof`, without knowing ours.
#[test]
fn the_text_form_is_a_tlog_proof() {
    let text = receipt(11, 40).to_tlog_proof();
    let lines: Vec<&str> = text.lines().collect();
    assert_eq!(lines[0], "c2sp.org/tlog-proof@v1");
    assert!(lines[1].starts_with("extra "));
    assert_eq!(lines[2], "index 11");
    let hashes: Vec<Digest> = lines[3..]
        .iter()
        .take_while(|line| !line.is_empty())
        .map(|line| Digest::from_bytes(STANDARD.decode(line).unwrap().try_into().unwrap()))
        .collect();
    assert_eq!(hashes.len(), 6, "of a tree of 40 leaves");
    let note = text.split_once("\n\n").unwrap().1;
    let checkpoint = Checkpoint::read(note.as_bytes(), &keys()).unwrap();
    let (_, appended) = fixture::log(40);
    let mut tree = Frontier::new();
    appended.iter().for_each(|it| tree.append(it.leaf));
    assert_eq!(checkpoint.root, tree.root());
    verify_inclusion(&appended[11].leaf, 11, 40, &hashes, &checkpoint.root).unwrap();
}

proptest! {
    #[test]
    fn arbitrary_receipts_never_panic(bytes in prop::collection::vec(any::<u8>(), 0..100)) {
        prop_assert!(Receipt::parse(&bytes).is_err());
        let text = [b"c2sp.org/tlog-proof@v1\n", bytes.as_slice()].concat();
        prop_assert!(Receipt::parse(&text).is_err());
    }

    /// Whatever byte of a receipt is changed, it proves nothing else.
    #[test]
    fn a_changed_receipt_proves_nothing_else(at: prop::sample::Index, byte: u8, text: bool) {
        let good = receipt(1, 3);
        let mut bytes = if text { good.to_tlog_proof().into_bytes() } else { good.to_json() };
        let at = at.index(bytes.len());
        prop_assume!(bytes[at] != byte);
        bytes[at] = byte;
        if let Ok(read) = Receipt::parse(&bytes) && let Ok(proven) = read.verify(&keys()) {
            prop_assert_eq!(proven.record, good.record);
            prop_assert_eq!(proven.checkpoint.size, 3);
        }
    }
}
