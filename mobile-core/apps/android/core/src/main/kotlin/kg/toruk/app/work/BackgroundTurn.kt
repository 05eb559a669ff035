package kg.toruk.app.work

import kg.toruk.core.CoreException
import kg.toruk.core.CoreInterface
import kg.toruk.core.LocalReminder
import kg.toruk.core.Notification
import kg.toruk.core.SyncReason

/** What the system's background work does with the core; Android's classes only call it. */
class BackgroundTurn(
    private val core: CoreInterface,
    /** Whether the app is on the screen: then the core stays awake. */
    private val inForeground: () -> Boolean,
    /** Replaces the reminders the platform has scheduled. */
    private val remind: (List<LocalReminder>) -> Unit,
) {
    /**
     * Delivers, fetches, reminds, and goes back to sleep, in at most `budgetMs`. Answers whether it
     * should be tried again when there is a network; what was done stays done.
     */
    suspend fun run(reason: SyncReason, online: Boolean, budgetMs: ULong): Boolean {
        core.resume(online)
        try {
            val report = core.syncNow(reason, budgetMs, null)
            remind(core.reminders())
            return report.waiting + report.filesWaiting > 0u && report.state == "offline"
        } finally {
            sleep()
        }
    }

    /**
     * A push arrived: what to show, if anything is still true. A push that can't be verified shows
     * nothing.
     */
    suspend fun pushed(json: String, online: Boolean): Notification? {
        core.resume(online)
        return try {
            core.onPush(json)
        } catch (unverified: CoreException) {
            null
        }
    }

    private suspend fun sleep() {
        if (!inForeground()) core.suspend(SLEEP_BUDGET_MS)
    }

    companion object {
        /** What is on its way may still arrive for so long, milliseconds. */
        const val SLEEP_BUDGET_MS: ULong = 2_000uL

        /** WorkManager gives ten minutes; this much is used, milliseconds. */
        const val SYNC_BUDGET_MS: ULong = 60_000uL

        /** A push may take about ten seconds on the main service's thread, milliseconds. */
        const val PUSH_SYNC_BUDGET_MS: ULong = 20_000uL
    }
}
