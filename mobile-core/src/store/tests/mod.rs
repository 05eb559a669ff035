//! One test suite for every store, and tests of damage and full disks for the one on disk.

mod conformance;
mod damage;
mod disk;
