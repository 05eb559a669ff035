//! The rules of an auction, line by line.

mod award;
mod bidding;
mod lifecycle;
mod offer;
mod pace;
mod suspension;
