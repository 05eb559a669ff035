package kg.toruk.app.ui

import androidx.compose.material3.Text as Line
import androidx.compose.runtime.Composable
import androidx.compose.runtime.LaunchedEffect
import androidx.compose.runtime.collectAsState
import androidx.compose.runtime.getValue
import androidx.compose.runtime.mutableStateOf
import androidx.compose.runtime.remember
import androidx.compose.runtime.setValue
import kg.toruk.app.model.ResultModel
import kg.toruk.app.model.Tone
import kg.toruk.app.words.Phrase
import kg.toruk.app.words.Text

/** The result, for the winner to read and sign. */
@Composable
fun ResultView(model: ResultModel) {
    val screen by model.state.collectAsState()
    val words = LocalWords.current
    var refuses by remember { mutableStateOf(false) }
    LaunchedEffect(model) { model.open() }
    Frame(model) {
        Heading(words(Text.SCREEN_RESULT))
        val protocol = screen.protocol ?: return@Frame
        Line(protocol.number)
        screen.lines.forEach { Sentence(it) }
        when {
            screen.signed -> Notice(listOf(Phrase(Text.RESULT_SIGNED)), Tone.GOOD)
            screen.refused -> Notice(listOf(Phrase(Text.RESULT_REFUSED)), Tone.WARNING)
            else -> {
                Act(Text.SIGN_RESULT) { model.confirm() }
                Side(Text.REFUSE_RESULT) { refuses = true }
            }
        }
    }
    if (refuses) {
        Sure(
            Text.REFUSE_RESULT_SURE,
            yes = {
                refuses = false
                model.refuse()
            },
            no = { refuses = false },
        )
    }
}
