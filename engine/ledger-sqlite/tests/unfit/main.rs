//! Files and folders that cannot be written, files that somebody else holds, and copies: each a
//! typed error, and nothing changed.

#[cfg(test)]
mod trials;
