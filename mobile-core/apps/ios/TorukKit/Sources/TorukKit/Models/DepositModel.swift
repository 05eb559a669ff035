import TorukCore

/// How often a countdown in seconds is drawn.
private let tick = Duration.milliseconds(500)

/// The guarantee payment.
public struct DepositScreen: Sendable {
    public var amount: Phrase?
    /// Where the deposit stands; nobody says «I have paid», the server does.
    public var standing: Phrase?
    public var code: PaymentCode?
    public var codeStanding: Phrase?
    /// What is left of the code's life, by the server's clock.
    public var left: Phrase?
    /// What to show at a bank, also without a connection.
    public var slip: String?
    public var cutShort = false
    /// Banks, wallets and the account to choose from; none before they are fetched.
    public var ways: PaymentWays?
}

/// Paying the guarantee.
public final class DepositModel: ScreenModel<DepositScreen> {
    private let bidder: Bidder
    private let auction: String

    public init(_ bidder: Bidder, auction: String) {
        self.bidder = bidder
        self.auction = auction
        super.init(DepositScreen())
        let events = bidder.events()
        lasts { [weak self] in
            for await event in events where event.what == .mineChanged {
                await self?.attempt { try await self?.own() }
            }
        }
        lasts { [weak self] in
            while !Task.isCancelled {
                await self?.countDown()
                try? await Task.sleep(for: tick)
            }
        }
    }

    /// Fetches where the deposit stands, and the last code's slip.
    @discardableResult
    public func open() -> Task<Void, Never> {
        wish { [self] in
            try await slip()
            try await own()
            let ways = try await bidder.core.paymentWays()
            show { $0.ways = ways }
        }
    }

    /// Asks for a code of a bank or wallet, or for the one that still lives.
    @discardableResult
    public func pay(_ channel: PaymentChannel, at provider: String? = nil) -> Task<Void, Never> {
        wish { [self] in
            let code = try await bidder.core.beginPaymentAt(
                auction: auction, channel: channel, provider: provider)
            show {
                $0.code = code
                $0.codeStanding = Codes.phrase("intent", code.status)
            }
            try await slip()
            await countDown()
        }
    }

    private func own() async throws {
        let mine = try await bidder.core.myAuctions().items
        let own = mine.first { $0.auction == auction }
        show {
            $0.amount = own?.depositAmount.map { money($0) }
            $0.standing = own?.depositStatus.map { Codes.deposit($0) }
        }
    }

    private func slip() async throws {
        let (core, auction) = (bidder.core, auction)
        // None when no code was ever asked for.
        let slip = try await away { try? core.paymentSlip(auction: auction) }
        show { $0.slip = slip }
    }

    private func countDown() async {
        let (core, auction) = (bidder.core, auction)
        guard let code = state.code,
            let now = try? await away({ try core.liveState(auction: auction).serverTime })
        else { return }
        show {
            $0.left = codeLeft(code, serverTime: now)
            $0.cutShort = code.cutShort
        }
    }
}

/// What is left of a code's life at the server's time.
public func codeLeft(_ code: PaymentCode, serverTime: Int64) -> Phrase {
    let left = code.expiresAt - serverTime
    return left <= 0 ? Phrase(.codeDead) : Phrase(.codeValidFor, ["left": .phrase(countdown(left))])
}
