import SwiftUI
import TorukKit

/// All auctions, or this person's.
struct CatalogueView: View {
    @ObservedObject var shown: Shown<CatalogueScreen, CatalogueModel>
    let onlyMine: Bool
    @EnvironmentObject private var speech: Speech

    var body: some View {
        let lines = onlyMine ? shown.state.mine : shown.state.lines
        List {
            if let failure = shown.model.failure {
                Notice(phrases: [failure], tone: .warning) { shown.model.failureSeen() }
            }
            if let asOf = shown.state.asOf {
                Sentence(Phrase(.asOf, "time", moment(asOf)), .warning)
            }
            if shown.state.loaded && lines.isEmpty { Sentence(.noAuctions) }
            ForEach(lines) { line in
                NavigationLink(value: Place.auction(line.id)) { AuctionCard(line: line) }
            }
            if !onlyMine && shown.state.next != nil { Act(.more) { shown.model.more() } }
        }
        .searchable(text: search, prompt: speech(.search))
        .navigationTitle(speech(onlyMine ? .screenMine : .screenCatalogue))
        .refreshable { await shown.model.refresh().value }
        .task { await shown.model.refresh().value }
    }

    private var search: Binding<String> {
        Binding(get: { shown.state.search }, set: { shown.model.search($0) })
    }
}

private struct AuctionCard: View {
    let line: AuctionLine
    @EnvironmentObject private var speech: Speech

    var body: some View {
        VStack(alignment: .leading, spacing: 4) {
            Line(speech(line.auction.title)).font(.headline)
            Line("\(line.auction.number) · \(speech(line.standing))")
            Line(speech(money(line.auction.price)))
            Line("\(speech(.start)): \(moment(line.auction.start))").font(.subheadline)
            if let own = line.own { Sentence(own, .good) }
        }
        .accessibilityElement(children: .combine)
    }
}
