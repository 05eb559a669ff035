package kg.toruk.app.ui

import androidx.compose.material3.Text as Line
import androidx.compose.runtime.Composable
import androidx.compose.runtime.LaunchedEffect
import androidx.compose.runtime.collectAsState
import androidx.compose.runtime.getValue
import kg.toruk.app.model.ResultModel
import kg.toruk.app.model.Tone
import kg.toruk.app.words.Phrase
import kg.toruk.app.words.Text

/** The result, for the winner to read and sign. */
@Composable
fun ResultView(model: ResultModel) {
    val screen by model.state.collectAsState()
    val words = LocalWords.current
    LaunchedEffect(model) { model.open() }
    Frame(model) {
        Heading(words(Text.SCREEN_RESULT))
        val protocol = screen.protocol ?: return@Frame
        Line(protocol.number)
        screen.lines.forEach { Sentence(it) }
        if (screen.signed) Notice(listOf(Phrase(Text.RESULT_SIGNED)), Tone.GOOD)
        else Act(Text.SIGN_RESULT) { model.confirm() }
    }
}
