package kg.toruk.app.ui

import androidx.compose.foundation.layout.Column
import androidx.compose.foundation.layout.Row
import androidx.compose.foundation.layout.fillMaxWidth
import androidx.compose.foundation.selection.selectable
import androidx.compose.foundation.selection.toggleable
import androidx.compose.foundation.text.KeyboardOptions
import androidx.compose.material3.Checkbox
import androidx.compose.material3.OutlinedTextField
import androidx.compose.material3.RadioButton
import androidx.compose.material3.Text as Line
import androidx.compose.runtime.Composable
import androidx.compose.runtime.DisposableEffect
import androidx.compose.runtime.collectAsState
import androidx.compose.runtime.getValue
import androidx.compose.runtime.mutableStateOf
import androidx.compose.runtime.remember
import androidx.compose.runtime.setValue
import androidx.compose.ui.Alignment
import androidx.compose.ui.Modifier
import androidx.compose.ui.semantics.Role
import androidx.compose.ui.text.input.KeyboardType
import kg.toruk.app.model.ApplicationModel
import kg.toruk.app.model.Place
import kg.toruk.app.model.Question
import kg.toruk.app.model.Tone
import kg.toruk.app.words.Phrase
import kg.toruk.app.words.Text

/** The answer to a consent. */
private const val CONSENTED = "yes"

/** An application: answers are kept as they are typed. */
@Composable
fun ApplicationView(model: ApplicationModel) {
    val screen by model.state.collectAsState()
    val words = LocalWords.current
    var withdraws by remember { mutableStateOf(false) }
    DisposableEffect(model) {
        model.open()
        onDispose { model.leave() }
    }
    Frame(model) {
        Heading(words(Text.SCREEN_APPLICATION))
        if (screen.submit.isNotEmpty()) {
            Notice(screen.submit, if (screen.submitIsWarning) Tone.WARNING else Tone.GOOD)
        }
        Sentence(Text.KEPT_AS_TYPED)
        if (screen.unsent > 0u) Sentence(Phrase(Text.UNSENT, "count" to screen.unsent), Tone.WARNING)
        screen.questions.forEach { question ->
            QuestionView(question) { model.answer(question.field.id, it) }
        }
        screen.places.forEach { PlaceView(it, model) }
        Act(Text.SUBMIT) { model.submit() }
        Side(Text.WITHDRAW) { withdraws = true }
    }
    if (withdraws) {
        Sure(
            Text.WITHDRAW_SURE,
            yes = {
                withdraws = false
                model.withdraw()
            },
            no = { withdraws = false },
        )
    }
}

@Composable
private fun QuestionView(question: Question, answer: (String) -> Unit) {
    val words = LocalWords.current
    val field = question.field
    val label = words(field.label) + if (field.required) " *" else ""
    Column(Modifier.fillMaxWidth()) {
        when (field.kind) {
            "choice" -> Choice(label, field.options, question.answer, answer)
            "consent" -> Consent(label, question.answer == CONSENTED) {
                answer(if (it) CONSENTED else "")
            }
            else -> Typed(label, question, answer)
        }
        if (question.conflict.isNotEmpty()) {
            Sentence(Phrase(Text.CONFLICT), Tone.WARNING)
            Choice(label, question.conflict, null, answer)
        }
        question.fault?.let { Sentence(it, Tone.WARNING) }
    }
}

@Composable
private fun Typed(label: String, question: Question, answer: (String) -> Unit) {
    // What is typed is shown at once; the core's answer replaces it only when it differs.
    var typed by remember(question.field.id, question.answer) {
        mutableStateOf(question.answer.orEmpty())
    }
    val keyboard = when (question.field.kind) {
        "digits" -> KeyboardType.Number
        "phone" -> KeyboardType.Phone
        else -> KeyboardType.Text
    }
    OutlinedTextField(
        value = typed,
        onValueChange = {
            typed = it
            answer(it)
        },
        label = { Line(label) },
        isError = question.fault != null,
        keyboardOptions = KeyboardOptions(keyboardType = keyboard),
        modifier = Modifier.fillMaxWidth(),
    )
}

@Composable
private fun Choice(label: String, options: List<String>, chosen: String?, choose: (String) -> Unit) {
    val words = LocalWords.current
    Line(label)
    options.forEach { option ->
        val select = { choose(option) }
        Row(
            Modifier.fillMaxWidth()
                .selectable(option == chosen, role = Role.RadioButton, onClick = select),
            verticalAlignment = Alignment.CenterVertically,
        ) {
            RadioButton(selected = option == chosen, onClick = null)
            // An option of a later form has no words here and is shown as it is.
            val known = Text.of("option_$option")
            Line(if (known == null) option else words(known))
        }
    }
}

@Composable
private fun Consent(label: String, given: Boolean, give: (Boolean) -> Unit) {
    Row(
        Modifier.fillMaxWidth().toggleable(given, role = Role.Checkbox, onValueChange = give),
        verticalAlignment = Alignment.CenterVertically,
    ) {
        Checkbox(checked = given, onCheckedChange = null)
        Line(label)
    }
}

@Composable
private fun PlaceView(place: Place, model: ApplicationModel) {
    val words = LocalWords.current
    val phone = LocalPhone.current
    Column(Modifier.fillMaxWidth()) {
        Line(words(place.slot.label) + if (place.slot.required) " *" else "")
        place.file?.let { Line(it.name) }
        place.upload?.let { Sentence(it) }
        place.fault?.let { Sentence(it, Tone.WARNING) }
        if (place.file == null) {
            Side(Text.CHOOSE_FILE) {
                phone.pickFile { name, mime, bytes -> model.attach(place.slot.id, name, mime, bytes) }
            }
        } else {
            Side(Text.REMOVE_FILE) { model.detach(place.slot.id) }
        }
    }
}
