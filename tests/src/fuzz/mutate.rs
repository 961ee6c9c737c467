//! Changes to bytes that formats with lengths, tags and counters are sensitive to.

use rand_chacha::ChaCha8Rng;
use rand_core::{Rng as _, SeedableRng as _};

/// Just beyond the largest thing anybody may send.
const LONGEST: usize = 300 * 1024;
const MOST_CHANGES: usize = 6;

/// Numbers at which programs go wrong.
const EDGES: [u64; 16] = [
    0,
    1,
    0x7f,
    0x80,
    0xff,
    0x100,
    0x3fff,
    0x4000,
    0x7fff,
    0xffff,
    0x3fff_ffff,
    0x7fff_ffff,
    0x8000_0000,
    0xffff_ffff,
    0x7fff_ffff_ffff_ffff,
    u64::MAX,
];

/// Draws inputs; the same seed and name give the same ones.
pub struct Mutator(ChaCha8Rng);

impl Mutator {
    /// One for a target.
    pub fn new(seed: u64, name: &str) -> Self {
        let mut hasher = blake3::Hasher::new();
        hasher.update(&seed.to_be_bytes());
        hasher.update(name.as_bytes());
        Self(ChaCha8Rng::from_seed(*hasher.finalize().as_bytes()))
    }

    /// A number below `end`, or 0.
    pub fn below(&mut self, end: usize) -> usize {
        let end = (end as u64).max(1);
        usize::try_from(self.0.next_u64() % end).unwrap_or(0)
    }

    /// One of the pool, changed in a few places.
    pub fn mutate(&mut self, pool: &[Vec<u8>]) -> Vec<u8> {
        let mut input = self.pick(pool).to_vec();
        for _ in 0..=self.below(MOST_CHANGES) {
            self.change(&mut input, pool);
            input.truncate(LONGEST);
        }
        input
    }

    fn pick<'a>(&mut self, pool: &'a [Vec<u8>]) -> &'a [u8] {
        let place = self.below(pool.len());
        pool.get(place).map_or(&[], Vec::as_slice)
    }

    fn change(&mut self, input: &mut Vec<u8>, pool: &[Vec<u8>]) {
        match self.below(13) {
            0 => self.flip_a_bit(input),
            1 => self.step_a_byte(input),
            2 => self.set_a_byte(input),
            3 => input.truncate(self.below(input.len() + 1)),
            4 => self.remove_a_range(input),
            5 => self.insert_noise(input),
            6 => self.repeat_a_range(input),
            7 => self.move_a_range(input),
            8 => self.splice(input, pool),
            9 => self.write_a_number(input),
            10 => self.insert_a_varint(input),
            11 => self.set_a_length(input),
            _ => self.overwrite_from(input, pool),
        }
    }

    fn flip_a_bit(&mut self, input: &mut [u8]) {
        let (at, bit) = (self.below(input.len()), self.below(8));
        if let Some(byte) = input.get_mut(at) {
            *byte ^= 1 << bit;
        }
    }

    fn step_a_byte(&mut self, input: &mut [u8]) {
        let (at, up) = (self.below(input.len()), self.below(2) == 0);
        if let Some(byte) = input.get_mut(at) {
            *byte = byte.wrapping_add(if up { 1 } else { 0xff });
        }
    }

    fn set_a_byte(&mut self, input: &mut [u8]) {
        let (at, value) = (self.below(input.len()), self.byte());
        if let Some(byte) = input.get_mut(at) {
            *byte = value;
        }
    }

    fn remove_a_range(&mut self, input: &mut Vec<u8>) {
        let range = self.range(input.len());
        input.drain(range);
    }

    fn insert_noise(&mut self, input: &mut Vec<u8>) {
        let noise: Vec<u8> = (0..=self.below(16)).map(|_| self.byte()).collect();
        self.insert(input, &noise);
    }

    /// Once, or so often that lists and nesting go beyond their limits.
    fn repeat_a_range(&mut self, input: &mut Vec<u8>) {
        let range = self.range(input.len());
        let part = input[range].to_vec();
        let times = match self.below(4) {
            0 => LONGEST / part.len().max(1),
            1 => self.below(200),
            _ => 1,
        };
        let room = LONGEST.saturating_sub(input.len()) / part.len().max(1);
        self.insert(input, &part.repeat(times.min(room)));
    }

    fn move_a_range(&mut self, input: &mut Vec<u8>) {
        let range = self.range(input.len());
        let part: Vec<u8> = input.drain(range).collect();
        self.insert(input, &part);
    }

    fn splice(&mut self, input: &mut Vec<u8>, pool: &[Vec<u8>]) {
        let other = self.pick(pool);
        let from = self.below(other.len() + 1);
        input.truncate(self.below(input.len() + 1));
        input.extend_from_slice(&other[from..]);
    }

    fn overwrite_from(&mut self, input: &mut [u8], pool: &[Vec<u8>]) {
        let other = self.pick(pool);
        let range = self.range(other.len());
        let part = &other[range];
        let at = self.below(input.len());
        for (byte, new) in input.iter_mut().skip(at).zip(part) {
            *byte = *new;
        }
    }

    /// In either byte order and any width.
    fn write_a_number(&mut self, input: &mut [u8]) {
        let number = self.edge();
        let width = 1 << self.below(4);
        let (big, little) = (number.to_be_bytes(), number.to_le_bytes());
        let bytes = match self.below(2) {
            0 => &big[8 - width..],
            _ => &little[..width],
        };
        let at = self.below(input.len());
        for (byte, new) in input.iter_mut().skip(at).zip(bytes) {
            *byte = *new;
        }
    }

    fn insert_a_varint(&mut self, input: &mut Vec<u8>) {
        let mut number = self.edge();
        let mut bytes = Vec::new();
        while number >= 0x80 {
            bytes.push(u8::try_from(number & 0x7f).unwrap_or(0) | 0x80);
            number >>= 7;
        }
        bytes.push(u8::try_from(number).unwrap_or(0));
        self.insert(input, &bytes);
    }

    /// A byte becomes the number of bytes behind it, or nearly.
    fn set_a_length(&mut self, input: &mut [u8]) {
        let at = self.below(input.len());
        let rest = input.len().saturating_sub(at + 1);
        let off = rest.wrapping_add(self.below(3)).wrapping_sub(1);
        if let Some(byte) = input.get_mut(at) {
            *byte = u8::try_from(off & 0xff).unwrap_or(0);
        }
    }

    fn insert(&mut self, input: &mut Vec<u8>, part: &[u8]) {
        let at = self.below(input.len() + 1);
        input.splice(at..at, part.iter().copied());
    }

    fn range(&mut self, length: usize) -> std::ops::Range<usize> {
        let start = self.below(length + 1);
        let most = if self.below(2) == 0 { 16 } else { length };
        let end = start + self.below((length - start).min(most) + 1);
        start..end
    }

    fn byte(&mut self) -> u8 {
        self.0.next_u32().to_le_bytes()[0]
    }

    fn edge(&mut self) -> u64 {
        let edge = EDGES[self.below(EDGES.len())];
        edge.wrapping_add(self.below(3) as u64).wrapping_sub(1)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_seed_gives_the_same_inputs_and_they_differ_from_the_pool() {
        let pool = vec![b"one input".to_vec(), b"another".to_vec()];
        let draw = |seed| {
            let mut mutator = Mutator::new(seed, "name");
            (0..500).map(|_| mutator.mutate(&pool)).collect::<Vec<_>>()
        };
        assert_eq!(draw(1), draw(1));
        assert_ne!(draw(1), draw(2));
        let unchanged = draw(1).iter().filter(|input| pool.contains(input)).count();
        assert!(unchanged < 100, "{unchanged} of 500");
        assert!(draw(1).iter().all(|input| input.len() <= LONGEST));
        assert!(draw(1).iter().any(|input| input.len() > LONGEST / 2));
    }

    #[test]
    fn an_empty_pool_is_no_trouble() {
        let mut mutator = Mutator::new(1, "name");
        for _ in 0..500 {
            mutator.mutate(&[]);
        }
    }
}
