package kg.toruk.app.ui

import androidx.compose.material3.Text as Line
import androidx.compose.runtime.Composable
import androidx.compose.runtime.DisposableEffect
import androidx.compose.runtime.collectAsState
import androidx.compose.runtime.getValue
import kg.toruk.app.model.AuctionModel
import kg.toruk.app.model.NextStep
import kg.toruk.app.model.Tone
import kg.toruk.app.words.Phrase
import kg.toruk.app.words.Text
import kg.toruk.app.words.moment

/** One auction. */
@Composable
fun AuctionView(model: AuctionModel, go: (NextStep) -> Unit) {
    val screen by model.state.collectAsState()
    val words = LocalWords.current
    DisposableEffect(model) {
        model.refresh()
        onDispose { model.leave() }
    }
    Frame(model) {
        val auction = screen.auction ?: return@Frame
        if (auction.stale) Sentence(Phrase(Text.AS_OF, "time" to moment(auction.asOf)), Tone.WARNING)
        Heading(words(auction.title))
        Line("${auction.number} · ${words(screen.standing)}")
        if (auction.clockSpeed > 1u) Sentence(Phrase(Text.DEMO_CLOCK, "speed" to auction.clockSpeed))
        screen.ownStanding.forEach { Sentence(it, Tone.GOOD) }
        when (screen.next) {
            NextStep.APPLY -> Act(Text.PARTICIPATE) { go(NextStep.APPLY) }
            NextStep.PAY -> Act(Text.GUARANTEE) { go(NextStep.PAY) }
            NextStep.LIVE -> Act(Text.TO_LIVE) { go(NextStep.LIVE) }
            NextStep.WAIT -> Side(Text.YOUR_APPLICATION) { go(NextStep.APPLY) }
        }
        if (screen.next != NextStep.LIVE) Side(Text.TO_LIVE) { go(NextStep.LIVE) }
        screen.facts.forEach { (name, value) -> FactLine(name, value) }
        Line(words(auction.description))
        Line("${words(Text.LOT_HOLDER)}: ${words(auction.lotHolder)}")
        Side(if (screen.followed) Text.UNFOLLOW else Text.FOLLOW) { model.follow(!screen.followed) }
    }
}
