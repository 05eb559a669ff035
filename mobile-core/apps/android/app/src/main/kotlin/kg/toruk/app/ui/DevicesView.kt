package kg.toruk.app.ui

import androidx.compose.foundation.layout.fillMaxWidth
import androidx.compose.material3.OutlinedTextField
import androidx.compose.material3.Text as Line
import androidx.compose.runtime.Composable
import androidx.compose.runtime.collectAsState
import androidx.compose.runtime.getValue
import androidx.compose.runtime.mutableStateOf
import androidx.compose.runtime.remember
import androidx.compose.runtime.saveable.rememberSaveable
import androidx.compose.runtime.setValue
import androidx.compose.ui.Modifier
import kg.toruk.app.model.DevicesModel
import kg.toruk.app.model.ShownDevice
import kg.toruk.app.model.Tone
import kg.toruk.app.words.Text

/** The person's phones, as a part of the settings. */
@Composable
fun DevicesView(model: DevicesModel) {
    val screen by model.state.collectAsState()
    val failure by model.failure.collectAsState()
    var ends by remember { mutableStateOf<String?>(null) }
    Heading(LocalWords.current(Text.DEVICES))
    failure?.let { Notice(listOf(it), Tone.WARNING) { model.failureSeen() } }
    screen.warning?.let { Notice(listOf(it), Tone.WARNING) }
    screen.devices.forEach { shown ->
        DeviceLines(shown, { model.rename(shown.device.id, it) }) { ends = shown.device.id }
    }
    ends?.let { id ->
        Sure(
            Text.DEVICE_END_SURE,
            yes = {
                ends = null
                model.end(id)
            },
            no = { ends = null },
        )
    }
}

@Composable
private fun DeviceLines(shown: ShownDevice, rename: (String) -> Unit, end: () -> Unit) {
    val words = LocalWords.current
    val device = shown.device
    var name by rememberSaveable(device.id) { mutableStateOf(device.name ?: "") }
    Sentence(shown.name)
    shown.facts.forEach { Sentence(it) }
    if (device.isRevoked) return
    OutlinedTextField(
        value = name,
        onValueChange = { name = it },
        label = { Line(words(Text.DEVICE_NAME)) },
        singleLine = true,
        modifier = Modifier.fillMaxWidth(),
    )
    Side(Text.DEVICE_RENAME, enabled = name.isNotBlank()) { rename(name) }
    if (!device.isThis) Side(Text.DEVICE_END, act = end)
}
