package kg.toruk.app.ui

import androidx.compose.runtime.getValue
import androidx.compose.runtime.mutableStateOf
import androidx.compose.runtime.setValue

/** Where the person can be. */
sealed interface Place {
    /** Whether there is nothing to see without a session. */
    val needsSession: Boolean get() = true

    /** Whether it shows a ПИН, an account or a code: no screenshot, no recording, no recents. */
    val isPrivate: Boolean get() = false

    data object Catalogue : Place {
        override val needsSession get() = false
    }

    data object Mine : Place
    data object News : Place
    data object Sync : Place
    data object Settings : Place {
        override val needsSession get() = false
        override val isPrivate get() = true
    }

    data class Auction(val id: String) : Place {
        override val needsSession get() = false
    }

    data class Application(val id: String) : Place {
        override val isPrivate get() = true
    }

    data class Deposit(val id: String) : Place {
        override val isPrivate get() = true
    }

    data class Live(val id: String) : Place {
        override val needsSession get() = false
    }

    data class Result(val id: String) : Place
}

/** The way to where the person is: a tab, then what was opened from it. */
class Path {
    private var places by mutableStateOf(listOf<Place>(Place.Catalogue))

    /** Where the person is. */
    val place: Place get() = places.last()

    /** Under which tab. */
    val tab: Place get() = places.first()

    /** Whether there is a way back. */
    val canGoBack: Boolean get() = places.size > 1

    /** Another tab. */
    fun to(tab: Place) {
        places = listOf(tab)
    }

    /** Further in. */
    fun go(place: Place) {
        places = places + place
    }

    /** One step back. */
    fun back() {
        if (canGoBack) places = places.dropLast(1)
    }
}
