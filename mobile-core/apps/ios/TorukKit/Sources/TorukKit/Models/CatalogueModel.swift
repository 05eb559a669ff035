import TorukCore

/// One line of a list of auctions.
public struct AuctionLine: Sendable, Identifiable {
    public let auction: AuctionSummary
    /// Where it stands, and why it failed.
    public let standing: [Phrase]
    /// Where this person's application stands.
    public let own: Phrase?

    public var id: String { auction.id }
}

/// All auctions, and this person's.
public struct CatalogueScreen: Sendable {
    public var lines: [AuctionLine] = []
    public var mine: [AuctionLine] = []
    /// When it was fetched, when that is not now.
    public var asOf: Int64?
    /// Whether anything was asked for yet.
    public var loaded = false
}

/// The catalogue and «Менин торуктарым»; both are there without a connection.
public final class CatalogueModel: ScreenModel<CatalogueScreen> {
    private let bidder: Bidder

    public init(_ bidder: Bidder) {
        self.bidder = bidder
        super.init(CatalogueScreen())
        let events = bidder.events()
        lasts { [weak self] in
            for await event in events where Self.matters(event) {
                await self?.attempt { try await self?.load() }
            }
        }
    }

    /// Fetches both lists.
    @discardableResult
    public func refresh() -> Task<Void, Never> { wish { [self] in try await load() } }

    private static func matters(_ event: CoreEvent) -> Bool {
        event.what == .catalogueChanged || event.what == .mineChanged
    }

    private func load() async throws {
        let core = bidder.core
        let list = try await core.auctions()
        let mine = core.overview().signedIn ? try await core.myAuctions().items : []
        let lines = list.items.map { auction in
            line(auction, own: mine.first { $0.auction == auction.id })
        }
        show {
            $0.lines = lines
            $0.mine = lines.filter { $0.own != nil }
            $0.asOf = list.stale ? list.asOf : nil
            $0.loaded = true
        }
    }
}

/// An auction as a line of a list.
public func line(_ auction: AuctionSummary, own: MyAuction?) -> AuctionLine {
    let failure = auction.failure.map { Codes.phrase("failure", $0) }
    return AuctionLine(
        auction: auction,
        standing: [Codes.status(auction.status)] + (failure.map { [$0] } ?? []),
        own: own.map { Codes.application($0.status) })
}
