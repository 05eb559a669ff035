import SwiftUI
import TorukKit

typealias Line = SwiftUI.Text

/// A screen's frame: what is being done, what went wrong, then the screen.
struct Frame<S: Sendable, Model: ScreenModel<S>, Content: View>: View {
    @ObservedObject var shown: Shown<S, Model>
    let title: TorukKit.Text
    @ViewBuilder let content: () -> Content
    @EnvironmentObject private var speech: Speech

    var body: some View {
        Form {
            if shown.model.busy {
                ProgressView().accessibilityLabel(speech(.working))
            }
            if let failure = shown.model.failure {
                Notice(phrases: [failure], tone: .warning) { shown.model.failureSeen() }
            }
            content()
        }
        .navigationTitle(speech(title))
    }
}

/// Something to be read now: spoken at once by VoiceOver.
struct Notice: View {
    let phrases: [Phrase]
    let tone: Tone
    var seen: (() -> Void)?
    @EnvironmentObject private var speech: Speech

    var body: some View {
        HStack(alignment: .top) {
            Image(systemName: (tone == .good ? Sign.done : .warning).symbol).accessibilityHidden(true)
            VStack(alignment: .leading) {
                ForEach(phrases.indices, id: \.self) { Line(speech(phrases[$0])) }
            }
            if let seen {
                Spacer()
                Button(speech(.ok), action: seen)
            }
        }
        .foregroundStyle(tone.colour)
        .onAppear { UIAccessibility.post(notification: .announcement, argument: speech(phrases)) }
    }
}

/// A name and its value, read as one.
struct FactLine: View {
    let name: TorukKit.Text
    let value: Phrase
    @EnvironmentObject private var speech: Speech

    var body: some View {
        LabeledContent(speech(name), value: speech(value)).accessibilityElement(children: .combine)
    }
}

/// A plain sentence.
struct Sentence: View {
    let phrase: Phrase
    var tone = Tone.calm
    @EnvironmentObject private var speech: Speech

    init(_ phrase: Phrase, _ tone: Tone = .calm) {
        self.phrase = phrase
        self.tone = tone
    }

    init(_ text: TorukKit.Text, _ tone: Tone = .calm) { self.init(Phrase(text), tone) }

    var body: some View { Line(speech(phrase)).foregroundStyle(tone.colour) }
}

/// Something to do.
struct Act: View {
    let text: TorukKit.Text
    var prominent = false
    let act: () -> Void
    @EnvironmentObject private var speech: Speech

    init(_ text: TorukKit.Text, prominent: Bool = false, act: @escaping () -> Void) {
        self.text = text
        self.prominent = prominent
        self.act = act
    }

    var body: some View {
        Button(action: act) {
            Line(speech(text)).frame(maxWidth: .infinity, minHeight: 44)
        }
        .font(prominent ? .headline : .body)
    }
}

/// Hands a text on: a slip, a receipt.
struct Share: View {
    let title: TorukKit.Text
    let text: String
    @EnvironmentObject private var speech: Speech

    var body: some View { ShareLink(item: text) { Line(speech(title)) } }
}
