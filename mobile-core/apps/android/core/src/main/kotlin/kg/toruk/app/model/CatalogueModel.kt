package kg.toruk.app.model

import kg.toruk.app.words.Codes
import kg.toruk.app.words.Phrase
import kg.toruk.core.AuctionSummary
import kg.toruk.core.CatalogueQuery
import kg.toruk.core.EventKind
import kg.toruk.core.MyAuction
import kotlinx.coroutines.flow.filter
import kotlinx.coroutines.launch

/** Auctions that are read from the phone's store at a time. */
private const val PAGE_LIMIT = 50u

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
    /** What is looked for. */
    val search: String = "",
    /** Where the next page begins, when there is one. */
    val next: String? = null,
    /** When it was fetched, when that is not now. */
    val asOf: Long? = null,
    /** Whether anything is known. */
    val loaded: Boolean = false,
)

/** The catalogue and «Менин торуктарым»; both are there without a connection. */
class CatalogueModel(private val bidder: Bidder) :
    ScreenModel<CatalogueScreen>(CatalogueScreen(), bidder.scope) {
    @Volatile private var own: Map<String, MyAuction> = emptyMap()

    init {
        scope.launch {
            val matters = bidder.events.filter {
                it.what is EventKind.CatalogueChanged || it.what is EventKind.MineChanged
            }
            matters.collect { attempt { load() } }
        }
    }

    /** Shows what the phone has, at once, then fetches both lists. */
    fun refresh() = wish {
        firstPage()
        load()
    }

    /** Looks for words in titles, numbers and settlements, on this phone. */
    fun search(text: String) = scope.launch {
        show { it.copy(search = text) }
        attempt { firstPage() }
    }

    /** The next page. */
    fun more() = wish {
        val after = state.value.next ?: return@wish
        val page = page(after)
        show { it.copy(lines = it.lines + page.items.map(::drawn), next = page.next) }
    }

    private suspend fun load() {
        val list = bidder.core.auctions()
        val mine = if (bidder.core.overview().signedIn) bidder.core.myAuctions().items else emptyList()
        own = mine.associateBy(MyAuction::auction)
        firstPage()
        show {
            it.copy(
                mine = list.items.filter { auction -> auction.id in own }.map(::drawn),
                asOf = list.asOf.takeIf { list.stale },
                loaded = true,
            )
        }
    }

    private fun firstPage() {
        val page = page(after = null)
        show {
            it.copy(
                lines = page.items.map(::drawn),
                next = page.next,
                loaded = it.loaded || page.asOf != null,
            )
        }
    }

    private fun page(after: String?) = bidder.core.cataloguePage(
        CatalogueQuery(state.value.search, emptyList(), emptyList(), null, soonestFirst = false),
        after,
        PAGE_LIMIT,
    )

    private fun drawn(auction: AuctionSummary) = line(auction, own[auction.id])
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
