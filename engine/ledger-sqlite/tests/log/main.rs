//! The decision log in a ledger: written with the money, signed, proved, erased, adopted.

#[cfg(test)]
mod trials;
