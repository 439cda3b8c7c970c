use redress_model::Date;

use super::*;
use crate::archive::Archive;
use crate::tests::Bench;

pub(crate) fn key(number: u8) -> SecretKey {
    SecretKey::from_seed(&[number; 32])
}

pub(crate) fn date(text: &str) -> Date {
    text.parse().unwrap()
}

pub(crate) const TODAY: &str = "2026-06-01";

/// Keys 1 to 3 are of compliance, 3 and 4 own the policy, 5 is a second key of 1's person.
pub(crate) fn trust_with(change: impl Fn(String) -> String) -> Trust {
    let mut text = String::from("rule = \"2 of compliance + owner of policy\"\n");
    for (number, person, roles, owns) in [
        (1, "mei", "\"compliance\"", ""),
        (2, "jan", "\"compliance\"", ""),
        (3, "ada", "\"compliance\"", "\"retail\""),
        (4, "bo", "", "\"retail/late-parcel\""),
        (5, "mei", "\"compliance\"", ""),
    ] {
        text.push_str(&format!(
            "[[key]]\nperson = \"{person}\"\npublic = \"{}\"\nroles = [{roles}]\nowns = [{owns}]\nvalid_from = \"2026-01-01\"\nvalid_until = \"2026-12-31\"\n",
            key(number).public().to_base64()
        ));
    }
    Trust::parse(&change(text)).unwrap()
}

pub(crate) fn trust() -> Trust {
    trust_with(|text| text)
}

pub(crate) fn archive() -> Archive {
    Archive::build(&Bench::new().read().unwrap()).unwrap()
}

pub(crate) fn envelope(archive: &Archive, revision: u64, signers: &[u8]) -> Envelope {
    let covers = archive.source().manifest().effective.into();
    let statement = Statement::about(
        archive,
        Revision(revision),
        covers,
        date("2026-09-01"),
        None,
    );
    let mut envelope = Envelope::new(&statement);
    for number in signers {
        envelope.sign(&key(*number)).unwrap();
    }
    envelope
}

#[track_caller]
fn check(signers: &[u8], expected: &str) {
    let archive = archive();
    let verified = verify(
        &archive,
        &envelope(&archive, 1, signers),
        &trust(),
        date(TODAY),
    );
    let code = verified.map_or_else(|error| error.code(), |_| "verified");
    assert_eq!(code, expected, "{signers:?}");
}

#[test]
fn every_seat_is_taken_by_another_person() {
    check(&[1, 2, 4], "verified");
    check(&[4, 2, 1], "verified");
    // Key 3 may sit on either side, and moves to where it is needed.
    check(&[1, 2, 3], "verified");
    check(&[1, 3, 4], "verified");
    check(&[3, 4, 1, 2], "verified");
    check(&[1, 2], "signature_rule");
    check(&[1, 4], "signature_rule");
    check(&[1, 3], "signature_rule");
    check(&[3, 4], "signature_rule");
    // Two keys of one person are one person.
    check(&[1, 5, 4], "signature_rule");
    check(&[], "signature_stripped");
    check(&[1, 2, 4, 9], "signature_foreign");
}

#[test]
fn the_rule_says_which_seat_is_empty() {
    let archive = archive();
    let error = verify(
        &archive,
        &envelope(&archive, 1, &[1]),
        &trust(),
        date(TODAY),
    )
    .unwrap_err();
    let told = error.to_string();
    assert!(
        told.ends_with("nobody takes: 2 of compliance, owner of policy"),
        "{told}"
    );
}

#[test]
fn a_verified_release_names_its_signers() {
    let archive = archive();
    let (statement, verified) = verify(
        &archive,
        &envelope(&archive, 7, &[4, 2, 1]),
        &trust(),
        date(TODAY),
    )
    .unwrap();
    assert_eq!(statement.revision, Revision(7));
    let seats: Vec<_> = verified
        .signers
        .iter()
        .map(|f| (f.seat.as_str(), f.person.as_str()))
        .collect();
    assert_eq!(seats[2], ("owner of policy", "bo"));
    assert_eq!(seats.len(), 3);
    assert_eq!(verified.rule, "2 of compliance + owner of policy");
}

#[test]
fn a_changed_statement_or_signature_is_refused() {
    let archive = archive();
    let text = String::from_utf8(envelope(&archive, 1, &[1, 2, 4]).to_json()).unwrap();
    let code = |text: &str| match Envelope::parse(text.as_bytes()) {
        Err(error) => error.code(),
        Ok(envelope) => verify(&archive, &envelope, &trust(), date(TODAY))
            .unwrap_err()
            .code(),
    };
    let other = envelope(&archive, 2, &[]).to_json();
    let other = String::from_utf8(other).unwrap();
    let payload = |text: &str| text.split('"').nth(3).unwrap().to_owned();
    assert_eq!(
        code(&text.replace(&payload(&text), &payload(&other))),
        "signature_bad"
    );
    let (first, second) = (
        key(1).public().id().to_string(),
        key(2).public().id().to_string(),
    );
    let swapped = text
        .replace(&first, "\u{1}")
        .replace(&second, &first)
        .replace('\u{1}', &second);
    assert_eq!(code(&swapped), "signature_bad");
    assert_eq!(
        code(&text.replace("release+json", "other+json")),
        "envelope_payload_type"
    );
    assert_eq!(code(&text.replace(&second, &first)), "signature_bad");
    assert_eq!(code("{}"), "envelope_malformed");
    assert_eq!(
        code(&text.replace(&payload(&text), "e30=")),
        "envelope_statement"
    );
}

#[test]
fn a_statement_about_another_archive_is_refused() {
    let bench = Bench::new();
    let one = Archive::build(&bench.read().unwrap()).unwrap();
    bench.write("README.md", "another\n");
    let other = Archive::build(&bench.read().unwrap()).unwrap();
    let error = verify(
        &other,
        &envelope(&one, 1, &[1, 2, 4]),
        &trust(),
        date(TODAY),
    )
    .unwrap_err();
    assert_eq!(error.code(), "signature_swapped");
}

#[test]
fn what_has_run_out_is_refused() {
    let archive = archive();
    let envelope = envelope(&archive, 1, &[1, 2, 4]);
    let on = |today: &str, trust: &Trust| {
        let verified = verify(&archive, &envelope, trust, date(today));
        verified.map_or_else(|error| error.code(), |_| "verified")
    };
    let long = trust_with(|text| text.replace("2026-12-31", "2030-12-31"));
    assert_eq!(on("2026-09-01", &trust()), "verified");
    assert_eq!(on("2026-09-02", &trust()), "signature_expired");
    assert_eq!(on("2026-01-01", &trust()), "verified");
    assert_eq!(on("2025-12-31", &trust()), "signature_key_expired");
    assert_eq!(on("2027-01-01", &trust()), "signature_key_expired");
    assert_eq!(on("2027-01-01", &long), "signature_expired");
    let revoked = trust_with(|text| {
        text.replacen(
            "valid_until = \"2026-12-31\"\n",
            "valid_until = \"2026-12-31\"\nrevoked = \"lost\"\n",
            1,
        )
    });
    assert_eq!(on(TODAY, &revoked), "signature_key_revoked");
}

#[test]
fn a_statement_covers_no_more_than_its_release() {
    let archive = archive();
    let effective = archive.source().manifest().effective;
    let early = Covers {
        from: effective.from.plus_days(-1).unwrap(),
        until: effective.until,
    };
    let statement = Statement::about(&archive, Revision(1), early, date("2026-09-01"), None);
    let mut envelope = Envelope::new(&statement);
    envelope.sign(&key(1)).unwrap();
    let error = verify(&archive, &envelope, &trust(), date(TODAY)).unwrap_err();
    assert_eq!(error.code(), "signature_covers");
}

#[test]
fn a_key_signs_once() {
    let archive = archive();
    let mut envelope = envelope(&archive, 1, &[1]);
    assert_eq!(
        envelope.sign(&key(1)).unwrap_err().code(),
        "envelope_signed_already"
    );
}

#[test]
fn rules_are_seats_between_plus_signs() {
    let rule: Rule = "2 of compliance + owner of policy".parse().unwrap();
    assert_eq!(rule.to_string(), "2 of compliance + owner of policy");
    for bad in [
        "",
        "+",
        "0 of compliance",
        "-1 of x",
        "two of x",
        "2 of",
        "2 compliance",
        "1 of Big Role",
        "9 of x + 8 of y",
    ] {
        assert_eq!(
            bad.parse::<Rule>().unwrap_err().code(),
            "rule_malformed",
            "{bad}"
        );
    }
    assert!("8 of x + 8 of y".parse::<Rule>().is_ok());
}

#[test]
fn a_trust_file_that_trusts_nobody_is_refused() {
    let code = |text: &str| Trust::parse(text).unwrap_err().code();
    assert_eq!(code("rule = \"1 of x\""), "trust_no_key");
    assert_eq!(code(""), "trust_malformed");
    assert_eq!(code("rule = \"0 of x\"\n"), "trust_no_key");
    let one = format!(
        "[[key]]\nperson = \"a\"\npublic = \"{}\"\nvalid_from = \"2026-01-01\"\nvalid_until = \"2026-12-31\"\n",
        key(1).public().to_base64()
    );
    assert_eq!(code(&format!("rule = \"0 of x\"\n{one}")), "rule_malformed");
    assert_eq!(
        code(&format!("rule = \"1 of x\"\n{one}{one}")),
        "trust_key_twice"
    );
    assert_eq!(
        code(&format!(
            "rule = \"1 of x\"\n{}",
            one.replace("\"a\"", "\" \"")
        )),
        "trust_nobody"
    );
    assert_eq!(
        code(&format!("rule = \"1 of x\"\n{one}owns = [\"../x\"]\n")),
        "trust_folder"
    );
    assert_eq!(
        code(&format!(
            "rule = \"1 of x\"\n[rules]\n\"A\" = \"1 of x\"\n{one}"
        )),
        "trust_folder"
    );
}

#[test]
fn the_nearest_rule_counts() {
    let trust = trust_with(|text| {
        text.replacen(
            "[[key]]",
            "[rules]\nretail = \"1 of x\"\n\"retail/late-parcel\" = \"2 of y\"\n[[key]]",
            1,
        )
    });
    let rule = |name: &str| trust.rule_for(&name.parse().unwrap()).to_string();
    assert_eq!(rule("retail/late-parcel"), "2 of y");
    assert_eq!(rule("retail/other"), "1 of x");
    assert_eq!(rule("retailer"), "2 of compliance + owner of policy");
}

/// The first test vector of RFC 8032, 7.1, and the encodings of RFC 8410, 10.3.
#[test]
fn keys_are_those_of_the_standards() {
    let pem = "-----BEGIN PRIVATE KEY-----\nMC4CAQAwBQYDK2VwBCIEINTuctv5E1hK1bbY8fdp+K06/nwoy/HU++CXqI9EdVhC\n-----END PRIVATE KEY-----\n";
    let secret = SecretKey::from_pem(pem).unwrap();
    assert_eq!(secret.to_pem(), pem);
    let public = "-----BEGIN PUBLIC KEY-----\nMCowBQYDK2VwAyEAGb9ECWmEzf6FQbrBZ9w7lshQhqowtrbLDFw4rXAxZuE=\n-----END PUBLIC KEY-----\n";
    assert_eq!(secret.public().to_pem(), public);
    let seed = redress_model::Digest::from_hex(
        "9d61b19deffd5a60ba844af492ec2cc44449c5697b326919703bac031cae7f60",
    );
    let signature = SecretKey::from_seed(seed.unwrap().bytes()).sign(b"");
    assert_eq!(
        signature[..8],
        [0xe5, 0x56, 0x43, 0x00, 0xc3, 0x60, 0xac, 0x72]
    );
}

#[test]
fn what_is_no_key_is_refused() {
    let code = |text: &str| text.parse::<PublicKey>().unwrap_err().code();
    assert_eq!(code("AAAA"), "key_length");
    assert_eq!(code("!"), "key_base64");
    // The neutral point signs everything.
    assert_eq!(
        code("AQAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA="),
        "key_point"
    );
    let secret = key(1).to_pem();
    assert_eq!(code(&secret), "key_label");
    assert_eq!(
        SecretKey::from_pem(&secret.replace("MC4CAQ", "MC4CAg"))
            .unwrap_err()
            .code(),
        "key_algorithm"
    );
    let shown = format!("{:?}", key(1));
    assert!(
        !shown.contains("AQEB") && shown.contains("ed25519:"),
        "{shown}"
    );
}
