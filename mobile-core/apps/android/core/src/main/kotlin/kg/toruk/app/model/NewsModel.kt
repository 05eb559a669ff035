package kg.toruk.app.model

import kg.toruk.app.words.Codes
import kg.toruk.app.words.Phrase
import kg.toruk.app.words.moment
import kg.toruk.core.LocalReminder
import kg.toruk.core.OutcomeRecord
import kotlinx.coroutines.launch

/** A decision, in words. */
data class Decision(
    val outcome: OutcomeRecord,
    val words: List<Phrase>,
    val at: String,
) {
    /** Whether another phone of the person acknowledges it. */
    val elsewhere: Boolean get() = outcome.elsewhere
}

/** Notifications: what was decided, and what will be reminded of. */
data class NewsScreen(
    val decisions: List<Decision> = emptyList(),
    val reminders: List<LocalReminder> = emptyList(),
    /** Somebody was let in: from now on notifications are worth asking for. */
    val worthAsking: Boolean = false,
)

/** Decisions and reminders. */
class NewsModel(private val bidder: Bidder) :
    ScreenModel<NewsScreen>(NewsScreen(), bidder.scope) {
    init {
        scope.launch { bidder.overview.collect { attempt { load() } } }
    }

    /** The person has seen a decision. */
    fun seen(opNo: ULong) = wish {
        bidder.core.ackOutcome(opNo)
        bidder.look()
        load()
    }

    private suspend fun load() {
        val mine = if (bidder.core.overview().signedIn) bidder.core.myAuctions().items else emptyList()
        show {
            NewsScreen(
                decisions = bidder.core.outcomes().map(::decision),
                reminders = bidder.core.reminders(),
                // An admitted applicant is asked for a deposit.
                worthAsking = mine.any { own -> own.depositStatus != null },
            )
        }
    }
}

/** A decision as it is drawn. */
fun decision(outcome: OutcomeRecord): Decision = Decision(
    outcome = outcome,
    words = listOfNotNull(
        Codes.phrase("operation", outcome.operation),
        Codes.phrase("verdict", outcome.verdict),
        outcome.code?.let(Codes::refusal),
    ),
    at = moment(outcome.decidedAt),
)
