package kg.toruk.app.work

import android.content.Context
import androidx.work.Constraints
import androidx.work.CoroutineWorker
import androidx.work.ExistingPeriodicWorkPolicy
import androidx.work.ExistingWorkPolicy
import androidx.work.ForegroundInfo
import androidx.work.NetworkType
import androidx.work.OneTimeWorkRequestBuilder
import androidx.work.OutOfQuotaPolicy
import androidx.work.PeriodicWorkRequestBuilder
import androidx.work.WorkManager
import androidx.work.WorkerParameters
import androidx.work.workDataOf
import kg.toruk.app.TorukApp
import kg.toruk.core.CoreException
import kg.toruk.core.LocalReminder
import kg.toruk.core.SyncReason
import java.time.Duration
import java.util.concurrent.TimeUnit

/** How often an app that is never opened looks: data and battery count, and pushes say the rest. */
private val EVERY: Duration = Duration.ofHours(6)
private const val REASON = "reason"
private const val REMINDERS = "reminders"
private const val TITLE = "title"
private const val BODY = "body"
private const val AUCTION = "auction"

/** What is handed to WorkManager. */
class Work(context: Context) {
    private val manager = WorkManager.getInstance(context)
    private val withNetwork =
        Constraints.Builder().setRequiredNetworkType(NetworkType.CONNECTED).build()

    /** Delivers and fetches now and then, for as long as the app is installed. */
    fun everyFewHours() {
        val sparing = Constraints.Builder()
            .setRequiredNetworkType(NetworkType.CONNECTED)
            .setRequiresBatteryNotLow(true)
            .build()
        val work = PeriodicWorkRequestBuilder<SyncWorker>(EVERY).setConstraints(sparing).build()
        manager.enqueueUniquePeriodicWork("periodic", ExistingPeriodicWorkPolicy.KEEP, work)
    }

    /** Delivers and fetches as soon as there is a network; after an urgent push at once. */
    fun soon(reason: SyncReason) {
        val work = OneTimeWorkRequestBuilder<SyncWorker>()
            .setConstraints(withNetwork)
            .setInputData(workDataOf(REASON to reason.name))
            .setExpedited(OutOfQuotaPolicy.RUN_AS_NON_EXPEDITED_WORK_REQUEST)
            .build()
        manager.enqueueUniqueWork("soon", ExistingWorkPolicy.REPLACE, work)
    }

    /** Schedules these reminders, and none of the former ones. Inexact: minutes do not matter. */
    fun remind(reminders: List<LocalReminder>) {
        manager.cancelAllWorkByTag(REMINDERS)
        for (reminder in reminders) {
            val wait = reminder.inUs ?: continue
            val work = OneTimeWorkRequestBuilder<ReminderWorker>()
                .addTag(REMINDERS)
                .setInitialDelay(wait, TimeUnit.MICROSECONDS)
                .setInputData(
                    workDataOf(
                        TITLE to reminder.title,
                        BODY to reminder.body,
                        AUCTION to reminder.auction,
                    ),
                )
                .build()
            manager.enqueueUniqueWork(reminder.id, ExistingWorkPolicy.REPLACE, work)
        }
    }
}

/** One turn of the core in the background. */
class SyncWorker(context: Context, parameters: WorkerParameters) :
    CoroutineWorker(context, parameters) {
    private val app get() = applicationContext as TorukApp

    override suspend fun doWork(): Result {
        val reason = inputData.getString(REASON)?.let(SyncReason::valueOf) ?: SyncReason.PERIODIC
        return try {
            val online = app.connectivity.online
            val again = app.turn.run(reason, online, BackgroundTurn.SYNC_BUDGET_MS)
            if (again) Result.retry() else Result.success()
        } catch (later: CoreException) {
            Result.retry()
        }
    }

    /** Before Android 12 expedited work shows itself. */
    override suspend fun getForegroundInfo(): ForegroundInfo = app.notifications.working()
}

/** Shows a reminder that is due. */
class ReminderWorker(context: Context, parameters: WorkerParameters) :
    CoroutineWorker(context, parameters) {
    override suspend fun doWork(): Result {
        val app = applicationContext as TorukApp
        app.notifications.remind(
            title = inputData.getString(TITLE).orEmpty(),
            body = inputData.getString(BODY).orEmpty(),
            auction = inputData.getString(AUCTION).orEmpty(),
        )
        return Result.success()
    }
}
