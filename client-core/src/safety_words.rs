//! Four words two people read to each other to know that nobody sits between them.
//!
//! The words stand for 40 bits of a hash over both identity keys and the room, the same
//! on both sides. What they are worth:
//!
//! - Who wants to pose as one certain person must find a key that gives the same words:
//!   2^40 tries.
//! - Who sits between two people and may choose a key towards each, both before either
//!   has compared, needs only some pair of them to meet: about 2^20 tries on each side.
//!
//! So every try is made expensive: Argon2id, 64 MiB and eight passes, about a third of a
//! second on an office laptop. The first attack costs ten thousand years of such a
//! laptop, the second about a week, within the life of one invitation and for this one
//! room, because the room's random id goes in. A scanned QR code compares whole keys and
//! has no such limit: prefer it when people meet.

use argon2::{Algorithm, Argon2, Params, Version};
use siegel_proto::ids::{PublicKey, RoomId};
use siegel_proto::{label, signing};

const WORD_LIST: &str = include_str!("../words/de.txt");
const WORDS: usize = 4;
const BITS_PER_WORD: usize = 10;
const MEMORY_KIB: u32 = 64 * 1024;
const PASSES: u32 = 8;

/// The words could not be computed; there is then nothing to compare.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("the safety words could not be computed")]
pub struct NoWords;

/// The words for two people in a room, whichever of them asks.
///
/// # Errors
/// [`NoWords`] if the hash cannot be computed.
pub fn safety_words(
    one: &PublicKey,
    other: &PublicKey,
    room: &RoomId,
) -> Result<[&'static str; WORDS], NoWords> {
    let bits = stretched(one, other, room)?;
    let mut words = [""; WORDS];
    for (place, word) in words.iter_mut().enumerate() {
        let index = (bits >> (BITS_PER_WORD * place)) & ((1 << BITS_PER_WORD) - 1);
        let index = usize::try_from(index).map_err(|_| NoWords)?;
        *word = WORD_LIST.lines().nth(index).ok_or(NoWords)?;
    }
    Ok(words)
}

fn stretched(one: &PublicKey, other: &PublicKey, room: &RoomId) -> Result<u64, NoWords> {
    let (first, second) = if one <= other {
        (one, other)
    } else {
        (other, one)
    };
    let message = signing::message(
        label::SAFETY_WORDS,
        &[first.as_bytes(), second.as_bytes(), room.as_bytes()],
    );
    let mut hash = [0; 8];
    let params = Params::new(MEMORY_KIB, PASSES, 1, Some(hash.len())).map_err(|_| NoWords)?;
    Argon2::new(Algorithm::Argon2id, Version::V0x13, params)
        .hash_password_into(&message, room.as_bytes(), &mut hash)
        .map_err(|_| NoWords)?;
    Ok(u64::from_le_bytes(hash))
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    const ANNA: PublicKey = PublicKey::new([1; 32]);
    const BO: PublicKey = PublicKey::new([2; 32]);
    const ROOM: RoomId = RoomId::new([3; 16]);

    #[test]
    fn both_sides_see_the_same_words() {
        let words = safety_words(&ANNA, &BO, &ROOM).unwrap();
        assert_eq!(safety_words(&BO, &ANNA, &ROOM), Ok(words));
    }

    #[test]
    fn another_key_or_room_gives_other_words() {
        let words = safety_words(&ANNA, &BO, &ROOM).unwrap();
        let other_key = PublicKey::new([4; 32]);
        assert_ne!(safety_words(&ANNA, &other_key, &ROOM), Ok(words));
        assert_ne!(safety_words(&other_key, &BO, &ROOM), Ok(words));
        assert_ne!(safety_words(&ANNA, &BO, &RoomId::new([5; 16])), Ok(words));
    }

    #[test]
    fn every_word_is_told_from_every_other_by_its_beginning() {
        let words: Vec<&str> = WORD_LIST.lines().collect();
        assert_eq!(words.len(), 1 << BITS_PER_WORD);
        let beginnings: BTreeSet<String> =
            words.iter().map(|word| word[..4].to_lowercase()).collect();
        assert_eq!(beginnings.len(), words.len());
        for word in &words {
            assert!((4..=9).contains(&word.len()) && word.is_ascii(), "{word}");
        }
    }

    #[test]
    fn no_word_is_one_slip_of_the_ear_from_another() {
        let words: Vec<String> = WORD_LIST.lines().map(str::to_lowercase).collect();
        let mut shortened: BTreeSet<String> = BTreeSet::new();
        for word in &words {
            // Two words that differ in one letter, or by one, share a form with a gap.
            let gaps = (0..word.len()).map(|gap| format!("{}_{}", &word[..gap], &word[gap + 1..]));
            for form in gaps {
                assert!(shortened.insert(form), "{word}");
            }
        }
        for word in &words {
            for gap in 0..word.len() {
                let shorter = format!("{}{}", &word[..gap], &word[gap + 1..]);
                assert!(!words.contains(&shorter), "{word} and {shorter}");
            }
        }
    }
}
