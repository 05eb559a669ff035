import SwiftUI
import TorukKit

/// Signing in and registering.
struct SignInView: View {
    @StateObject private var shown: Shown<AccountScreen, AccountModel>
    @State private var name = ""
    @EnvironmentObject private var speech: Speech

    init(_ bidder: Bidder) {
        _shown = StateObject(wrappedValue: Shown(AccountModel(bidder)))
    }

    var body: some View {
        Frame(shown: shown, title: .appName) {
            if shown.state.sessionEnded {
                Notice(phrases: [Phrase(.sessionEnded)], tone: .warning)
            }
            Act(.signIn, prominent: true) { shown.model.signIn() }
            if shown.state.account == nil {
                if !shown.state.accounts.isEmpty {
                    Section(speech(.accountsHere)) {
                        ForEach(shown.state.accounts, id: \.person) { account in
                            Button(account.name) { shown.model.signInAs(person: account.person) }
                        }
                    }
                }
                Section(speech(.register)) {
                    TextField(speech(.yourName), text: $name).textContentType(.name)
                    Act(.register) { shown.model.register(name: name) }
                        .disabled(name.trimmingCharacters(in: .whitespaces).isEmpty)
                }
            }
        }
    }
}
