//! The officials' console.
