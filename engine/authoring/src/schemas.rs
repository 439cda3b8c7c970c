//! JSON Schemas (2020-12) of the TOML files of a release, for editors.

/// Of `release.toml`.
pub const RELEASE: &str = include_str!("../schemas/release.schema.json");
/// Of `guardrails.toml`.
pub const GUARDRAILS: &str = include_str!("../schemas/guardrails.schema.json");
/// Of a file of sentences.
pub const MESSAGES: &str = include_str!("../schemas/messages.schema.json");
/// Of a case.
pub const CASE: &str = include_str!("../schemas/case.schema.json");
/// Of `properties.toml`.
pub const PROPERTIES: &str = include_str!("../schemas/properties.schema.json");

/// The schema of a file by its path from the release's folder, with `/` between the parts.
#[must_use]
pub fn of(name: &str) -> Option<&'static str> {
    match name {
        "release.toml" => Some(RELEASE),
        "guardrails.toml" => Some(GUARDRAILS),
        "properties.toml" => Some(PROPERTIES),
        _ if !name.ends_with(".toml") => None,
        _ if name.starts_with("messages/") => Some(MESSAGES),
        _ if name.starts_with("cases/") => Some(CASE),
        _ => None,
    }
}
