//! Files: sealed and sent, fetched and opened, beside everything else. A transfer is a task
//! of its own; dropping it gives it up.

use bytes::Bytes;
use js_sys::{Array, ArrayBuffer, Uint8Array};
use siegel_client_core::attachment::{AttachmentError, Opener, SealedFile, Sealer, Verifier};
use siegel_client_core::file_name::FileName;
use siegel_client_core::image::{self, ImageError};
use siegel_client_core::moment::StepRng;
use siegel_client_core::secret::Secret32;
use siegel_proto::blob::CreateBlob;
use siegel_proto::capsule::BearerToken;
use siegel_proto::content::{Attachment, Kind};
use siegel_proto::ids::{BlobId, RoomId};
use siegel_proto::limits::FILE_BYTES;
use siegel_web_bridge::{FileNote, Limit, Reply, Trouble};
use wasm_bindgen::JsCast;
use wasm_bindgen_futures::JsFuture;
use web_sys::{Blob, BlobPropertyBag};

use crate::moment;
use crate::net::blob::{self, BlobAccess};
use crate::queue::{Asker, Happening, Queue};

/// A sealed file that waits for the relay to take its announcement.
pub struct Announcement {
    /// What the relay is told.
    pub create: CreateBlob,
    /// Told when the relay has answered.
    pub taken: futures_channel::oneshot::Sender<Result<(), Trouble>>,
}

/// Reads, cleans, seals, announces and uploads a file, then has it spoken of.
pub async fn upload(
    queue: &Queue,
    asker: Asker,
    room: RoomId,
    note: FileNote,
    file: Blob,
    expires_in_days: u32,
) -> Result<(), Trouble> {
    if file.size() > FILE_BYTES as f64 {
        return Err(Trouble::TooLarge(Limit::Size));
    }
    let plain = read(&file).await?;
    let (media_type, plain) = clean(&note, plain)?;
    let mut rng = StepRng::new(
        moment::moment()
            .map_err(|_| Trouble::Internal("randomness".to_owned()))?
            .entropy,
    );
    let access = BlobAccess {
        blob: BlobId::new(rng.bytes()),
        secret: BearerToken::new(rng.bytes()),
    };
    let (sealed, bytes) = seal(access.blob, &plain, &mut rng).map_err(|e| broken(&e))?;
    drop(plain);
    let create = CreateBlob {
        blob: access.blob,
        size: sealed.sealed_size,
        hash: sealed.hash,
        secret_hash: access.secret.hash(),
        expires_in_days,
    };
    announce(queue, create).await?;
    let report = |done| queue.push(Happening::Progress(asker, done, sealed.sealed_size));
    blob::send(&access, &bytes, report).await?;
    let attachment = Attachment {
        blob: access.blob,
        secret: access.secret,
        key: *sealed.key.expose(),
        hash: sealed.hash,
        sealed_size: sealed.sealed_size,
        size: sealed.size,
        file_name: note.name,
        media_type,
        caption: note.caption,
        voice: None,
    };
    let kind = Box::new(Kind::Attachment(attachment));
    queue.push(Happening::Uploaded(asker, room, kind));
    Ok(())
}

/// Fetches a file, holds it against its message and opens it.
pub async fn fetch(
    queue: &Queue,
    asker: Asker,
    file: Attachment,
) -> Result<(Reply, Blob), Trouble> {
    let sealed = SealedFile {
        blob: file.blob,
        key: Secret32::new(file.key),
        hash: file.hash,
        sealed_size: file.sealed_size,
        size: file.size,
    };
    // Refuses sizes that no sealer makes before anything is fetched.
    let mut verifier = Verifier::new(sealed).map_err(|e| broken(&e))?;
    let access = BlobAccess {
        blob: file.blob,
        secret: file.secret.clone(),
    };
    let length = usize::try_from(file.sealed_size).map_err(|_| Trouble::TooLarge(Limit::Size))?;
    let report = |done| queue.push(Happening::Progress(asker, done, file.sealed_size));
    let blob = blob::fetch(&access, length, report).await?;
    verifier.push(&blob).map_err(|e| broken(&e))?;
    let mut opener = Opener::new(verifier.finish().map_err(|e| broken(&e))?);
    let parts = Array::new();
    let mut rest = blob.as_slice();
    while let Some(frame) = opener.push(&mut rest).map_err(|e| broken(&e))? {
        parts.push(&Uint8Array::from(frame.as_slice()));
    }
    opener.finish().map_err(|e| broken(&e))?;
    let media_type = crate::view::file::safe_media_type(&file.media_type).to_owned();
    let options = BlobPropertyBag::new();
    options.set_type(&media_type);
    let plain = Blob::new_with_u8_array_sequence_and_options(&parts, &options)
        .map_err(|_| Trouble::Internal("blob".to_owned()))?;
    let name = FileName::clean(&file.file_name).as_str().to_owned();
    Ok((Reply::File { name, media_type }, plain))
}

async fn announce(queue: &Queue, create: CreateBlob) -> Result<(), Trouble> {
    let (taken, answer) = futures_channel::oneshot::channel();
    let announcement = Announcement { create, taken };
    queue.push(Happening::Announce(Box::new(announcement)));
    answer.await.unwrap_or(Err(Trouble::Offline))
}

async fn read(file: &Blob) -> Result<Vec<u8>, Trouble> {
    let buffer: ArrayBuffer = JsFuture::from(file.array_buffer())
        .await
        .map_err(|_| Trouble::FileGone)?
        .unchecked_into();
    Ok(Uint8Array::new(&buffer).to_vec())
}

/// Takes place, time and camera out of a picture; other files stay as they are.
fn clean(note: &FileNote, plain: Vec<u8>) -> Result<(String, Bytes), Trouble> {
    if note.keep_metadata {
        return Ok((note.media_type.clone(), plain.into()));
    }
    match image::strip(&plain) {
        Ok(cleaned) => Ok((cleaned.format.media_type().to_owned(), cleaned.bytes.into())),
        Err(ImageError::NotAnImage) => Ok((note.media_type.clone(), plain.into())),
        Err(_) => Err(Trouble::Metadata),
    }
}

fn seal(
    blob: BlobId,
    plain: &[u8],
    rng: &mut StepRng,
) -> Result<(SealedFile, Vec<u8>), AttachmentError> {
    let mut sealer = Sealer::new(blob, plain.len() as u64, rng)?;
    let size = usize::try_from(sealer.sealed_size()).map_err(|_| AttachmentError::TooLarge)?;
    let mut sealed = Vec::with_capacity(size);
    let mut rest = plain;
    while let Some(frame) = sealer.push(&mut rest)? {
        sealed.extend_from_slice(&frame);
    }
    Ok((sealer.finish()?, sealed))
}

fn broken(error: &AttachmentError) -> Trouble {
    match error {
        AttachmentError::TooLarge => Trouble::TooLarge(Limit::Size),
        AttachmentError::Length
        | AttachmentError::Malformed
        | AttachmentError::Substituted
        | AttachmentError::Damaged => Trouble::FileDamaged,
    }
}
