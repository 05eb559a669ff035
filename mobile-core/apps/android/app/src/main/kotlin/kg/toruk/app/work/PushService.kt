package kg.toruk.app.work

import com.google.firebase.messaging.FirebaseMessagingService
import com.google.firebase.messaging.RemoteMessage
import kg.toruk.app.TorukApp
import kg.toruk.core.CoreException
import kg.toruk.core.SyncReason
import kotlinx.coroutines.runBlocking
import kotlinx.coroutines.withTimeoutOrNull

/** The server's hint, in a data message. */
private const val HINT = "hint"

/** Firebase lets a message be dealt with for about ten seconds, milliseconds. */
private const val PUSH_BUDGET_MS = 9_000L

/** A push arrived: shown at once when the server says that it is still true; the rest is work. */
class PushService : FirebaseMessagingService() {
    private val app get() = application as TorukApp

    override fun onMessageReceived(message: RemoteMessage) {
        val hint = message.data[HINT] ?: return
        // Firebase calls on a thread of its own, and the process may end when this returns.
        runBlocking {
            withTimeoutOrNull(PUSH_BUDGET_MS) { show(hint) }
        }
        // Right after an urgent message expedited work has no quota.
        Work(this).soon(SyncReason.PUSH)
    }

    override fun onNewToken(token: String) {
        app.pushTokenChanged(token)
    }

    private suspend fun show(hint: String) {
        val shown = app.turn.pushed(hint, app.connectivity.online) ?: return
        val now = try {
            app.bidder.core.liveState(shown.auction).serverTime
        } catch (unseen: CoreException) {
            null
        }
        app.notifications.show(shown, now?.let { shown.expiresAt - it })
    }
}
