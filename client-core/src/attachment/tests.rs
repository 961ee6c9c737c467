//! Files through a relay that may swap, cut and reorder.

use proptest::prelude::*;
use siegel_proto::{limits, padding};

use super::*;
use crate::moment::{Entropy, StepRng};

const FRAME: usize = 64 * 1024;
const BLOB: BlobId = BlobId::new([5; 16]);

fn rng(seed: u8) -> StepRng {
    StepRng::new(Entropy([seed; 32]))
}

/// Seals in pieces of the given size.
fn seal(file: &[u8], piece: usize, rng: &mut StepRng) -> (SealedFile, Vec<u8>) {
    let mut sealer = Sealer::new(BLOB, file.len() as u64, rng).unwrap();
    let mut blob = Vec::new();
    for mut piece in file.chunks(piece).chain([&[][..]]) {
        while let Some(frame) = sealer.push(&mut piece).unwrap() {
            blob.extend_from_slice(&frame);
        }
    }
    (sealer.finish().unwrap(), blob)
}

fn verify(file: &SealedFile, blob: &[u8]) -> Result<Verified, AttachmentError> {
    let mut verifier = Verifier::new(file.clone())?;
    for piece in blob.chunks(1000) {
        verifier.push(piece)?;
    }
    verifier.finish()
}

fn open(file: &SealedFile, blob: &[u8], piece: usize) -> Result<Vec<u8>, AttachmentError> {
    decrypt(verify(file, blob)?, blob, piece)
}

fn decrypt(verified: Verified, blob: &[u8], piece: usize) -> Result<Vec<u8>, AttachmentError> {
    let mut opener = Opener::new(verified);
    let mut file = Vec::new();
    for mut piece in blob.chunks(piece) {
        while let Some(bytes) = opener.push(&mut piece)? {
            file.extend_from_slice(&bytes);
        }
    }
    opener.finish()?;
    Ok(file)
}

/// Opens a forged blob as if its hash had been in the message: the frames must hold alone.
fn open_forged(file: &SealedFile, blob: &[u8]) -> Result<Vec<u8>, AttachmentError> {
    let hash = ContentHash::of(blob);
    open(
        &SealedFile {
            hash,
            ..file.clone()
        },
        blob,
        FRAME,
    )
}

fn sample(length: usize) -> Vec<u8> {
    (0..length).map(|place| (place * 7 % 251) as u8).collect()
}

#[test]
fn attack_33_the_same_file_twice_gives_unrelated_blobs() {
    let file = sample(3 * FRAME);
    let mut rng = rng(1);
    let (one, first) = seal(&file, FRAME, &mut rng);
    let (two, second) = seal(&file, FRAME, &mut rng);
    assert_ne!(one.key, two.key);
    let equal = first.iter().zip(&second).filter(|(a, b)| a == b).count();
    let expected = first.len() / 256;
    assert!(
        equal < 2 * expected,
        "{equal} equal bytes, {expected} by chance"
    );
}

#[test]
fn attack_33_the_length_is_a_bucket() {
    for length in [0, 1, 4080, 4081, FRAME - 16, FRAME, 5 * FRAME + 3] {
        let (file, blob) = seal(&sample(length), 10_000, &mut rng(1));
        assert_eq!(blob.len() as u64, file.sealed_size);
        assert!(padding::is_blob_bucket(file.sealed_size));
    }
}

#[test]
fn the_largest_file_has_a_bucket_and_the_next_is_refused() {
    let size = sealed_size(limits::FILE_BYTES).unwrap();
    assert!(size <= limits::BLOB_BYTES);
    assert_eq!(
        sealed_size(limits::FILE_BYTES + 1),
        Err(AttachmentError::TooLarge)
    );
    assert_eq!(sealed_size(u64::MAX), Err(AttachmentError::TooLarge));
}

#[test]
fn attack_34_another_blob_is_refused_before_it_is_decrypted() {
    let (file, blob) = seal(&sample(1000), FRAME, &mut rng(1));
    let (_, other) = seal(&sample(1000), FRAME, &mut rng(2));
    assert_eq!(
        verify(&file, &other).err(),
        Some(AttachmentError::Substituted)
    );
    assert_eq!(
        verify(&file, &blob[1..]).err(),
        Some(AttachmentError::Length)
    );
    assert_eq!(
        verify(&file, &[&blob[..], &[0]].concat()).err(),
        Some(AttachmentError::Length)
    );
    for place in 0..blob.len() {
        let mut flipped = blob.clone();
        flipped[place] ^= 1;
        assert_eq!(
            verify(&file, &flipped).err(),
            Some(AttachmentError::Substituted)
        );
    }
}

#[test]
fn attack_34_a_blob_that_changes_between_the_passes_is_noticed() {
    let (file, blob) = seal(&sample(1000), FRAME, &mut rng(1));
    for place in 0..blob.len() {
        let verified = verify(&file, &blob).unwrap();
        let mut flipped = blob.clone();
        flipped[place] ^= 1;
        assert_eq!(
            decrypt(verified, &flipped, FRAME).err(),
            Some(AttachmentError::Damaged)
        );
    }
    let verified = verify(&file, &blob).unwrap();
    assert_eq!(
        decrypt(verified, &blob[..99], FRAME).err(),
        Some(AttachmentError::Length)
    );
    let verified = verify(&file, &blob).unwrap();
    let longer = [&blob[..], &[0]].concat();
    assert_eq!(
        decrypt(verified, &longer, FRAME).err(),
        Some(AttachmentError::Length)
    );
}

#[test]
fn attack_34_frames_cannot_be_reordered_dropped_or_repeated() {
    let (file, blob) = seal(&sample(4 * FRAME), FRAME, &mut rng(1));
    let frames: Vec<&[u8]> = blob.chunks(FRAME).collect();
    assert!(frames.len() > 4);
    for (one, other) in [(0, 1), (1, 2), (0, 3)] {
        let mut swapped = frames.clone();
        swapped.swap(one, other);
        assert_eq!(
            open_forged(&file, &swapped.concat()),
            Err(AttachmentError::Damaged)
        );
        let mut repeated = frames.clone();
        repeated[one] = frames[other];
        assert_eq!(
            open_forged(&file, &repeated.concat()),
            Err(AttachmentError::Damaged)
        );
    }
}

#[test]
fn attack_34_a_shorter_file_cannot_be_passed_off() {
    let (long, blob) = seal(&sample(15 * FRAME), FRAME, &mut rng(1));
    for frames in 1..12 {
        let size = (frames * (FRAME - 16)) as u64;
        let sealed_size = sealed_size(size).unwrap();
        let cut = &blob[..usize::try_from(sealed_size).unwrap()];
        let claim = SealedFile {
            size,
            sealed_size,
            ..long.clone()
        };
        assert_eq!(open_forged(&claim, cut), Err(AttachmentError::Damaged));
    }
}

#[test]
fn attack_34_a_blob_opens_only_under_its_own_id_and_key() {
    let (file, blob) = seal(&sample(1000), FRAME, &mut rng(1));
    let other_blob = SealedFile {
        blob: BlobId::new([6; 16]),
        ..file.clone()
    };
    assert_eq!(
        open(&other_blob, &blob, FRAME),
        Err(AttachmentError::Damaged)
    );
    let other_key = SealedFile {
        key: Secret32::new([0; 32]),
        ..file
    };
    assert_eq!(
        open(&other_key, &blob, FRAME),
        Err(AttachmentError::Damaged)
    );
}

#[test]
fn a_message_that_contradicts_itself_is_refused() {
    let (file, blob) = seal(&sample(1000), FRAME, &mut rng(1));
    for (size, sealed_size) in [
        (1000, 4608),
        (1000, 4097),
        (5000, 4096),
        (u64::MAX, u64::MAX),
    ] {
        let claim = SealedFile {
            size,
            sealed_size,
            ..file.clone()
        };
        assert_eq!(open(&claim, &blob, FRAME), Err(AttachmentError::Malformed));
    }
    let too_short = SealedFile { size: 900, ..file };
    assert_eq!(
        open(&too_short, &blob, FRAME),
        Err(AttachmentError::Damaged)
    );
}

#[test]
fn a_file_that_changed_its_length_is_not_sealed() {
    let mut sealer = Sealer::new(BLOB, 10, &mut rng(1)).unwrap();
    assert_eq!(sealer.push(&mut &[0; 11][..]), Err(AttachmentError::Length));
    let mut sealer = Sealer::new(BLOB, 10, &mut rng(1)).unwrap();
    assert_eq!(sealer.push(&mut &[0; 9][..]), Ok(None));
    assert_eq!(sealer.finish(), Err(AttachmentError::Length));
}

proptest! {
    #[test]
    fn a_file_comes_back_whatever_the_pieces(
        length in prop_oneof![8 => 0..5000usize, 1 => (FRAME - 50)..(FRAME + 50), 1 => 0..(2 * FRAME)],
        piece_in in 1..(2 * FRAME),
        piece_out in 1..(2 * FRAME),
        seed: u8,
    ) {
        let bytes = sample(length);
        let (file, blob) = seal(&bytes, piece_in.max(length / 50), &mut rng(seed));
        prop_assert_eq!(file.size, length as u64);
        prop_assert!(open(&file, &blob, piece_out.max(blob.len() / 50)).unwrap() == bytes);
    }

    #[test]
    fn every_size_has_a_bucket_that_is_not_wasteful(size in 0..=limits::FILE_BYTES) {
        let sealed = sealed_size(size).unwrap();
        prop_assert!(padding::is_blob_bucket(sealed));
        prop_assert!(sealed > size);
        prop_assert!(sealed <= (size + size / 3000).max(4096) * 9 / 8 + 1024);
    }
}
