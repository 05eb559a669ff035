/// The key under which a notification carries its auction.
let auctionKey = "auction"
/// The category of every notification, the extension's too: what a locked screen shows of it.
let auctionCategory = "auction"
