import SwiftUI
import TorukKit

/// Decisions and reminders; where notifications are asked for, once they are worth it.
struct NewsView: View {
    let ask: () -> Void
    @StateObject private var shown: Shown<NewsScreen, NewsModel>
    @EnvironmentObject private var speech: Speech

    init(_ bidder: Bidder, ask: @escaping () -> Void) {
        self.ask = ask
        _shown = StateObject(wrappedValue: Shown(NewsModel(bidder)))
    }

    var body: some View {
        let screen = shown.state
        Frame(shown: shown, title: .screenNotifications) {
            if screen.worthAsking {
                Sentence(.whyNotifications)
                Act(.allowNotifications, act: ask)
            }
            if screen.decisions.isEmpty && screen.reminders.isEmpty { Sentence(.noNews) }
            Section(speech(.outcomes)) {
                ForEach(screen.decisions) { decision in
                    VStack(alignment: .leading) {
                        Line(speech(decision.words))
                        Line(decision.at).font(.caption)
                        if decision.elsewhere {
                            Sentence(.elsewhere)
                        } else {
                            Button(speech(.seen)) { shown.model.seen(opNo: decision.outcome.opNo) }
                        }
                    }
                }
            }
            Section(speech(.reminders)) {
                ForEach(screen.reminders, id: \.id) { reminder in
                    Line("\(reminder.title): \(reminder.body) (\(moment(reminder.at)))")
                }
            }
        }
    }
}
