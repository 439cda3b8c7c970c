//! The review page: one file that a compliance officer reads before a release is signed.
//!
//! The page holds its data, its style and its script, loads nothing and sends nothing.
//! Everything that comes out of a release, a history or a file's name reaches the page as
//! text, never as markup.

mod checks;
mod data;
#[cfg(test)]
mod tests;

use redress_authoring::Lang;
use redress_model::Digest;
use redress_release::ReleaseSource;
use serde_json::{Value as Json, json};

pub use self::checks::{Checks, Proved, ProvedRow, Ran, Tested};
use self::data::{fact_names, full, part_titles, said, sentences, short};
use crate::compare::{Kept, Report};
use crate::diff::{Diff, OtherPolicy};

const HTML: &str = include_str!("page.html");
const CSS: &str = include_str!("page.css");
const JS: &str = include_str!("page.js");

/// What a review page is made of.
#[derive(Debug, Clone, Copy)]
pub struct Review<'a> {
    /// The release before.
    pub old: &'a ReleaseSource,
    /// The release after.
    pub new: &'a ReleaseSource,
    /// What was compared.
    pub report: &'a Report,
    /// The cases that move most, the largest first.
    pub kept: &'a [&'a Kept],
    /// What was run of the new release beside the comparison.
    pub checks: &'a Checks,
    /// The digest of the new release's archive.
    pub archive: Digest,
    /// Who has signed it so far.
    pub signers: &'a [String],
    /// The language in which the page opens; it holds both.
    pub lang: Lang,
}

impl Review<'_> {
    /// The page.
    ///
    /// # Errors
    /// [`OtherPolicy`] when the releases are not of one policy.
    pub fn page(&self) -> Result<String, OtherPolicy> {
        let mut data = self.data()?;
        let cases = self.cases();
        let digest = Digest::of(format!("{data}\n{cases}").as_bytes());
        if let Some(data) = data.as_object_mut() {
            data.insert("review_sha256".to_owned(), json!(digest));
        }
        let manifest = self.new.manifest();
        let title = format!("{} {}", manifest.name, manifest.version);
        // Names and versions are made of plain characters; the data is inside a script.
        let parts = [
            ("{{title}}", title),
            ("{{css}}", CSS.to_owned()),
            ("{{data}}", harmless(&data.to_string())),
            ("{{js}}", JS.to_owned()),
            ("{{cases}}", harmless(&cases)),
        ];
        let mut page = String::with_capacity(HTML.len());
        let mut rest = HTML;
        for (place, text) in parts {
            let (before, after) = rest.split_once(place).unwrap_or((rest, ""));
            page.push_str(before);
            page.push_str(&text);
            rest = after;
        }
        page.push_str(rest);
        Ok(page)
    }

    fn data(&self) -> Result<Json, OtherPolicy> {
        let manifest = self.new.manifest();
        let mut diffs = serde_json::Map::new();
        let (mut proof, mut parts, mut words, mut texts) =
            (json!({}), json!({}), json!({}), json!({}));
        let mut moving = 0;
        for lang in [Lang::En, Lang::Zh] {
            let diff = Diff::between(self.old, self.new, lang)?;
            let diff = diff.with_proof(self.checks.difference.clone());
            moving = diff.moving();
            let code = lang.code();
            put(&mut proof, code, json!(diff.proof.sentence(lang)));
            put(&mut parts, code, part_titles(lang));
            put(&mut words, code, said(self.new, lang));
            put(&mut texts, code, sentences(&[self.old, self.new], lang));
            diffs.insert(code.to_owned(), json!(diff));
        }
        let flips: Vec<Json> = self.kept.iter().map(|kept| short(kept)).collect();
        let digests = json!([
            [
                format!(
                    "{} {}",
                    self.old.manifest().name,
                    self.old.manifest().version
                ),
                format!("sha256:{}", self.old.digest())
            ],
            [
                format!("{} {}", manifest.name, manifest.version),
                format!("sha256:{}", self.new.digest())
            ],
            [
                format!("{} {}.tar", manifest.name, manifest.version),
                format!("sha256:{}", self.archive)
            ],
        ]);
        Ok(json!({
            "lang": self.lang.code(),
            "name": manifest.name,
            "summary": manifest.summary,
            "versions": [self.old.manifest().version, manifest.version],
            "release_sha256": self.new.digest(),
            "moving": moving,
            "diff": diffs,
            "proof": proof,
            "parts": parts,
            "words": words,
            "sentences": texts,
            "report": self.report,
            "flips": flips,
            "facts": fact_names(self.new),
            "checks": self.checks.json(),
            "digests": digests,
            "signers": self.signers,
        }))
    }
}

impl Review<'_> {
    /// A line for each case with everything about it: read only when somebody opens the
    /// case, since reading thousands of them is what makes a page slow to open.
    fn cases(&self) -> String {
        let lines = self
            .kept
            .iter()
            .map(|kept| full(kept, self.new).to_string());
        lines.collect::<Vec<_>>().join("\n")
    }
}

fn put(object: &mut Json, key: &str, value: Json) {
    if let Some(object) = object.as_object_mut() {
        object.insert(key.to_owned(), value);
    }
}

/// JSON that ends no script: every `<` is written as its number, and so are the two line
/// separators that some readers take for line ends.
fn harmless(json: &str) -> String {
    json.replace('<', "\\u003c")
        .replace('\u{2028}', "\\u2028")
        .replace('\u{2029}', "\\u2029")
}
