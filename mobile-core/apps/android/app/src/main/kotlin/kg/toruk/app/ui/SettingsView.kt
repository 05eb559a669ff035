package kg.toruk.app.ui

import androidx.compose.foundation.layout.Row
import androidx.compose.foundation.layout.fillMaxWidth
import androidx.compose.foundation.selection.selectable
import androidx.compose.material3.RadioButton
import androidx.compose.material3.Text as Line
import androidx.compose.runtime.Composable
import androidx.compose.runtime.collectAsState
import androidx.compose.runtime.getValue
import androidx.compose.runtime.mutableStateOf
import androidx.compose.runtime.remember
import androidx.compose.runtime.setValue
import androidx.compose.ui.Alignment
import androidx.compose.ui.Modifier
import androidx.compose.ui.semantics.Role
import kg.toruk.app.model.DevicesModel
import kg.toruk.app.model.LANGUAGES
import kg.toruk.app.model.Leaving
import kg.toruk.app.model.SettingsModel
import kg.toruk.app.words.Phrase
import kg.toruk.app.words.Text

/** Language, the catalogue, the person's phones, leaving. */
@Composable
fun SettingsView(model: SettingsModel, devices: DevicesModel) {
    val screen by model.state.collectAsState()
    val words = LocalWords.current
    var erases by remember { mutableStateOf(false) }
    Frame(model) {
        Heading(words(Text.SCREEN_SETTINGS))
        screen.account?.let { Sentence(Phrase(Text.SIGNED_IN_AS, "name" to it.name)) }
        Heading(words(Text.LANGUAGE))
        LANGUAGES.forEach { LanguageLine(it) }
        Side(Text.KEEP_CATALOGUE) { model.keepCatalogue(true) }
        if (screen.account != null) {
            DevicesView(devices)
            Side(Text.SIGN_OUT) { model.signOut() }
            Heading(words(Text.LOGOUT))
            Side(Text.LOGOUT_SYNC) { model.logout(Leaving.SYNC_NOW) }
            Side(Text.LOGOUT_KEEP) { model.logout(Leaving.KEEP_LOCKED) }
            Side(Text.LOGOUT_DISCARD) { erases = true }
        }
    }
    if (erases) {
        Sure(
            Text.LOGOUT_DISCARD_SURE,
            yes = {
                erases = false
                model.logout(Leaving.DISCARD)
            },
            no = { erases = false },
        )
    }
}

@Composable
private fun LanguageLine(language: String) {
    val words = LocalWords.current
    val phone = LocalPhone.current
    val speak = { phone.speak(language) }
    val spoken = words.language == language
    Row(
        Modifier.fillMaxWidth().selectable(spoken, role = Role.RadioButton, onClick = speak),
        verticalAlignment = Alignment.CenterVertically,
    ) {
        RadioButton(selected = spoken, onClick = null)
        Text.of("language_$language")?.let { Line(words(it)) }
    }
}
