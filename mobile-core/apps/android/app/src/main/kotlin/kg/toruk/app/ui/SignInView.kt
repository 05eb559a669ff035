package kg.toruk.app.ui

import androidx.compose.foundation.layout.fillMaxWidth
import androidx.compose.material3.OutlinedButton
import androidx.compose.material3.OutlinedTextField
import androidx.compose.material3.Text as Line
import androidx.compose.runtime.Composable
import androidx.compose.runtime.collectAsState
import androidx.compose.runtime.getValue
import androidx.compose.runtime.mutableStateOf
import androidx.compose.runtime.saveable.rememberSaveable
import androidx.compose.runtime.setValue
import androidx.compose.ui.Modifier
import kg.toruk.app.model.AccountModel
import kg.toruk.app.model.Tone
import kg.toruk.app.words.Phrase
import kg.toruk.app.words.Text

/** Signing in and registering. */
@Composable
fun SignInView(model: AccountModel) {
    val screen by model.state.collectAsState()
    val words = LocalWords.current
    var name by rememberSaveable { mutableStateOf("") }
    Frame(model) {
        Heading(words(Text.APP_NAME))
        if (screen.sessionEnded) Notice(listOf(Phrase(Text.SESSION_ENDED)), Tone.WARNING)
        Act(Text.SIGN_IN) { model.signIn() }
        if (screen.account == null) {
            if (screen.accounts.isNotEmpty()) Heading(words(Text.ACCOUNTS_HERE))
            screen.accounts.forEach { account ->
                OutlinedButton(onClick = { model.signInAs(account.person) }) { Line(account.name) }
            }
            Heading(words(Text.REGISTER))
            OutlinedTextField(
                value = name,
                onValueChange = { name = it },
                label = { Line(words(Text.YOUR_NAME)) },
                singleLine = true,
                modifier = Modifier.fillMaxWidth(),
            )
            Side(Text.REGISTER, enabled = name.isNotBlank()) { model.register(name) }
        }
    }
}
