package kg.toruk.app.ui

import androidx.compose.foundation.clickable
import androidx.compose.foundation.layout.Arrangement
import androidx.compose.foundation.layout.Column
import androidx.compose.foundation.layout.fillMaxSize
import androidx.compose.foundation.layout.fillMaxWidth
import androidx.compose.foundation.layout.padding
import androidx.compose.foundation.lazy.LazyColumn
import androidx.compose.foundation.lazy.items
import androidx.compose.material3.Card
import androidx.compose.material3.MaterialTheme
import androidx.compose.material3.OutlinedTextField
import androidx.compose.material3.Text as Line
import androidx.compose.runtime.Composable
import androidx.compose.runtime.LaunchedEffect
import androidx.compose.runtime.collectAsState
import androidx.compose.runtime.getValue
import androidx.compose.ui.Modifier
import androidx.compose.ui.semantics.semantics
import androidx.compose.ui.unit.dp
import kg.toruk.app.model.AuctionLine
import kg.toruk.app.model.CatalogueModel
import kg.toruk.app.model.Tone
import kg.toruk.app.words.Phrase
import kg.toruk.app.words.Text
import kg.toruk.app.words.at
import kg.toruk.app.words.moment
import kg.toruk.app.words.money

/** All auctions, or this person's. */
@Composable
fun CatalogueView(model: CatalogueModel, onlyMine: Boolean, open: (String) -> Unit) {
    val screen by model.state.collectAsState()
    val failure by model.failure.collectAsState()
    val lines = if (onlyMine) screen.mine else screen.lines
    LaunchedEffect(model) { model.refresh() }
    LazyColumn(
        Modifier.fillMaxSize().padding(horizontal = 16.dp),
        verticalArrangement = Arrangement.spacedBy(8.dp),
    ) {
        if (!onlyMine) item { SearchLine(screen.search) { model.search(it) } }
        item { Side(Text.REFRESH) { model.refresh() } }
        failure?.let { item { Notice(listOf(it), Tone.WARNING) { model.failureSeen() } } }
        screen.asOf?.let { item { Sentence(Phrase(Text.AS_OF, "time" to moment(it)), Tone.WARNING) } }
        if (screen.loaded && lines.isEmpty()) item { Sentence(Text.NO_AUCTIONS) }
        items(lines, key = { it.auction.id }) { AuctionCard(it) { open(it.auction.id) } }
        if (!onlyMine && screen.next != null) item { Side(Text.MORE) { model.more() } }
    }
}

@Composable
private fun SearchLine(search: String, look: (String) -> Unit) {
    OutlinedTextField(
        value = search,
        onValueChange = look,
        label = { Line(LocalWords.current(Text.SEARCH)) },
        singleLine = true,
        modifier = Modifier.fillMaxWidth(),
    )
}

@Composable
private fun AuctionCard(line: AuctionLine, open: () -> Unit) {
    val words = LocalWords.current
    val auction = line.auction
    Card(Modifier.fillMaxWidth().clickable(onClick = open).semantics(mergeDescendants = true) {}) {
        Column(Modifier.padding(12.dp), verticalArrangement = Arrangement.spacedBy(4.dp)) {
            Line(words(auction.title), style = MaterialTheme.typography.titleMedium)
            Line("${auction.number} · ${words(line.standing)}")
            Line(words(money(auction.price)), style = MaterialTheme.typography.bodyLarge)
            Line("${words(Text.START)}: ${words(at(auction.start))}")
            line.own?.let { Sentence(it, Tone.GOOD) }
        }
    }
}
