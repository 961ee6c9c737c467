//! Protocol versions and how two ends agree on one.

/// The oldest version this build speaks.
pub const OLDEST: u32 = 1;
/// The newest version this build speaks.
pub const NEWEST: u32 = 1;

/// The highest version both ranges (inclusive) contain.
pub fn agree(min: u32, max: u32) -> Option<u32> {
    let version = max.min(NEWEST);
    (min <= version && version >= OLDEST).then_some(version)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_an_overlap_agrees() {
        assert_eq!(agree(1, 1), Some(1));
        assert_eq!(agree(1, 7), Some(1));
        assert_eq!(agree(2, 7), None);
        assert_eq!(agree(0, 0), None);
        assert_eq!(agree(5, 1), None);
    }
}
