package kg.toruk.app.ui

import androidx.compose.material3.AlertDialog
import androidx.compose.material3.Text as Line
import androidx.compose.material3.TextButton
import androidx.compose.runtime.Composable
import kg.toruk.app.words.Text

/** Asks before what can't be taken back: «Ооба» or «Жок». */
@Composable
fun Sure(question: Text, yes: () -> Unit, no: () -> Unit) {
    val words = LocalWords.current
    AlertDialog(
        onDismissRequest = no,
        text = { Line(words(question)) },
        confirmButton = { TextButton(onClick = yes) { Line(words(Text.YES)) } },
        dismissButton = { TextButton(onClick = no) { Line(words(Text.NO)) } },
    )
}
