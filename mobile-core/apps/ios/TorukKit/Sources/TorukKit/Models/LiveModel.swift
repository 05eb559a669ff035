import TorukCore

/// How often the countdown is drawn.
private let tick = Duration.milliseconds(250)

/// The sheet on which a bid is confirmed.
public struct ConfirmSheet: Sendable {
    public let quote: Quote
    public let amount: Phrase
    /// The price moved on since it was opened: «Ооба» is off until the person has read the new one.
    public var moved: Bool

    public init(quote: Quote, amount: Phrase, moved: Bool) {
        self.quote = quote
        self.amount = amount
        self.moved = moved
    }
}

/// What became of the last bid.
public struct BidNews: Sendable {
    public let words: [Phrase]
    public let tone: Tone
    public let receipt: BidReceipt?
}

/// The waiting room and the live screen.
public struct LiveScreen: Sendable {
    public var live: LiveState?
    public var price: Phrase?
    public var button: ButtonFace?
    public var countdown: Countdown?
    public var banners: [Banner] = []
    public var facts: [Phrase] = []
    public var clock: Phrase?
    public var sheet: ConfirmSheet?
    public var news: BidNews?
    /// «Сиздин атаандашыңыз бааны жогорулатты», until OK.
    public var alert: Phrase?
    /// Bidding has not opened.
    public var waitingRoom = false
    /// It is over: why, for this person.
    public var ending: Phrase?
    /// The winner is to confirm.
    public var toConfirm = false

    public init() {}
}

/// Following an auction and bidding in it.
public final class LiveModel: ScreenModel<LiveScreen> {
    private let bidder: Bidder
    private let auction: String

    public init(_ bidder: Bidder, auction: String) {
        self.bidder = bidder
        self.auction = auction
        super.init(LiveScreen())
        let events = bidder.events()
        lasts { [weak self] in
            for await event in events where event.auction == auction { await self?.heard(event) }
        }
        lasts { [weak self] in
            await self?.attempt { try bidder.core.watch(auction: auction) }
            while !Task.isCancelled {
                await self?.attempt { try await self?.look() }
                try? await Task.sleep(for: tick)
            }
        }
    }

    /// A tap on the button: opens the sheet with what a raise would cost now.
    @discardableResult
    public func raise() -> Task<Void, Never> {
        wish { [self] in
            let (core, auction) = (bidder.core, auction)
            let quote = try await away { try core.quote(auction: auction) }
            show {
                $0.sheet = ConfirmSheet(quote: quote, amount: money(quote.amount), moved: false)
                $0.news = nil
            }
        }
    }

    /// «Ооба»: sends what was shown, once.
    @discardableResult
    public func confirm() -> Task<Void, Never> {
        wish { [self] in
            guard let sheet = state.sheet, !sheet.moved else { return }
            show { $0.sheet = nil }
            told(try await bidder.core.placeBid(quote: sheet.quote))
            try await look()
        }
    }

    /// «Жок»: nothing is sent.
    public func dismiss() { show { $0.sheet = nil } }

    /// OK under the alert of a lost lead.
    public func alertSeen() { show { $0.alert = nil } }

    /// The screen is left; bids stay binding.
    public override func leave() {
        super.leave()
        let (core, auction) = (bidder.core, auction)
        Task { await attempt { try await away { try core.unwatch(auction: auction) } } }
    }

    private func heard(_ event: CoreEvent) async {
        switch event.what {
        case .outbid: show { $0.alert = Phrase(.outbidAlert) }
        case .youLead: show { $0.alert = nil }
        case .bidSettled(let bid):
            await attempt { told(try await bidder.core.bidStatus(bid: bid)) }
        default: break
        }
        await attempt { try await look() }
    }

    private func told(_ result: BidResult) { show { $0.news = bidNews(result) } }

    private func look() async throws {
        let (core, auction) = (bidder.core, auction)
        let live = try await away { try core.liveState(auction: auction) }
        show { $0 = drawn($0, live) }
    }
}

/// The screen of a state. What the person has open stays open, and says when it is out of date.
public func drawn(_ screen: LiveScreen, _ live: LiveState) -> LiveScreen {
    var screen = screen
    screen.live = live
    screen.price = money(live.price)
    screen.button = buttonFace(live)
    screen.countdown = countdown(live)
    screen.banners = banners(live)
    screen.facts = liveFacts(live)
    screen.clock = clock(live)
    if let sheet = screen.sheet {
        screen.sheet?.moved = sheet.quote.amount != live.amount
    }
    screen.waitingRoom = live.phase == nil && live.closed == nil
    screen.ending = live.closed.map { Codes.phrase("closed", $0) }
    screen.toConfirm = live.closed == "won" && live.status == "qualification"
    return screen
}

/// What became of a bid, with its receipt when the operator has answered.
public func bidNews(_ result: BidResult) -> BidNews {
    BidNews(
        words: [Codes.bid(result.state), result.code.map { Codes.refusal($0) }].compactMap { $0 },
        tone: result.state == .accepted ? .good : .warning,
        receipt: result.receipt)
}
