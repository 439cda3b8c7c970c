//! `redress release key`, `sign` and `verify`.

use std::fs;
use std::io::Write as _;
use std::path::Path;

use redress_model::Date;
use redress_release::archive::Archive;
use redress_release::signing::{self, Covers, Envelope, Revision, SecretKey, SignOff, Statement};

use super::args::{KeyArgs, SignArgs, VerifyArgs};
use super::{build, files};
use crate::failure::{Exit, Failure};
use crate::term::{self, Tone};

/// How long a statement can be acted on, unless the first signer says otherwise.
const EXPIRES_DAYS: i32 = 90;

/// Makes a pair of keys.
pub(super) fn key(args: &KeyArgs) -> Result<Exit, Failure> {
    let person = args.person.as_str();
    let plain = |c: char| c.is_ascii_alphanumeric() || "._-@".contains(c);
    if person.is_empty() || person.starts_with('.') || !person.chars().all(plain) {
        let error =
            anyhow::anyhow!("expected a name of a-z, 0-9, '.', '_', '-' and '@', found {person:?}");
        return Err(Failure::usage(error));
    }
    let mut seed = [0; 32];
    getrandom::fill(&mut seed)
        .map_err(|error| Failure::internal(anyhow::anyhow!("no randomness: {error}")))?;
    let secret = SecretKey::from_seed(&seed);
    let (secret_path, public_path) = (format!("{person}.key"), format!("{person}.pub"));
    create(Path::new(&secret_path), &secret.to_pem(), Access::OwnerOnly)?;
    create(
        Path::new(&public_path),
        &secret.public().to_pem(),
        Access::Everybody,
    )?;
    let entry = format!(
        "[[key]]\nperson = \"{person}\"\npublic = \"{}\"  # {}\nroles = []\nowns = []\nvalid_from = \"\"\nvalid_until = \"\"\n",
        secret.public().to_base64(),
        secret.public().id().short()
    );
    term::print(&format!(
        "{} {secret_path}, which nobody else may read, and {public_path}\n\nIn the trust file:\n\n{entry}",
        Tone::Good.paint("written")
    ))?;
    Ok(Exit::Ok)
}

/// Who may read a new file.
#[derive(Clone, Copy)]
enum Access {
    OwnerOnly,
    Everybody,
}

/// Writes a file that must not be there.
fn create(path: &Path, text: &str, access: Access) -> Result<(), Failure> {
    let mut options = fs::OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    if let Access::OwnerOnly = access {
        use std::os::unix::fs::OpenOptionsExt as _;
        options.mode(0o600);
    }
    #[cfg(not(unix))]
    let _ = access;
    let written = options
        .open(path)
        .and_then(|mut file| file.write_all(text.as_bytes()));
    written.map_err(|source| {
        let error = anyhow::Error::new(source).context(format!("cannot write {}", path.display()));
        Failure::usage(error)
    })
}

/// Signs an archive.
pub(super) fn sign(args: &SignArgs) -> Result<Exit, Failure> {
    let archive = files::archive(&args.archive)?;
    let secret = SecretKey::from_pem(&files::text(&args.key)?)
        .map_err(|error| Failure::invalid(error).at(args.key.display()))?;
    let path = files::envelope_path(args.envelope.as_ref(), &args.archive);
    let mut envelope = match path.exists() {
        true => after_others(args, &archive, &path)?,
        false => Envelope::new(&first(args, &archive)?),
    };
    envelope
        .sign(&secret)
        .map_err(|error| Failure::invalid(error).at(path.display()))?;
    files::write(&path, &envelope.to_json())?;
    let statement = envelope.statement().map_err(Failure::internal)?;
    let mut text = build::about(&archive);
    text.push_str(&format!(
        "{} by {} as revision {} for incidents of {}, to be activated by {}: {}\n",
        Tone::Good.paint("signed"),
        secret.public().id().short(),
        statement.revision,
        statement.covers,
        statement.expires_on,
        path.display()
    ));
    term::print(&text)?;
    Ok(Exit::Ok)
}

/// What the first signer says.
fn first(args: &SignArgs, archive: &Archive) -> Result<Statement, Failure> {
    let Some(revision) = args.revision else {
        let error = anyhow::anyhow!("the first signer says which revision of the policy this is");
        return Err(Failure::usage(error)
            .help("add --revision N, one higher than the last of `redress release list`, or 1"));
    };
    let effective = archive.source().manifest().effective;
    let covers = Covers {
        from: args.from.unwrap_or(effective.from),
        until: args.until.or(effective.until),
    };
    if !covers.is_within(&effective) {
        let error = anyhow::anyhow!("{covers} is not within what the release covers, {effective}");
        return Err(Failure::usage(error));
    }
    let (_, today) = files::now()?;
    let expires = args.expires.or_else(|| today.plus_days(EXPIRES_DAYS));
    let expires = expires.filter(|expires| *expires >= today);
    let expires = expires
        .ok_or_else(|| Failure::usage(anyhow::anyhow!("--expires lies before today, {today}")))?;
    let signoff = match &args.signoff {
        Some(path) => Some(signoff(path, archive)?),
        None => None,
    };
    Ok(Statement::about(
        archive,
        Revision(revision),
        covers,
        expires,
        signoff,
    ))
}

/// A sign-off of a review page, which must approve this very release.
fn signoff(path: &Path, archive: &Archive) -> Result<SignOff, Failure> {
    let invalid = |error: anyhow::Error| Failure::invalid(error).at(path.display());
    let signoff: SignOff =
        serde_json::from_str(&files::text(path)?).map_err(|error| invalid(error.into()))?;
    if signoff.answer != "approved" {
        return Err(invalid(anyhow::anyhow!(
            "{} did not approve: {}",
            signoff.reviewer,
            signoff.answer
        )));
    }
    if signoff.reviewer.trim().is_empty() {
        return Err(invalid(anyhow::anyhow!("the sign-off names no reviewer")));
    }
    let own = archive.source().digest();
    if signoff.release_sha256 != own {
        return Err(invalid(anyhow::anyhow!(
            "the sign-off is about the release {}, and this is {own}",
            signoff.release_sha256
        )));
    }
    Ok(signoff)
}

/// The envelope that others have signed, which must be about this archive and say what
/// this signer repeats.
fn after_others(args: &SignArgs, archive: &Archive, path: &Path) -> Result<Envelope, Failure> {
    let envelope = files::envelope(path)?;
    let statement = envelope
        .statement()
        .map_err(|error| Failure::invalid(error).at(path.display()))?;
    if statement.archive_sha256 != archive.digest() {
        let error = anyhow::anyhow!(
            "others have signed the archive {}",
            statement.archive_sha256
        );
        return Err(Failure::invalid(error).at(path.display()));
    }
    let differs = [
        (
            "--revision",
            args.revision
                .is_some_and(|own| Revision(own) != statement.revision),
        ),
        (
            "--from",
            args.from.is_some_and(|own| own != statement.covers.from),
        ),
        (
            "--until",
            args.until
                .is_some_and(|own| Some(own) != statement.covers.until),
        ),
        (
            "--expires",
            args.expires.is_some_and(|own| own != statement.expires_on),
        ),
    ];
    if let Some((option, _)) = differs.iter().find(|(_, differs)| *differs) {
        let error = anyhow::anyhow!("{option} differs from what others have signed");
        let help = "leave it out to sign what they signed, or move their envelope away";
        return Err(Failure::usage(error).at(path.display()).help(help));
    }
    if let Some(file) = &args.signoff
        && Some(signoff(file, archive)?) != statement.signoff
    {
        let error = anyhow::anyhow!("others have signed without this sign-off");
        return Err(Failure::usage(error).at(path.display()));
    }
    Ok(envelope)
}

/// Checks who signed an archive.
pub(super) fn verify(args: &VerifyArgs) -> Result<Exit, Failure> {
    let archive = files::archive(&args.archive)?;
    let trust = files::trust(&args.trust)?;
    let path = files::envelope_path(args.envelope.as_ref(), &args.archive);
    let envelope = files::envelope(&path)?;
    let today = match args.on {
        Some(on) => on,
        None => files::now()?.1,
    };
    let (statement, verified) = signing::verify(&archive, &envelope, &trust, today)
        .map_err(|error| Failure::gate(error).at(path.display()))?;
    let mut text = build::about(&archive);
    text.push_str(&signed(
        &statement.covers,
        statement.revision,
        statement.expires_on,
    ));
    text.push_str(&seats(&verified));
    term::print(&text)?;
    Ok(Exit::Ok)
}

fn signed(covers: &Covers, revision: Revision, expires: Date) -> String {
    let verified = Tone::Good.paint("verified");
    format!(
        "{verified} as revision {revision} for incidents of {covers}, to be activated by {expires}\n"
    )
}

/// Who took which seat of the rule.
pub(super) fn seats(verified: &signing::Verified) -> String {
    let rows: Vec<Vec<String>> = verified
        .signers
        .iter()
        .map(|filled| {
            vec![
                filled.person.clone(),
                filled.seat.clone(),
                Tone::Faint.paint(&filled.key.short()),
            ]
        })
        .collect();
    format!("rule: {}\n{}", verified.rule, term::columns(&rows, 2))
}
