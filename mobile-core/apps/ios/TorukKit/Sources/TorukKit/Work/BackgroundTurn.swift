import TorukCore

/// What the system's background work does with the core; iOS's classes only call it.
public struct BackgroundTurn: Sendable {
    /// What is on its way may still arrive for so long, milliseconds.
    public static let sleepBudgetMs: UInt64 = 2_000
    /// A refresh in the background has about half a minute, milliseconds.
    public static let refreshBudgetMs: UInt64 = 20_000
    /// Processing on the charger has minutes, milliseconds.
    public static let processingBudgetMs: UInt64 = 60_000

    private let core: any CoreProtocol
    private let inForeground: @Sendable () async -> Bool
    private let remind: @Sendable ([LocalReminder]) async -> Void

    /// `inForeground`: whether the app is on the screen, and the core stays awake. `remind`
    /// replaces the reminders the platform has scheduled.
    public init(
        core: any CoreProtocol,
        inForeground: @escaping @Sendable () async -> Bool,
        remind: @escaping @Sendable ([LocalReminder]) async -> Void
    ) {
        self.core = core
        self.inForeground = inForeground
        self.remind = remind
    }

    /// Delivers, fetches, reminds, and goes back to sleep, in at most `budgetMs`. The system ends
    /// it sooner by `cancel`; what was done stays done.
    public func run(
        _ reason: SyncReason, online: Bool, budgetMs: UInt64, cancel: Cancel?
    ) async throws {
        try core.resume(online: online)
        do {
            _ = try await core.syncNow(reason: reason, budgetMs: budgetMs, cancel: cancel)
        } catch {
            try await sleep()
            throw error
        }
        await remind(core.reminders())
        try await sleep()
    }

    private func sleep() async throws {
        if await !inForeground() { try await core.suspend(budgetMs: Self.sleepBudgetMs) }
    }
}
