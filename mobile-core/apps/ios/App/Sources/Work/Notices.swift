import TorukCore
import TorukKit
import UserNotifications

private let reminderPrefix = "reminder/"
private let microsInSecond = 1_000_000.0

/// The system's notifications.
struct Notices: Sendable {
    private var center: UNUserNotificationCenter { .current() }

    /// Asks the person; only after somebody was let in.
    func ask() async {
        _ = try? await center.requestAuthorization(options: [.alert, .sound, .badge])
    }

    /// What a locked screen shows in place of a notification's text.
    func hidePreviews(as words: String) {
        center.setNotificationCategories([
            UNNotificationCategory(
                identifier: auctionCategory, actions: [], intentIdentifiers: [],
                hiddenPreviewsBodyPlaceholder: words, options: [])
        ])
    }

    /// Shows what the core found still true; the newest of an auction replaces the former.
    func show(_ notification: TorukCore.Notification) async {
        let content = UNMutableNotificationContent()
        content.title = notification.title
        content.body = notification.body
        content.categoryIdentifier = auctionCategory
        content.threadIdentifier = notification.auction
        content.userInfo = [auctionKey: notification.auction]
        content.interruptionLevel = level(importance(notification.kind))
        if notification.urgent { content.sound = .default }
        await add(UNNotificationRequest(
            identifier: notification.auction, content: content, trigger: nil))
    }

    /// Schedules these reminders, and none of the former ones.
    func remind(_ reminders: [LocalReminder]) async {
        let scheduled = await center.pendingNotificationRequests().map(\.identifier)
        center.removePendingNotificationRequests(
            withIdentifiers: scheduled.filter { $0.hasPrefix(reminderPrefix) })
        for reminder in reminders {
            guard let wait = reminder.inUs, wait > 0 else { continue }
            let content = UNMutableNotificationContent()
            content.title = reminder.title
            content.body = reminder.body
            content.categoryIdentifier = auctionCategory
            content.userInfo = [auctionKey: reminder.auction]
            let trigger = UNTimeIntervalNotificationTrigger(
                timeInterval: Double(wait) / microsInSecond, repeats: false)
            await add(UNNotificationRequest(
                identifier: reminderPrefix + reminder.id, content: content, trigger: trigger))
        }
    }

    private func add(_ request: UNNotificationRequest) async {
        // Without the person's permission there is nothing to show, and nothing is lost.
        try? await center.add(request)
    }
}

/// Apple's level for an importance.
func level(_ importance: Importance) -> UNNotificationInterruptionLevel {
    switch importance {
    case .timeSensitive: .timeSensitive
    case .active: .active
    case .passive: .passive
    }
}
