import SwiftUI
import TorukCore
import TorukKit

/// The person's language.
final class Speech: ObservableObject {
    private static let key = "language"

    /// `ky`, `ru` or `en`: what the person chose; before that the phone's, where the app speaks it.
    @Published private(set) var language: String
    private var bundle: Bundle

    init() {
        let chosen = UserDefaults.standard.string(forKey: Self.key)
        let preferred = Bundle.preferredLocalizations(from: languages).first
        language = chosen ?? preferred ?? languages[0]
        bundle = .main
        bundle = Self.texts(language)
    }

    /// Speaks another language from now on; the core's own texts follow at the next start.
    func speak(_ language: String) {
        UserDefaults.standard.set(language, forKey: Self.key)
        bundle = Self.texts(language)
        self.language = language
    }

    func callAsFunction(_ text: TorukKit.Text) -> String {
        bundle.localizedString(forKey: text.rawValue, value: nil, table: nil)
    }

    func callAsFunction(_ phrase: Phrase) -> String { phrase.inWords { self($0) } }
    func callAsFunction(_ label: TorukCore.Label) -> String { label.inLanguage(language) }

    func callAsFunction(_ phrases: [Phrase]) -> String {
        phrases.map { self($0) }.joined(separator: " · ")
    }

    private static func texts(_ language: String) -> Bundle {
        let path = Bundle.main.path(forResource: language, ofType: "lproj")
        return path.flatMap(Bundle.init(path:)) ?? .main
    }
}

/// A model as SwiftUI watches it.
@MainActor
final class Shown<S: Sendable, Model: ScreenModel<S>>: ObservableObject {
    let model: Model

    init(_ model: Model) {
        self.model = model
        model.changed = { [weak self] in self?.objectWillChange.send() }
    }

    var state: S { model.state }

    // A screen under another one still listens; it is left when it is gone.
    deinit {
        let model = model
        Task { @MainActor in model.leave() }
    }
}

/// The bidder as SwiftUI watches it.
@MainActor
final class ShownBidder: ObservableObject {
    let bidder: Bidder

    init(_ bidder: Bidder) {
        self.bidder = bidder
        bidder.changed = { [weak self] in self?.objectWillChange.send() }
    }
}

extension Tone {
    /// A tone's colour; the words and the sign say the same.
    var colour: Color {
        switch self {
        case .calm: .primary
        case .good: .green
        case .warning: .orange
        case .action: .accentColor
        }
    }
}

extension Sign {
    /// SF Symbols' name of the sign.
    var symbol: String {
        switch self {
        case .clock: "clock"
        case .stopped: "stop.fill"
        case .offline: "wifi.slash"
        case .busy: "ellipsis"
        case .leader: "star.fill"
        case .raise: "arrow.up"
        case .warning: "exclamationmark.triangle.fill"
        case .done: "checkmark"
        }
    }
}
