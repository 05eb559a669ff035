import TorukCore

/// The screen that is offered first from an auction's.
public enum NextStep: Sendable { case apply, wait, pay, live }

/// Something known about an auction: its name and its value.
public struct Fact: Sendable, Equatable {
    public let name: Text
    public let value: Phrase
}

/// One auction, with this person's part in it.
public struct AuctionScreen: Sendable {
    public var auction: AuctionDetail?
    public var own: MyAuction?
    public var followed = false
    public var standing: [Phrase] = []
    public var ownStanding: [Phrase] = []
    public var facts: [Fact] = []
    public var next = NextStep.apply
}

/// An auction's own screen.
public final class AuctionModel: ScreenModel<AuctionScreen> {
    private let bidder: Bidder
    private let id: String

    public init(_ bidder: Bidder, id: String) {
        self.bidder = bidder
        self.id = id
        super.init(AuctionScreen())
        let events = bidder.events()
        lasts { [weak self] in
            for await event in events where event.auction == id || event.what == .mineChanged {
                await self?.attempt { try await self?.load() }
            }
        }
    }

    /// Fetches it; without a connection, as it was last seen.
    @discardableResult
    public func refresh() -> Task<Void, Never> { wish { [self] in try await load() } }

    /// Follows it on all phones of the person, or no more.
    @discardableResult
    public func follow(_ wanted: Bool) -> Task<Void, Never> {
        wish { [self] in
            let (core, id) = (bidder.core, id)
            try await away { try wanted ? core.follow(auction: id) : core.unfollow(auction: id) }
            try await load()
        }
    }

    private func load() async throws {
        let (core, id) = (bidder.core, id)
        let auction = try await core.auction(id: id)
        let mine = core.overview().signedIn ? try await core.myAuctions().items : []
        let own = mine.first { $0.auction == id }
        let followed = core.followed().contains(id)
        let failure = auction.failure.map { Codes.phrase("failure", $0) }
        show {
            $0.auction = auction
            $0.own = own
            $0.followed = followed
            $0.standing = [Codes.status(auction.status)] + (failure.map { [$0] } ?? [])
            $0.ownStanding = ownStanding(own)
            $0.facts = facts(auction)
            $0.next = nextStep(own)
        }
    }
}

/// Where a person's application and deposit stand.
public func ownStanding(_ own: MyAuction?) -> [Phrase] {
    guard let own else { return [] }
    return [
        Codes.application(own.status),
        own.depositStatus.map { Codes.deposit($0) },
        own.bidderNo.map { Phrase(.yourNumber, "number", $0) },
    ].compactMap { $0 }
}

/// Which screen is offered first; the core answers there what can be done.
public func nextStep(_ own: MyAuction?) -> NextStep {
    guard let own, own.status != "needs_reconfirm" else { return .apply }
    if own.depositStatus == "due" { return .pay }
    return own.status == "eligible" || own.status == "won" ? .live : .wait
}

private func facts(_ auction: AuctionDetail) -> [Fact] {
    [
        Fact(name: .price, value: Codes.phrase("object", auction.objectOfPrice)),
        Fact(name: .startPrice, value: money(auction.value)),
        Fact(name: .step, value: money(auction.minimalStep)),
        Fact(name: .guarantee, value: money(auction.guarantee)),
        Fact(name: .tenderEnd, value: at(auction.tenderEnd)),
        Fact(name: .start, value: at(auction.start)),
    ]
}
