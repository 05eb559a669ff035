import TorukCore

/// A decision, in words.
public struct Decision: Sendable, Identifiable {
    public let outcome: OutcomeRecord
    public let words: [Phrase]
    public let at: String
    /// Whether another phone's person acknowledges it.
    public var elsewhere: Bool { outcome.elsewhere }

    public var id: String { "\(outcome.elsewhere)/\(outcome.opNo)/\(outcome.decidedAt)" }
}

/// Notifications: what was decided, and what will be reminded of.
public struct NewsScreen: Sendable {
    public var decisions: [Decision] = []
    public var reminders: [LocalReminder] = []
    /// Somebody was let in: from now on notifications are worth asking for.
    public var worthAsking = false
}

/// Decisions and reminders.
public final class NewsModel: ScreenModel<NewsScreen> {
    private let bidder: Bidder

    public init(_ bidder: Bidder) {
        self.bidder = bidder
        super.init(NewsScreen())
        lasts { [weak self] in
            for await _ in bidder.overviews() { await self?.attempt { try await self?.load() } }
        }
    }

    /// The person has seen a decision.
    @discardableResult
    public func seen(opNo: UInt64) -> Task<Void, Never> {
        wish { [self] in
            let core = bidder.core
            try await away { try core.ackOutcome(opNo: opNo) }
            bidder.look()
            try await load()
        }
    }

    private func load() async throws {
        let core = bidder.core
        let mine = core.overview().signedIn ? try await core.myAuctions().items : []
        let (outcomes, reminders) = try await away { (core.outcomes(), core.reminders()) }
        show {
            $0.decisions = outcomes.map(decision)
            $0.reminders = reminders
            // An admitted applicant is asked for a deposit.
            $0.worthAsking = mine.contains { $0.depositStatus != nil }
        }
    }
}

/// A decision as it is drawn.
public func decision(_ outcome: OutcomeRecord) -> Decision {
    let words = [
        Codes.phrase("operation", outcome.operation),
        Codes.phrase("verdict", outcome.verdict),
        outcome.code.map { Codes.refusal($0) },
    ]
    return Decision(
        outcome: outcome, words: words.compactMap { $0 }, at: moment(outcome.decidedAt))
}
