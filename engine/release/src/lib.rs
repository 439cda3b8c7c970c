//! Release folders: one immutable version of a policy as files that people review.
//!
//! [`SourceFolder::read`] reads a folder once into memory, digests it and checks every
//! part of it: manifest, fact schema, tables, messages, code. Whatever is wrong is told
//! at once, each thing with file, line and key. Compiling the policy is the sandboxes'
//! work, and enforcing the guardrails the kernel's.

pub mod activation;
pub mod archive;
pub mod cases;
pub mod derived;
pub mod error;
pub mod folder;
pub mod guardrails;
mod json_place;
pub mod lock;
pub mod manifest;
pub mod messages;
pub mod policy;
mod reader;
mod scaffold;
pub mod signing;
pub mod source;
mod succession;
mod tables;
#[cfg(test)]
mod tests;
pub mod version;
pub mod versions;

pub use archive::{Archive, ArchiveError};
pub use cases::{CaseFile, Expect, ExpectedAdjustment, ExpectedRemedy, ExpectedSum};
pub use error::{ReleaseError, ReleaseErrors};
pub use folder::SourceFolder;
pub use lock::{Lock, LockError, Locked, Verified};
pub use manifest::{Effective, History, Lineage, Manifest};
pub use messages::{Messages, Sentence};
pub use policy::{Compiling, Form, PolicySource, RhaiSource, WasmSource};
pub use scaffold::{ScaffoldError, scaffold};
pub use source::{Interface, ReleaseSource};
pub use tables::sheet::{Separator, Sheet};
pub use version::{BadRelease, ReleaseName, Version};
pub use versions::{PolicyFolder, find_releases};
