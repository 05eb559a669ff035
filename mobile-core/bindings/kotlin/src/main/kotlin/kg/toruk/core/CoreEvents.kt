package kg.toruk.core

import kotlinx.coroutines.channels.awaitClose
import kotlinx.coroutines.channels.trySendBlocking
import kotlinx.coroutines.flow.Flow
import kotlinx.coroutines.flow.callbackFlow

/**
 * What the core says, as a flow. The first element is a [EventKind.Snapshot]; after it the numbers grow
 * by one, and a gap asks the app to read everything again ([Core.overview]).
 *
 * A core has one listener: a new collector silences the one before. An app collects once and
 * shares, with `shareIn(scope, SharingStarted.Eagerly)`. A collector that is slow holds up the core's
 * thread for events, and no call.
 */
public fun Core.events(): Flow<CoreEvent> = callbackFlow {
    listen(
        object : Observer {
            override fun onEvent(event: CoreEvent) {
                // A failure says that nobody collects any more.
                trySendBlocking(event)
            }
        },
    )
    awaitClose()
}
