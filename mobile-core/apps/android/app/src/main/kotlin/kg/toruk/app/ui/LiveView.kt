package kg.toruk.app.ui

import androidx.compose.foundation.layout.Row
import androidx.compose.foundation.layout.fillMaxWidth
import androidx.compose.foundation.layout.heightIn
import androidx.compose.material3.AlertDialog
import androidx.compose.material3.Button
import androidx.compose.material3.MaterialTheme
import androidx.compose.material3.Text as Line
import androidx.compose.material3.TextButton
import androidx.compose.runtime.Composable
import androidx.compose.runtime.DisposableEffect
import androidx.compose.runtime.collectAsState
import androidx.compose.runtime.getValue
import androidx.compose.ui.Modifier
import androidx.compose.ui.semantics.LiveRegionMode
import androidx.compose.ui.semantics.liveRegion
import androidx.compose.ui.semantics.semantics
import androidx.compose.ui.semantics.stateDescription
import androidx.compose.ui.unit.dp
import kg.toruk.app.model.ButtonFace
import kg.toruk.app.model.Countdown
import kg.toruk.app.model.LiveModel
import kg.toruk.app.model.LiveScreen
import kg.toruk.app.model.Tone
import kg.toruk.app.words.Text

/** The waiting room and the live screen. */
@Composable
fun LiveView(model: LiveModel, toResult: () -> Unit, leave: () -> Unit) {
    val screen by model.state.collectAsState()
    val words = LocalWords.current
    DisposableEffect(model) { onDispose { model.leave() } }
    Frame(model) {
        Heading(words(if (screen.waitingRoom) Text.SCREEN_WAITING_ROOM else Text.SCREEN_LIVE))
        screen.banners.forEach { Notice(it.words, it.tone) }
        screen.alert?.let { Notice(listOf(it), Tone.WARNING, seen = model::alertSeen) }
        screen.price?.let {
            Line(
                words(it),
                Modifier.semantics { liveRegion = LiveRegionMode.Polite },
                style = MaterialTheme.typography.displaySmall,
            )
        }
        screen.countdown?.let { CountdownLine(it) }
        screen.facts.forEach { Sentence(it) }
        if (!screen.waitingRoom && screen.ending == null) Sentence(Text.RESTARTS)
        screen.clock?.let { Sentence(it) }
        screen.news?.let { news ->
            Notice(news.words, news.tone)
            news.receipt?.let { receipt ->
                val phone = LocalPhone.current
                Side(Text.RECEIPT) { phone.share(receipt.text) }
            }
        }
        screen.button?.let { BidButton(it, model::raise) }
        if (screen.toConfirm) Act(Text.SIGN_RESULT, act = toResult)
        Side(Text.LEAVE, act = leave)
        Sentence(Text.LEAVE_NOTE)
    }
    Confirmation(screen, model)
}

/**
 * The countdown is silent for a screen reader, which asks for it: seconds would drown the price.
 */
@Composable
private fun CountdownLine(countdown: Countdown) {
    val words = LocalWords.current
    Line(
        "${words(countdown.label)}: ${words(countdown.left)}",
        style = MaterialTheme.typography.headlineMedium,
    )
}

/** The one big button; what it says when it can't be tapped is said as its state, too. */
@Composable
private fun BidButton(face: ButtonFace, tap: () -> Unit) {
    val words = LocalWords.current
    val off = words(Text.BUTTON_WAIT)
    Button(
        onClick = tap,
        enabled = face.tappable,
        modifier = Modifier.fillMaxWidth().heightIn(min = 72.dp).semantics {
            liveRegion = LiveRegionMode.Polite
            if (!face.tappable) stateDescription = off
        },
    ) {
        Row {
            Mark(face.sign, if (face.tappable) Tone.CALM else face.tone)
            Line(words(face.words))
        }
    }
}

/** The sheet: the amount, what it means, «Ооба» and «Жок». */
@Composable
private fun Confirmation(screen: LiveScreen, model: LiveModel) {
    val sheet = screen.sheet ?: return
    val words = LocalWords.current
    AlertDialog(
        onDismissRequest = model::dismiss,
        title = { Line(words(Text.CONFIRM_TITLE)) },
        text = {
            val said = if (sheet.moved) Text.CONFIRM_MOVED else Text.CONFIRM_BINDING
            Line(
                "${words(sheet.amount)}\n\n${words(said)}",
                Modifier.semantics { liveRegion = LiveRegionMode.Assertive },
            )
        },
        confirmButton = {
            if (sheet.moved) TextButton(onClick = { model.raise() }) { Line(words(Text.LOOK_AGAIN)) }
            TextButton(onClick = { model.confirm() }, enabled = !sheet.moved) {
                Line(words(Text.YES))
            }
        },
        dismissButton = { TextButton(onClick = model::dismiss) { Line(words(Text.NO)) } },
    )
}
