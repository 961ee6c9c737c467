//! Every maximum, once, each with its reason. Both sides enforce them before parsing.

/// Bytes of one WebSocket frame. Bounds what one connection can make the relay hold.
pub const FRAME_BYTES: usize = 256 * 1024;
/// Bytes of a frame before the connection has a session or a seat: room for a certificate chain.
pub const FRAME_BYTES_UNAUTHENTICATED: usize = 16 * 1024;
/// Bytes of an entry's or Welcome's payload: the largest bucket that fits a frame.
pub const PAYLOAD_BYTES: usize = 192 * 1024;
/// Bytes of a sealed capsule: a guest's small vault in a room of about eighty devices.
pub const CAPSULE_BYTES: usize = 192 * 1024;
/// Bytes of a sealed directory entry: a name, a position, two certificate chains.
pub const DIRECTORY_ENTRY_BYTES: usize = 8 * 1024;
/// Bytes of sealed entries in one page of the directory: it fits a frame with room to spare.
pub const DIRECTORY_PAGE_BYTES: usize = 128 * 1024;
/// Bytes of a sealed key package with its post-quantum key and certificate chain.
pub const KEY_PACKAGE_BYTES: usize = 8 * 1024;
/// Key packages a device may have in its pool: a busy fortnight of invitations.
pub const KEY_PACKAGES_PER_DEVICE: usize = 100;
/// Days a key package may live: stale keys weaken recovery after a compromise.
pub const KEY_PACKAGE_DAYS: u32 = 14;
/// Key packages of one colleague an account may claim at once: fewer than a full pool
/// holds, so that no colleague alone can use it up.
pub const CLAIMS_OF_ONE_AT_ONCE: u32 = 30;
/// The same an hour in the long run: a hundred rooms handed over within the hour.
pub const CLAIMS_OF_ONE_PER_HOUR: u32 = 120;
/// Key packages of anybody an account may claim at once: a large room made whole.
pub const CLAIMS_AT_ONCE: u32 = 300;
/// The same an hour in the long run.
pub const CLAIMS_PER_HOUR: u32 = 600;
/// Seats of one room: MLS stays quick up to a thousand devices.
pub const SEATS_PER_ROOM: usize = 1_024;
/// Seats one commit may add or remove: keeps a commit below the frame limit.
pub const SEATS_PER_COMMIT: usize = 100;
/// Welcomes one commit may carry.
pub const WELCOMES_PER_COMMIT: usize = SEATS_PER_COMMIT;
/// Entries a room's log may hold that are not yet acknowledged by all seats.
pub const ENTRIES_PER_ROOM: u64 = 100_000;
/// The highest number of an entry: the lower half of the relay's row ids.
pub const ENTRY_NUMBER: u64 = u32::MAX as u64;
/// Numbers a log leaves out where a backup was put back: more than a room gets between two
/// backups, so that no number is given twice.
pub const PUT_BACK_LEAP: u64 = 1 << 14;
/// Days an entry or blob may live on the relay, whatever the policy says.
pub const EXPIRY_DAYS: u32 = 365;
/// Hours an invitation may be claimable: it is a secret in somebody's mailbox.
pub const CAPSULE_HOURS: u32 = 14 * 24;
/// Minutes in which the device that claimed a capsule may claim it again.
pub const CLAIM_MINUTES: u32 = 15;
/// Bytes of an attachment before sealing: 100 MiB.
pub const FILE_BYTES: u64 = 100 * 1024 * 1024;
/// Bytes of a blob: the blob bucket above [`FILE_BYTES`] with the sealing's overhead.
pub const BLOB_BYTES: u64 = 13 << 23;
/// Bytes of one part of an upload: what a client loses when the line breaks.
pub const BLOB_PART_BYTES: usize = 1024 * 1024;
/// Bytes of a message's text.
pub const TEXT_BYTES: usize = 32 * 1024;
/// Bytes of a file name, a person's name, a room's title, a position.
pub const NAME_BYTES: usize = 255;
/// Bytes of a privacy notice.
pub const NOTICE_BYTES: usize = 32 * 1024;
/// Bytes of a reaction: one emoji with its joiners.
pub const EMOJI_BYTES: usize = 64;
/// Bytes of a short remark: why something was forwarded, when somebody is back.
pub const NOTE_BYTES: usize = 1_024;
/// People one message may name: nobody calls a crowd by name.
pub const MENTIONS: usize = 50;
/// Bytes of a voice note's waveform: more bars than a phone is wide.
pub const WAVEFORM_BYTES: usize = 128;
/// Milliseconds a voice note may last: one hour.
pub const VOICE_MS: u32 = 3_600_000;
/// Fields of a data card.
pub const CARD_FIELDS: usize = 32;
/// Bytes of one value of a data card: an address with its remarks.
pub const CARD_VALUE_BYTES: usize = 1_024;
/// Spans of a week somebody reads in: three a day.
pub const WEEKLY_SPANS: usize = 21;
/// Emergency numbers of an organisation: as many as a person in need can look through.
pub const EMERGENCY_NUMBERS: usize = 8;
/// Bytes of a telephone number with its spaces.
pub const PHONE_BYTES: usize = 40;
/// Notices a policy may hold: one text in each language.
pub const POLICY_NOTICES: usize = 16;
/// Bytes of a signed policy's body with its notices.
pub const POLICY_BYTES: usize = 64 * 1024;
/// Wrong tries after which a policy may wipe a device: at least, so that a child's play does
/// not, and at most.
pub const WIPE_TRIES: std::ops::RangeInclusive<u32> = 5..=100;
/// Characters a policy may demand of a passphrase or PIN.
pub const PASSPHRASE_CHARACTERS: u32 = 64;
/// Certificates in a chain: the inviter's two and the guest's three.
pub const CHAIN_CERTIFICATES: usize = 5;
/// Bytes of one certificate's body.
pub const CERTIFICATE_BYTES: usize = 512;
/// Bytes of a signed revocation's body.
pub const SIGNED_BODY_BYTES: usize = 4 * 1024;
/// Rooms one connection may be attached to.
pub const ATTACHED_ROOMS: usize = 4_096;
/// Settings an app keeps in the vault.
pub const SETTINGS: usize = 256;
/// Bytes of a setting's name.
pub const SETTING_NAME_BYTES: usize = 64;
/// Bytes of a setting's value.
pub const SETTING_BYTES: usize = 8 * 1024;
/// People in a room up to whom devices say that a message has arrived: beyond, the receipts
/// would outnumber the messages.
pub const RECEIPT_PEOPLE: usize = 16;
