//! What a derived reader of TOML says, in an author's words.

use redress_model::code::nearest;

/// What is wrong and what to do about it, from the message of a derived reader: an unknown
/// key or value gets the one that is near to it, or else the list.
#[must_use]
pub fn in_words(message: &str) -> (String, Option<String>) {
    let unknown = |rest: &str, what: &str| {
        let (name, expected) = rest.split_once("`, expected ")?;
        let known: Vec<&str> = expected.split('`').skip(1).step_by(2).collect();
        let help = match nearest(name, known.iter().copied()) {
            Some(near) => format!("did you mean `{near}`?"),
            None => format!("the {what}s here are {}", known.join(", ")),
        };
        let problem = format!("the {what} `{name}` is not known");
        Some((problem, Some(help)))
    };
    let told = match message.split_once(" `") {
        Some(("unknown field", rest)) => unknown(rest, "key"),
        Some(("unknown variant", rest)) => unknown(rest, "value"),
        Some(("missing field", rest)) => {
            let name = rest.trim_end_matches('`');
            Some((format!("the key `{name}` is missing"), None))
        }
        _ => None,
    };
    told.unwrap_or_else(|| (message.to_owned(), None))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_unknown_key_is_told_with_the_near_one_or_the_list() {
        let check = |message: &str, problem: &str, help: Option<&str>| {
            let (told, advice) = in_words(message);
            assert_eq!((told.as_str(), advice.as_deref()), (problem, help));
        };
        check(
            "unknown field `naem`, expected one of `name`, `rank`",
            "the key `naem` is not known",
            Some("did you mean `name`?"),
        );
        check(
            "unknown field `colour`, expected `name` or `rank`",
            "the key `colour` is not known",
            Some("the keys here are name, rank"),
        );
        check(
            "unknown variant `dayly`, expected `daily` or `weekly`",
            "the value `dayly` is not known",
            Some("did you mean `daily`?"),
        );
        check("missing field `rank`", "the key `rank` is missing", None);
        check("invalid type: integer", "invalid type: integer", None);
    }
}
