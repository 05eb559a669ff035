package kg.toruk.app

import android.app.Activity
import android.app.Application
import kg.toruk.app.model.Bidder
import kg.toruk.app.platform.Connectivity
import kg.toruk.app.platform.CredentialPasskeys
import kg.toruk.app.platform.JpegPictures
import kg.toruk.app.platform.KeystoreSecrets
import kg.toruk.app.platform.KeystoreSigner
import kg.toruk.app.platform.Logcat
import kg.toruk.app.platform.OkHttpTransport
import kg.toruk.app.platform.PhoneClock
import kg.toruk.app.work.BackgroundTurn
import kg.toruk.app.work.Notifications
import kg.toruk.app.work.Work
import kg.toruk.core.Core
import kg.toruk.core.CoreConfig
import kg.toruk.core.CoreException
import kg.toruk.core.LogLevel
import kg.toruk.core.Platform
import kg.toruk.core.SyncReason
import kg.toruk.core.events
import kg.toruk.core.setLogger
import kg.toruk.core.systemEntropy
import kotlinx.coroutines.CoroutineScope
import kotlinx.coroutines.Dispatchers
import kotlinx.coroutines.SupervisorJob
import kotlinx.coroutines.launch
import java.io.File
import java.lang.ref.WeakReference

/** How long the app may take to fetch when it comes back, milliseconds; it is on the screen. */
private const val FOREGROUND_BUDGET_MS = 30_000uL

/** The process: one core, for screens and for work in the background alike. */
class TorukApp : Application() {
    val scope = CoroutineScope(SupervisorJob() + Dispatchers.Main.immediate)
    val speech by lazy { Speech(this) }
    val notifications by lazy { Notifications(this) }
    val connectivity by lazy { Connectivity(this) }
    val bidder by lazy { open() }
    private var shown = WeakReference<Activity>(null)

    /** What the system's work does with the core. */
    val turn by lazy {
        BackgroundTurn(bidder.core, { shown.get() != null }, Work(this)::remind)
    }

    override fun onCreate() {
        super.onCreate()
        setLogger(LogLevel.WARN, Logcat)
        notifications.makeChannels()
        Work(this).everyFewHours()
        connectivity.listen(::networkChanged)
    }

    /** The app is on the screen. */
    fun appeared(activity: Activity) {
        shown = WeakReference(activity)
        quietly {
            bidder.core.resume(connectivity.online)
            bidder.core.syncNow(SyncReason.FOREGROUND, FOREGROUND_BUDGET_MS, null)
        }
    }

    /** The app has left the screen: what waits goes on as the system's work. */
    fun disappeared() {
        shown = WeakReference(null)
        quietly {
            bidder.core.suspend(BackgroundTurn.SLEEP_BUDGET_MS)
            val overview = bidder.core.overview()
            if (overview.waiting + overview.filesWaiting > 0u) Work(this).soon(SyncReason.PERIODIC)
        }
    }

    /** Tells the server where pushes go; without a session, when there is one. */
    fun pushTokenChanged(token: String) = quietly { bidder.core.registerPush(token) }

    private fun networkChanged(online: Boolean) {
        // Asleep, the core stays offline: the system's work wakes it when there is a network.
        if (shown.get() == null) return
        quietly {
            bidder.core.setOnline(online)
            if (online) bidder.core.syncNow(SyncReason.CONNECTIVITY, FOREGROUND_BUDGET_MS, null)
        }
    }

    private fun quietly(what: suspend () -> Unit) {
        scope.launch(Dispatchers.IO) {
            try {
                what()
            } catch (later: CoreException) {
                // Nobody asked at this moment; everything is kept and goes on at the next occasion.
                Logcat.log(LogLevel.INFO, "app", later.toString())
            }
        }
    }

    private fun open(): Bidder {
        val folder = File(noBackupFilesDir, "core").apply { mkdirs() }
        val platform = Platform(
            secureStore = KeystoreSecrets(File(noBackupFilesDir, "secrets")),
            passkeys = CredentialPasskeys(this) { shown.get() },
            clock = PhoneClock,
            entropy = systemEntropy(),
            transport = OkHttpTransport(
                BuildConfig.SERVER_URL,
                BuildConfig.SERVER_PINS.split(',').filter(String::isNotBlank),
            ),
            signer = KeystoreSigner(),
            pictures = JpegPictures,
        )
        val config = CoreConfig(BuildConfig.SERVER_URL, folder.path, speech.language)
        val core = Core.open(config, platform)
        return Bidder(core, core.events(), scope)
    }
}
