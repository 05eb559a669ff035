//! Every number a client must know to stay within bounds. The server enforces all of them.

/// Longest JSON body of an ordinary request.
pub const BODY_BYTES_MAX: usize = 64 * 1024;
/// Longest body of a push, after decoding.
pub const PUSH_BODY_BYTES_MAX: usize = 1024 * 1024;
/// Most operations in one push.
pub const PUSH_OPS_MAX: usize = 100;
/// Most rows in one page of a pull.
pub const PULL_ROWS_MAX: usize = 500;
/// Most rows of the catalogue in one page: a card is small, and a fresh phone wants all of them.
pub const PULL_CARDS_MAX: usize = 2_000;
/// A page of a pull ends with the row that passes this many bytes.
pub const PULL_BYTES_MAX: usize = 512 * 1024;
/// Longest cookie of a pull: 500 auctions and what binds them.
pub const COOKIE_BYTES_MAX: usize = 32 * 1024;
/// Most outcomes acknowledged with one pull.
pub const ACKED_MAX: usize = 100;
/// Most auctions that one person's pull covers.
pub const PULL_AUCTIONS_MAX: usize = 500;
/// An outcome that nobody acknowledged is kept this long.
pub const OUTCOME_DAYS: i64 = 90;
/// A phone that was away for longer gets its scopes anew: removals are forgotten then.
pub const REMOVAL_DAYS: i64 = 180;
/// A phone keeps decided operations this long, for a server that is restored from a backup.
pub const DECIDED_DAYS: i64 = 7;
/// Longest file.
pub const FILE_BYTES_MAX: u64 = 25 * 1024 * 1024;
/// Most bytes of unfinished and unreferenced files an account may have.
pub const ACCOUNT_PENDING_BYTES_MAX: u64 = 200 * 1024 * 1024;
/// Most unfinished and unreferenced files of an account.
pub const ACCOUNT_PENDING_FILES_MAX: usize = 200;
/// An upload that is not whole so long after it was announced is removed.
pub const UPLOAD_DAYS: i64 = 7;
/// A whole file that no application refers to is removed so long after it was last announced.
pub const UNREFERENCED_FILE_DAYS: i64 = 30;
/// Most phones of one account.
pub const DEVICES_MAX: u64 = 10;
/// Largest page of a list.
pub const PAGE_MAX: u64 = 100;
/// Page of a list when none is asked for.
pub const PAGE_DEFAULT: u64 = 30;
/// Most operations a phone keeps waiting; past that it says so.
pub const OUTBOX_OPS_MAX: usize = 5_000;
/// A bidder's live stream is silent for at most this long, so that a phone which has heard nothing
/// for two and a half of them, 1.5 s, says "offline".
pub const HEARTBEAT_MS: u64 = 600;
/// An observer's live stream is silent for at most this long.
pub const OBSERVER_HEARTBEAT_MS: u64 = 5_000;
/// Most auctions of one live stream.
pub const FOLLOW_MAX: usize = 64;
/// A client further behind an auction's log than this gets a snapshot instead of what it missed.
pub const REPLAY_RECORDS_MAX: u64 = 256;
/// Most live streams of one session; the oldest makes room for one more.
pub const STREAMS_PER_SESSION_MAX: usize = 4;
/// A phone gives a bid this long to be answered before it calls it unknown.
pub const BID_TIMEOUT_MS: u64 = 5_000;
/// Most live streams of bidders and officials on one server process. Observers have a limit of
/// their own, which the operator sets.
pub const SIGNED_IN_STREAMS_MAX: usize = 10_000;
/// A session of a phone lives this long after its last use.
pub const PHONE_SESSION_DAYS: i64 = 30;
/// A session of the console lives this long after its last use.
pub const CONSOLE_SESSION_HOURS: i64 = 12;
/// An invitation lives this long.
pub const INVITATION_MINUTES: i64 = 30;
/// A passkey ceremony must be finished within this time.
pub const CEREMONY_MINUTES: i64 = 5;
/// Longest name of a person.
pub const NAME_CHARS_MAX: usize = 200;
