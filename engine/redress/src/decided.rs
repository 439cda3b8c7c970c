//! What a decision call returns.

use redress_kernel::Decision;
use redress_model::{Digest, Fault};
use redress_sandbox::SandboxKind;
use serde::ser::SerializeStruct;
use serde::{Serialize, Serializer};

/// How a decision came about. It stands outside the decision, which is the same
/// whichever sandbox ran.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Execution {
    /// Which sandbox ran the policy.
    pub sandbox: SandboxKind,
    /// Steps of the interpreter, or units of fuel.
    pub steps: u64,
    /// Bytes of memory that the policy had; 0 where they are not measured.
    pub memory_bytes: u64,
    /// What went wrong, for the log and the author; never for a customer.
    pub fault: Option<Fault>,
}

impl Serialize for Execution {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut out = serializer.serialize_struct("Execution", 4)?;
        out.serialize_field("sandbox", self.sandbox.name())?;
        out.serialize_field("steps", &self.steps)?;
        out.serialize_field("memory_bytes", &self.memory_bytes)?;
        let fault = self.fault.as_ref().map(ToString::to_string);
        out.serialize_field("fault", &fault)?;
        out.end()
    }
}

/// A decision with what stands beside it.
///
/// In JSON, the fields of the decision and then `inputs_digest` and `execution`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Decided {
    /// The decision.
    pub decision: Decision,
    /// How it came about.
    pub execution: Execution,
}

impl Decided {
    /// The decision with the digest of its inputs and its execution, as JSON.
    ///
    /// `inputs_digest` comes from [`crate::Release::inputs_digest`].
    ///
    /// # Errors
    /// None in practice: plain values are written into memory.
    pub fn to_json(&self, inputs_digest: Digest) -> serde_json::Result<Vec<u8>> {
        let mut out = Vec::with_capacity(2_048);
        serde_json::to_writer(
            &mut out,
            &WithDigest {
                decided: self,
                inputs_digest,
            },
        )?;
        Ok(out)
    }
}

struct WithDigest<'a> {
    decided: &'a Decided,
    inputs_digest: Digest,
}

impl Serialize for WithDigest<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut out = serializer.serialize_struct("Decided", Decision::FIELDS.saturating_add(2))?;
        self.decided.decision.serialize_fields(&mut out)?;
        out.serialize_field("inputs_digest", &self.inputs_digest)?;
        out.serialize_field("execution", &self.decided.execution)?;
        out.end()
    }
}
