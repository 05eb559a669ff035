//! The rules of an auction, line by line.

mod award;
mod bidding;
mod calendar;
mod edition;
mod lifecycle;
mod offer;
mod pace;
mod paper;
mod programme;
mod sole_applicant;
mod suspension;
