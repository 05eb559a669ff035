package kg.toruk.app.model

import kg.toruk.app.words.Codes
import kg.toruk.app.words.Phrase
import kg.toruk.app.words.Text
import kg.toruk.app.words.money
import kg.toruk.core.BidReceipt
import kg.toruk.core.BidResult
import kg.toruk.core.CoreEvent
import kg.toruk.core.EventKind
import kg.toruk.core.LiveState
import kg.toruk.core.Quote
import kotlinx.coroutines.Dispatchers
import kotlinx.coroutines.delay
import kotlinx.coroutines.flow.filter
import kotlinx.coroutines.isActive
import kotlinx.coroutines.launch

/** How often the countdown is drawn, milliseconds. */
private const val TICK_MS = 250L

/** The sheet on which a bid is confirmed. */
data class ConfirmSheet(
    val quote: Quote,
    val amount: Phrase,
    /**
     * The price moved on since it was opened: «Ооба» is off until the person has read the new one.
     */
    val moved: Boolean,
)

/** What became of the last bid. */
data class BidNews(val words: List<Phrase>, val tone: Tone, val receipt: BidReceipt?)

/** The waiting room and the live screen. */
data class LiveScreen(
    val live: LiveState? = null,
    val price: Phrase? = null,
    val button: ButtonFace? = null,
    val countdown: Countdown? = null,
    val banners: List<Banner> = emptyList(),
    val facts: List<Phrase> = emptyList(),
    val clock: Phrase? = null,
    val sheet: ConfirmSheet? = null,
    val news: BidNews? = null,
    /** «Сиздин атаандашыңыз бааны жогорулатты», until OK. */
    val alert: Phrase? = null,
    /** Bidding has not opened. */
    val waitingRoom: Boolean = false,
    /** It is over: why, for this person. */
    val ending: Phrase? = null,
    /** The winner is to confirm. */
    val toConfirm: Boolean = false,
)

/** Following an auction and bidding in it. */
class LiveModel(private val bidder: Bidder, private val auction: String) :
    ScreenModel<LiveScreen>(LiveScreen(), bidder.scope) {
    private val following = scope.launch(Dispatchers.IO) {
        launch { bidder.events.filter { it.auction == auction }.collect(::heard) }
        attempt { bidder.core.watch(auction) }
        while (isActive) {
            attempt { look() }
            delay(TICK_MS)
        }
    }

    /** A tap on the button: opens the sheet with what a raise would cost now. */
    fun raise() = wish {
        val quote = bidder.core.quote(auction)
        show { it.copy(sheet = ConfirmSheet(quote, money(quote.amount), moved = false), news = null) }
    }

    /** «Ооба»: sends what was shown, once. */
    fun confirm() = wish {
        val sheet = state.value.sheet ?: return@wish
        if (sheet.moved) return@wish
        show { it.copy(sheet = null) }
        told(bidder.core.placeBid(sheet.quote))
        look()
    }

    /** «Жок»: nothing is sent. */
    fun dismiss() = show { it.copy(sheet = null) }

    /** OK under the alert of a lost lead. */
    fun alertSeen() = show { it.copy(alert = null) }

    /** The screen is left; bids stay binding. */
    fun leave() {
        following.cancel()
        scope.launch { attempt { bidder.core.unwatch(auction) } }
    }

    private suspend fun heard(event: CoreEvent) {
        when (val what = event.what) {
            is EventKind.Outbid -> show { it.copy(alert = Phrase(Text.OUTBID_ALERT)) }
            is EventKind.YouLead -> show { it.copy(alert = null) }
            is EventKind.BidSettled -> attempt { told(bidder.core.bidStatus(what.bid)) }
            else -> {}
        }
        attempt { look() }
    }

    private fun told(result: BidResult) = show { it.copy(news = bidNews(result)) }

    private fun look() {
        val live = bidder.core.liveState(auction)
        show { drawn(it, live) }
    }
}

/** The screen of a state. What the person has open stays open, and says when it is out of date. */
fun drawn(screen: LiveScreen, live: LiveState): LiveScreen = screen.copy(
    live = live,
    price = money(live.price),
    button = buttonFace(live),
    countdown = countdown(live),
    banners = banners(live),
    facts = liveFacts(live),
    clock = clock(live),
    sheet = screen.sheet?.let { it.copy(moved = it.quote.amount != live.amount) },
    waitingRoom = live.phase == null && live.closed == null,
    ending = live.closed?.let { Codes.phrase("closed", it) },
    toConfirm = live.closed == "won" && live.status == "qualification",
)

/** What became of a bid, with its receipt when the operator has answered. */
fun bidNews(result: BidResult): BidNews = BidNews(
    words = listOfNotNull(Codes.bid(result.state), result.code?.let(Codes::refusal)),
    tone = if (result.state.name == "ACCEPTED") Tone.GOOD else Tone.WARNING,
    receipt = result.receipt,
)
