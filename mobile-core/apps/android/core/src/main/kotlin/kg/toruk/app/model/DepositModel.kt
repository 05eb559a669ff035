package kg.toruk.app.model

import kg.toruk.app.words.Codes
import kg.toruk.app.words.Phrase
import kg.toruk.app.words.Text
import kg.toruk.app.words.countdown
import kg.toruk.app.words.money
import kg.toruk.core.CoreException
import kg.toruk.core.EventKind
import kg.toruk.core.MyAuction
import kg.toruk.core.PaymentChannel
import kg.toruk.core.PaymentCode
import kg.toruk.core.PaymentWays
import kotlinx.coroutines.Dispatchers
import kotlinx.coroutines.delay
import kotlinx.coroutines.flow.filter
import kotlinx.coroutines.isActive
import kotlinx.coroutines.launch

/** How often a countdown in seconds is drawn, milliseconds. */
private const val TICK_MS = 500L

/** The guarantee payment. */
data class DepositScreen(
    val amount: Phrase? = null,
    /** Where the deposit stands; nobody says «I have paid», the server does. */
    val standing: Phrase? = null,
    val code: PaymentCode? = null,
    val codeStanding: Phrase? = null,
    /** What is left of the code's life, by the server's clock. */
    val left: Phrase? = null,
    /** What to show at a bank, also without a connection. */
    val slip: String? = null,
    val cutShort: Boolean = false,
    /** Banks, wallets and the account to choose from; none before they are fetched. */
    val ways: PaymentWays? = null,
)

/** Paying the guarantee. */
class DepositModel(private val bidder: Bidder, private val auction: String) :
    ScreenModel<DepositScreen>(DepositScreen(), bidder.scope) {
    private val listening = scope.launch {
        launch {
            bidder.events.filter { it.what is EventKind.MineChanged }.collect { attempt { own() } }
        }
        launch(Dispatchers.IO) {
            while (isActive) {
                tick()
                delay(TICK_MS)
            }
        }
    }

    /** Fetches where the deposit stands, and the last code's slip. */
    fun open() = wish {
        slip()
        own()
        val ways = bidder.core.paymentWays()
        show { it.copy(ways = ways) }
    }

    /** Asks for a code of a bank or wallet, or for the one that still lives. */
    fun pay(channel: PaymentChannel, provider: String? = null) = wish {
        val code = bidder.core.beginPaymentAt(auction, channel, provider)
        show { it.copy(code = code, codeStanding = Codes.phrase("intent", code.status)) }
        slip()
        tick()
    }

    /** The screen is left. */
    fun leave() = listening.cancel()

    private suspend fun own() {
        val own = bidder.core.myAuctions().items.find { it.auction == auction }
        show { it.copy(amount = own?.depositAmount?.let(::money), standing = standing(own)) }
    }

    private fun slip() {
        val slip = try {
            bidder.core.paymentSlip(auction)
        } catch (none: CoreException.Refused) {
            // No code was ever asked for.
            null
        }
        show { it.copy(slip = slip) }
    }

    private fun tick() {
        val code = state.value.code ?: return
        val now = try {
            bidder.core.liveState(auction).serverTime
        } catch (unseen: CoreException) {
            null
        } ?: return
        show { it.copy(left = codeLeft(code, now), cutShort = code.cutShort) }
    }
}

private fun standing(own: MyAuction?): Phrase? = own?.depositStatus?.let(Codes::deposit)

/** What is left of a code's life at the server's time. */
fun codeLeft(code: PaymentCode, serverTime: Long): Phrase {
    val left = code.expiresAt - serverTime
    return if (left <= 0) Phrase(Text.CODE_DEAD)
    else Phrase(Text.CODE_VALID_FOR, "left" to countdown(left))
}
