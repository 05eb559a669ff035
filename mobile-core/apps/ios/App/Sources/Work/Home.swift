import Foundation
import TorukCore
import TorukKit
import UIKit

/// How long the app may take to fetch when it comes back, milliseconds; it is on the screen.
private let foregroundBudgetMs: UInt64 = 30_000

/// The process: one core, for screens and for work in the background alike.
@MainActor
final class Home {
    let core: Core
    let shown: ShownBidder
    let calls = Calls()
    let notices = Notices()
    let connectivity = Connectivity()
    let uploads = BackgroundUploads()
    let tasks: BackgroundTasks

    init(language: String) throws {
        _ = setLogger(level: .warn, logger: SystemLog())
        let keychain = Keychain(service: keychainService)
        let platform = Platform(
            secureStore: keychain, passkeys: AppPasskeys(), clock: PhoneClock(),
            entropy: systemEntropy(), transport: URLSessionTransport(),
            signer: EnclaveSigner(keychain: keychain), transfers: uploads,
            pictures: JpegPictures())
        let config = CoreConfig(
            serverUrl: try server(), dataDir: try folder().path, language: language)
        let core = try Core.open(config: config, platform: platform)
        self.core = core
        shown = ShownBidder(Bidder(core: core, heard: try core.events()))
        let notices = notices
        let turn = BackgroundTurn(
            core: core, inForeground: { await isOnScreen() },
            remind: { await notices.remind($0) })
        tasks = BackgroundTasks(turn: turn, connectivity: connectivity)
        uploads.finished = { try? await core.uploadFinished(id: $0) }
        uploads.start()
        connectivity.listen { online in
            Task { try await networkChanged(core, online: online) }
        }
    }

    /// The app is on the screen.
    func appeared() {
        let (core, online) = (core, connectivity.online)
        Task {
            try core.resume(online: online)
            _ = try await core.syncNow(
                reason: .foreground, budgetMs: foregroundBudgetMs, cancel: nil)
        }
    }

    /// The app has left the screen: the store is closed before the system suspends the process.
    func disappeared() {
        tasks.schedule()
        let core = core
        let application = UIApplication.shared
        let turn = application.beginBackgroundTask(expirationHandler: nil)
        Task {
            try? await core.suspend(budgetMs: BackgroundTurn.sleepBudgetMs)
            application.endBackgroundTask(turn)
        }
    }

    /// A push arrived while the app could be woken: shown when the server says that it is true.
    func pushed(hint: String) async {
        try? core.resume(online: connectivity.online)
        // One that can't be verified shows nothing.
        let found = try? await core.onPush(json: hint)
        if let notification = found ?? nil { await notices.show(notification) }
        if await !isOnScreen() { try? await core.suspend(budgetMs: BackgroundTurn.sleepBudgetMs) }
    }
}

@MainActor
private func isOnScreen() -> Bool { UIApplication.shared.applicationState != .background }

private func networkChanged(_ core: Core, online: Bool) async throws {
    // Asleep, the core stays offline: the system's turn wakes it.
    guard await isOnScreen() else { return }
    try core.setOnline(online: online)
    if online {
        _ = try await core.syncNow(reason: .connectivity, budgetMs: foregroundBudgetMs, cancel: nil)
    }
}

/// The core's folder, outside of backups: a store without its key is nothing, and a copied one
/// would be another phone under this one's name.
private func folder() throws -> URL {
    let support = try FileManager.default.url(
        for: .applicationSupportDirectory, in: .userDomainMask, appropriateFor: nil, create: true)
    var folder = support.appendingPathComponent("core", isDirectory: true)
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    var values = URLResourceValues()
    values.isExcludedFromBackup = true
    try folder.setResourceValues(values)
    return folder
}

/// `TorukServer` of Info.plist.
private func server() throws -> String {
    guard let server = Bundle.main.object(forInfoDictionaryKey: "TorukServer") as? String else {
        throw CoreError.Internal(detail: "Info.plist names no server")
    }
    return server
}
