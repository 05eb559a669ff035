//! Every limit that a client must know. The server enforces all of them.

pub use crate::domain::file::FILE_BYTES_MAX;

/// Longest JSON body of an ordinary request.
pub const BODY_BYTES_MAX: usize = 64 * 1024;
/// Longest body of a push, after decoding.
pub const PUSH_BODY_BYTES_MAX: usize = 1024 * 1024;
/// Longest body with a signature by certificate, in bytes.
pub const SIGNATURE_BODY_BYTES_MAX: usize = 128 * 1024;
/// Most operations in one push.
pub const PUSH_OPS_MAX: usize = 100;
/// Most rows in one page of a pull.
pub const PULL_ROWS_MAX: usize = 500;
/// Most rows of the catalogue in one page: a card is small, and a new phone needs all of them.
pub const PULL_CARDS_MAX: usize = 2_000;
/// A page of a pull ends with the row that passes this many bytes.
pub const PULL_BYTES_MAX: usize = 512 * 1024;
/// Longest cookie of a pull, for 500 auctions and the signature over them.
pub const COOKIE_BYTES_MAX: usize = 32 * 1024;
/// Most outcomes acknowledged with one pull.
pub const ACKED_MAX: usize = 100;
/// Most auctions that one person's pull covers.
pub const PULL_AUCTIONS_MAX: usize = 500;
/// Days for which an unacknowledged outcome is kept.
pub const OUTCOME_DAYS: i64 = 90;
/// Most receipts of one person that are pulled, of refusals and of the others each: the newest.
pub const RECEIPTS_PULLED_MAX: u64 = 200;
/// Days for which removals are remembered; a phone that was away for longer gets its scopes again.
pub const REMOVAL_DAYS: i64 = 180;
/// Days for which a phone keeps decided operations, for a server that is restored from a backup.
pub const DECIDED_DAYS: i64 = 7;
/// Most bytes of unfinished and unreferenced files an account may have.
pub const ACCOUNT_PENDING_BYTES_MAX: u64 = 200 * 1024 * 1024;
/// Most unfinished and unreferenced files of an account.
pub const ACCOUNT_PENDING_FILES_MAX: usize = 200;
/// Days after its announcement after which an incomplete upload is removed.
pub const UPLOAD_DAYS: i64 = 7;
/// Days after its last announcement after which a complete file is removed, if no application
/// refers to it.
pub const UNREFERENCED_FILE_DAYS: i64 = 30;
/// Most phones of one account.
pub const DEVICES_MAX: u64 = 10;
/// Most passkeys of one person that sign in.
pub const PASSKEYS_MAX: usize = 10;
/// Longest name of a phone, characters.
pub const DEVICE_NAME_CHARS_MAX: usize = 60;
/// Longest name of a passkey, characters.
pub const PASSKEY_NAME_CHARS_MAX: usize = 60;
/// Life of a code for the next device, minutes.
pub const LINK_MINUTES: i64 = 10;
/// Largest page of a list.
pub const PAGE_MAX: u64 = 100;
/// Longest text of a search or name of a region in the catalogue, characters.
pub const CATALOGUE_TEXT_CHARS_MAX: usize = 200;
/// Longest `after` of a page of the catalogue.
pub const CATALOGUE_CURSOR_BYTES_MAX: usize = 200;
/// Page of a list if the client names no size.
pub const PAGE_DEFAULT: u64 = 30;
/// Most operations that a phone keeps waiting; beyond that it refuses new ones.
pub const OUTBOX_OPS_MAX: usize = 5_000;
/// Most operations of a person that are decided within 24 hours, on all their phones: twice as many
/// as one phone keeps waiting. A phone sends the rest again later.
pub const OPERATIONS_PER_DAY_MAX: u64 = 10_000;
/// Commands that are decided within 24 hours beyond those, so that edits keep nobody from
/// submitting.
pub const SPARE_COMMANDS_PER_DAY_MAX: u64 = 500;
/// Longest silence of a bidder's live stream, so that a phone without a frame for two and a half of
/// them, 1.5 s, shows "offline".
pub const HEARTBEAT_MS: u64 = 600;
/// Longest silence of an observer's live stream, milliseconds.
pub const OBSERVER_HEARTBEAT_MS: u64 = 5_000;
/// Most auctions of one live stream.
pub const FOLLOW_MAX: usize = 64;
/// A client further behind an auction's log than this gets a snapshot instead of the missing
/// records.
pub const REPLAY_RECORDS_MAX: u64 = 256;
/// Most live streams of one session. On a phone, a further one replaces the oldest; in the console
/// it is refused.
pub const STREAMS_PER_SESSION_MAX: usize = 4;
/// Time for which a phone waits for the answer to a bid before it counts as unknown,
/// milliseconds.
pub const BID_TIMEOUT_MS: u64 = 5_000;
/// Most live streams of bidders and officials on one server process. Observers have a limit of
/// their own, which the operator sets.
pub const SIGNED_IN_STREAMS_MAX: usize = 10_000;
/// Life of a phone's session after its last use, days.
pub const PHONE_SESSION_DAYS: i64 = 30;
/// Longest lifetime of a phone's session, in days after the sign-in, however much it is used.
pub const PHONE_SESSION_DAYS_MAX: i64 = 365;
/// Life of a console session after its last use, hours.
pub const CONSOLE_SESSION_HOURS: i64 = 12;
/// Longest life of a console session, however much it is used, hours: a stolen cookie ends with
/// the working day.
pub const CONSOLE_SESSION_HOURS_MAX: i64 = 24;
/// Life of an invitation, minutes.
pub const INVITATION_MINUTES: i64 = 30;
/// Time in which a passkey ceremony must be finished, minutes.
pub const CEREMONY_MINUTES: i64 = 5;
/// Longest name of a person.
pub const NAME_CHARS_MAX: usize = 200;
