import SwiftUI
import TorukCore
import TorukKit
import UserNotifications
#if canImport(FirebaseMessaging)
    import FirebaseCore
    import FirebaseMessaging
#endif

@main
struct TorukApp: App {
    @UIApplicationDelegateAdaptor(Delegate.self) private var delegate
    @StateObject private var speech = Speech()
    @Environment(\.scenePhase) private var phase

    var body: some Scene {
        WindowGroup {
            if let home = delegate.home {
                AppView(home.shown, calls: home.calls) { ask(home) }
                    .environmentObject(speech)
                    .environment(\.locale, Locale(identifier: speech.language))
                    // The system photographs the app when it leaves the screen.
                    .overlay { if phase != .active { Cover() } }
            } else {
                SwiftUI.Text(speech(.errorInternal))
            }
        }
        .onChange(of: phase) { phase in
            switch phase {
            case .active: delegate.home?.appeared()
            case .background: delegate.home?.disappeared()
            default: break
            }
        }
    }

    private func ask(_ home: Home) {
        Task {
            await home.notices.ask()
            UIApplication.shared.registerForRemoteNotifications()
        }
    }
}

/// Stands over the screen while the app is not in use: what is in the app switcher, and in the
/// system's picture of the app, has no ПИН, account or code.
private struct Cover: View {
    var body: some View {
        Color(uiColor: .systemBackground)
            .overlay { Image(systemName: "lock.fill").font(.largeTitle).accessibilityHidden(true) }
            .ignoresSafeArea()
    }
}

/// The system's side of the app's life.
final class Delegate: NSObject, UIApplicationDelegate, UNUserNotificationCenterDelegate {
    private(set) var home: Home?

    func application(
        _ application: UIApplication,
        didFinishLaunchingWithOptions options: [UIApplication.LaunchOptionsKey: Any]? = nil
    ) -> Bool {
        // Whatever fails here is said on the screen; the next start tries again.
        home = try? Home(language: Speech().language)
        home?.tasks.register()
        home?.notices.hidePreviews(as: Speech()(.pushNotice))
        UNUserNotificationCenter.current().delegate = self
        startPushes()
        return true
    }

    func application(
        _ application: UIApplication,
        handleEventsForBackgroundURLSession identifier: String,
        completionHandler: @escaping () -> Void
    ) {
        home?.uploads.told = { completionHandler() }
    }

    func application(
        _ application: UIApplication, didReceiveRemoteNotification message: [AnyHashable: Any]
    ) async -> UIBackgroundFetchResult {
        guard let home, let hint = message["hint"] as? String else { return .noData }
        await home.pushed(hint: hint)
        return .newData
    }

    func userNotificationCenter(
        _ center: UNUserNotificationCenter, willPresent notification: UNNotification
    ) async -> UNNotificationPresentationOptions {
        [.banner, .sound]
    }

    func userNotificationCenter(
        _ center: UNUserNotificationCenter, didReceive response: UNNotificationResponse
    ) async {
        let info = response.notification.request.content.userInfo
        guard let auction = info[auctionKey] as? String else { return }
        await MainActor.run { home?.calls.open(auction: auction) }
    }
}

#if canImport(FirebaseMessaging)
    extension Delegate: MessagingDelegate {
        /// Pushes go through Firebase; its project's file is the deployer's.
        private func startPushes() {
            let file = Bundle.main.path(forResource: "GoogleService-Info", ofType: "plist")
            guard file != nil else { return }
            FirebaseApp.configure()
            Messaging.messaging().delegate = self
        }

        func messaging(_ messaging: Messaging, didReceiveRegistrationToken token: String?) {
            guard let core = home?.core else { return }
            // Without a session it is told again after the next start.
            Task { try? await core.registerPush(token: token) }
        }
    }
#else
    extension Delegate {
        /// Without Firebase's package there are no pushes; everything else works.
        private func startPushes() {}
    }
#endif
