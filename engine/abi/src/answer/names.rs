//! Codes that answers have named before.

use redress_model::Code;
use redress_model::code::BadName;

/// Codes that answers have named before, so that each is checked once.
///
/// A policy names the same few codes in every case. Each has one of [`Names::PLACES`] places,
/// and one that comes to a taken place takes it over, so the size is fixed whatever guests
/// write.
#[derive(Debug, Clone)]
pub struct Names(Box<[Option<Code>]>);

impl Names {
    /// How many codes are kept at most.
    pub const PLACES: usize = 256;

    /// The code that these bytes spell, if it was kept.
    pub(super) fn get(&self, bytes: &[u8]) -> Option<&Code> {
        let kept = self.0.get(place(bytes))?.as_ref()?;
        (kept.as_str().as_bytes() == bytes).then_some(kept)
    }

    /// The code that a text spells, checked if it was not kept, and kept.
    ///
    /// # Errors
    /// [`BadName`] for a text that is no code.
    pub fn code(&mut self, text: &str) -> Result<Code, BadName> {
        if let Some(known) = self.get(text.as_bytes()) {
            return Ok(known.clone());
        }
        let code = Code::new(text)?;
        if let Some(kept) = self.0.get_mut(place(text.as_bytes())) {
            *kept = Some(code.clone());
        }
        Ok(code)
    }
}

impl Default for Names {
    fn default() -> Self {
        Self(vec![None; Self::PLACES].into())
    }
}

/// The place of a code: of its first and its last eight bytes, by Fibonacci hashing (Knuth,
/// *The Art of Computer Programming*, volume 3, section 6.4).
fn place(bytes: &[u8]) -> usize {
    let word = |eight: Option<&[u8; 8]>| eight.map(|eight| u64::from_le_bytes(*eight));
    let fold = |word: u64, byte: &u8| word << 8 | u64::from(*byte);
    let outer = match (word(bytes.first_chunk()), word(bytes.last_chunk())) {
        (Some(first), Some(last)) => first ^ last.rotate_left(29),
        _ => bytes.iter().fold(0, fold),
    };
    let mixed = outer.wrapping_mul(0x9e37_79b9_7f4a_7c15);
    let [.., high] = mixed.to_le_bytes();
    usize::from(high)
}
