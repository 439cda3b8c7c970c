//! `--update`: brings what a case expects to what is decided now, key by key, for a
//! person to look at before it is written. Comments and everything else stay.

use redress_kernel::Decision;
use toml_edit::{DocumentMut, Item, Value};

use crate::casefile;
use crate::suite::Difference;

/// A case file as it would be.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Updated {
    /// The text with the new expectation.
    pub text: String,
    /// Keys that no expectation can meet, such as a policy that failed.
    pub left: Vec<String>,
}

/// The text of a case file with its failing keys as the decision has them.
///
/// # Errors
/// What is wrong with the text, which the runner has read before.
pub fn updated(
    text: &str,
    differences: &[Difference],
    decision: &Decision,
) -> Result<Updated, String> {
    let plain = text.strip_prefix('\u{feff}').unwrap_or(text);
    let mut document: DocumentMut = plain.parse().map_err(|error| format!("{error}"))?;
    let full: DocumentMut = casefile::expect(decision)
        .parse()
        .map_err(|error| format!("{error}"))?;
    let mut left = Vec::new();
    let Some(expect) = document.get_mut("expect").and_then(Item::as_table_like_mut) else {
        return Err("the case has no [expect]".to_owned());
    };
    for difference in differences {
        let key = difference
            .key
            .split(['[', '.', ' '])
            .next()
            .unwrap_or_default();
        if !expect.contains_key(key) {
            left.push(difference.key.clone());
            continue;
        }
        match key {
            // Whether a case shows an error is its author's choice.
            "error" => left.push(difference.key.clone()),
            "total" | "statutory" | "contractual" | "goodwill"
                if difference.found.contains(" and ") =>
            {
                left.push(difference.key.clone());
            }
            "total" | "statutory" | "contractual" | "goodwill" => {
                set(expect, key, Value::from(difference.found.as_str()));
            }
            _ => match full.get("expect").and_then(|full| full.get(key)) {
                Some(Item::Value(value)) => set(expect, key, value.clone()),
                // The decision has nothing of the kind any more.
                _ => {
                    expect.remove(key);
                }
            },
        }
    }
    Ok(Updated {
        text: document.to_string(),
        left,
    })
}

/// Sets a value and keeps the comment behind the one before.
fn set(expect: &mut dyn toml_edit::TableLike, key: &str, mut value: Value) {
    let decor = expect
        .get(key)
        .and_then(Item::as_value)
        .map(Value::decor)
        .cloned();
    match decor {
        Some(decor) => *value.decor_mut() = decor,
        None => value.decor_mut().clear(),
    }
    // In place, since the comment above belongs to the key.
    if let Some(item) = expect.get_mut(key) {
        *item = Item::Value(value);
    }
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use redress::{Engine, EngineLimits};

    use super::*;
    use crate::suite::compare;

    /// The 60-minute case of the fixture with another expectation, brought up to date.
    #[track_caller]
    fn check(expect: &str, expected: &str) {
        let fixtures = Path::new(env!("CARGO_MANIFEST_DIR")).join("../cli/tests/fixtures/policies");
        let engine = Engine::new(EngineLimits::STANDARD);
        let head = "name = \"sixty\"\nincident_date = \"2026-03-01\" # a Sunday\n[facts]\nfare = \"100.00 EUR\"\ndelay_minutes = 60\ncause = \"operator\"\n";
        let text = format!("{head}{expect}");
        let folder =
            redress_release::SourceFolder::open(&fixtures.join("rail/delay/1.1.0")).unwrap();
        let source = folder.with_file("cases/sixty.toml", text.clone().into_bytes());
        let release = engine
            .compile_script(source.release().unwrap())
            .unwrap()
            .unwrap();
        let cases = release.source().cases().unwrap();
        let case = cases.iter().find(|case| case.stem == "sixty").unwrap();
        let admitted = release.admit(&case.to_json()).unwrap();
        let decided = release.decide(&admitted, &case.actor, &case.standing, case.as_of);
        let differences = compare(&case.expect, &decided.decision);
        let updated = updated(&text, &differences, &decided.decision).unwrap();
        assert_eq!(updated.text, format!("{head}{expected}"));
        assert!(updated.left.is_empty(), "{:?}", updated.left);
    }

    #[test]
    fn only_the_keys_that_fail_are_changed_and_comments_stay() {
        check(
            "[expect]\noutcome = \"refuse\" # by law\n# the sum\ntotal = \"1.00 EUR\"\nqueue = \"rail\"\n",
            "[expect]\noutcome = \"grant\" # by law\n# the sum\ntotal = \"25.00 EUR\"\nqueue = \"rail\"\n",
        );
        check(
            "[expect]\noutcome = \"grant\"\nreasons = [\"late\"]\npriority = 3\n",
            "[expect]\noutcome = \"grant\"\nreasons = [\"train_late\"]\n",
        );
        check(
            "[expect]\noutcome = \"grant\"\nremedies = [{ amount = \"1.00 EUR\" }]\n",
            "[expect]\noutcome = \"grant\"\nremedies = [{ amount = \"25.00 EUR\", basis = \"statutory\", claim = \"rail_19\", kind = \"cash\", payable = \"now\" }]\n",
        );
    }
}
