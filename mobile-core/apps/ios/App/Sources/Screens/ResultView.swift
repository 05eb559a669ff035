import SwiftUI
import TorukKit

/// The result, for the winner to read and sign.
struct ResultView: View {
    @StateObject private var shown: Shown<ResultScreen, ResultModel>

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
                } else {
                    Act(.signResult, prominent: true) { shown.model.confirm() }
                }
            }
        }
        .task { await shown.model.open().value }
    }
}
