import TorukCore

/// One of the person's phones, in words.
public struct ShownDevice: Sendable {
    public var device: DeviceInfo
    /// The name that the person gave it, or its kind.
    public var name: Phrase
    public var facts: [Phrase]
}

/// The person's phones.
public struct DevicesScreen: Sendable {
    public var devices: [ShownDevice] = []
    /// What the person has to know of the phone that was ended last.
    public var warning: Phrase?
}

/// The person's phones: listed, named and ended.
public final class DevicesModel: ScreenModel<DevicesScreen> {
    private let bidder: Bidder

    public init(_ bidder: Bidder) {
        self.bidder = bidder
        super.init(DevicesScreen())
        lasts { [weak self] in
            guard bidder.overview.signedIn else { return }
            await self?.attempt { try await self?.load() }
        }
    }

    /// Reads the list again.
    @discardableResult
    public func refresh() -> Task<Void, Never> { wish { [self] in try await load() } }

    /// Gives a phone a name that only the person sees.
    @discardableResult
    public func rename(id: String, name: String) -> Task<Void, Never> {
        wish { [self] in
            try await bidder.core.nameDevice(id: id, name: name)
            try await load()
        }
    }

    /// Ends another phone for good; this phone's passkey confirms it.
    @discardableResult
    public func end(id: String) -> Task<Void, Never> {
        wish { [self] in
            let passkey = try await bidder.core.revokeDevice(id: id, endLastPasskey: false)
            show { $0.warning = passkey == .keptAsLast ? Phrase(.deviceKeyKept) : nil }
            try await load()
        }
    }

    private func load() async throws {
        let devices = try await bidder.core.devices()
        show { $0.devices = devices.map(shownDevice) }
    }
}

/// A phone as it is drawn.
public func shownDevice(_ device: DeviceInfo) -> ShownDevice {
    var facts: [Phrase] = []
    if device.isThis { facts.append(Phrase(.deviceThis)) }
    if device.isRevoked { facts.append(Phrase(.deviceEnded)) }
    facts.append(Phrase(.deviceAdded, "time", moment(device.createdAt)))
    if let seen = device.seenAt { facts.append(Phrase(.deviceSeen, "time", moment(seen))) }
    let kind = Text(rawValue: "device_of_\(device.platform)") ?? .deviceOfTerminal
    let name = device.name.map { Phrase(.deviceNamed, "name", $0) } ?? Phrase(kind)
    return ShownDevice(device: device, name: name, facts: facts)
}
