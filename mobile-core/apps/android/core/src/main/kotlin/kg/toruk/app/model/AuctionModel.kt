package kg.toruk.app.model

import kg.toruk.app.words.Codes
import kg.toruk.app.words.Phrase
import kg.toruk.app.words.Text
import kg.toruk.app.words.at
import kg.toruk.app.words.money
import kg.toruk.core.AuctionDetail
import kg.toruk.core.EventKind
import kg.toruk.core.MyAuction
import kotlinx.coroutines.flow.filter
import kotlinx.coroutines.launch

/** The screen that is offered first from an auction's. */
enum class NextStep { APPLY, WAIT, PAY, LIVE }

/** One auction, with this person's part in it. */
data class AuctionScreen(
    val auction: AuctionDetail? = null,
    val own: MyAuction? = null,
    val followed: Boolean = false,
    val standing: List<Phrase> = emptyList(),
    val ownStanding: List<Phrase> = emptyList(),
    /** What is known, as names and values. */
    val facts: List<Pair<Text, Phrase>> = emptyList(),
    val next: NextStep = NextStep.APPLY,
)

/** An auction's own screen. */
class AuctionModel(private val bidder: Bidder, private val id: String) :
    ScreenModel<AuctionScreen>(AuctionScreen(), bidder.scope) {
    private val listening = scope.launch {
        val matters = bidder.events.filter {
            it.auction == id || it.what is EventKind.MineChanged || it.what is EventKind.Snapshot
        }
        matters.collect { attempt { load() } }
    }

    /** Fetches it; without a connection, as it was last seen. */
    fun refresh() = wish { load() }

    /** Follows it on all phones of the person, or no more. */
    fun follow(wanted: Boolean) = wish {
        if (wanted) bidder.core.follow(id) else bidder.core.unfollow(id)
        load()
    }

    /** The screen is left. */
    fun leave() = listening.cancel()

    private suspend fun load() {
        val auction = bidder.core.auction(id)
        val signedIn = bidder.core.overview().signedIn
        val own = if (signedIn) bidder.core.myAuctions().items.find { it.auction == id } else null
        val followed = id in bidder.core.followed()
        show {
            AuctionScreen(
                auction = auction,
                own = own,
                followed = followed,
                standing = listOfNotNull(
                    Codes.status(auction.status),
                    auction.failure?.let { why -> Codes.phrase("failure", why) },
                ),
                ownStanding = ownStanding(own),
                facts = facts(auction),
                next = nextStep(own),
            )
        }
    }
}

/** Where a person's application and deposit stand. */
fun ownStanding(own: MyAuction?): List<Phrase> = listOfNotNull(
    own?.let { Codes.application(it.status) },
    own?.depositStatus?.let(Codes::deposit),
    own?.bidderNo?.let { Phrase(Text.YOUR_NUMBER, "number" to it) },
)

/** Which screen is offered first; the core answers there what can be done. */
fun nextStep(own: MyAuction?): NextStep = when {
    own == null || own.status == "needs_reconfirm" -> NextStep.APPLY
    own.depositStatus == "due" -> NextStep.PAY
    own.status == "eligible" || own.status == "won" -> NextStep.LIVE
    else -> NextStep.WAIT
}

private fun facts(auction: AuctionDetail): List<Pair<Text, Phrase>> = listOf(
    Text.PRICE to Codes.phrase("object", auction.objectOfPrice),
    Text.START_PRICE to money(auction.value),
    Text.STEP to money(auction.minimalStep),
    Text.GUARANTEE to money(auction.guarantee),
    Text.TENDER_END to at(auction.tenderEnd),
    Text.START to at(auction.start),
)
