//! The services around a server, each an HTTP or TCP server of its own: the payment system, the
//! operator's bank, FCM, clamd, a certificate authority, a signing program, the state's sign-in.

pub mod bank;
pub mod certificates;
pub mod clamd;
pub mod eid;
pub mod fcm;
pub mod listening;
pub mod local_signer;
pub mod payment_system;
pub mod proxy;
pub mod web_push;
