import TorukCore

/// How long a person who pulled to refresh is kept waiting, milliseconds.
private let syncBudgetMs: UInt64 = 20_000

/// One refused operation, with what can be done.
public struct Refusal: Sendable, Identifiable {
    public let item: AttentionItem
    public let words: [Phrase]

    public var id: UInt64 { item.id }
}

/// What waits, and what was refused.
public struct SyncScreen: Sendable {
    public var standing: [Phrase] = []
    public var attention: [Refusal] = []
    /// What was lost with a damaged store, until the person has seen it.
    public var repairs: [Phrase] = []
    /// Everything is on the server.
    public var idle = true
}

/// «2 things waiting», and dealing with what was refused.
public final class SyncModel: ScreenModel<SyncScreen> {
    private let bidder: Bidder

    public init(_ bidder: Bidder) {
        self.bidder = bidder
        super.init(SyncScreen())
        lasts { [weak self] in
            for await now in bidder.overviews() {
                let isIdle = now.waiting + now.filesWaiting == 0
                await self?.attempt { try await self?.look(overviewPhrases(now), isIdle) }
            }
        }
    }

    /// Delivers and fetches now.
    @discardableResult
    public func syncNow() -> Task<Void, Never> {
        wish { [self] in
            let report = try await bidder.core.syncNow(
                reason: .pullToRefresh, budgetMs: syncBudgetMs, cancel: nil)
            try await look(syncPhrases(report), report.waiting + report.filesWaiting == 0)
        }
    }

    /// Does with a refused operation what the person chose among its actions.
    @discardableResult
    public func attend(id: UInt64, action: String) -> Task<Void, Never> {
        wish { [self] in
            let core = bidder.core
            try await away {
                switch action {
                case "retry": try core.attentionRetry(id: id)
                case "edit": try core.attentionEdit(id: id)
                case "discard": try core.attentionDiscard(id: id)
                default: break
                }
            }
            bidder.look()
        }
    }

    /// The person has seen what was lost.
    @discardableResult
    public func repairsSeen() -> Task<Void, Never> {
        wish { [self] in
            let core = bidder.core
            try await away { try core.acknowledgeStoreRepairs() }
            show { $0.repairs = [] }
        }
    }

    private func look(_ standing: [Phrase], _ isIdle: Bool) async throws {
        let core = bidder.core
        let (items, repairs) = try await away { (core.attention(), try core.storeRepairs()) }
        show {
            $0 = SyncScreen(
                standing: standing,
                attention: items.map { Refusal(item: $0, words: refusalPhrases($0)) },
                repairs: repairs.flatMap(repairPhrases), idle: isIdle)
        }
    }
}

/// What a repair cost.
public func repairPhrases(_ repair: StoreRepair) -> [Phrase] {
    var phrases = [Phrase(repair.keyLost ? .repairKeyLost : .repairDamaged)]
    let lost = repair.lost.values.reduce(0, +)
    if lost > 0 { phrases.append(Phrase(.repairLost, "count", lost)) }
    if !repair.certain { phrases.append(Phrase(.repairUncertain)) }
    return phrases
}

/// What was refused, and why.
public func refusalPhrases(_ item: AttentionItem) -> [Phrase] {
    [Codes.phrase("operation", item.operation), Codes.refusal(item.code)]
}

/// What waits, at a glance.
public func overviewPhrases(_ now: Overview) -> [Phrase] {
    var phrases = [obstaclePhrase(now.obstacle) ?? Phrase(now.online ? .online : .offline)]
    if now.person != nil && !now.signedIn { phrases.append(Phrase(.syncSignedOut)) }
    return phrases + waiting(now.waiting, now.filesWaiting)
}

/// What on the way answers in the server's place.
private func obstaclePhrase(_ obstacle: Obstacle?) -> Phrase? {
    switch obstacle {
    case .signInPage: Phrase(.obstacleSignInPage)
    case .filter: Phrase(.obstacleFilter)
    case .interceptor: Phrase(.obstacleInterceptor)
    case .unavailable: Phrase(.obstacleUnavailable)
    case nil: nil
    }
}

/// How a synchronisation went.
public func syncPhrases(_ report: SyncReport) -> [Phrase] {
    let state = report.state == "waiting" ? [] : [Codes.phrase("sync", report.state)]
    return state + waiting(report.waiting, report.filesWaiting)
}

private func waiting(_ operations: UInt32, _ files: UInt32) -> [Phrase] {
    var phrases: [Phrase] = []
    if operations > 0 { phrases.append(Phrase(.syncWaiting, "count", operations)) }
    if files > 0 { phrases.append(Phrase(.filesWaiting, "count", files)) }
    return phrases.isEmpty ? [Phrase(.nothingWaits)] : phrases
}
