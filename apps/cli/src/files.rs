//! Files: sealed and sent, fetched and opened. Used by the commands and by tests.

use bytes::Bytes;
use siegel_client_core::attachment::{AttachmentError, Opener, SealedFile, Sealer, Verifier};
use siegel_client_core::image::{self, ImageError};
use siegel_client_core::moment::StepRng;
use siegel_client_core::secret::Secret32;
use siegel_client_core::{Command, Event};
use siegel_proto::blob::CreateBlob;
use siegel_proto::capsule::BearerToken;
use siegel_proto::content::{Attachment, Kind};
use siegel_proto::ids::BlobId;

use crate::driver::{Driver, DriverError};
use crate::failure::Failure;
use crate::net::blob::BlobAccess;

/// A file to send.
#[derive(Clone, Debug)]
pub struct Outgoing {
    /// What the receiver reads as its name.
    pub name: String,
    /// What it is, for example `application/pdf`.
    pub media_type: String,
    /// Text that goes with it.
    pub caption: String,
    /// The file.
    pub bytes: Bytes,
}

/// Announces the file, uploads it and returns what is to be said about it. Losses of the
/// connection are waited out; a process that dies starts over under a new key.
/// `progress` gets the bytes the relay has, and all there are.
pub async fn upload(
    driver: &mut Driver,
    file: Outgoing,
    mut progress: impl FnMut(u64, u64),
) -> Result<Kind, Failure> {
    let mut rng = StepRng::new(driver.moment()?.entropy);
    let access = BlobAccess {
        blob: BlobId::new(rng.bytes()),
        secret: BearerToken::new(rng.bytes()),
    };
    let (sealed, bytes) = seal(access.blob, &file.bytes, &mut rng)?;
    driver.command(Command::CreateBlob(CreateBlob {
        blob: access.blob,
        size: sealed.sealed_size,
        hash: sealed.hash,
        secret_hash: access.secret.hash(),
        expires_in_days: driver
            .client()?
            .profile()
            .map_err(DriverError::from)?
            .policy
            .retention_days,
    }))?;
    announced(driver, access.blob).await?;
    let mut carrier = driver.carrier()?;
    let report = |done| progress(done, sealed.sealed_size);
    driver
        .beside(carrier.send(&access, &bytes, report))
        .await??;
    Ok(Kind::Attachment(Attachment {
        blob: access.blob,
        secret: access.secret,
        key: *sealed.key.expose(),
        hash: sealed.hash,
        sealed_size: sealed.sealed_size,
        size: sealed.size,
        file_name: file.name,
        media_type: file.media_type,
        caption: file.caption,
        voice: None,
    }))
}

/// Fetches a file, holds it against its message and opens it.
pub async fn fetch(
    driver: &mut Driver,
    file: &Attachment,
    progress: impl FnMut(u64),
) -> Result<Vec<u8>, Failure> {
    let sealed = SealedFile {
        blob: file.blob,
        key: Secret32::new(file.key),
        hash: file.hash,
        sealed_size: file.sealed_size,
        size: file.size,
    };
    // Refuses sizes that no sealer makes before anything is fetched.
    let mut verifier = Verifier::new(sealed)?;
    let access = BlobAccess {
        blob: file.blob,
        secret: file.secret.clone(),
    };
    let length = usize::try_from(file.sealed_size).map_err(|_| AttachmentError::TooLarge)?;
    let mut carrier = driver.carrier()?;
    let blob = driver
        .beside(carrier.fetch(&access, length, progress))
        .await??;
    verifier.push(&blob)?;
    let mut opener = Opener::new(verifier.finish()?);
    let mut plain = Vec::with_capacity(usize::try_from(file.size).unwrap_or(0));
    let mut rest = blob.as_slice();
    while let Some(frame) = opener.push(&mut rest)? {
        plain.extend_from_slice(&frame);
    }
    opener.finish()?;
    Ok(plain)
}

fn seal(
    blob: BlobId,
    file: &[u8],
    rng: &mut StepRng,
) -> Result<(SealedFile, Vec<u8>), AttachmentError> {
    let mut sealer = Sealer::new(blob, file.len() as u64, rng)?;
    let size = usize::try_from(sealer.sealed_size()).map_err(|_| AttachmentError::TooLarge)?;
    let mut sealed = Vec::with_capacity(size);
    let mut rest = file;
    while let Some(frame) = sealer.push(&mut rest)? {
        sealed.extend_from_slice(&frame);
    }
    Ok((sealer.finish()?, sealed))
}

/// Waits until the relay took the announcement; other events stay for the caller.
async fn announced(driver: &mut Driver, blob: BlobId) -> Result<(), Failure> {
    let outcome = driver
        .pick_event(|event| match event {
            Event::BlobReady(ready) if *ready == blob => Some(Ok(())),
            Event::BlobRefused(refused, code) if *refused == blob => Some(Err(*code)),
            _ => None,
        })
        .await?;
    outcome.map_err(Failure::refused)
}

/// Takes place, time and camera out of a picture; other files stay as they are.
///
/// # Errors
/// The picture is of a kind whose metadata cannot be taken out, or is damaged: a person
/// has to decide whether it may be sent as it is.
pub fn without_metadata(name: &str, bytes: Vec<u8>) -> Result<(String, Bytes), ImageError> {
    match image::strip(&bytes) {
        Ok(cleaned) => Ok((cleaned.format.media_type().to_owned(), cleaned.bytes.into())),
        Err(ImageError::NotAnImage) => Ok((media_type(name).to_owned(), bytes.into())),
        Err(error) => Err(error),
    }
}

/// The media type a file's name suggests. The receiver sees it and trusts it with nothing.
pub fn media_type(name: &str) -> &'static str {
    let ending = name
        .rsplit_once('.')
        .map(|(_, ending)| ending.to_ascii_lowercase());
    match ending.as_deref() {
        Some("pdf") => "application/pdf",
        Some("jpg" | "jpeg") => "image/jpeg",
        Some("png") => "image/png",
        Some("webp") => "image/webp",
        Some("txt" | "md") => "text/plain",
        Some("csv") => "text/csv",
        Some("docx") => "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
        Some("xlsx") => "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
        Some("odt") => "application/vnd.oasis.opendocument.text",
        Some("ods") => "application/vnd.oasis.opendocument.spreadsheet",
        Some("ogg" | "opus") => "audio/ogg",
        Some("m4a") => "audio/mp4",
        Some("mp4") => "video/mp4",
        Some("zip") => "application/zip",
        _ => "application/octet-stream",
    }
}
