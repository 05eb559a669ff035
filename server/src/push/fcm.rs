//! FCM.
