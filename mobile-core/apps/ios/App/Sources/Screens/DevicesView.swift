import SwiftUI
import TorukKit

/// The person's phones, as a part of the settings.
struct DevicesView: View {
    @StateObject private var shown: Shown<DevicesScreen, DevicesModel>
    @State private var ends: String?
    @EnvironmentObject private var speech: Speech

    init(_ bidder: Bidder) {
        _shown = StateObject(wrappedValue: Shown(DevicesModel(bidder)))
    }

    var body: some View {
        Section(speech(.devices)) {
            if let failure = shown.model.failure {
                Notice(phrases: [failure], tone: .warning) { shown.model.failureSeen() }
            }
            if let warning = shown.state.warning {
                Notice(phrases: [warning], tone: .warning)
            }
            ForEach(shown.state.devices, id: \.device.id) { device in
                DeviceLines(shown: device, rename: rename) { ends = device.device.id }
            }
        }
        .confirmationDialog(
            speech(.deviceEndSure), isPresented: asks, titleVisibility: .visible
        ) {
            Button(speech(.yes), role: .destructive) { if let ends { shown.model.end(id: ends) } }
            Button(speech(.no), role: .cancel) {}
        }
    }

    private func rename(_ id: String, _ name: String) { shown.model.rename(id: id, name: name) }

    private var asks: Binding<Bool> {
        Binding(get: { ends != nil }, set: { if !$0 { ends = nil } })
    }
}

private struct DeviceLines: View {
    let shown: ShownDevice
    let rename: (String, String) -> Void
    let end: () -> Void
    @State private var name = ""
    @EnvironmentObject private var speech: Speech

    var body: some View {
        VStack(alignment: .leading) {
            Sentence(shown.name)
            ForEach(shown.facts.indices, id: \.self) { Sentence(shown.facts[$0]) }
            if !shown.device.isRevoked {
                TextField(speech(.deviceName), text: $name)
                Act(.deviceRename) { rename(shown.device.id, name) }
                    .disabled(name.trimmingCharacters(in: .whitespaces).isEmpty)
                if !shown.device.isThis { Act(.deviceEnd, act: end) }
            }
        }
        .onAppear { name = shown.device.name ?? "" }
    }
}
