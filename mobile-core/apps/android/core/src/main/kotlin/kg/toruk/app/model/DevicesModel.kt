package kg.toruk.app.model

import kg.toruk.app.words.Phrase
import kg.toruk.app.words.Text
import kg.toruk.app.words.moment
import kg.toruk.core.DeviceInfo
import kg.toruk.core.EndedPasskey
import kotlinx.coroutines.launch

/** One of the person's phones, in words. */
data class ShownDevice(
    val device: DeviceInfo,
    /** The name that the person gave it, or its kind. */
    val name: Phrase,
    val facts: List<Phrase>,
)

/** The person's phones. */
data class DevicesScreen(
    val devices: List<ShownDevice> = emptyList(),
    /** What the person has to know of the phone that was ended last. */
    val warning: Phrase? = null,
)

/** The person's phones: listed, named and ended. */
class DevicesModel(private val bidder: Bidder) :
    ScreenModel<DevicesScreen>(DevicesScreen(), bidder.scope) {
    init {
        scope.launch { if (bidder.core.overview().signedIn) attempt { load() } }
    }

    /** Reads the list again. */
    fun refresh() = wish { load() }

    /** Gives a phone a name that only the person sees. */
    fun rename(id: String, name: String) = wish {
        bidder.core.nameDevice(id, name)
        load()
    }

    /** Ends another phone for good; this phone's passkey confirms it. */
    fun end(id: String) = wish {
        val passkey = bidder.core.revokeDevice(id, false)
        val kept = Phrase(Text.DEVICE_KEY_KEPT).takeIf { passkey == EndedPasskey.KEPT_AS_LAST }
        show { it.copy(warning = kept) }
        load()
    }

    private suspend fun load() {
        val devices = bidder.core.devices().map(::shownDevice)
        show { it.copy(devices = devices) }
    }
}

/** A phone as it is drawn. */
fun shownDevice(device: DeviceInfo): ShownDevice = ShownDevice(
    device = device,
    name = device.name?.let { Phrase(Text.DEVICE_NAMED, "name" to it) }
        ?: Phrase(Text.of("device_of_${device.platform}") ?: Text.DEVICE_OF_TERMINAL),
    facts = listOfNotNull(
        Phrase(Text.DEVICE_THIS).takeIf { device.isThis },
        Phrase(Text.DEVICE_ENDED).takeIf { device.isRevoked },
        Phrase(Text.DEVICE_ADDED, "time" to moment(device.createdAt)),
        device.seenAt?.let { Phrase(Text.DEVICE_SEEN, "time" to moment(it)) },
    ),
)
