//! Who stands behind a release: Ed25519 signatures in a DSSE envelope, held against a
//! rule such as `2 of compliance + owner of policy`.
//!
//! What is signed is a [`Statement`]: this archive, as this revision of this policy, for
//! these incident dates, until this day. Several people sign the same statement. Whose
//! keys count, for what and until when, and how many of whom must sign, stands in a
//! [`Trust`] file. The envelope is that of the Dead Simple Signing Envelope, version 1
//! (<https://github.com/secure-systems-lab/dsse>), so that others can check it too.
//!
//! Every signature in an envelope must be good: one by a stranger, a broken or an expired
//! one refuses the whole, instead of being passed over.

mod envelope;
mod error;
mod key;
mod rule;
mod statement;
#[cfg(test)]
pub(crate) mod tests;
mod trust;
mod verify;

pub use self::envelope::{ENVELOPE_BYTES_MAX, Envelope, PAYLOAD_TYPE, SIGNATURES_MAX};
pub use self::error::{EnvelopeError, KeyError, TrustError, VerifyError};
pub use self::key::{KeyId, PublicKey, SecretKey};
pub use self::rule::{Filled, Ownership, PEOPLE_MAX, Rule, RuleError, Seat, Signer};
pub use self::statement::{Covers, Revision, SignOff, Statement};
pub use self::trust::{Trust, TrustedKey};
pub use self::verify::{Verified, verify};
