import SwiftUI
import TorukKit

/// The result, for the winner to read and sign.
struct ResultView: View {
    @StateObject private var shown: Shown<ResultScreen, ResultModel>
    @State private var refuses = false
    @EnvironmentObject private var speech: Speech

    init(_ bidder: Bidder, id: String) {
        _shown = StateObject(wrappedValue: Shown(ResultModel(bidder, auction: id)))
    }

    var body: some View {
        let screen = shown.state
        Frame(shown: shown, title: .screenResult) {
            if let result = screen.result {
                Line(result.number)
                ForEach(screen.lines.indices, id: \.self) { Sentence(screen.lines[$0]) }
                if screen.signed {
                    Notice(phrases: [Phrase(.resultSigned)], tone: .good)
                } else if screen.refused {
                    Notice(phrases: [Phrase(.resultRefused)], tone: .warning)
                } else {
                    Act(.signResult, prominent: true) { shown.model.confirm() }
                    Act(.refuseResult) { refuses = true }
                }
            }
        }
        .task { await shown.model.open().value }
        .confirmationDialog(
            speech(.refuseResultSure), isPresented: $refuses, titleVisibility: .visible
        ) {
            Button(speech(.yes), role: .destructive) { shown.model.refuse() }
            Button(speech(.no), role: .cancel) {}
        }
    }
}
