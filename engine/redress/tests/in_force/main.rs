//! What is in force, and a candidate in the shadow.

#[cfg(test)]
mod trials;
