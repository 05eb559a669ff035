import UserNotifications

/// Dresses an urgent push in the person's words, when it comes, without a connection.
///
/// It does not open the core: two processes must not write one store, and an extension that holds a
/// lock when it is suspended is killed. What it shows is a hint; the app asks the server when it is
/// opened.
final class PushService: UNNotificationServiceExtension {
    private var deliver: ((UNNotificationContent) -> Void)?
    private var content: UNMutableNotificationContent?

    override func didReceive(
        _ request: UNNotificationRequest,
        withContentHandler deliver: @escaping (UNNotificationContent) -> Void
    ) {
        self.deliver = deliver
        let content = request.content.mutableCopy() as? UNMutableNotificationContent
        self.content = content
        guard let content, let hint = Hint(request.content.userInfo) else {
            return deliver(request.content)
        }
        let key = "notification_\(hint.kind)"
        let words = Bundle.main.localizedString(forKey: key, value: nil, table: nil)
        // A kind of a later server has no words here: the push's own stay.
        if words != key { content.body = words }
        content.threadIdentifier = hint.auction
        content.userInfo["auction"] = hint.auction
        content.interruptionLevel = .timeSensitive
        content.sound = .default
        deliver(content)
    }

    override func serviceExtensionTimeWillExpire() {
        if let content { deliver?(content) }
    }
}

/// What a push carries.
private struct Hint: Decodable {
    let kind: String
    let auction: String

    init?(_ info: [AnyHashable: Any]) {
        guard let json = info["hint"] as? String,
            let hint = try? JSONDecoder().decode(Hint.self, from: Data(json.utf8))
        else { return nil }
        self = hint
    }
}
