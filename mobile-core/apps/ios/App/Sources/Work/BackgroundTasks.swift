import BackgroundTasks
import TorukCore
import TorukKit

/// The system's turns in the background: only for the catalogue and for what waits, never for
/// bidding, which no background turn is prompt enough for.
struct BackgroundTasks: Sendable {
    static let refresh = "kg.toruk.app.refresh"
    static let processing = "kg.toruk.app.processing"
    /// Not before so many seconds: data and battery count, and pushes say the rest.
    private static let everySeconds: TimeInterval = 6 * 3_600

    let turn: BackgroundTurn
    let connectivity: Connectivity

    /// Must be called before the app has finished launching.
    func register() {
        let scheduler = BGTaskScheduler.shared
        scheduler.register(forTaskWithIdentifier: Self.refresh, using: nil) { task in
            run(task, budgetMs: BackgroundTurn.refreshBudgetMs)
        }
        scheduler.register(forTaskWithIdentifier: Self.processing, using: nil) { task in
            run(task, budgetMs: BackgroundTurn.processingBudgetMs)
        }
    }

    /// Asks for the next turns. A refusal is the system's right: the app fetches when it is opened.
    func schedule() {
        let refresh = BGAppRefreshTaskRequest(identifier: Self.refresh)
        refresh.earliestBeginDate = Date(timeIntervalSinceNow: Self.everySeconds)
        try? BGTaskScheduler.shared.submit(refresh)
        let processing = BGProcessingTaskRequest(identifier: Self.processing)
        processing.requiresNetworkConnectivity = true
        try? BGTaskScheduler.shared.submit(processing)
    }

    private func run(_ task: BGTask, budgetMs: UInt64) {
        schedule()
        let cancel = Cancel()
        task.expirationHandler = { cancel.cancel() }
        Task {
            do {
                try await turn.run(
                    .periodic, online: connectivity.online, budgetMs: budgetMs, cancel: cancel)
                task.setTaskCompleted(success: true)
            } catch {
                // Everything is kept, and goes on at the next occasion.
                task.setTaskCompleted(success: false)
            }
        }
    }
}
