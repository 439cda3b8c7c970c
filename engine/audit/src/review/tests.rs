use std::fs;

use redress::{Engine, EngineLimits};
use redress_model::{Actor, ActorId, Assurance, Code, Standing};
use redress_release::{Archive, scaffold};
use tempfile::TempDir;

use super::*;
use crate::compare::{Compared, Comparison, Dates, Side};
use crate::diff::Proof;

/// A page about a release whose every text tries to be markup.
fn page(lang: Lang) -> String {
    let root = TempDir::new().unwrap();
    let old = scaffold(&"retail/late-parcel".parse().unwrap(), root.path()).unwrap();
    let edit = |file: &str, from: &str, to: &str| {
        let path = old.join(file);
        let text = fs::read_to_string(&path).unwrap();
        assert!(text.contains(from), "{from}");
        fs::write(path, text.replacen(from, to, 1)).unwrap();
    };
    edit(
        "release.toml",
        "summary = \"",
        "summary = \"</script><script>alert(1)</script>{{js}} ",
    );
    edit(
        "messages/en.toml",
        "The parcel arrived",
        "<!--<script>The parcel arrived",
    );
    let engine = Engine::new(EngineLimits::STANDARD);
    let release = engine.load(&old).unwrap();
    let json = r#"{"id": "case-1", "incident_date": "2026-03-01", "event": "e", "claimant": {"id": "c"}, "stage": "facts_recorded", "links": [], "facts": {"order_value": "50.00 EUR", "days_late": 3, "cause": "carrier"}}"#;
    let case = release.admit(json.as_bytes()).unwrap();
    let actor = Actor {
        id: ActorId::new("a").unwrap(),
        role: Code::new("agent").unwrap(),
        assurance: Assurance::Authenticated,
    };
    let at = |text: &str| {
        release
            .decide(&case, &actor, &Standing::fresh(), text.parse().unwrap())
            .decision
    };
    let mut found = Comparison::new(vec!["</script>".into()], 5);
    let (one, two) = (at("2026-03-10T12:00:00Z"), at("2026-03-10T12:00:00Z"));
    found.case(Compared {
        line: 2,
        case: &case,
        old: &one,
        new: &two,
        segments: &["<img src=x onerror=alert(1)>"],
    });
    let side = || Side {
        name: "retail/late-parcel".into(),
        versions: vec![("0.1.0".into(), Digest::of(b""))],
        dates: Dates::Own,
    };
    let report = found.report(side(), side(), "</script>.csv".into(), 5);
    let archive = Archive::build(release.source()).unwrap();
    let tested = Tested {
        total: 5,
        passed: 4,
        failed: vec!["</script>".into()],
    };
    let kept = found.kept();
    let review = Review {
        old: release.source(),
        new: release.source(),
        report: &report,
        kept: &kept,
        checks: &Checks {
            tested,
            difference: Proof::Open {
                code: "solver_missing".into(),
                reason: "</script>".into(),
            },
            proofs: Ran::Failed {
                why: "</script>".into(),
            },
            coverage: Ran::Skipped,
            mutants: Ran::Skipped,
        },
        archive: archive.digest(),
        signers: &["</script>".to_owned()],
        lang,
    };
    review.page().unwrap()
}

/// The data of a page, as the page's script reads it.
fn data(page: &str) -> Json {
    let (_, rest) = page.split_once("id=\"data\">").unwrap();
    let (data, _) = rest.split_once("</script>").unwrap();
    serde_json::from_str(data).unwrap()
}

#[test]
fn nothing_of_a_release_or_a_history_becomes_markup() {
    let page = page(Lang::En);
    assert_eq!(page.matches("<script").count(), 3);
    assert_eq!(page.matches("</script>").count(), 3);
    assert!(!page.contains("<img"));
    let data = data(&page);
    assert!(
        data["summary"]
            .as_str()
            .unwrap()
            .starts_with("</script><script>alert(1)</script>{{js}} ")
    );
    assert_eq!(data["checks"]["tested"]["failed"][0], "</script>");
}

#[test]
fn a_page_is_one_file_that_loads_and_sends_nothing() {
    let page = page(Lang::Zh);
    let policy = "default-src 'none'; style-src 'unsafe-inline'; script-src 'unsafe-inline'; img-src data:; base-uri 'none'; form-action 'none'";
    assert!(page.contains(policy));
    for word in [
        "src=",
        "@import",
        "url(",
        "fetch(",
        "XMLHttpRequest",
        "WebSocket",
        "sendBeacon",
        "https://",
        "innerHTML",
    ] {
        let own = [HTML, CSS, JS].concat();
        assert!(!own.contains(word), "{word}");
    }
    // The one address is the name of a namespace.
    assert_eq!(
        page.replace("http://www.w3.org/2000/svg", "")
            .matches("http:")
            .count(),
        0
    );
    assert!(!page.contains("{{css}}") && !page.contains("{{data}}") && !page.contains("{{title}}"));
}

#[test]
fn the_same_review_is_the_same_page_and_digest() {
    let (one, other) = (page(Lang::En), page(Lang::En));
    assert_eq!(one, other);
    let digest = |page: &str| data(page)["review_sha256"].as_str().unwrap().to_owned();
    assert_eq!(digest(&one).len(), 64);
    assert_ne!(digest(&one), digest(&page(Lang::Zh)));
}

/// Every text of the page's own is there in both languages.
#[test]
fn both_languages_have_the_same_texts() {
    let keys = |language: &str, end: &str| {
        let (_, rest) = JS.split_once(&format!("  {language}: {{\n")).unwrap();
        let (part, _) = rest.split_once(end).unwrap();
        let mut keys: Vec<&str> = part
            .split(['\n', ','])
            .filter_map(|piece| piece.trim().split_once(": "))
            .map(|(key, _)| key)
            .filter(|key| {
                key.chars().all(|c| c.is_ascii_alphanumeric())
                    && key.starts_with(|c: char| c.is_ascii_lowercase())
            })
            .collect();
        keys.sort_unstable();
        keys.dedup();
        keys.into_iter().map(str::to_owned).collect::<Vec<_>>()
    };
    let (en, zh) = (keys("en", "\n  },"), keys("zh", "\n  }\n"));
    assert!(en.len() > 60, "{en:?}");
    let missing: Vec<_> = en.iter().filter(|key| !zh.contains(key)).collect();
    assert!(missing.is_empty(), "{missing:?}");
    let mut before = "";
    for part in JS.split("t(\"") {
        let is_call = !before.is_empty() && !before.ends_with(|c: char| c.is_ascii_alphanumeric());
        let key = part.split('"').next().unwrap();
        assert!(!is_call || en.iter().any(|own| own == key), "{key}");
        before = part;
    }
}
