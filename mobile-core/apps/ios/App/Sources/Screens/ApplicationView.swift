import SwiftUI
import TorukKit
import UniformTypeIdentifiers

/// The answer to a consent.
private let consented = "yes"

/// An application: answers are kept as they are typed.
struct ApplicationView: View {
    @StateObject private var shown: Shown<ApplicationScreen, ApplicationModel>
    @State private var withdraws = false
    @State private var slot: String?
    @EnvironmentObject private var speech: Speech

    init(_ bidder: Bidder, id: String) {
        _shown = StateObject(wrappedValue: Shown(ApplicationModel(bidder, auction: id)))
    }

    var body: some View {
        let screen = shown.state
        Frame(shown: shown, title: .screenApplication) {
            if !screen.submit.isEmpty {
                Notice(phrases: screen.submit, tone: screen.submitIsWarning ? .warning : .good)
            }
            Sentence(.keptAsTyped)
            if screen.unsent > 0 { Sentence(Phrase(.unsent, "count", screen.unsent), .warning) }
            ForEach(screen.questions) { question in
                QuestionView(question: question) {
                    shown.model.answer(field: question.id, value: $0)
                }
            }
            ForEach(screen.places) { place in
                PlaceView(place: place, choose: { slot = place.id }) {
                    shown.model.detach(slot: place.id)
                }
            }
            Act(.submit, prominent: true) { shown.model.submit() }
            Act(.withdraw) { withdraws = true }
        }
        .task { await shown.model.open().value }
        .confirmationDialog(speech(.withdrawSure), isPresented: $withdraws, titleVisibility: .visible) {
            Button(speech(.yes), role: .destructive) { shown.model.withdraw() }
            Button(speech(.no), role: .cancel) {}
        }
        .fileImporter(isPresented: picks, allowedContentTypes: [.pdf, .image]) { picked in
            if let slot, let file = try? picked.get() { attach(file, to: slot) }
            slot = nil
        }
    }

    private var picks: Binding<Bool> {
        Binding(get: { slot != nil }, set: { if !$0 { slot = nil } })
    }

    private func attach(_ file: URL, to slot: String) {
        let allowed = file.startAccessingSecurityScopedResource()
        defer { if allowed { file.stopAccessingSecurityScopedResource() } }
        // A film of gigabytes is not read whole: the core refuses what is longer than it takes. A
        // file in the cloud may not be readable without a connection.
        let reading = try? FileHandle(forReadingFrom: file)
        defer { try? reading?.close() }
        let bytes = try? reading.map { try $0.read(upToCount: pickedBytesMax) ?? Data() }
        let type = UTType(filenameExtension: file.pathExtension)
        let mime = type?.preferredMIMEType ?? "application/octet-stream"
        shown.model.attach(slot: slot, name: file.lastPathComponent, mime: mime, bytes: bytes)
    }
}

/// So much of a picked file is read: more than any server accepts.
private let pickedBytesMax = 64 * 1024 * 1024

private struct QuestionView: View {
    let question: Question
    let answer: (String) -> Void
    @State private var typed = ""
    @EnvironmentObject private var speech: Speech

    var body: some View {
        let label = speech(question.field.label) + (question.field.required ? " *" : "")
        VStack(alignment: .leading) {
            switch question.field.kind {
            case "choice":
                Picker(label, selection: chosen) {
                    ForEach(question.field.options, id: \.self) { Line(option($0)).tag($0) }
                }
            case "consent":
                Toggle(label, isOn: given)
            default:
                Line(label).font(.caption).accessibilityHidden(true)
                TextField(label, text: $typed, axis: .vertical)
                    .keyboardType(keyboard)
                    .onChange(of: typed) { if $0 != question.answer ?? "" { answer($0) } }
            }
            if !question.conflict.isEmpty {
                Sentence(.conflict, .warning)
                ForEach(question.conflict, id: \.self) { value in
                    Button(option(value)) { answer(value) }
                }
            }
            if let fault = question.fault { Sentence(fault, .warning) }
        }
        .onAppear { typed = question.answer ?? "" }
        .onChange(of: question.answer) { typed = $0 ?? "" }
    }

    private var chosen: Binding<String> {
        Binding(get: { question.answer ?? "" }, set: answer)
    }

    private var given: Binding<Bool> {
        Binding(get: { question.answer == consented }, set: { answer($0 ? consented : "") })
    }

    private var keyboard: UIKeyboardType {
        switch question.field.kind {
        case "digits": .numberPad
        case "phone": .phonePad
        default: .default
        }
    }

    /// An option of a later form has no words here and is shown as it is.
    private func option(_ value: String) -> String {
        TorukKit.Text(rawValue: "option_\(value)").map { speech($0) } ?? value
    }
}

private struct PlaceView: View {
    let place: TorukKit.Place
    let choose: () -> Void
    let empty: () -> Void
    @EnvironmentObject private var speech: Speech

    var body: some View {
        VStack(alignment: .leading) {
            Line(speech(place.slot.label) + (place.slot.required ? " *" : ""))
            if let file = place.file { Line(file.name) }
            if let upload = place.upload { Sentence(upload) }
            if let fault = place.fault { Sentence(fault, .warning) }
            if place.file == nil {
                Button(speech(.chooseFile), action: choose)
            } else {
                Button(speech(.removeFile), role: .destructive, action: empty)
            }
        }
    }
}
