package kg.toruk.app.ui

import androidx.compose.runtime.Composable
import androidx.compose.runtime.collectAsState
import androidx.compose.runtime.getValue
import kg.toruk.app.model.SyncModel
import kg.toruk.app.model.Tone
import kg.toruk.app.words.Text

/** What waits, and what was refused. */
@Composable
fun SyncView(model: SyncModel) {
    val screen by model.state.collectAsState()
    val words = LocalWords.current
    Frame(model) {
        Heading(words(Text.SCREEN_SYNC))
        if (screen.repairs.isNotEmpty()) Notice(screen.repairs, Tone.WARNING) { model.repairsSeen() }
        screen.standing.forEach { Sentence(it, if (screen.idle) Tone.CALM else Tone.WARNING) }
        Act(Text.SYNC_NOW) { model.syncNow() }
        if (screen.attention.isNotEmpty()) Heading(words(Text.SCREEN_ATTENTION))
        screen.attention.forEach { refusal ->
            Notice(refusal.words, Tone.WARNING)
            refusal.item.actions.forEach { action ->
                Text.of("action_$action")?.let { Side(it) { model.attend(refusal.item.id, action) } }
            }
        }
    }
}
