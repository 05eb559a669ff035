//! Rows of people, passkeys, sessions, devices and roles.
