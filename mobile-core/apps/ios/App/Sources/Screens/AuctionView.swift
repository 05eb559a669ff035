import SwiftUI
import TorukKit

/// One auction.
struct AuctionView: View {
    let id: String
    @StateObject private var shown: Shown<AuctionScreen, AuctionModel>
    @EnvironmentObject private var speech: Speech

    init(_ bidder: Bidder, id: String) {
        self.id = id
        _shown = StateObject(wrappedValue: Shown(AuctionModel(bidder, id: id)))
    }

    var body: some View {
        let screen = shown.state
        Frame(shown: shown, title: .screenCatalogue) {
            if let auction = screen.auction {
                if auction.stale { Sentence(Phrase(.asOf, "time", moment(auction.asOf)), .warning) }
                Line(speech(auction.title)).font(.title2).accessibilityAddTraits(.isHeader)
                Line("\(auction.number) · \(speech(screen.standing))")
                if auction.clockSpeed > 1 {
                    Sentence(Phrase(.demoClock, "speed", auction.clockSpeed))
                }
                ForEach(screen.ownStanding.indices, id: \.self) {
                    Sentence(screen.ownStanding[$0], .good)
                }
                step(screen.next)
                if screen.next != .live { link(.toLive, .live(id)) }
                ForEach(screen.facts.indices, id: \.self) {
                    FactLine(name: screen.facts[$0].name, value: screen.facts[$0].value)
                }
                Line(speech(auction.description))
                LabeledContent(speech(.lotHolder), value: speech(auction.lotHolder))
                Act(screen.followed ? .unfollow : .follow) { shown.model.follow(!screen.followed) }
            }
        }
        .task { await shown.model.refresh().value }
    }

    @ViewBuilder
    private func step(_ next: NextStep) -> some View {
        switch next {
        case .apply: link(.participate, .application(id)).font(.headline)
        case .wait: link(.yourApplication, .application(id))
        case .pay: link(.guarantee, .deposit(id)).font(.headline)
        case .live: link(.toLive, .live(id)).font(.headline)
        }
    }

    private func link(_ text: TorukKit.Text, _ place: Place) -> some View {
        NavigationLink(speech(text), value: place)
    }
}
