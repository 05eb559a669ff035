import Foundation
import TorukCore
import TorukKit

/// The models over the real core and its generated bindings; no server is there.
@MainActor
func modelTests() async {
    await test("a phone that never had a connection says so instead of an empty catalogue") {
        try await withCore { core in
            let model = CatalogueModel(Bidder(core: core, heard: try core.events()))
            await model.refresh().value
            equal(model.failure?.text, .errorOffline)
            check(!model.state.loaded, "it says that there is nothing")
            model.failureSeen()
            check(model.failure == nil, "the failure stays")
        }
    }
    await test("registering without a connection is told in words, and the phone stays nobody's") {
        try await withCore { core in
            let model = AccountModel(Bidder(core: core, heard: try core.events()))
            await model.register(name: "Aida").value
            equal(model.failure?.text, .errorOffline)
            check(model.state.account == nil, "it is somebody's")
        }
    }
    await test("the core's first event is how everything is, and the sync status follows it") {
        try await withCore { core in
            let model = SyncModel(Bidder(core: core, heard: try core.events()))
            await until(model) { !$0.standing.isEmpty }
            check(model.state.idle, "something waits")
            await model.syncNow().value
            equal(model.state.standing.map(\.text), [.syncSignedOut, .nothingWaits])
        }
    }
    await test("a phone is shown by its name or its kind, and this one and an ended one say so") {
        var device = DeviceInfo(
            id: "a", name: nil, platform: "ios", createdAt: 0, seenAt: nil, isThis: true,
            isRevoked: false)
        let own = shownDevice(device)
        equal(own.name.text, .deviceOfIos)
        equal(own.facts.map(\.text), [.deviceThis, .deviceAdded])
        device.name = "Планшет"
        device.seenAt = 1
        device.isThis = false
        device.isRevoked = true
        let lost = shownDevice(device)
        equal(lost.name.text, .deviceNamed)
        equal(lost.facts.map(\.text), [.deviceEnded, .deviceAdded, .deviceSeen])
    }
    await test("work in the background resumes, sends, reminds and goes back to sleep") {
        try await withCore { core in
            let asleep = BackgroundTurn(core: core, inForeground: { false }, remind: { _ in })
            try await asleep.run(.periodic, online: true, budgetMs: 1_000, cancel: nil)
            check(!core.overview().online, "a sleeping core is offline")
            let awake = BackgroundTurn(core: core, inForeground: { true }, remind: { _ in })
            try await awake.run(.push, online: true, budgetMs: 1_000, cancel: nil)
            check(core.overview().online, "a core on the screen stays awake")
        }
    }
    await bidTests()
}

@MainActor
private func bidTests() async {
    await test("a tap shows the amount, «Жок» sends nothing, «Ооба» sends what was shown, once") {
        let table = Table(noHandle: .init())
        let model = LiveModel(Bidder(core: table, heard: silence()), auction: "a")
        await until(model) { $0.button?.tappable == true }
        await model.raise().value
        equal(model.state.sheet?.quote.amount, 105)
        model.dismiss()
        await model.confirm().value
        equal(table.placed, [])
        await model.raise().value
        await model.confirm().value
        equal(table.placed, [105])
        check(model.state.sheet == nil, "the sheet stays")
        equal(model.state.news?.words.first?.text, .bidAccepted)
        model.leave()
    }
    await test("«Ооба» on a price that moved on sends nothing until the new price was read") {
        let table = Table(noHandle: .init())
        let model = LiveModel(Bidder(core: table, heard: silence()), auction: "a")
        await until(model) { $0.button?.tappable == true }
        await model.raise().value
        table.amount = 110
        await until(model) { $0.sheet?.moved == true }
        await model.confirm().value
        equal(table.placed, [])
        await model.raise().value
        await model.confirm().value
        equal(table.placed, [110])
        model.leave()
    }
    await test("a lost lead is an alert until OK, and a bid that was unknown is told when known") {
        let (heard, says) = AsyncStream.makeStream(of: CoreEvent.self)
        let model = LiveModel(
            Bidder(core: Table(noHandle: .init()), heard: heard), auction: "a")
        await until(model) { $0.live != nil }
        says.yield(CoreEvent(number: 1, auction: "a", what: .outbid))
        await until(model) { $0.alert != nil }
        equal(model.state.alert?.text, .outbidAlert)
        model.alertSeen()
        says.yield(CoreEvent(number: 2, auction: "a", what: .bidSettled(bid: "b")))
        await until(model) { $0.news != nil }
        equal(model.state.news?.words.first?.text, .bidAccepted)
        check(model.state.alert == nil, "the alert stays")
        model.leave()
    }
}

/// Waits until the screen shows it.
@MainActor
private func until<S>(_ model: ScreenModel<S>, _ holds: @escaping (S) -> Bool) async {
    let deadline = ContinuousClock.now + patience
    while !holds(model.state) {
        guard ContinuousClock.now < deadline else { return check(false, "it never came") }
        await Task.yield()
    }
}

private func silence() -> AsyncStream<CoreEvent> { AsyncStream { _ in } }

/// A core in a folder of its own, with no way to any server.
@MainActor
private func withCore(_ play: @MainActor (Core) async throws -> Void) async throws {
    let folder = FileManager.default.temporaryDirectory.appendingPathComponent(UUID().uuidString)
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(at: folder) }
    let platform = Platform(
        secureStore: Keep(), passkeys: NoPasskeys(), clock: Clocks(), entropy: systemEntropy(),
        transport: NoNetwork())
    let config = CoreConfig(
        serverUrl: "https://toruk.invalid", dataDir: folder.path, language: "ky")
    let core = try Core.open(config: config, platform: platform)
    defer { core.close() }
    try await play(core)
}

/// A core that only knows an auction "a" in which this person can raise.
private final class Table: Core, @unchecked Sendable {
    private let lock = NSLock()
    private var offered: Int64 = 105
    private var sent: [Int64] = []

    var amount: Int64 {
        get { lock.withLock { offered } }
        set { lock.withLock { offered = newValue } }
    }
    var placed: [Int64] { lock.withLock { sent } }

    override func overview() -> Overview {
        Overview(
            person: nil, signedIn: false, online: true, connected: true, watched: [], waiting: 0,
            filesWaiting: 0, outcomes: 0, attention: 0)
    }
    override func watch(auction: String) throws {}
    override func unwatch(auction: String) throws {}
    override func liveState(auction: String) throws -> LiveState {
        live("can_raise", amount: amount)
    }
    override func quote(auction: String) throws -> Quote { TorukKitChecks.quote(amount) }
    override func bidStatus(bid: String) async throws -> BidResult { accepted }
    override func placeBid(quote: Quote) async throws -> BidResult {
        lock.withLock { sent.append(quote.amount) }
        return accepted
    }

    private let accepted = BidResult(
        bid: "b", state: .accepted, code: nil, params: [:], receipt: nil)
}

private final class Keep: SecureStore, @unchecked Sendable {
    private let lock = NSLock()
    private var kept: [String: Data] = [:]

    func get(name: String) throws -> Data? { lock.withLock { kept[name] } }
    func set(name: String, value: Data) throws { lock.withLock { kept[name] = value } }
}

private final class NoPasskeys: Passkeys {
    func create(optionsJson: String) async throws -> String { throw PlatformError.Cancelled }
    func assert(optionsJson: String) async throws -> String { throw PlatformError.Cancelled }
}

private final class Clocks: Clock {
    func monotonicUs() -> Int64 { Int64(ProcessInfo.processInfo.systemUptime * 1_000_000) }
    func wallUs() -> Int64 { Int64(Date().timeIntervalSince1970 * 1_000_000) }
}

private final class NoNetwork: Transport {
    func send(request: HttpRequest) async throws -> HttpResponse {
        throw TransportError.NotSent(reason: "no network here")
    }
}
