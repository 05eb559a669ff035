package kg.toruk.app

import kg.toruk.app.model.ConfirmSheet
import kg.toruk.app.model.LiveScreen
import kg.toruk.app.model.Sign
import kg.toruk.app.model.Tone
import kg.toruk.app.model.banners
import kg.toruk.app.model.bidNews
import kg.toruk.app.model.buttonCodes
import kg.toruk.app.model.buttonFace
import kg.toruk.app.model.countdown
import kg.toruk.app.model.drawn
import kg.toruk.app.words.Phrase
import kg.toruk.app.words.Text
import kg.toruk.app.words.money
import kg.toruk.core.BidResult
import kg.toruk.core.BidState
import kg.toruk.core.LiveState
import kg.toruk.core.LiveSuspension
import kg.toruk.core.Quote
import kotlin.test.Test
import kotlin.test.assertEquals
import kotlin.test.assertFalse
import kotlin.test.assertTrue

class LiveTest {
    @Test
    fun `only a state with an offer can be tapped`() {
        for (code in buttonCodes) {
            val offers = code == "can_raise" || code == "can_first_offer"
            val face = buttonFace(live(code, amount = 5_00L.takeIf { offers }))
            assertEquals(offers, face.tappable, code)
            assertEquals(offers, face.tone == Tone.ACTION, code)
        }
    }

    @Test
    fun `the button says to which amount a tap would raise`() {
        val face = buttonFace(live("can_raise", amount = 130_000_000))
        assertEquals(Text.BUTTON_UP_TO, face.words.text)
        assertEquals(money(130_000_000), face.words.parameters["amount"])
        assertEquals(Sign.RAISE, face.sign)
    }

    @Test
    fun `a closed auction says how it ended for this person`() {
        val face = buttonFace(live("closed").copy(closed = "no_first_offer"))
        assertEquals(Text.CLOSED_NO_FIRST_OFFER, face.words.text)
    }

    @Test
    fun `a state of a later version can't be tapped and is shown as it is`() {
        val face = buttonFace(live("hovering"))
        assertFalse(face.tappable)
        assertEquals(Text.OTHER_CODE, face.words.text)
    }

    @Test
    fun `two histories are told before a stopped clock, and both before silence`() {
        val stopped = LiveSuspension(0, "outage", null, null)
        val told = banners(
            live("suspended").copy(contradicted = 7u, suspension = stopped, connected = false),
        )
        assertEquals(
            listOf(Text.TWO_HISTORIES, Text.BUTTON_SUSPENDED, Text.STREAM_LOST),
            told.map { it.words.first().text },
        )
        assertEquals(Text.RESUME_UNKNOWN, told[1].words.last().text)
    }

    @Test
    fun `what counts down is the start, then the window, and while the clock stands its resumption`() {
        val waiting = live("waiting_start").copy(startsIn = 61_000_000, endsIn = null)
        assertEquals(
            Text.STARTS_IN to Phrase(Text.COUNTDOWN, "left" to "01:01"),
            countdown(waiting)?.let { it.label to it.left },
        )
        assertEquals(Text.TIME_LEFT, countdown(live("can_raise"))?.label)
        val stopped = LiveSuspension(0, "outage", 9, 5_000_000)
        assertEquals(Text.RESUMES_IN, countdown(live("suspended").copy(suspension = stopped))?.label)
    }

    @Test
    fun `a sheet whose price moved on says so and stays open`() {
        val quote = Quote(1u, "a", 100, 105, 3u, null, false)
        val open = LiveScreen(sheet = ConfirmSheet(quote, money(105), moved = false))
        assertFalse(drawn(open, live("can_raise", amount = 105)).sheet!!.moved)
        assertTrue(drawn(open, live("can_raise", amount = 110)).sheet!!.moved)
        assertTrue(drawn(open, live("leading")).sheet!!.moved)
    }

    @Test
    fun `the waiting room is until bidding opens, and only the winner is asked to confirm`() {
        assertTrue(drawn(LiveScreen(), live("waiting_start").copy(phase = null)).waitingRoom)
        assertFalse(drawn(LiveScreen(), live("can_raise")).waitingRoom)
        val over = live("closed").copy(status = "qualification")
        assertTrue(drawn(LiveScreen(), over.copy(closed = "won")).toConfirm)
        assertFalse(drawn(LiveScreen(), over.copy(closed = "lost")).toConfirm)
    }

    @Test
    fun `a bid without an answer is told as such, never as a failure`() {
        val unknown = BidResult("b", BidState.UNKNOWN, null, emptyMap(), null)
        assertEquals(listOf(Text.BID_UNKNOWN), bidNews(unknown).words.map { it.text })
        val refused = unknown.copy(state = BidState.REFUSED, code = "stale_basis")
        assertEquals(
            listOf(Text.BID_REFUSED, Text.CODE_STALE_BASIS),
            bidNews(refused).words.map { it.text },
        )
    }
}

/** A live screen in a state of the button. */
fun live(button: String, amount: Long? = null) = LiveState(
    auction = "a",
    status = "bidding",
    seq = 9u,
    price = 100,
    phase = "raising",
    round = 3u,
    deadline = 300_000_000,
    leader = 2u,
    ownNumber = 1u,
    participants = 4u,
    start = 0,
    startsIn = null,
    endsIn = 299_000_000,
    button = button,
    closed = null,
    amount = amount,
    suspension = null,
    epoch = 0u,
    connected = true,
    contradicted = null,
    serverTime = 1_000_000,
    uncertainty = 35_000,
)
