//! The parts in which a winner pays, in words.

use super::layout::Page;
use toruk_sync::domain::auction::Auction;

/// A part of the price in words.
#[derive(Debug, Clone)]
#[allow(missing_docs)] // Named as what they are.
pub struct ShownInstalment {
    pub number: u16,
    pub by: String,
    pub amount: String,
    pub counted: String,
    pub left: String,
}

/// The parts; none where the price is paid at once, or there is no winner.
pub fn shown(page: &Page, auction: &Auction) -> Vec<ShownInstalment> {
    let parts = auction.instalments().into_iter();
    parts
        .map(|part| ShownInstalment {
            number: part.number,
            by: match (part.day(), part.months) {
                (Some(day), _) => day.plain(),
                (None, 0) => page.text("instalment-first"),
                (None, months) => page.text_count("instalment-months", usize::from(months)),
            },
            amount: page.som(&part.amount),
            counted: page.som(&part.counted),
            left: page.som(&part.left()),
        })
        .collect()
}
