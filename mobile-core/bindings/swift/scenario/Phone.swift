import Foundation
import TorukCore
#if canImport(FoundationNetworking)
    import FoundationNetworking
#endif

/// What a phone's platform gives the core, made for tests: a file is no keychain.
final class FileSecrets: SecureStore {
    private let folder: URL
    private let fails: Bool

    init(_ folder: URL, fails: Bool) throws {
        self.folder = folder
        self.fails = fails
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    }

    func get(name: String) throws -> Data? {
        if fails { throw AppBug() }
        let file = self.file(name)
        return FileManager.default.fileExists(atPath: file.path) ? try Data(contentsOf: file) : nil
    }

    func set(name: String, value: Data) throws {
        // Renamed, so that a killed process leaves the old one or the new one.
        try value.write(to: file(name), options: .atomic)
    }

    private func file(_ name: String) -> URL {
        folder.appendingPathComponent(name.utf8.map { String(format: "%02x", $0) }.joined())
    }
}

/// A mistake of the app's, of a kind the core knows nothing of.
struct AppBug: Error, CustomStringConvertible {
    let description = "a bug in the app"
}

/// The host's software passkey, and whatever can go wrong at a sensor.
final class Finger: Passkeys, @unchecked Sendable {
    /// What happens at the next touch: `cancels`, `fails`, `throws`, or nothing of it. Set while nobody
    /// touches.
    var mood: String?
    private let desk: Desk

    init(_ desk: Desk) {
        self.desk = desk
    }

    func create(optionsJson: String) async throws -> String {
        try await ceremony("register", optionsJson)
    }

    func assert(optionsJson: String) async throws -> String {
        try await ceremony("assert", optionsJson)
    }

    private func ceremony(_ kind: String, _ options: String) async throws -> String {
        let now = mood
        mood = nil
        switch now {
        case "cancels": throw PlatformError.Cancelled
        case "fails": throw PlatformError.Failed(reason: "no sensor")
        case "throws": throw AppBug()
        default: break
        }
        let (status, answer) = try await desk.post("/passkey/\(kind)", Data(options.utf8))
        let text = String(decoding: answer, as: UTF8.self)
        guard status == 200 else { throw PlatformError.Failed(reason: text) }
        return text
    }
}

/// The host's certificate, and whatever can go wrong at a token.
final class Token: CertificateSigner, @unchecked Sendable {
    /// What happens at the next signature: `absent`, `cancels`, `fails`, `throws`, or nothing of it.
    var mood: String?
    private let desk: Desk

    init(_ desk: Desk) {
        self.desk = desk
    }

    func sign(request: SigningRequest) async throws -> Data {
        let now = mood
        mood = nil
        switch now {
        case "absent": throw SignerError.Unavailable
        case "cancels": throw SignerError.Cancelled
        case "fails": throw SignerError.Failed(reason: "no battery")
        case "throws": throw AppBug()
        default: break
        }
        let (status, answer) = try await desk.post("/certificate/sign", request.content)
        guard status == 200 else { throw SignerError.Failed(reason: "status \(status)") }
        return answer
    }
}

/// The machine's clocks, and the hours the phone has slept, which the host writes down: a phone's
/// monotonic clock goes on in its sleep.
final class PhoneClock: TorukCore.Clock {
    private let sleptFile: URL

    init(_ sleptFile: URL) {
        self.sleptFile = sleptFile
    }

    func monotonicUs() -> Int64 {
        Int64(DispatchTime.now().uptimeNanoseconds / 1_000) + sleptUs()
    }

    func wallUs() -> Int64 {
        Int64(Date().timeIntervalSince1970 * 1_000_000) + sleptUs()
    }

    private func sleptUs() -> Int64 {
        let text = try? String(contentsOf: sleptFile, encoding: .utf8)
        guard let slept = text.flatMap(Int64.init) else { preconditionFailure("no \(sleptFile.path)") }
        return slept
    }
}

/// The platform's transport, and what an app can get wrong in its own.
final class BreakableTransport: Transport, @unchecked Sendable {
    /// Whether it throws what it should not. Set while nothing is asked.
    var broken = false
    private let whole = URLSessionTransport()

    func send(request: HttpRequest) async throws -> HttpResponse {
        if broken { throw AppBug() }
        return try await whole.send(request: request)
    }
}

/// The system's background uploads, as a list: the host carries them out.
final class Transfers: BackgroundTransfers, @unchecked Sendable {
    private let lock = NSLock()
    private var waiting: [UploadJob] = []

    var jobs: [UploadJob] {
        lock.lock()
        defer { lock.unlock() }
        return waiting
    }

    func enqueue(job: UploadJob) throws {
        lock.lock()
        defer { lock.unlock() }
        waiting.append(job)
    }

    func cancel(id: String) {
        lock.lock()
        defer { lock.unlock() }
        waiting.removeAll { $0.id == id }
    }
}

/// What the core tells engineers, kept.
final class Log: Logger, @unchecked Sendable {
    private let lock = NSLock()
    private var lines: [String] = []

    func log(level: LogLevel, target: String, message: String) {
        lock.lock()
        defer { lock.unlock() }
        lines.append("\(level) \(target) \(message)")
    }

    func count(_ part: String) -> Int {
        lock.lock()
        defer { lock.unlock() }
        return lines.filter { $0.contains(part) }.count
    }
}

/// A listener that calls the core from within. It can't throw: Swift does not let it.
final class ReentrantEar: Observer {
    private let core: Core
    private let heard: Heard

    init(_ core: Core, _ heard: Heard) {
        (self.core, self.heard) = (core, heard)
    }

    func onEvent(event: CoreEvent) {
        _ = core.overview()
        Task { await heard.hear(event) }
    }
}

/// Counts each kind of event, and numbers that were missing.
actor Heard {
    private var last: UInt64?
    private var counts: [String: Int] = [:]
    private var gaps = 0

    func hear(_ event: CoreEvent) {
        let kind = snake("\(event.what)")
        // A listener begins with a snapshot, at any number.
        if kind != "snapshot", last.map({ $0 + 1 }) != event.number { gaps += 1 }
        last = event.number
        counts[kind, default: 0] += 1
    }

    /// How often, and how many gaps there were in all.
    func tell(_ kind: String) -> [String: Any] {
        let count = kind == "any" ? counts.values.reduce(0, +) : counts[kind, default: 0]
        return ["count": count, "gaps": gaps]
    }
}

/// A case's name as the scenario has it: `youLead(…)` is `you_lead`.
func snake(_ name: String) -> String {
    name.prefix { $0 != "(" }.map { $0.isUppercase ? "_\($0.lowercased())" : "\($0)" }.joined()
}

/// The host's desk.
final class Desk: Sendable {
    private let base: String
    private let session: URLSession

    init(_ base: String) {
        self.base = base
        let configuration = URLSessionConfiguration.ephemeral
        // The host may take a while between two steps; it kills a runner that is not needed.
        configuration.timeoutIntervalForRequest = 600
        session = URLSession(configuration: configuration)
    }

    func post(_ path: String, _ body: Data) async throws -> (Int, Data) {
        guard let url = URL(string: base + path) else { preconditionFailure("no desk at \(base)") }
        var request = URLRequest(url: url)
        request.httpMethod = "POST"
        request.httpBody = body
        request.setValue("application/json", forHTTPHeaderField: "content-type")
        let (answer, response) = try await session.data(for: request)
        return ((response as? HTTPURLResponse)?.statusCode ?? 0, answer)
    }
}
