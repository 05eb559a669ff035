package kg.toruk.app.ui

import androidx.compose.foundation.layout.Arrangement
import androidx.compose.foundation.layout.Column
import androidx.compose.foundation.layout.ColumnScope
import androidx.compose.foundation.layout.Row
import androidx.compose.foundation.layout.Spacer
import androidx.compose.foundation.layout.fillMaxSize
import androidx.compose.foundation.layout.fillMaxWidth
import androidx.compose.foundation.layout.heightIn
import androidx.compose.foundation.layout.padding
import androidx.compose.foundation.layout.width
import androidx.compose.foundation.rememberScrollState
import androidx.compose.foundation.verticalScroll
import androidx.compose.material3.Button
import androidx.compose.material3.Card
import androidx.compose.material3.LinearProgressIndicator
import androidx.compose.material3.MaterialTheme
import androidx.compose.material3.OutlinedButton
import androidx.compose.material3.Text as Line
import androidx.compose.material3.TextButton
import androidx.compose.runtime.Composable
import androidx.compose.runtime.collectAsState
import androidx.compose.runtime.getValue
import androidx.compose.ui.Modifier
import androidx.compose.ui.graphics.Color
import androidx.compose.ui.semantics.LiveRegionMode
import androidx.compose.ui.semantics.clearAndSetSemantics
import androidx.compose.ui.semantics.contentDescription
import androidx.compose.ui.semantics.heading
import androidx.compose.ui.semantics.liveRegion
import androidx.compose.ui.semantics.semantics
import androidx.compose.ui.unit.dp
import kg.toruk.app.model.ScreenModel
import kg.toruk.app.model.Sign
import kg.toruk.app.model.Tone
import kg.toruk.app.words.Phrase
import kg.toruk.app.words.Text

/** The smallest height of what can be tapped. */
private val TAP_HEIGHT = 56.dp

/** A screen's frame: what is being done, what went wrong, then the screen. */
@Composable
fun Frame(model: ScreenModel<*>, content: @Composable ColumnScope.() -> Unit) {
    val busy by model.busy.collectAsState()
    val failure by model.failure.collectAsState()
    val words = LocalWords.current
    Column(
        Modifier.fillMaxSize().verticalScroll(rememberScrollState()).padding(16.dp),
        verticalArrangement = Arrangement.spacedBy(12.dp),
    ) {
        if (busy) {
            val working = words(Text.WORKING)
            LinearProgressIndicator(
                Modifier.fillMaxWidth().semantics { contentDescription = working },
            )
        }
        failure?.let { Notice(listOf(it), Tone.WARNING) { model.failureSeen() } }
        content()
    }
}

/** Something to be read now: spoken at once by a screen reader. */
@Composable
fun Notice(phrases: List<Phrase>, tone: Tone, seen: (() -> Unit)? = null) {
    val words = LocalWords.current
    Card(Modifier.fillMaxWidth().semantics { liveRegion = LiveRegionMode.Assertive }) {
        Row(Modifier.padding(12.dp)) {
            Mark(if (tone == Tone.GOOD) Sign.DONE else Sign.WARNING, tone)
            Column(Modifier.weight(1f)) {
                phrases.forEach { Line(words(it), color = colour(tone)) }
            }
            if (seen != null) TextButton(onClick = seen) { Line(words(Text.OK)) }
        }
    }
}

/** A sign beside words; a screen reader reads the words alone. */
@Composable
fun Mark(sign: Sign, tone: Tone) {
    val glyph = when (sign) {
        Sign.CLOCK -> "◷"
        Sign.STOPPED -> "■"
        Sign.OFFLINE -> "✕"
        Sign.BUSY -> "…"
        Sign.LEADER -> "★"
        Sign.RAISE -> "▲"
        Sign.WARNING -> "⚠"
        Sign.DONE -> "✔"
    }
    Line(glyph, Modifier.clearAndSetSemantics {}, color = colour(tone))
    Spacer(Modifier.width(8.dp))
}

/** A tone's colour; the words and the sign say the same. */
@Composable
fun colour(tone: Tone): Color = when (tone) {
    Tone.CALM -> MaterialTheme.colorScheme.onSurface
    Tone.GOOD -> MaterialTheme.colorScheme.tertiary
    Tone.WARNING -> MaterialTheme.colorScheme.error
    Tone.ACTION -> MaterialTheme.colorScheme.primary
}

/** A title within a screen. */
@Composable
fun Heading(title: String) {
    Line(title, Modifier.semantics { heading() }, style = MaterialTheme.typography.titleLarge)
}

/** A name and its value, read as one. */
@Composable
fun FactLine(name: Text, value: Phrase) {
    val words = LocalWords.current
    Column(Modifier.fillMaxWidth().semantics(mergeDescendants = true) {}) {
        Line(words(name), style = MaterialTheme.typography.labelMedium)
        Line(words(value), style = MaterialTheme.typography.bodyLarge)
    }
}

/** A plain sentence. */
@Composable
fun Sentence(phrase: Phrase, tone: Tone = Tone.CALM) {
    Line(LocalWords.current(phrase), color = colour(tone))
}

/** A text without anything to fill in. */
@Composable
fun Sentence(text: Text) = Sentence(Phrase(text))

/** The one thing to do here. */
@Composable
fun Act(text: Text, enabled: Boolean = true, act: () -> Unit) {
    Button(
        onClick = act,
        enabled = enabled,
        modifier = Modifier.fillMaxWidth().heightIn(min = TAP_HEIGHT),
    ) { Line(LocalWords.current(text)) }
}

/** Something else to do. */
@Composable
fun Side(text: Text, enabled: Boolean = true, act: () -> Unit) {
    OutlinedButton(
        onClick = act,
        enabled = enabled,
        modifier = Modifier.fillMaxWidth().heightIn(min = TAP_HEIGHT),
    ) { Line(LocalWords.current(text)) }
}
