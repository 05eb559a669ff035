import SwiftUI
import TorukKit

/// Language, the catalogue, the person's phones, leaving.
struct SettingsView: View {
    @StateObject private var shown: Shown<SettingsScreen, SettingsModel>
    @State private var erases = false
    @EnvironmentObject private var speech: Speech

    private let bidder: Bidder

    init(_ bidder: Bidder) {
        self.bidder = bidder
        _shown = StateObject(wrappedValue: Shown(SettingsModel(bidder)))
    }

    var body: some View {
        Frame(shown: shown, title: .screenSettings) {
            Picker(speech(.language), selection: spoken) {
                ForEach(languages, id: \.self) { language in
                    if let name = TorukKit.Text(rawValue: "language_\(language)") {
                        Line(speech(name)).tag(language)
                    }
                }
            }
            Act(.keepCatalogue) { shown.model.keepCatalogue(true) }
            if let account = shown.state.account {
                Sentence(Phrase(.signedInAs, "name", account.name))
                DevicesView(bidder)
                Act(.signOut) { shown.model.signOut() }
                Section(speech(.logout)) {
                    Act(.logoutSync) { shown.model.logout(.syncNow) }
                    Act(.logoutKeep) { shown.model.logout(.keepLocked) }
                    Act(.logoutDiscard) { erases = true }
                }
            }
        }
        .confirmationDialog(
            speech(.logoutDiscardSure), isPresented: $erases, titleVisibility: .visible
        ) {
            Button(speech(.yes), role: .destructive) { shown.model.logout(.discard) }
            Button(speech(.no), role: .cancel) {}
        }
    }

    private var spoken: Binding<String> {
        Binding(get: { speech.language }, set: { speech.speak($0) })
    }
}
