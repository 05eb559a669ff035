import SwiftUI
import TorukKit

/// The waiting room and the live screen.
struct LiveView: View {
    let id: String
    @StateObject private var shown: Shown<LiveScreen, LiveModel>
    @EnvironmentObject private var speech: Speech
    @Environment(\.dismiss) private var dismiss

    init(_ bidder: Bidder, id: String) {
        self.id = id
        _shown = StateObject(wrappedValue: Shown(LiveModel(bidder, auction: id)))
    }

    var body: some View {
        let screen = shown.state
        Frame(shown: shown, title: screen.waitingRoom ? .screenWaitingRoom : .screenLive) {
            ForEach(screen.banners.indices, id: \.self) {
                Notice(phrases: screen.banners[$0].words, tone: screen.banners[$0].tone)
            }
            if let alert = screen.alert {
                Notice(phrases: [alert], tone: .warning) { shown.model.alertSeen() }
            }
            if let price = screen.price {
                Line(speech(price)).font(.largeTitle.monospacedDigit())
                    .accessibilityAddTraits(.updatesFrequently)
            }
            if let countdown = screen.countdown {
                LabeledContent(speech(countdown.label)) {
                    Line(speech(countdown.left)).font(.title.monospacedDigit())
                }
                .accessibilityAddTraits(.updatesFrequently)
            }
            ForEach(screen.facts.indices, id: \.self) { Sentence(screen.facts[$0]) }
            if !screen.waitingRoom && screen.ending == nil { Sentence(.restarts) }
            if let clock = screen.clock { Sentence(clock) }
            if let news = screen.news {
                Notice(phrases: news.words, tone: news.tone)
                if let receipt = news.receipt { Share(title: .receipt, text: receipt.text) }
            }
            if let face = screen.button { BidButton(face: face) { shown.model.raise() } }
            if screen.toConfirm { NavigationLink(speech(.signResult), value: Place.result(id)) }
            Act(.leave) { dismiss() }
            Sentence(.leaveNote)
        }
        .sheet(isPresented: confirms) { ConfirmView(shown: shown).environmentObject(speech) }
    }

    private var confirms: Binding<Bool> {
        Binding(get: { shown.state.sheet != nil }, set: { if !$0 { shown.model.dismiss() } })
    }
}

/// The one big button; what it says when it can't be tapped is said as its state, too.
private struct BidButton: View {
    let face: ButtonFace
    let tap: () -> Void
    @EnvironmentObject private var speech: Speech

    var body: some View {
        Button(action: tap) {
            SwiftUI.Label(speech(face.words), systemImage: face.sign.symbol)
                .frame(maxWidth: .infinity, minHeight: 60)
        }
        .buttonStyle(.borderedProminent)
        .disabled(!face.tappable)
        .accessibilityHint(face.tappable ? "" : speech(.buttonWait))
        .onChange(of: face.words) {
            UIAccessibility.post(notification: .announcement, argument: speech($0))
        }
    }
}

/// The sheet: the amount, what it means, «Ооба» and «Жок».
private struct ConfirmView: View {
    @ObservedObject var shown: Shown<LiveScreen, LiveModel>
    @EnvironmentObject private var speech: Speech

    var body: some View {
        VStack(spacing: 16) {
            if let sheet = shown.state.sheet {
                Line(speech(.confirmTitle)).font(.headline).accessibilityAddTraits(.isHeader)
                Line(speech(sheet.amount)).font(.largeTitle.monospacedDigit())
                Sentence(sheet.moved ? .confirmMoved : .confirmBinding, sheet.moved ? .warning : .calm)
                if sheet.moved { Act(.lookAgain) { shown.model.raise() } }
                Act(.yes, prominent: true) { shown.model.confirm() }.disabled(sheet.moved)
                Act(.no) { shown.model.dismiss() }
            }
        }
        .padding()
        .presentationDetents([.medium, .large])
    }
}
