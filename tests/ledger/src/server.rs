//! A PostgreSQL server for tests, made and stopped by `tests/postgres/server.sh`.

use std::path::{Path, PathBuf};
use std::process::{Command, Output};
use std::sync::atomic::{AtomicU64, Ordering};

use postgres::{Client, NoTls};

/// The schemas that this process has made. Tests that run beside each other in one process may
/// share a server, so the count is the process's and not a server's.
static SCHEMAS: AtomicU64 = AtomicU64::new(0);

/// The servers that this process has started, whose folders must differ where the beginnings of
/// their tests' names do not.
static SERVERS: AtomicU64 = AtomicU64::new(0);

/// A server, with schemas for ledgers.
#[derive(Debug)]
pub struct Server {
    /// The folder of a server of the test's own.
    folder: Option<PathBuf>,
    url: String,
}

fn script(what: &str, folder: &Path) -> Output {
    run(Command::new(path()).arg(what).arg(folder))
}

fn script_with(what: &str, folder: &Path, how: &str) -> Output {
    run(Command::new(path()).arg(what).arg(folder).arg(how))
}

fn path() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../postgres/server.sh")
}

fn run(command: &mut Command) -> Output {
    command.output().unwrap()
}

impl Server {
    /// The server that is there for all tests, or one of the test's own; `None`, told by the
    /// test's name, where there is no PostgreSQL.
    ///
    /// # Panics
    /// When there is one and it does not start.
    pub fn shared(test: &str) -> Option<Self> {
        match std::env::var("LEDGER_POSTGRES") {
            Ok(url) => Some(Self { folder: None, url }),
            Err(_) => Self::own(test),
        }
    }

    /// A server of the test's own, which it may kill.
    ///
    /// # Panics
    /// When there is one and it does not start.
    pub fn own(test: &str) -> Option<Self> {
        let parent = std::env::var_os("LEDGER_POSTGRES_IN");
        let parent = parent.map_or_else(std::env::temp_dir, PathBuf::from);
        // A path of a socket may have a hundred characters.
        let short: String = test.chars().take(24).collect();
        let number = SERVERS.fetch_add(1, Ordering::Relaxed);
        let folder = parent.join(format!("redress-{}-{number}-{short}", std::process::id()));
        let output = script("start", &folder);
        if output.status.code() == Some(69) && std::env::var("LEDGER_POSTGRES").is_err() {
            println!("skipped {test}: there is no PostgreSQL server here");
            return None;
        }
        assert!(
            output.status.success(),
            "{}",
            String::from_utf8_lossy(&output.stderr)
        );
        Some(Self {
            folder: Some(folder),
            url: String::from_utf8(output.stdout).unwrap().trim().to_owned(),
        })
    }

    /// Stops it as a loss of power would, and starts it again.
    ///
    /// # Panics
    /// When it is not the test's own, or does not start again.
    pub fn crash(&self) {
        let folder = self.folder.as_ref().unwrap();
        assert!(script("kill", folder).status.success());
        assert!(script("start", folder).status.success());
    }

    /// Stops it and starts it as a standby, which only reads.
    ///
    /// # Panics
    /// When it is not the test's own, or does not start as one.
    pub fn to_standby(&self) {
        let folder = self.folder.as_ref().unwrap();
        assert!(script("kill", folder).status.success());
        std::fs::write(folder.join("data/standby.signal"), "").unwrap();
        let started = script("start", folder);
        let told = String::from_utf8_lossy(&started.stderr);
        assert!(started.status.success(), "{told}");
    }

    /// Starts it anew with a certificate for `localhost`, so that it answers there to whoever
    /// encrypts. Gives its port and the folder of the certificates: `root.crt` is the one that the server's comes from, and `other.crt` is not.
    ///
    /// # Panics
    /// When it is not the test's own, or does not start so.
    pub fn encrypt(&self) -> (u16, PathBuf) {
        let folder = self.folder.clone().unwrap();
        let free = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
        let port = free.local_addr().unwrap().port();
        drop(free);
        let started = script_with("tls", &folder, &port.to_string());
        let told = String::from_utf8_lossy(&started.stderr);
        assert!(started.status.success(), "{told}");
        (port, folder)
    }

    /// Mounts a disk of so many MiB for it and makes a tablespace `small` of it. Gives the folder
    /// where the disk is; nothing, told by the test's name, for whoever may not mount.
    ///
    /// # Panics
    /// When it is not the test's own, or the tablespace cannot be made.
    pub fn small(&self, test: &str, mib: u32) -> Option<PathBuf> {
        let disk = self.disk("small", test, mib)?;
        let text = format!(
            "CREATE TABLESPACE small LOCATION '{}'",
            disk.join("space").display()
        );
        self.control().batch_execute(&text).unwrap();
        Some(disk)
    }

    /// Starts it anew with its write-ahead log on a disk of so many MiB. Gives the folder where
    /// the disk is; nothing, told by the test's name, for whoever may not mount.
    ///
    /// # Panics
    /// When it is not the test's own, or does not start so.
    pub fn wal(&self, test: &str, mib: u32) -> Option<PathBuf> {
        self.disk("wal", test, mib)
    }

    fn disk(&self, what: &str, test: &str, mib: u32) -> Option<PathBuf> {
        let folder = self.folder.as_ref().unwrap();
        let mounted = script_with(what, folder, &mib.to_string());
        if mounted.status.code() == Some(77) {
            println!("skipped {test}: this user may not mount a disk");
            return None;
        }
        let told = String::from_utf8_lossy(&mounted.stderr);
        assert!(mounted.status.success(), "{told}");
        Some(folder.join(what))
    }

    /// A connection beside the ledger's own.
    ///
    /// # Panics
    /// When there is none.
    pub fn control(&self) -> Client {
        Client::connect(&self.url, NoTls).unwrap()
    }

    /// The address of a new schema, whose name is also that of its connections.
    ///
    /// # Panics
    /// When the schema cannot be made.
    pub fn schema(&self) -> (String, String) {
        let number = SCHEMAS.fetch_add(1, Ordering::Relaxed);
        let name = format!("l{}_{number}", std::process::id());
        let text = format!("DROP SCHEMA IF EXISTS {name} CASCADE; CREATE SCHEMA {name}");
        self.control().batch_execute(&text).unwrap();
        (self.address(&name), name)
    }

    /// Takes a schema away that nobody has open any more.
    ///
    /// # Panics
    /// When it cannot be.
    pub fn forget(&self, schema: &str) {
        let text = format!("DROP SCHEMA {schema} CASCADE");
        self.control().batch_execute(&text).unwrap();
    }

    /// The address of a schema.
    #[must_use]
    pub fn address(&self, schema: &str) -> String {
        let url = &self.url;
        format!("{url}?application_name={schema}&options=-csearch_path%3D{schema}")
    }

    /// A connection beside the ledger's own, in its schema.
    ///
    /// # Panics
    /// When there is none.
    pub fn within(&self, schema: &str) -> Client {
        let mut client = self.control();
        let text = format!("SET search_path = {schema}");
        client.batch_execute(&text).unwrap();
        client
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        if let Some(folder) = &self.folder {
            script("stop", folder);
        }
    }
}

/// Ends the connections of a ledger, waits until they have ended, and tells how many there were.
///
/// # Panics
/// When the connection fails.
pub fn terminate(control: &mut Client, name: &str) -> u64 {
    let text = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = $1";
    let count = control.execute(text, &[&name]).unwrap();
    // The server's own waiting sleeps a tenth of a second for each connection.
    let text = "SELECT count(*) FROM pg_stat_activity WHERE application_name = $1";
    while control.query_one(text, &[&name]).unwrap().get::<_, i64>(0) > 0 {
        std::thread::yield_now();
    }
    count
}
