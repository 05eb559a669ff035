import TorukCore

/// What every screen's model has: a state to draw, whether something is being done, and what went
/// wrong last, in words. It decides nothing; the core does, and answers codes.
@MainActor
open class ScreenModel<State: Sendable> {
    /// What to draw.
    public private(set) var state: State { didSet { changed() } }

    /// Whether the person's last wish is being done; a further one is not taken meanwhile.
    public private(set) var busy = false { didSet { changed() } }

    /// Why the last wish was not done, until `failureSeen`.
    public private(set) var failure: Phrase? { didSet { changed() } }

    /// Called after each change: SwiftUI's side hangs in here.
    public var changed: @MainActor () -> Void = {}

    private var lasting: [Task<Void, Never>] = []

    init(_ initial: State) { state = initial }

    /// The person has read what went wrong.
    public func failureSeen() { failure = nil }

    /// The screen is left: nothing is listened to any more.
    public func leave() {
        lasting.forEach { $0.cancel() }
        lasting = []
    }

    func show(_ change: (inout State) -> Void) { change(&state) }

    /// Does what the person wished, unless something is being done.
    @discardableResult
    func wish(_ what: @escaping @MainActor () async throws -> Void) -> Task<Void, Never> {
        guard !busy else { return Task {} }
        busy = true
        failure = nil
        return Task {
            await self.attempt(what)
            self.busy = false
        }
    }

    /// Does something nobody asked for at this moment; failing is told all the same.
    func attempt(_ what: @MainActor () async throws -> Void) async {
        do {
            try await what()
        } catch let error as CoreError {
            failure = Codes.error(error)
        } catch {
            // The core throws nothing else; a cancelled task has nobody to tell.
        }
    }

    /// Goes on until `leave`.
    func lasts(_ what: @escaping @MainActor () async -> Void) {
        lasting.append(Task { await what() })
    }
}

/// Does what may touch the disk away from the main thread.
func away<T: Sendable>(_ work: @escaping @Sendable () throws -> T) async throws -> T {
    try await Task.detached { try work() }.value
}
