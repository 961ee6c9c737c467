//! What people attach: pictures that are cleaned, blobs that are opened.

use siegel_client_core::attachment::{AttachmentError, Opener, SealedFile, Sealer, Verifier};
use siegel_client_core::image;
use siegel_client_core::moment::{Entropy, StepRng};
use siegel_proto::ids::{BlobId, ContentHash};

use super::{Harness, Target};

pub fn targets() -> Vec<Target> {
    vec![
        Target::new("image", 3_000, pictures),
        Target::new("attachment", 400, attachment),
    ]
}

/// The pictures are files of the corpus: each has metadata in every place its format has.
fn pictures() -> Harness {
    let read = |input: &[u8]| {
        let Ok(cleaned) = image::strip(input) else {
            return false;
        };
        // Orientation is written anew, in fewer bytes than it can have been read from.
        assert!(
            cleaned.bytes.len() <= input.len() + 64,
            "cleaning made it larger"
        );
        let again = image::strip(&cleaned.bytes).expect("a cleaned picture is a picture");
        assert_eq!(again.format, cleaned.format);
        assert!(again.bytes == cleaned.bytes, "cleaning twice cleans more");
        true
    };
    Harness {
        corpus: Vec::new(),
        read: Box::new(read),
    }
}

/// Nothing but the blob that was sealed opens, also where the message says that the changed
/// bytes are the right ones.
fn attachment() -> Harness {
    let file: Vec<u8> = (0..70_000_u32).map(|byte| byte.to_le_bytes()[0]).collect();
    let (sealed, blob) = seal(&file);
    let (small, small_blob) = seal(b"Bescheid");
    let known = [blob.clone(), small_blob.clone()];
    let read = move |input: &[u8]| {
        let mut opened = false;
        for message in [&sealed, &small] {
            let message = SealedFile {
                hash: ContentHash::of(input),
                ..message.clone()
            };
            if open(message, input).is_ok() {
                assert!(
                    known.iter().any(|blob| blob == input),
                    "a changed blob opens"
                );
                opened = true;
            }
        }
        opened
    };
    Harness {
        corpus: vec![blob, small_blob],
        read: Box::new(read),
    }
}

fn seal(file: &[u8]) -> (SealedFile, Vec<u8>) {
    let mut rng = StepRng::new(Entropy([8; 32]));
    let blob = BlobId::new([9; 16]);
    let mut sealer = Sealer::new(blob, file.len() as u64, &mut rng).expect("small");
    let (mut rest, mut sealed) = (file, Vec::new());
    while let Some(frame) = sealer.push(&mut rest).expect("as announced") {
        sealed.extend(frame);
    }
    (sealer.finish().expect("whole"), sealed)
}

fn open(message: SealedFile, blob: &[u8]) -> Result<Vec<u8>, AttachmentError> {
    let mut verifier = Verifier::new(message)?;
    verifier.push(blob)?;
    let mut opener = Opener::new(verifier.finish()?);
    let (mut rest, mut file) = (blob, Vec::new());
    while let Some(frame) = opener.push(&mut rest)? {
        file.extend_from_slice(&frame);
    }
    opener.finish()?;
    Ok(file)
}
