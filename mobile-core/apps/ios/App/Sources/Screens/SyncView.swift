import SwiftUI
import TorukKit

/// What waits, and what was refused.
struct SyncView: View {
    @StateObject private var shown: Shown<SyncScreen, SyncModel>
    @EnvironmentObject private var speech: Speech

    init(_ bidder: Bidder) {
        _shown = StateObject(wrappedValue: Shown(SyncModel(bidder)))
    }

    var body: some View {
        let screen = shown.state
        Frame(shown: shown, title: .screenSync) {
            if !screen.repairs.isEmpty {
                Notice(phrases: screen.repairs, tone: .warning) { shown.model.repairsSeen() }
            }
            ForEach(screen.standing.indices, id: \.self) {
                Sentence(screen.standing[$0], screen.idle ? .calm : .warning)
            }
            Act(.syncNow, prominent: true) { shown.model.syncNow() }
            if !screen.attention.isEmpty {
                Section(speech(.screenAttention)) {
                    ForEach(screen.attention) { RefusalView(refusal: $0, model: shown.model) }
                }
            }
        }
    }
}

private struct RefusalView: View {
    let refusal: Refusal
    let model: SyncModel

    var body: some View {
        Notice(phrases: refusal.words, tone: .warning)
        ForEach(refusal.item.actions, id: \.self) { action in
            if let text = TorukKit.Text(rawValue: "action_\(action)") {
                Act(text) { model.attend(id: refusal.id, action: action) }
            }
        }
    }
}
