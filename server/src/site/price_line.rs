//! How the price grew, as a line and as a table. The line is drawn by the server: it needs no script
//! and weighs less than one.

use crate::console::layout::Page;
use toruk_sync::domain::auction::{Auction, Event};
use toruk_sync::domain::money::Tyiyn;
use toruk_sync::domain::time::Timestamp;
use toruk_sync::receipt::Record;

/// The drawing's size, in its own units.
const WIDTH: i64 = 600;
const HEIGHT: i64 = 150;
/// Corners of the line at most: more than a screen shows.
const CORNERS_MAX: usize = 240;
/// Rows of the table at most.
const ROWS_MAX: usize = 60;

/// The price of an auction by time.
#[derive(Debug)]
pub struct PriceLine {
    /// `points` of an SVG `polyline`.
    pub points: String,
    /// The price before the first offer.
    pub first: String,
    /// The price now.
    pub last: String,
    /// The moments of the first and the last raise.
    pub from: String,
    pub to: String,
    /// The latest raises, the newest first.
    pub raises: Vec<Raise>,
    /// Raises that the table leaves out.
    pub more: u64,
}

/// One raise, in words.
#[derive(Debug)]
#[allow(missing_docs)] // Named as what they are.
pub struct Raise {
    pub at: String,
    pub bidder: String,
    pub amount: String,
}

impl PriceLine {
    /// The line of an auction by the latest records of its log; `None` without a raise in them.
    pub fn of(page: &Page, auction: &Auction, log: &[Record]) -> Option<Self> {
        let placed: Vec<(Timestamp, String, Tyiyn)> = log
            .iter()
            .filter_map(|record| match &record.event {
                Event::BidPlaced { bidder, amount, received_at, .. } => {
                    let bidder = page.text_with("participant", bidder.to_string());
                    Some((*received_at, bidder, *amount))
                }
                _ => None,
            })
            .collect();
        let start = auction.birth.offer.value;
        let raises = auction.round.map_or(0, |round| round.number);
        let (first, last) = (placed.first()?, placed.last()?);
        let prices: Vec<(i64, i64)> =
            placed.iter().map(|(at, _, amount)| (at.0, amount.get())).collect();
        let row = |(at, bidder, amount): &(Timestamp, String, Tyiyn)| Raise {
            at: page.at(at),
            bidder: bidder.clone(),
            amount: page.som(amount),
        };
        Some(Self {
            points: points(start.get(), &prices),
            first: page.som(&start),
            last: page.som(&last.2),
            from: page.at(&first.0),
            to: page.at(&last.0),
            raises: placed.iter().rev().take(ROWS_MAX).map(row).collect(),
            more: left_out(raises, placed.len()),
        })
    }
}

/// Raises of an auction that the table does not show, of which the log's latest records have `seen`.
fn left_out(raises: u64, seen: usize) -> u64 {
    raises.saturating_sub(u64::try_from(seen.min(ROWS_MAX)).unwrap_or(u64::MAX))
}

/// The corners of the line: the price stays until the next raise, and then jumps.
fn points(start: i64, prices: &[(i64, i64)]) -> String {
    let (Some((from, _)), Some((to, top))) = (prices.first(), prices.last()) else {
        return String::new();
    };
    // The first raise stands a little to the right of the price before it.
    let (from, span) = (*from, (to - from).max(1));
    let left = WIDTH / 12;
    let x = |at: i64| left + scaled(at - from, span, WIDTH - left);
    let y = |price: i64| HEIGHT - scaled(price - start, (top - start).max(1), HEIGHT);
    let step = prices.len().div_ceil(CORNERS_MAX).max(1);
    let mut corners = vec![(0, y(start))];
    let mut before = start;
    let last = prices.last().into_iter();
    for (at, price) in prices.iter().step_by(step).chain(last) {
        corners.push((x(*at), y(before)));
        corners.push((x(*at), y(*price)));
        before = *price;
    }
    let texts: Vec<String> = corners.iter().map(|(x, y)| format!("{x},{y}")).collect();
    texts.join(" ")
}

/// `part` of `whole`, of a length; without overflow for any two moments or prices.
fn scaled(part: i64, whole: i64, length: i64) -> i64 {
    let scaled = i128::from(part) * i128::from(length) / i128::from(whole.max(1));
    i64::try_from(scaled).unwrap_or(length).clamp(0, length)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_price_stays_until_the_next_raise_and_then_jumps() {
        let line = points(100, &[(0, 105), (50, 110), (100, 200)]);
        assert_eq!(line, "0,150 50,150 50,143 325,143 325,135 600,135 600,0 600,0 600,0");
        assert_eq!(points(100, &[]), "");
    }

    #[test]
    fn raises_before_the_records_that_are_read_are_counted_too() {
        for (raises, seen, more) in [(0, 0, 0), (59, 59, 0), (61, 61, 1), (4_000, 990, 3_940)] {
            assert_eq!(left_out(raises, seen), more, "{raises} raises");
        }
    }

    #[test]
    fn a_long_day_has_no_more_corners_than_a_screen_shows() {
        let prices: Vec<(i64, i64)> = (1..=5_000).map(|n| (n * 1_000_000, 100 + n)).collect();
        let line = points(100, &prices);
        assert!(line.split(' ').count() <= 2 * CORNERS_MAX + 5);
        assert!(line.ends_with("600,0"));
        // Neither the greatest price nor the longest day overflows.
        assert!(points(0, &[(i64::MIN / 4, 1), (i64::MAX / 4, i64::MAX)]).ends_with("600,0"));
    }
}
