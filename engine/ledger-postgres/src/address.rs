//! Where a ledger in PostgreSQL is, and what of it may be shown.

use std::fmt;
use std::net::IpAddr;
use std::str::FromStr;
use std::time::Duration;

use postgres::Config;
use postgres::config::{Host, SslMode};
use redress_ledger::{StoreError, StoreFault};

/// How long a connection may take to come about, unless the address says otherwise.
const CONNECT_TIMEOUT: Duration = Duration::from_secs(10);

/// How long data may stay without an answer before the connection is given up.
const TCP_TIMEOUT: Duration = Duration::from_secs(30);

/// The address of a ledger: `postgres://user:password@host:port/database`.
/// `options=-csearch_path=NAME` in it names the schema.
///
/// It is shown without its password and without its parameters, one of which may be a password
/// too.
#[derive(Clone)]
pub struct Address {
    config: Config,
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
}

impl FromStr for Address {
    type Err = StoreError;

    /// Reads an address.
    ///
    /// # Errors
    /// `ledger_unreachable` when it is not one, and `ledger_unsafe` when sums would go to another
    /// machine in the clear. Neither error repeats the text.
    fn from_str(url: &str) -> Result<Self, StoreError> {
        let mut config: Config = url.parse().map_err(|error: postgres::Error| {
            let what = format!("not the address of a PostgreSQL ledger: {error}");
            StoreError::new(StoreFault::Unreachable, what)
        })?;
        let stays_here = config.get_hosts().iter().all(is_here)
            && config.get_hostaddrs().iter().all(IpAddr::is_loopback);
        if !stays_here && config.get_ssl_mode() != SslMode::Disable {
            let what = "the connection to another machine would not be encrypted: use a tunnel, \
                        or say `sslmode=disable` where the network itself is trusted";
            return Err(StoreError::new(StoreFault::Unsafe, what));
        }
        if config.get_connect_timeout().is_none() {
            config.connect_timeout(CONNECT_TIMEOUT);
        }
        if config.get_tcp_user_timeout().is_none() {
            config.tcp_user_timeout(TCP_TIMEOUT);
        }
        if config.get_application_name().is_none() {
            config.application_name("redress");
        }
        Ok(Self { config })
    }
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
}
