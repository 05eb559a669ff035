import TorukCore

/// Auctions that are read from the phone's store at a time.
private let pageLimit: UInt32 = 50

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
    /// What is looked for.
    public var search = ""
    /// Where the next page begins, when there is one.
    public var next: String?
    /// When it was fetched, when that is not now.
    public var asOf: Int64?
    /// Whether anything is known.
    public var loaded = false
}

/// The catalogue and «Менин торуктарым»; both are there without a connection.
public final class CatalogueModel: ScreenModel<CatalogueScreen> {
    private let bidder: Bidder
    private var own: [String: MyAuction] = [:]

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

    /// Shows what the phone has, at once, then fetches both lists.
    @discardableResult
    public func refresh() -> Task<Void, Never> {
        wish { [self] in
            try await firstPage()
            try await load()
        }
    }

    /// Looks for words in titles, numbers and settlements, on this phone.
    @discardableResult
    public func search(_ text: String) -> Task<Void, Never> {
        show { $0.search = text }
        return Task { await attempt { try await firstPage() } }
    }

    /// The next page.
    @discardableResult
    public func more() -> Task<Void, Never> {
        wish { [self] in
            guard let after = state.next else { return }
            let page = try await page(after: after)
            show {
                $0.lines += page.items.map(drawn)
                $0.next = page.next
            }
        }
    }

    private static func matters(_ event: CoreEvent) -> Bool {
        event.what == .catalogueChanged || event.what == .mineChanged
    }

    private func load() async throws {
        let core = bidder.core
        let list = try await core.auctions()
        let mine = core.overview().signedIn ? try await core.myAuctions().items : []
        own = Dictionary(mine.map { ($0.auction, $0) }) { first, _ in first }
        try await firstPage()
        show {
            $0.mine = list.items.filter { own[$0.id] != nil }.map(drawn)
            $0.asOf = list.stale ? list.asOf : nil
            $0.loaded = true
        }
    }

    private func firstPage() async throws {
        let page = try await page(after: nil)
        show {
            $0.lines = page.items.map(drawn)
            $0.next = page.next
            $0.loaded = $0.loaded || page.asOf != nil
        }
    }

    private func page(after: String?) async throws -> CataloguePage {
        let query = CatalogueQuery(
            text: state.search, kinds: [], statuses: [], settlement: nil, soonestFirst: false)
        let core = bidder.core
        return try await away {
            try core.cataloguePage(query: query, after: after, limit: pageLimit)
        }
    }

    private func drawn(_ auction: AuctionSummary) -> AuctionLine {
        line(auction, own: own[auction.id])
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
