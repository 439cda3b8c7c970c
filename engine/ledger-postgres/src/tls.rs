//! Encryption on the way to a server.
//!
//! A connection is encrypted only together with a certificate of the server that is valid for its
//! host name and comes from a root that is trusted: whoever could stand in the middle of an
//! unverified one could read and change every sum. So `require`, under which other clients
//! verify nothing, asks for the same as `verify-full` here.

use std::path::{Path, PathBuf};

use redress_ledger::{StoreError, StoreFault};
use rustls::pki_types::CertificateDer;
use rustls::pki_types::pem::PemObject as _;
use rustls::{ClientConfig, RootCertStore};
use tokio_postgres_rustls::MakeRustlsConnect;

/// Which root certificates a server's certificate may come from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Roots {
    /// Those that the system trusts.
    System,
    /// Those in a file in PEM.
    File(PathBuf),
}

impl Roots {
    /// What makes connections that are encrypted and verified.
    pub(crate) fn connector(&self) -> Result<MakeRustlsConnect, StoreError> {
        let roots = match self {
            Self::System => system()?,
            Self::File(path) => file(path)?,
        };
        let provider = rustls::crypto::ring::default_provider();
        let config = ClientConfig::builder_with_provider(provider.into())
            .with_safe_default_protocol_versions()
            .map_err(|error| not_safe(error.to_string()))?
            .with_root_certificates(roots)
            .with_no_client_auth();
        Ok(MakeRustlsConnect::new(config))
    }
}

fn system() -> Result<RootCertStore, StoreError> {
    let mut roots = RootCertStore::empty();
    let found = rustls_native_certs::load_native_certs();
    // A store of hundreds may hold one that nobody can read; without any there is no trust.
    let (taken, _) = roots.add_parsable_certificates(found.certs);
    if taken > 0 {
        return Ok(roots);
    }
    let what = "the system trusts no root certificate: name one with `sslrootcert=FILE`";
    Err(not_safe(what.to_owned()))
}

fn file(path: &Path) -> Result<RootCertStore, StoreError> {
    let fail = |what: String| not_safe(format!("root certificate {}: {what}", path.display()));
    let mut roots = RootCertStore::empty();
    let found = CertificateDer::pem_file_iter(path).map_err(|error| fail(error.to_string()))?;
    for certificate in found {
        let certificate = certificate.map_err(|error| fail(error.to_string()))?;
        roots
            .add(certificate)
            .map_err(|error| fail(error.to_string()))?;
    }
    if roots.is_empty() {
        return Err(fail("the file holds none".to_owned()));
    }
    Ok(roots)
}

fn not_safe(what: String) -> StoreError {
    StoreError::new(StoreFault::Unsafe, what)
}
