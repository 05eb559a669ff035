package kg.toruk.app.ui

import androidx.compose.foundation.layout.Box
import androidx.compose.foundation.layout.Column
import androidx.compose.foundation.layout.padding
import androidx.compose.material3.NavigationBar
import androidx.compose.material3.NavigationBarItem
import androidx.compose.material3.Scaffold
import androidx.compose.material3.Text as Line
import androidx.compose.runtime.Composable
import androidx.compose.runtime.SideEffect
import androidx.compose.runtime.collectAsState
import androidx.compose.runtime.getValue
import androidx.compose.runtime.remember
import androidx.compose.ui.Modifier
import androidx.compose.ui.semantics.clearAndSetSemantics
import kg.toruk.app.model.AccountModel
import kg.toruk.app.model.ApplicationModel
import kg.toruk.app.model.AuctionModel
import kg.toruk.app.model.Bidder
import kg.toruk.app.model.CatalogueModel
import kg.toruk.app.model.DepositModel
import kg.toruk.app.model.DevicesModel
import kg.toruk.app.model.LiveModel
import kg.toruk.app.model.NewsModel
import kg.toruk.app.model.NextStep
import kg.toruk.app.model.ResultModel
import kg.toruk.app.model.SettingsModel
import kg.toruk.app.model.SyncModel
import kg.toruk.app.model.Tone
import kg.toruk.app.words.Phrase
import kg.toruk.app.words.Text
import kg.toruk.core.EventKind

/** The whole app: five tabs, and an auction's screens above them. */
@Composable
fun AppView(bidder: Bidder, path: Path) {
    val overview by bidder.overview.collectAsState()
    val alarm by bidder.alarm.collectAsState()
    val phone = LocalPhone.current
    val signsIn = path.place.needsSession && !overview.signedIn
    // Before the frame is drawn, not after.
    SideEffect { phone.keepPrivate(signsIn || path.place.isPrivate) }
    Scaffold(bottomBar = { Tabs(path) }) { room ->
        Column(Modifier.padding(room)) {
            alarm?.let { what ->
                Notice(listOf(Phrase(said(what))), Tone.WARNING, seen = bidder::alarmSeen)
            }
            Box {
                val place = path.place
                // Without a session everything can be read; the rest begins with signing in.
                if (signsIn) {
                    SignInView(remember { AccountModel(bidder) })
                } else {
                    Screen(bidder, path, place)
                }
            }
        }
    }
}

@Composable
private fun Screen(bidder: Bidder, path: Path, place: Place) {
    val catalogue = remember { CatalogueModel(bidder) }
    when (place) {
        Place.Catalogue -> CatalogueView(catalogue, onlyMine = false) { path.go(Place.Auction(it)) }
        Place.Mine -> CatalogueView(catalogue, onlyMine = true) { path.go(Place.Auction(it)) }
        Place.News -> NewsView(remember { NewsModel(bidder) })
        Place.Sync -> SyncView(remember { SyncModel(bidder) })
        Place.Settings ->
            SettingsView(remember { SettingsModel(bidder) }, remember { DevicesModel(bidder) })
        is Place.Auction -> AuctionView(remember(place) { AuctionModel(bidder, place.id) }) { step ->
            path.go(next(step, place.id))
        }
        is Place.Application ->
            ApplicationView(remember(place) { ApplicationModel(bidder, place.id) })
        is Place.Deposit -> DepositView(remember(place) { DepositModel(bidder, place.id) })
        is Place.Live -> LiveView(
            remember(place) { LiveModel(bidder, place.id) },
            toResult = { path.go(Place.Result(place.id)) },
            leave = { path.back() },
        )
        is Place.Result -> ResultView(remember(place) { ResultModel(bidder, place.id) })
    }
}

private fun said(alarm: EventKind): Text = when (alarm) {
    is EventKind.Erased -> Text.ERASED
    is EventKind.StoreRepaired -> Text.STORE_REPAIRED
    else -> Text.DEVICE_COPIED
}

private fun next(step: NextStep, auction: String): Place = when (step) {
    NextStep.APPLY, NextStep.WAIT -> Place.Application(auction)
    NextStep.PAY -> Place.Deposit(auction)
    NextStep.LIVE -> Place.Live(auction)
}

@Composable
private fun Tabs(path: Path) {
    val words = LocalWords.current
    val tabs = listOf(
        Triple(Place.Catalogue, Text.SCREEN_CATALOGUE, "☰"),
        Triple(Place.Mine, Text.SCREEN_MINE, "★"),
        Triple(Place.News, Text.SCREEN_NOTIFICATIONS, "✉"),
        Triple(Place.Sync, Text.SCREEN_SYNC, "⇅"),
        Triple(Place.Settings, Text.SCREEN_SETTINGS, "⚙"),
    )
    NavigationBar {
        tabs.forEach { (place, title, glyph) ->
            NavigationBarItem(
                selected = path.tab == place,
                onClick = { path.to(place) },
                icon = { Line(glyph, Modifier.clearAndSetSemantics {}) },
                label = { Line(words(title)) },
            )
        }
    }
}
