import Foundation

extension Core {
    /// What the core says, as a sequence. The first element is a snapshot; after it the numbers grow by
    /// one, and a gap asks the app to read everything again (`overview()`).
    ///
    /// A core has one listener: a new iteration silences the one before. An app iterates once
    /// and shares. Events wait for a slow iteration, the newest `eventsWaitingMax` of them.
    ///
    /// - Throws: `CoreError.Closed`.
    public func events() throws -> AsyncStream<CoreEvent> {
        let (stream, continuation) = AsyncStream.makeStream(
            of: CoreEvent.self, bufferingPolicy: .bufferingNewest(eventsWaitingMax))
        try listen(observer: Ear(continuation))
        return stream
    }
}

/// Events that wait for a slow iteration; older ones are dropped, which the numbers show.
public let eventsWaitingMax = 1_024

private final class Ear: Observer {
    private let continuation: AsyncStream<CoreEvent>.Continuation

    init(_ continuation: AsyncStream<CoreEvent>.Continuation) {
        self.continuation = continuation
    }

    func onEvent(event: CoreEvent) {
        continuation.yield(event)
    }

    // The core has let go of it: another listens, or nobody.
    deinit {
        continuation.finish()
    }
}
