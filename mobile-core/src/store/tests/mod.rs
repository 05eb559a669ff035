//! One suite for every store, and what damage and full disks do to the one on disk.

mod conformance;
mod damage;
mod disk;
