//! The reason why requests do not reach the server although there is a network.

/// Something on the way that answers in the server's place. Nothing it says is believed: waiting
/// operations, files and the session stay as they are, and are tried again.
#[derive(Debug, Clone, Copy, PartialEq, Eq, uniffi::Enum)]
pub enum Obstacle {
    /// A page answered where the server should have: this network asks to sign in first.
    SignInPage,
    /// A filter of this network refused the request.
    Filter,
    /// Somebody else opened the connection in the server's place, such as a company's proxy that
    /// reads everything, or the phone's date is wrong: nothing was sent to them.
    Interceptor,
    /// A proxy answered that the server can't be reached, or the answer was not understood.
    Unavailable,
}
