import SwiftUI
import TorukCore
import TorukKit

/// An auction's screens, above the tabs.
enum Place: Hashable {
    case auction(String)
    case application(String)
    case deposit(String)
    case live(String)
    case result(String)
}

/// The whole app: five tabs, each with its own way in.
struct AppView: View {
    @ObservedObject var shown: ShownBidder
    @ObservedObject var calls: Calls
    let ask: () -> Void
    @StateObject private var catalogue: Shown<CatalogueScreen, CatalogueModel>
    @EnvironmentObject private var speech: Speech

    init(_ shown: ShownBidder, calls: Calls, ask: @escaping () -> Void) {
        self.shown = shown
        self.calls = calls
        self.ask = ask
        _catalogue = StateObject(wrappedValue: Shown(CatalogueModel(shown.bidder)))
    }

    var body: some View {
        TabView {
            tab(.screenCatalogue, "list.bullet", way: $calls.way) {
                CatalogueView(shown: catalogue, onlyMine: false)
            }
            tab(.screenMine, "star") { signedIn { CatalogueView(shown: catalogue, onlyMine: true) } }
            tab(.screenNotifications, "bell") { signedIn { NewsView(shown.bidder, ask: ask) } }
            tab(.screenSync, "arrow.up.arrow.down") { signedIn { SyncView(shown.bidder) } }
            tab(.screenSettings, "gear") { SettingsView(shown.bidder) }
        }
        .alert(speech(alarm), isPresented: alarmed) {
            Button(speech(.ok)) { shown.bidder.alarmSeen() }
        }
    }

    private var alarm: TorukKit.Text {
        switch shown.bidder.alarm {
        case .erased: .erased
        case .storeRepaired: .storeRepaired
        default: .deviceCopied
        }
    }

    private var alarmed: Binding<Bool> {
        Binding(get: { shown.bidder.alarm != nil }, set: { _ in shown.bidder.alarmSeen() })
    }

    /// Without a session everything can be read; the rest begins with signing in.
    @ViewBuilder
    private func signedIn(@ViewBuilder _ content: () -> some View) -> some View {
        if shown.bidder.overview.signedIn { content() } else { SignInView(shown.bidder) }
    }

    private func tab(
        _ title: TorukKit.Text, _ symbol: String, way: Binding<[Place]>? = nil,
        @ViewBuilder content: () -> some View
    ) -> some View {
        Tab(way: way) { content() } destination: { view(of: $0) }
            .tabItem { SwiftUI.Label(speech(title), systemImage: symbol) }
    }

    @ViewBuilder
    private func view(of place: Place) -> some View {
        switch place {
        case .auction(let id): AuctionView(shown.bidder, id: id)
        case .application(let id): signedIn { ApplicationView(shown.bidder, id: id) }
        case .deposit(let id): signedIn { DepositView(shown.bidder, id: id) }
        case .live(let id): LiveView(shown.bidder, id: id)
        case .result(let id): signedIn { ResultView(shown.bidder, id: id) }
        }
    }
}

/// One tab with its way in; a notification opens the first one's from outside.
private struct Tab<Content: View, Destination: View>: View {
    var way: Binding<[Place]>?
    @ViewBuilder let content: () -> Content
    @ViewBuilder let destination: (Place) -> Destination
    @State private var own: [Place] = []

    var body: some View {
        NavigationStack(path: way ?? $own) {
            content().navigationDestination(for: Place.self, destination: destination)
        }
    }
}

/// What a notification asks to be opened.
@MainActor
final class Calls: ObservableObject {
    @Published var way: [Place] = []

    func open(auction: String) { way = [.auction(auction)] }
}
