//! Features against a real database, with a clock held by the test.

mod ground;
mod identity;
mod identity_routes;
mod money;
mod push;
