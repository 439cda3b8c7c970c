//! The ledger in a real PostgreSQL. Without a server's programs on this machine each test
//! says by its name that it was skipped; `LEDGER_POSTGRES` is the address of one that runs.

#[cfg(test)]
mod faults;
#[cfg(test)]
mod histories;
#[cfg(test)]
mod store;
#[cfg(test)]
mod tls;
#[cfg(test)]
mod unfit;
