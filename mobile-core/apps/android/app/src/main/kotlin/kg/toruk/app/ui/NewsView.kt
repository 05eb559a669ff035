package kg.toruk.app.ui

import androidx.compose.foundation.layout.Column
import androidx.compose.material3.Text as Line
import androidx.compose.runtime.Composable
import androidx.compose.runtime.collectAsState
import androidx.compose.runtime.getValue
import kg.toruk.app.model.NewsModel
import kg.toruk.app.words.Text
import kg.toruk.app.words.at

/** Decisions and reminders; where notifications are asked for, once they are worth it. */
@Composable
fun NewsView(model: NewsModel) {
    val screen by model.state.collectAsState()
    val words = LocalWords.current
    val phone = LocalPhone.current
    Frame(model) {
        Heading(words(Text.SCREEN_NOTIFICATIONS))
        if (screen.worthAsking) {
            Sentence(Text.WHY_NOTIFICATIONS)
            Side(Text.ALLOW_NOTIFICATIONS) { phone.askToNotify() }
        }
        if (screen.decisions.isEmpty() && screen.reminders.isEmpty()) Sentence(Text.NO_NEWS)
        if (screen.decisions.isNotEmpty()) Heading(words(Text.OUTCOMES))
        screen.decisions.forEach { decision ->
            Column {
                Line(words(decision.words))
                Line(decision.at)
                if (decision.elsewhere) Sentence(Text.ELSEWHERE)
            }
            if (!decision.elsewhere) Side(Text.SEEN) { model.seen(decision.outcome.opNo) }
        }
        if (screen.reminders.isNotEmpty()) Heading(words(Text.REMINDERS))
        screen.reminders.forEach { Line("${it.title}: ${it.body} (${words(at(it.at))})") }
    }
}
