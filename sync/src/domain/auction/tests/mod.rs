//! The rules of an auction, line by line.

mod award;
mod bidding;
mod edition;
mod lifecycle;
mod offer;
mod pace;
mod suspension;
