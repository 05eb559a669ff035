import TorukCore

/// Events a slow screen may be behind by; it reads the whole state again anyway.
private let eventsHeldMax = 64

/// The one core of the app, and what it says, for all screens at once.
@MainActor
public final class Bidder {
    public let core: any CoreProtocol

    /// How everything is: who is signed in, what waits.
    public private(set) var overview: Overview

    /// What must be told on whatever screen: `erased`, `deviceCopied`, `storeRepaired`.
    public private(set) var alarm: EventKind?

    /// Called after each change of `overview` or `alarm`.
    public var changed: @MainActor () -> Void = {}

    private var listeners: [Int: AsyncStream<CoreEvent>.Continuation] = [:]
    private var watchers: [Int: AsyncStream<Overview>.Continuation] = [:]
    private var next = 0

    public init(core: any CoreProtocol, heard: AsyncStream<CoreEvent>) {
        self.core = core
        overview = core.overview()
        Task { [weak self] in
            for await event in heard { self?.tell(event) }
        }
    }

    /// Everything that happens from now on.
    public func events() -> AsyncStream<CoreEvent> {
        let (stream, continuation) = AsyncStream.makeStream(
            of: CoreEvent.self, bufferingPolicy: .bufferingNewest(eventsHeldMax))
        let id = number()
        listeners[id] = continuation
        continuation.onTermination = { [weak self] _ in
            Task { @MainActor in self?.listeners[id] = nil }
        }
        return stream
    }

    /// The overview now, and each later one.
    public func overviews() -> AsyncStream<Overview> {
        let (stream, continuation) = AsyncStream.makeStream(
            of: Overview.self, bufferingPolicy: .bufferingNewest(1))
        let id = number()
        watchers[id] = continuation
        continuation.onTermination = { [weak self] _ in
            Task { @MainActor in self?.watchers[id] = nil }
        }
        continuation.yield(overview)
        return stream
    }

    /// Reads everything again, including what no event reports, such as a draft's first answer.
    public func look() { stand(core.overview()) }

    /// The person has read the alarm. What a repair cost stays on the sync screen until it is read.
    public func alarmSeen() {
        alarm = nil
        changed()
    }

    private func tell(_ event: CoreEvent) {
        switch event.what {
        case .snapshot(let overview): stand(overview)
        case .erased, .deviceCopied, .storeRepaired:
            alarm = event.what
            look()
        default: look()
        }
        listeners.values.forEach { $0.yield(event) }
    }

    private func stand(_ now: Overview) {
        guard now != overview else { return }
        overview = now
        watchers.values.forEach { $0.yield(now) }
        changed()
    }

    private func number() -> Int {
        next += 1
        return next
    }
}
