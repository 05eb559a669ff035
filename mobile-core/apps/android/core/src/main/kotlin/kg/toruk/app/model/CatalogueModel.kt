package kg.toruk.app.model

import kg.toruk.app.words.Codes
import kg.toruk.app.words.Phrase
import kg.toruk.core.AuctionSummary
import kg.toruk.core.EventKind
import kg.toruk.core.MyAuction
import kotlinx.coroutines.flow.filter
import kotlinx.coroutines.launch

/** One line of a list of auctions. */
data class AuctionLine(
    val auction: AuctionSummary,
    /** Where it stands, and why it failed. */
    val standing: List<Phrase>,
    /** Where this person's application stands. */
    val own: Phrase?,
)

/** All auctions, and this person's. */
data class CatalogueScreen(
    val lines: List<AuctionLine> = emptyList(),
    val mine: List<AuctionLine> = emptyList(),
    /** When it was fetched, when that is not now. */
    val asOf: Long? = null,
    /** Whether anything was asked for yet. */
    val loaded: Boolean = false,
)

/** The catalogue and «Менин торуктарым»; both are there without a connection. */
class CatalogueModel(private val bidder: Bidder) :
    ScreenModel<CatalogueScreen>(CatalogueScreen(), bidder.scope) {
    init {
        scope.launch {
            val matters = bidder.events.filter {
                it.what is EventKind.CatalogueChanged || it.what is EventKind.MineChanged
            }
            matters.collect { attempt { load() } }
        }
    }

    /** Fetches both lists. */
    fun refresh() = wish { load() }

    private suspend fun load() {
        val list = bidder.core.auctions()
        val signedIn = bidder.core.overview().signedIn
        val mine = if (signedIn) bidder.core.myAuctions().items else emptyList()
        val own = mine.associateBy(MyAuction::auction)
        val lines = list.items.map { line(it, own[it.id]) }
        show {
            CatalogueScreen(
                lines = lines,
                mine = lines.filter { line -> line.own != null },
                asOf = list.asOf.takeIf { list.stale },
                loaded = true,
            )
        }
    }
}

/** An auction as a line of a list. */
fun line(auction: AuctionSummary, own: MyAuction?): AuctionLine = AuctionLine(
    auction = auction,
    standing = listOfNotNull(
        Codes.status(auction.status),
        auction.failure?.let { Codes.phrase("failure", it) },
    ),
    own = own?.let { Codes.application(it.status) },
)
