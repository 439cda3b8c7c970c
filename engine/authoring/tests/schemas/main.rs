//! The JSON Schemas of the TOML files say what the engine's readers accept and refuse.

#[cfg(test)]
mod held;
#[cfg(test)]
mod validator;
