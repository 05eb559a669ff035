package kg.toruk.app.model

import kg.toruk.core.Account
import kg.toruk.core.Logout
import kotlinx.coroutines.launch

/** Delivering everything before the phone is handed on may take so long, milliseconds. */
private const val DELIVERY_BUDGET_MS = 60_000uL

/** The languages there are, the state's first. */
val LANGUAGES = listOf("ky", "ru", "en")

/** The fate of the local data after signing out. */
enum class Leaving { SYNC_NOW, KEEP_LOCKED, DISCARD }

/** Settings. */
data class SettingsScreen(val account: Account? = null)

/** Language, keeping the catalogue, signing out, handing the phone on. */
class SettingsModel(private val bidder: Bidder) :
    ScreenModel<SettingsScreen>(SettingsScreen(), bidder.scope) {
    init {
        scope.launch {
            bidder.overview.collect {
                attempt {
                    val account = bidder.core.account()
                    show { SettingsScreen(account) }
                }
            }
        }
    }

    /** Keeps the whole catalogue on the phone, or no longer. */
    fun keepCatalogue(kept: Boolean) = wish { bidder.core.keepCatalogue(kept) }

    /** Ends the session; the phone stays this person's. */
    fun signOut() = wish { bidder.core.signOut() }

    /** The person leaves this phone. */
    fun logout(leaving: Leaving) = wish {
        val choice = when (leaving) {
            Leaving.SYNC_NOW -> Logout.SyncNow(DELIVERY_BUDGET_MS)
            Leaving.KEEP_LOCKED -> Logout.KeepLocked
            Leaving.DISCARD -> Logout.Discard
        }
        bidder.core.logout(choice)
    }
}
