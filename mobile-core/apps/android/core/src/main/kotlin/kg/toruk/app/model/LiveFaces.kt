package kg.toruk.app.model

import kg.toruk.app.words.Codes
import kg.toruk.app.words.Phrase
import kg.toruk.app.words.Text
import kg.toruk.app.words.countdown
import kg.toruk.app.words.moment
import kg.toruk.app.words.money
import kg.toruk.app.words.seconds
import kg.toruk.core.LiveState

/** How something looks; always together with words and a sign, never by colour alone. */
enum class Tone { CALM, GOOD, WARNING, ACTION }

/** The sign beside the words. */
enum class Sign { CLOCK, STOPPED, OFFLINE, BUSY, LEADER, RAISE, WARNING, DONE }

/** The one big button. */
data class ButtonFace(
    val words: Phrase,
    val tone: Tone,
    val sign: Sign,
    /** Whether it can be tapped: the core has an offer. */
    val tappable: Boolean,
)

/** Something to be told above everything else. */
data class Banner(val words: List<Phrase>, val tone: Tone)

/** What is counted down. */
data class Countdown(val label: Text, val left: Phrase)

/**
 * How each state of the button looks. Every code of the core is here; a test holds them together.
 */
private val FACES: Map<String, Pair<Tone, Sign>> = mapOf(
    "closed" to (Tone.CALM to Sign.DONE),
    "suspended" to (Tone.WARNING to Sign.STOPPED),
    "not_eligible" to (Tone.CALM to Sign.STOPPED),
    "waiting_start" to (Tone.CALM to Sign.CLOCK),
    "offline" to (Tone.WARNING to Sign.OFFLINE),
    "clock_uncertain" to (Tone.WARNING to Sign.CLOCK),
    "sending" to (Tone.CALM to Sign.BUSY),
    "unknown_outcome" to (Tone.WARNING to Sign.BUSY),
    "leading" to (Tone.GOOD to Sign.LEADER),
    "price_limit" to (Tone.CALM to Sign.STOPPED),
    "outbid" to (Tone.WARNING to Sign.WARNING),
    "rejected" to (Tone.WARNING to Sign.WARNING),
    "can_first_offer" to (Tone.ACTION to Sign.RAISE),
    "can_raise" to (Tone.ACTION to Sign.RAISE),
)

/** The states of the button that this version draws. */
val buttonCodes: Set<String> get() = FACES.keys

/** The button of a state: the words by its code, the amount when there is one. */
fun buttonFace(live: LiveState): ButtonFace {
    val (tone, sign) = FACES[live.button] ?: (Tone.CALM to Sign.STOPPED)
    val words = live.closed?.let { Codes.phrase("closed", it) } ?: Codes.phrase("button", live.button)
    val amount = live.amount
    return ButtonFace(
        words = if (amount == null) words
        else Phrase(Text.BUTTON_UP_TO, "button" to words, "amount" to money(amount)),
        tone = tone,
        sign = sign,
        tappable = amount != null,
    )
}

/** What is told above everything else: two histories first, then a stopped clock, then silence. */
fun banners(live: LiveState): List<Banner> = listOfNotNull(
    live.contradicted?.let { Banner(listOf(Phrase(Text.TWO_HISTORIES)), Tone.WARNING) },
    live.suspension?.let {
        val words = listOf(
            Phrase(Text.BUTTON_SUSPENDED),
            Codes.phrase("cause", it.cause),
            it.resumeAt?.let { at -> Phrase(Text.RESUMES_AT, "time" to moment(at)) }
                ?: Phrase(Text.RESUME_UNKNOWN),
        )
        Banner(words, Tone.WARNING)
    },
    Banner(listOf(Phrase(Text.STREAM_LOST)), Tone.WARNING)
        .takeIf { !live.connected && live.closed == null },
)

/** The one countdown that matters now. */
fun countdown(live: LiveState): Countdown? {
    val resumes = live.suspension?.resumesIn
    val starts = live.startsIn
    val ends = live.endsIn
    return when {
        resumes != null -> Countdown(Text.RESUMES_IN, countdown(resumes))
        starts != null -> Countdown(Text.STARTS_IN, countdown(starts))
        ends != null -> Countdown(Text.TIME_LEFT, countdown(ends))
        else -> null
    }
}

/** Price, leader, people, one's own number. */
fun liveFacts(live: LiveState): List<Phrase> = listOfNotNull(
    live.phase?.let { Codes.phrase("phase", it) },
    live.leader?.let { Phrase(Text.LEADER, "number" to it) } ?: Phrase(Text.NO_LEADER),
    Phrase(Text.RAISES, "count" to live.round),
    // They are counted when applications close.
    live.participants.takeIf { it > 0u }?.let { Phrase(Text.PARTICIPANTS, "count" to it) },
    live.ownNumber?.let { Phrase(Text.YOUR_NUMBER, "number" to it) },
)

/** The server's clock, and how well it is known. */
fun clock(live: LiveState): Phrase {
    val now = live.serverTime
    val off = live.uncertainty
    if (now == null || off == null) return Phrase(Text.BUTTON_CLOCK_UNCERTAIN)
    return Phrase(Text.SERVER_TIME, "time" to moment(now), "seconds" to seconds(off))
}
