//! A release as its folder says it is, every part read and checked.

use std::collections::BTreeSet;
use std::path::Path;
use std::sync::Arc;

use redress_kernel::guardrails::Ancestor;
use redress_kernel::{Guardrails, ReleaseId};
use redress_model::{Code, Date, Digest, Rounding, Schema, Tables};
use smol_str::ToSmolStr;

use crate::cases::{self, CaseFile};
use crate::error::{Problems, ReleaseError, ReleaseErrors};
use crate::folder::{MANIFEST, SourceFolder};
use crate::guardrails;
use crate::json_place;
use crate::manifest::{self, KEYS, Manifest};
use crate::messages::{self, Messages};
use crate::policy::{self, PolicySource};
use crate::reader::{Reader, Section};
use crate::tables;

/// One version of a policy, read from its folder.
#[derive(Debug, Clone)]
pub struct ReleaseSource {
    folder: SourceFolder,
    digest: Digest,
    manifest: Manifest,
    schema: Arc<Schema>,
    tables: Arc<Tables>,
    guardrails: Guardrails,
    policy: PolicySource,
    messages: Messages,
}

impl SourceFolder {
    /// Reads one version's folder and everything in it but the cases, which
    /// [`ReleaseSource::cases`] reads when they are asked for.
    ///
    /// # Errors
    /// [`ReleaseErrors`] with everything that is wrong, each with file, line and key.
    pub fn read(path: &Path) -> Result<ReleaseSource, ReleaseErrors> {
        Self::open(path)?.release()
    }

    /// Reads the release out of the folder's files.
    ///
    /// # Errors
    /// [`ReleaseErrors`] with everything that is wrong, each with file, line and key.
    pub fn release(self) -> Result<ReleaseSource, ReleaseErrors> {
        let mut problems = Problems::default();
        let parts = parts(&self, &mut problems);
        let parts = problems.into_result(parts)?;
        Ok(ReleaseSource {
            digest: self.digest(),
            folder: self,
            manifest: parts.manifest,
            schema: Arc::new(parts.schema),
            tables: Arc::new(parts.tables),
            guardrails: parts.guardrails,
            policy: parts.policy,
            messages: parts.messages,
        })
    }
}

/// What a policy's code is written against: the facts, the tables and the rounding.
#[derive(Debug, Clone)]
pub struct Interface {
    /// The fact schema.
    pub schema: Schema,
    /// The tables.
    pub tables: Tables,
    /// How quotients become whole minor units.
    pub rounding: Rounding,
}

impl SourceFolder {
    /// Reads what a policy's code is written against out of the folder's files, and
    /// nothing else, so that a release whose module has not been built yet has one too.
    ///
    /// # Errors
    /// [`ReleaseErrors`] with everything that is wrong with these parts.
    pub fn interface(&self) -> Result<Interface, ReleaseErrors> {
        let mut problems = Problems::default();
        let interface = self.parse_interface(&mut problems);
        problems.into_result(interface)
    }

    fn parse_interface(&self, problems: &mut Problems) -> Option<Interface> {
        let shown = self.shown(MANIFEST);
        let text = manifest_text(self, problems)?;
        let (mut reader, root) = Reader::parse(&shown, text, problems)?;
        let root = Section::root(&root);
        let rounding = manifest::rounding(&root, &mut reader);
        let schema = schema(&root, self, &mut reader);
        let tables = tables::read(&root, self, &mut reader);
        Some(Interface {
            schema: schema?,
            tables: tables?,
            rounding: rounding?,
        })
    }
}

struct Parts {
    manifest: Manifest,
    schema: Schema,
    tables: Tables,
    guardrails: Guardrails,
    policy: PolicySource,
    messages: Messages,
}

fn parts(folder: &SourceFolder, problems: &mut Problems) -> Option<Parts> {
    let shown = folder.shown(MANIFEST);
    let text = manifest_text(folder, problems)?;
    let location = match folder.location() {
        Ok(location) => location,
        Err(error) => {
            problems.file(
                folder.path(),
                format!("the folder cannot be found: {error}"),
            );
            return None;
        }
    };
    let (mut reader, root) = Reader::parse(&shown, text, problems)?;
    let reader = &mut reader;
    let root = Section::root(&root);
    root.only(reader, KEYS);
    let manifest = manifest::read(&root, &location, reader);
    let schema = schema(&root, folder, reader);
    let guardrails = guardrails(&root, folder, manifest.as_ref(), schema.as_ref(), reader);
    let policy = policy::read(&root, folder, schema.as_ref(), reader);
    let messages = messages::read(&root, folder, reader);
    let tables = tables::read(&root, folder, reader);
    if let Some((guardrails, messages)) = guardrails.as_ref().zip(messages.as_ref()) {
        explained(&root, guardrails, messages, reader);
    }
    Some(Parts {
        manifest: manifest?,
        schema: schema?,
        tables: tables?,
        guardrails: guardrails?,
        policy: policy?,
        messages: messages?,
    })
}

fn manifest_text<'f>(folder: &'f SourceFolder, problems: &mut Problems) -> Option<&'f str> {
    if folder.file(MANIFEST).is_none() {
        let problem = "is not there, so this is no release folder";
        problems.add(ReleaseError {
            help: Some("name the folder of one version, such as policies/air/eu261/1.0.0".into()),
            ..ReleaseError::of_file(&folder.shown(MANIFEST), problem)
        });
    }
    folder.text(MANIFEST, problems)
}

fn schema(root: &Section<'_>, folder: &SourceFolder, reader: &mut Reader<'_>) -> Option<Schema> {
    let item = root.need(reader, "schema")?;
    let file = folder.named(&item, ".json", reader)?;
    let text = folder.text(file, reader.problems())?;
    match Schema::compile(text.as_bytes()) {
        Ok(schema) => Some(schema),
        Err(errors) => {
            for error in errors.0 {
                let line = match error.pointer.as_str() {
                    "" => syntax_line(text),
                    pointer => Some(json_place::line_of(text, pointer)),
                };
                reader.problems().add(ReleaseError {
                    line,
                    key: Some(error.pointer).filter(|pointer| !pointer.is_empty()),
                    ..ReleaseError::of_file(&folder.shown(file), error.problem)
                });
            }
            None
        }
    }
}

/// The line where a text stops being JSON; `None` if it is JSON.
fn syntax_line(text: &str) -> Option<u32> {
    let error = serde_json::from_str::<serde::de::IgnoredAny>(text).err()?;
    u32::try_from(error.line()).ok()
}

fn guardrails(
    root: &Section<'_>,
    folder: &SourceFolder,
    manifest: Option<&Manifest>,
    schema: Option<&Schema>,
    reader: &mut Reader<'_>,
) -> Option<Guardrails> {
    let item = root.need(reader, "guardrails")?;
    let file = folder.named(&item, ".toml", reader)?;
    let text = folder.text(file, reader.problems())?;
    let (manifest, schema) = (manifest?, schema?);
    let release = ReleaseId {
        name: manifest.name.to_smolstr(),
        version: manifest.version.to_smolstr(),
        digest: folder.digest(),
    };
    let parsed = guardrails::parse(
        &folder.shown(file),
        text,
        schema,
        release,
        manifest.rounding,
    );
    match parsed {
        Ok(mut guardrails) => {
            if let (Some(fairness), Some((version, basis_points))) =
                (&mut guardrails.fairness, manifest.lineage.ancestor())
            {
                let version = version.to_smolstr();
                fairness.lineage.push(Ancestor {
                    version,
                    basis_points,
                });
            }
            Some(guardrails)
        }
        Err(errors) => {
            reader.problems().extend(errors);
            None
        }
    }
}

/// Tells of a key of a release's manifest, with its line.
pub(crate) fn tell_of_key(
    release: &ReleaseSource,
    key: &str,
    problem: String,
    help: Option<&str>,
    problems: &mut Problems,
) {
    let shown = release.folder.shown(MANIFEST);
    let text = release.folder.text(MANIFEST, problems).unwrap_or_default();
    let Some((mut reader, root)) = Reader::parse(&shown, text, problems) else {
        return;
    };
    if let Some(item) = Section::root(&root).get(key) {
        match help {
            Some(help) => item.problem_with_help(&mut reader, problem, help),
            None => item.problem(&mut reader, problem),
        }
    }
}

/// Tells of codes that the guardrails show to people and that have no sentence.
fn explained(
    root: &Section<'_>,
    guardrails: &Guardrails,
    messages: &Messages,
    reader: &mut Reader<'_>,
) {
    let claims = guardrails.claims.iter().map(|claim| &claim.code);
    let holds = guardrails.holds.iter().map(|hold| &hold.code);
    let duties = guardrails.safety.iter().flat_map(|rule| &rule.duties);
    let codes: BTreeSet<&Code> = claims.chain(holds).chain(duties).collect();
    let Some(item) = root.get("messages") else {
        return;
    };
    for code in codes.into_iter().filter(|code| !messages.has(code)) {
        let problem = format!(
            "the guardrails use {:?}, which has no sentence",
            code.as_str()
        );
        let help = format!("add `{code} = \"...\"` under [reasons] in every language");
        item.problem_with_help(reader, problem, help);
    }
}

impl ReleaseSource {
    /// The path by which the folder was opened.
    #[must_use]
    pub fn path(&self) -> &Path {
        self.folder.path()
    }

    /// The folder's files.
    #[must_use]
    pub const fn folder(&self) -> &SourceFolder {
        &self.folder
    }

    /// The digest of the folder, see [`SourceFolder::digest`].
    #[must_use]
    pub const fn digest(&self) -> Digest {
        self.digest
    }

    /// What the manifest says of the release as a whole.
    #[must_use]
    pub const fn manifest(&self) -> &Manifest {
        &self.manifest
    }

    /// Ends the incident dates that it covers, because a successor says so.
    pub(crate) const fn end(&mut self, until: Date) {
        self.manifest.effective.until = Some(until);
    }

    /// The fact schema.
    #[must_use]
    pub const fn schema(&self) -> &Arc<Schema> {
        &self.schema
    }

    /// The tables.
    #[must_use]
    pub const fn tables(&self) -> &Arc<Tables> {
        &self.tables
    }

    /// The guardrails.
    #[must_use]
    pub const fn guardrails(&self) -> &Guardrails {
        &self.guardrails
    }

    /// The policy's code.
    #[must_use]
    pub const fn policy(&self) -> &PolicySource {
        &self.policy
    }

    /// The sentences for people.
    #[must_use]
    pub const fn messages(&self) -> &Messages {
        &self.messages
    }

    /// Reads `cases/*.toml`, in order of the files' names.
    ///
    /// # Errors
    /// [`ReleaseErrors`] with everything that is wrong with the cases: an unknown key, a
    /// missing expectation, two cases of one name.
    pub fn cases(&self) -> Result<Vec<CaseFile>, ReleaseErrors> {
        cases::read(&self.folder)
    }

    /// What cases of this release say that it does not know: facts that its schema does not
    /// admit, roles that its guardrails do not have.
    #[must_use]
    pub fn case_problems(&self, cases: &[CaseFile]) -> Vec<ReleaseError> {
        cases::problems(&self.folder, &self.schema, &self.guardrails, cases)
    }
}
