//! The cookbook and the reference are run as they are read.

#[cfg(test)]
mod cookbook;
#[cfg(test)]
mod pages;
#[cfg(test)]
mod reference;
