package kg.toruk.app.model

import kg.toruk.core.Account
import kotlinx.coroutines.launch

/** The sign-in screen. */
data class AccountScreen(
    /** Whose phone this is. */
    val account: Account? = null,
    /** Whose data is on this phone. */
    val accounts: List<Account> = emptyList(),
) {
    /** Whether somebody's phone waits for its session. */
    val sessionEnded: Boolean get() = account?.signedIn == false
}

/** Registering and signing in, by passkeys. */
class AccountModel(private val bidder: Bidder) :
    ScreenModel<AccountScreen>(AccountScreen(), bidder.scope) {
    init {
        scope.launch { bidder.overview.collect { attempt { refresh() } } }
    }

    /** Makes an account with a new passkey. */
    fun register(name: String) = wish { bidder.core.register(name).also { refresh() } }

    /** Signs in with this phone's passkey, or any. */
    fun signIn() = wish { bidder.core.signIn().also { refresh() } }

    /** Opens an account whose data is on this phone. */
    fun signInAs(person: String) = wish { bidder.core.signInAs(person).also { refresh() } }

    private fun refresh() {
        val now = AccountScreen(bidder.core.account(), bidder.core.accounts())
        show { now }
    }
}
