import Foundation
import TorukCore

/// What a step may expect.
typealias Answer = [String: Any]

/// How long a call that is going to be cancelled may go on before.
private let hangsNs: UInt64 = 300_000_000
/// Auctions of a screen.
private let screen: UInt32 = 20
/// A cancelled sync would have gone on for so long.
private let syncBudgetMs: UInt64 = 60_000

/// A step's values.
struct With {
    let fields: [String: Any]

    func text(_ name: String) throws -> String {
        guard let text = fields[name] as? String else { throw Missing(name: name) }
        return text
    }

    func number(_ name: String) throws -> UInt64 {
        guard let number = fields[name] as? NSNumber else { throw Missing(name: name) }
        return number.uint64Value
    }

    struct Missing: Error {
        let name: String
    }
}

/// The scenario's verbs for the phone: each is one call of the generated binding, typed as an app would
/// write it.
final class Bidder: @unchecked Sendable {
    private let finger: Finger
    private let token: Token
    private let transport = BreakableTransport()
    private let transfers = Transfers()
    private let log = Log()
    private var heard = Heard()
    private var listening: Task<Void, Never>?
    private var quoted: Quote?
    private var opened: Core?

    init(desk: Desk) {
        finger = Finger(desk)
        token = Token(desk)
        _ = setLogger(level: .warn, logger: log)
    }

    private var core: Core {
        guard let opened else { preconditionFailure("nothing is open") }
        return opened
    }

    func act(_ verb: String, _ with: With) async throws -> Answer {
        finger.mood = with.fields["passkey"] as? String
        switch verb {
        case "opens": return try opens(with)
        case "closes": core.close()
        case "goes_offline": try core.setOnline(online: false)
        case "goes_online": try core.setOnline(online: true)
        case "goes_to_sleep": return try await sleep(with.number("budget_ms"))
        case "listens": try listen(badly: with.fields["badly"] as? Bool ?? false)
        case "breaks": transport.broken = with.fields["broken"] as? Bool ?? false
        case "wakes": try core.resume(online: true)
        case "looks_around": return overview()
        case "reads_log": return ["lines": log.count(try with.text("contains"))]
        case "hears": return await heard.tell(try with.text("what"))
        case "registers": return account(try await core.register(name: with.text("name")))
        case "signs_in": return account(try await core.signIn())
        case "signs_in_by_certificate":
            token.mood = with.fields["token"] as? String
            return account(try await core.signInByCertificate())
        case "signs_out":
            try await core.signOut()
            return account(core.account())
        case "registers_push": try await core.registerPush(token: with.text("token"))
        default: return try await applying(verb, with)
        }
        return [:]
    }

    private func applying(_ verb: String, _ with: With) async throws -> Answer {
        switch verb {
        case "lists_auctions":
            let listed = try await core.auctions()
            return ["count": listed.items.count, "stale": listed.stale]
        case "keeps_catalogue": try core.keepCatalogue(kept: true)
        case "searches": return try search(with.text("text"))
        case "reads_auction": return try await auction(with.text("auction"))
        case "answers":
            let (auction, field) = (try with.text("auction"), try with.text("field"))
            try core.draftSet(auction: auction, field: field, value: with.text("value"))
        case "attaches": try attach(with)
        case "hears_of_upload": return try await upload(with)
        case "reads_draft": return try draft(with.text("auction"))
        case "submits":
            let status = try await core.submit(auction: with.text("auction"))
            return ["state": status.state, "received_at": some(status.receivedAt)]
        case "syncs": return try await sync(with.number("budget_ms"), nil)
        case "reads_outcomes": return outcomes(try with.text("operation"))
        case "acknowledges": try core.ackOutcome(opNo: with.number("op_no"))
        case "reads_mine": return try await mine(with.text("auction"))
        case "begins_payment": return try await payment(with)
        case "reads_slip":
            return ["slip": try core.paymentSlip(auction: with.text("auction"))]
        default: return try await bidding(verb, with)
        }
        return [:]
    }

    private func bidding(_ verb: String, _ with: With) async throws -> Answer {
        switch verb {
        case "watches": try core.watch(auction: with.text("auction"))
        case "looks": return try live(with.text("auction"))
        case "quotes": return try quote(with.text("auction"))
        case "confirms":
            guard let quoted else { preconditionFailure("nothing is quoted") }
            return bid(try await core.placeBid(quote: quoted))
        case "asks_bid": return bid(try await core.bidStatus(bid: with.text("bid")))
        case "answers_vector":
            let (kind, input) = (try with.text("kind"), try with.text("input"))
            return ["answer": some(knownAnswer(kind: kind, inputJson: input))]
        case "checks_receipt":
            return ["amount": try core.verifyReceipt(text: with.text("receipt")).amount]
        case "gets_push": return try await push(with.text("payload"))
        case "reads_protocol": return try await result(with.text("auction"))
        case "confirms_award": try await core.confirmAward(auction: with.text("auction"))
        case "calls_at_once": return try await atOnce(with)
        case "cancels_call": return try await cancelled(with.text("auction"))
        case "cancels_sync": return try await cancelledSync()
        default: preconditionFailure("no such verb: \(verb)")
        }
        return [:]
    }

    private func opens(_ with: With) throws -> Answer {
        let platform = Platform(
            secureStore: try FileSecrets(
                URL(fileURLWithPath: with.text("secrets_dir")),
                fails: with.fields["secrets"] != nil),
            passkeys: finger,
            clock: PhoneClock(URL(fileURLWithPath: try with.text("slept_file"))),
            entropy: systemEntropy(),
            transport: transport,
            transfers: transfers,
            certificates: token)
        let config = CoreConfig(
            serverUrl: try with.text("server_url"), dataDir: try with.text("data_dir"),
            language: try with.text("language"))
        opened = try Core.open(config: config, platform: platform)
        try listen(badly: false)
        return account(core.account())
    }

    private func listen(badly: Bool) throws {
        let ear = Heard()
        heard = ear
        listening?.cancel()
        if badly {
            return try core.listen(observer: ReentrantEar(core, ear))
        }
        let events = try core.events()
        listening = Task {
            for await event in events { await ear.hear(event) }
        }
    }

    private func sleep(_ budgetMs: UInt64) async throws -> Answer {
        try await core.suspend(budgetMs: budgetMs)
        guard let job = transfers.jobs.last else { return ["jobs": 0] }
        let headers = job.headers.map { ($0.name, $0.value) }
        return [
            "jobs": transfers.jobs.count, "id": job.id, "method": job.method, "url": job.url,
            "headers": Dictionary(headers) { $1 }, "file": job.file, "size_bytes": job.sizeBytes,
        ]
    }

    private func upload(_ with: With) async throws -> Answer {
        let id = try with.text("id")
        try await core.uploadFinished(id: id)
        let files = try core.draftStatus(auction: with.text("auction")).files
        return ["upload": some(files.first { $0.sha256 == id }?.upload)]
    }

    private func account(_ account: Account?) -> Answer {
        ["name": some(account?.name), "signed_in": account?.signedIn ?? false]
    }

    private func overview() -> Answer {
        let seen = core.overview()
        return [
            "signed_in": seen.signedIn, "online": seen.online, "watched": seen.watched.count,
        ]
    }

    private func auction(_ id: String) async throws -> Answer {
        let detail = try await core.auction(id: id)
        return [
            "number": detail.number, "status": detail.status, "stale": detail.stale,
            "fields": detail.fields.count, "slots": detail.slots.count,
        ]
    }

    private func search(_ text: String) throws -> Answer {
        let query = CatalogueQuery(
            text: text, kinds: [], statuses: [], settlement: nil, soonestFirst: true)
        let page = try core.cataloguePage(query: query, after: nil, limit: screen)
        return ["count": page.items.count, "as_of": some(page.asOf), "next": some(page.next)]
    }

    private func attach(_ with: With) throws {
        var content = Data(try with.text("text").utf8)
        content.count = Int(try with.number("size_kib")) * 1_024
        try core.draftAttach(
            auction: with.text("auction"), slot: with.text("slot"), name: with.text("name"),
            mime: "application/pdf", bytes: content)
    }

    private func draft(_ auction: String) throws -> Answer {
        let draft = try core.draftStatus(auction: auction)
        let inTime = draft.submit.flatMap { submit in
            submit.receivedAt.map { $0 < submit.tenderEnd }
        }
        return [
            "answers": draft.answers.count, "full_name": some(draft.answers["full_name"]),
            "faults": draft.faults.count, "files": draft.files.count,
            "submit": some(draft.submit?.state), "in_time": inTime ?? false,
        ]
    }

    private func sync(_ budgetMs: UInt64, _ cancel: Cancel?) async throws -> Answer {
        let report = try await core.syncNow(
            reason: .foreground, budgetMs: budgetMs, cancel: cancel)
        return [
            "state": report.state, "waiting": report.waiting,
            "files_waiting": report.filesWaiting, "pulled": report.pulled,
        ]
    }

    private func outcomes(_ operation: String) -> Answer {
        let found = core.outcomes().filter { $0.operation == operation }
        return [
            "count": found.count, "verdict": some(found.last?.verdict),
            "op_no": some(found.last?.opNo),
        ]
    }

    private func mine(_ auction: String) async throws -> Answer {
        let mine = try await core.myAuctions()
        let own = mine.items.first { $0.auction == auction }
        return [
            "status": some(own?.status), "deposit": some(own?.depositStatus), "stale": mine.stale,
        ]
    }

    private func payment(_ with: With) async throws -> Answer {
        let channels: [String: PaymentChannel] = [
            "wallet_code": .walletCode, "branch_code": .branchCode, "card": .card,
            "bank_transfer": .bankTransfer,
        ]
        guard let channel = channels[try with.text("channel")] else {
            preconditionFailure("no such channel")
        }
        let code = try await core.beginPayment(auction: with.text("auction"), channel: channel)
        return ["code": some(code.code), "amount": code.amount]
    }

    private func live(_ auction: String) throws -> Answer {
        let live = try core.liveState(auction: auction)
        return [
            "button": live.button, "closed": some(live.closed), "amount": some(live.amount),
            "price": live.price, "round": live.round, "participants": live.participants,
            "connected": live.connected,
        ]
    }

    private func quote(_ auction: String) throws -> Answer {
        let quote = try core.quote(auction: auction)
        quoted = quote
        return ["amount": quote.amount, "first_offer": quote.firstOffer]
    }

    private func bid(_ result: BidResult) -> Answer {
        [
            "bid": result.bid, "state": snake("\(result.state)"), "code": some(result.code),
            "amount": some(result.receipt?.amount), "receipt": some(result.receipt?.text),
        ]
    }

    private func push(_ payload: String) async throws -> Answer {
        guard let shown = try await core.onPush(json: payload) else { return ["shown": false] }
        return [
            "shown": true, "kind": shown.kind, "auction": shown.auction, "body": shown.body,
            "urgent": shown.urgent,
        ]
    }

    private func result(_ auction: String) async throws -> Answer {
        let result = try await core.protocol(auction: auction)
        return [
            "number": result.number, "price": result.price, "participants": result.participants,
        ]
    }

    private func atOnce(_ with: With) async throws -> Answer {
        let (auction, count) = (try with.text("auction"), try with.number("count"))
        let core = self.core
        let answered = try await withThrowingTaskGroup(of: Void.self) { group in
            for position in 0..<count {
                group.addTask {
                    switch position % 3 {
                    case 0: _ = try await core.auction(id: auction)
                    case 1: _ = try await core.myAuctions()
                    default: _ = try core.draftStatus(auction: auction)
                    }
                }
            }
            return try await group.reduce(0) { count, _ in count + 1 }
        }
        return ["answered": answered]
    }

    private func cancelled(_ auction: String) async throws -> Answer {
        let core = self.core
        let call = Task {
            try await cancellable { try await core.auction(id: auction).number }
        }
        try await Task.sleep(nanoseconds: hangsNs)
        call.cancel()
        do {
            _ = try await call.value
            return ["cancelled": false]
        } catch is CancellationError {
            return ["cancelled": true]
        }
    }

    private func cancelledSync() async throws -> Answer {
        let cancel = Cancel()
        let began = DispatchTime.now()
        let call = Task { SyncAnswer(try await self.sync(syncBudgetMs, cancel)) }
        try await Task.sleep(nanoseconds: hangsNs)
        cancel.cancel()
        let report = try await call.value.fields
        let tookNs = DispatchTime.now().uptimeNanoseconds - began.uptimeNanoseconds
        return report.merging(["cancelled": tookNs >= hangsNs]) { _, new in new }
    }
}

private struct SyncAnswer: @unchecked Sendable {
    let fields: Answer

    init(_ fields: Answer) {
        self.fields = fields
    }
}

/// A value, or JSON's null.
private func some<T>(_ value: T?) -> Any {
    value.map { $0 as Any } ?? NSNull()
}
