import Foundation
import TorukCore
import UserNotifications

/// Asks the server whether an urgent push is true, and only then says what it says.
///
/// It does not open the core: two processes must not write one store, and an extension that holds a
/// lock when it is suspended is killed. `verifyPush` needs the session's token alone, which the
/// Keychain gives both. Whatever is not confirmed keeps the push's own words, which claim nothing.
final class PushService: UNNotificationServiceExtension {
    private var deliver: ((UNNotificationContent) -> Void)?
    private var content: UNNotificationContent?
    private var asking: Task<Void, Never>?

    override func didReceive(
        _ request: UNNotificationRequest,
        withContentHandler deliver: @escaping (UNNotificationContent) -> Void
    ) {
        self.deliver = deliver
        content = request.content
        guard let content = request.content.mutableCopy() as? UNMutableNotificationContent,
            let hint = request.content.userInfo["hint"] as? String
        else { return finish(request.content) }
        content.categoryIdentifier = auctionCategory
        self.content = content
        asking = Task { @MainActor in
            if let found = await verified(hint) { show(found, in: content) }
            finish(content)
        }
    }

    override func serviceExtensionTimeWillExpire() {
        asking?.cancel()
        if let content { finish(content) }
    }

    private func show(_ found: TorukCore.Notification, in content: UNMutableNotificationContent) {
        content.title = found.title
        content.body = found.body
        content.threadIdentifier = found.auction
        content.userInfo[auctionKey] = found.auction
        if found.urgent {
            content.interruptionLevel = .timeSensitive
            content.sound = .default
        }
    }

    /// The system takes one answer.
    private func finish(_ content: UNNotificationContent) {
        deliver?(content)
        deliver = nil
    }
}

/// The notification, if the server confirms the hint; none for any reason otherwise.
private func verified(_ hint: String) async -> TorukCore.Notification? {
    guard let server = Bundle.main.object(forInfoDictionaryKey: "TorukServer") as? String else {
        return nil
    }
    let found = try? await verifyPush(
        serverUrl: server, language: Bundle.main.preferredLocalizations.first ?? "ky", json: hint,
        secureStore: Keychain(service: keychainService), transport: URLSessionTransport())
    return found ?? nil
}
