//! What a phone asks to sign in.
