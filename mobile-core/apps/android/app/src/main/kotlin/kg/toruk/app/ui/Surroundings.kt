package kg.toruk.app.ui

import androidx.compose.material3.MaterialTheme
import androidx.compose.material3.darkColorScheme
import androidx.compose.material3.lightColorScheme
import androidx.compose.foundation.isSystemInDarkTheme
import androidx.compose.runtime.Composable
import androidx.compose.runtime.CompositionLocalProvider
import androidx.compose.runtime.staticCompositionLocalOf
import androidx.compose.ui.graphics.Color
import kg.toruk.app.words.Phrase
import kg.toruk.app.words.Text
import kg.toruk.app.words.inLanguage
import kg.toruk.core.Label

/** The person's language. */
class Words(val language: String, private val find: (Text) -> String) {
    operator fun invoke(text: Text): String = find(text)
    operator fun invoke(phrase: Phrase): String = phrase.inWords(find)
    operator fun invoke(label: Label): String = label.inLanguage(language)
    operator fun invoke(phrases: List<Phrase>): String = phrases.joinToString(" · ") { this(it) }
}

/** What a screen needs of the phone around it. */
interface Phone {
    /** Lets the person choose a file; choosing none changes nothing. No bytes: it can't be read. */
    fun pickFile(picked: (name: String, mime: String, bytes: ByteArray?) -> Unit)

    /** Hands a text on: a slip, a receipt. */
    fun share(text: String)

    /** Opens a page in the browser. */
    fun open(url: String)

    /** Keeps what is on the screen out of screenshots, recordings and the list of recent apps. */
    fun keepPrivate(isPrivate: Boolean)

    /** Asks for the permission to notify, where the system wants that. */
    fun askToNotify()

    /** Speaks another language from now on. */
    fun speak(language: String)
}

val LocalWords = staticCompositionLocalOf<Words> { error("no words") }
val LocalPhone = staticCompositionLocalOf<Phone> { error("no phone") }

private val GREEN = Color(0xFF1B6E3C)
private val AMBER = Color(0xFF8A4B00)

/** Colours of the app; contrast holds in both themes, and no colour stands alone. */
@Composable
fun TorukTheme(words: Words, phone: Phone, content: @Composable () -> Unit) {
    val colours = if (isSystemInDarkTheme()) {
        darkColorScheme(tertiary = Color(0xFF7FD99B), error = Color(0xFFFFB870))
    } else {
        lightColorScheme(tertiary = GREEN, error = AMBER)
    }
    CompositionLocalProvider(LocalWords provides words, LocalPhone provides phone) {
        MaterialTheme(colorScheme = colours, content = content)
    }
}
