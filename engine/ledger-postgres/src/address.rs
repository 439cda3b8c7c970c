//! Where a ledger in PostgreSQL is, and what of it may be shown.

use std::fmt;
use std::net::IpAddr;
use std::str::FromStr;
use std::time::Duration;

use postgres::Config;
use postgres::config::{Host, SslMode};
use redress_ledger::{StoreError, StoreFault};

use crate::tls::Roots;

/// How long a connection may take to come about, unless the address says otherwise.
const CONNECT_TIMEOUT: Duration = Duration::from_secs(10);

/// How long data may stay without an answer before the connection is given up.
const TCP_TIMEOUT: Duration = Duration::from_secs(30);

/// The address of a ledger: `postgres://user:password@host:port/database`.
/// `options=-csearch_path=NAME` in it names the schema.
///
/// `sslmode=verify-full` encrypts, and takes only a server whose certificate is valid for its
/// host name and comes from a root that the system trusts, or one in the file that
/// `sslrootcert=FILE` names; `sslmode=require` means the same. A connection to another machine
/// needs one of them, or `sslmode=disable` where the network itself is trusted; within a machine
/// nothing is encrypted unless the address says so.
///
/// It is shown without its password and without its parameters, one of which may be a password
/// too.
#[derive(Clone)]
pub struct Address {
    config: Config,
    /// Whom a server's certificate must come from; nothing where nothing is encrypted.
    tls: Option<Roots>,
}

impl Address {
    /// Whether a text is meant as the address of a server and not as the name of a file.
    #[must_use]
    pub fn is_meant(text: &str) -> bool {
        text.starts_with("postgres://") || text.starts_with("postgresql://")
    }

    /// The address with this password, unless it has one.
    #[must_use]
    pub fn or_password(mut self, password: &str) -> Self {
        if self.config.get_password().is_none() {
            self.config.password(password);
        }
        self
    }

    pub(crate) const fn config(&self) -> &Config {
        &self.config
    }

    pub(crate) const fn tls(&self) -> Option<&Roots> {
        self.tls.as_ref()
    }
}

impl FromStr for Address {
    type Err = StoreError;

    /// Reads an address.
    ///
    /// # Errors
    /// `ledger_unreachable` when it is not one, and `ledger_unsafe` when sums would go to another
    /// machine in the clear or to a server that is not verified. Neither error repeats the text.
    fn from_str(url: &str) -> Result<Self, StoreError> {
        let (url, asked) = Asked::of(url);
        let mut config: Config = url.parse().map_err(|error: postgres::Error| {
            let what = format!("not the address of a PostgreSQL ledger: {error}");
            StoreError::new(StoreFault::Unreachable, what)
        })?;
        let stays_here = config.get_hosts().iter().all(is_here)
            && config.get_hostaddrs().iter().all(IpAddr::is_loopback);
        let is_asked = asked.mode.is_some();
        let tls = asked.roots()?;
        if !stays_here && !is_asked {
            let what = "the connection to another machine would not be encrypted: say \
                        `sslmode=verify-full`, or `sslmode=disable` where the network itself is \
                        trusted";
            return Err(StoreError::new(StoreFault::Unsafe, what));
        }
        config.ssl_mode(match tls {
            Some(_) => SslMode::Require,
            None => SslMode::Disable,
        });
        if config.get_connect_timeout().is_none() {
            config.connect_timeout(CONNECT_TIMEOUT);
        }
        if config.get_tcp_user_timeout().is_none() {
            config.tcp_user_timeout(TCP_TIMEOUT);
        }
        if config.get_application_name().is_none() {
            config.application_name("redress");
        }
        Ok(Self { config, tls })
    }
}

/// What an address says of encryption. The client library knows fewer words for it, so these
/// are taken out before it reads the rest.
#[derive(Debug, Default)]
struct Asked {
    mode: Option<String>,
    root: Option<String>,
}

impl Asked {
    /// An address without these words, and the words.
    fn of(url: &str) -> (String, Self) {
        let mut asked = Self::default();
        let Some((rest, query)) = url.split_once('?') else {
            return (url.to_owned(), asked);
        };
        let others = query.split('&').filter(|pair| {
            let (name, value) = pair.split_once('=').unwrap_or((pair, ""));
            let place = match name {
                "sslmode" => &mut asked.mode,
                "sslrootcert" => &mut asked.root,
                _ => return true,
            };
            *place = Some(decoded(value));
            false
        });
        let others: Vec<&str> = others.collect();
        if others.is_empty() {
            return (rest.to_owned(), asked);
        }
        (format!("{rest}?{}", others.join("&")), asked)
    }

    fn roots(self) -> Result<Option<Roots>, StoreError> {
        let refused = |what: &str| Err(StoreError::new(StoreFault::Unsafe, what));
        match (self.mode.as_deref(), self.root) {
            (None | Some("disable"), None) => Ok(None),
            (None | Some("disable"), Some(_)) => refused(
                "`sslrootcert` needs `sslmode=verify-full`: without it nothing is encrypted",
            ),
            (Some("require" | "verify-full"), None) => Ok(Some(Roots::System)),
            (Some("require" | "verify-full"), Some(file)) => Ok(Some(Roots::File(file.into()))),
            (Some(_), _) => {
                refused("`sslmode` must be verify-full, require (the same here) or disable")
            }
        }
    }
}

/// A value of an address with its `%` escapes read; one that is not an escape stays as it is.
fn decoded(value: &str) -> String {
    let mut bytes = Vec::with_capacity(value.len());
    let mut rest = value.as_bytes();
    while let [first, after @ ..] = rest {
        let escaped = match after {
            [high, low, ..] if *first == b'%' => hex(*high).zip(hex(*low)),
            _ => None,
        };
        match escaped {
            Some((high, low)) => {
                bytes.push(high << 4 | low);
                rest = after.get(2..).unwrap_or_default();
            }
            None => {
                bytes.push(*first);
                rest = after;
            }
        }
    }
    String::from_utf8_lossy(&bytes).into_owned()
}

fn hex(digit: u8) -> Option<u8> {
    let digit = char::from(digit).to_digit(16)?;
    u8::try_from(digit).ok()
}

impl fmt::Display for Address {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("postgres://")?;
        if let Some(user) = self.config.get_user() {
            write!(f, "{user}@")?;
        }
        let hosts = self.config.get_hosts().iter().map(|host| match host {
            Host::Tcp(name) => name.clone(),
            #[cfg(unix)]
            Host::Unix(folder) => folder.display().to_string(),
        });
        let mut hosts: Vec<String> = hosts.collect();
        if hosts.is_empty() {
            let addresses = self.config.get_hostaddrs().iter();
            hosts.extend(addresses.map(ToString::to_string));
        }
        let ports = self.config.get_ports();
        for (place, host) in hosts.iter().enumerate() {
            let comma = if place == 0 { "" } else { "," };
            write!(f, "{comma}{host}")?;
            if let Some(port) = ports.get(place).or_else(|| ports.first()) {
                write!(f, ":{port}")?;
            }
        }
        match self.config.get_dbname() {
            Some(name) => write!(f, "/{name}"),
            None => Ok(()),
        }
    }
}

impl fmt::Debug for Address {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Address({self})")
    }
}

fn is_here(host: &Host) -> bool {
    match host {
        Host::Tcp(name) => {
            name == "localhost" || name.parse::<IpAddr>().is_ok_and(|ip| ip.is_loopback())
        }
        #[cfg(unix)]
        Host::Unix(_) => true,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_of_a_password_is_ever_shown() {
        for url in [
            "postgres://ann:sesame@localhost:5433/books",
            "postgres://ann@localhost:5433/books?password=sesame",
            "postgresql://ann:ses%61me@localhost:5433/books?options=-csearch_path%3Dsesame",
        ] {
            assert!(Address::is_meant(url));
            let address: Address = url.parse().unwrap();
            assert_eq!(address.to_string(), "postgres://ann@localhost:5433/books");
            assert!(!format!("{address:?}").contains("sesame"));
        }
        for url in [
            "postgres://ann:sesame@ledger.example/books",
            "postgres://ann:sesame@localhost:port/books",
            "postgres://ann:x?sesame@localhost/books",
            "postgres://ann:x?sesame=x@localhost/books",
            "postgres://ann:sesame",
            "postgres://ann@localhost/books?passwort=sesame",
        ] {
            let Err(error) = url.parse::<Address>() else {
                continue;
            };
            assert!(!format!("{error} {error:?}").contains("sesame"), "{error}");
        }
    }

    #[test]
    fn a_password_of_the_surroundings_stands_in_for_one_that_is_missing() {
        let with = |url: &str| {
            let address: Address = url.parse().unwrap();
            let address = address.or_password("other");
            let password = address.config().get_password();
            String::from_utf8(password.unwrap().to_vec()).unwrap()
        };
        assert_eq!(with("postgres://ann@localhost/books"), "other");
        assert_eq!(with("postgres://ann:own@localhost/books"), "own");
    }

    #[test]
    fn encryption_is_verified_or_not_there() {
        let tls = |end: &str| {
            let address = format!("postgres://ann@ledger.example/books?{end}").parse::<Address>();
            address.map(|address| address.tls().cloned())
        };
        let file = Some(Roots::File("/etc/my roots.pem".into()));
        assert_eq!(tls("sslmode=verify-full"), Ok(Some(Roots::System)));
        assert_eq!(tls("sslmode=require&user=bob"), Ok(Some(Roots::System)));
        let named = "options=-cx%3D1&sslrootcert=/etc/my%20roots.pem&sslmode=verify-full";
        assert_eq!(tls(named), Ok(file));
        assert_eq!(tls("sslmode=disable"), Ok(None));
        for end in [
            "",
            "user=bob",
            "sslmode=prefer",
            "sslmode=allow",
            "sslmode=verify-ca",
            "sslmode=",
            "sslmode=disable&sslrootcert=/etc/roots.pem",
        ] {
            assert_eq!(tls(end).unwrap_err().code(), "ledger_unsafe", "{end}");
        }
    }
}
