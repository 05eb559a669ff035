package kg.toruk.app.ui

import androidx.compose.foundation.text.selection.SelectionContainer
import androidx.compose.material3.MaterialTheme
import androidx.compose.material3.Text as Line
import androidx.compose.material3.TextButton
import androidx.compose.runtime.Composable
import androidx.compose.runtime.DisposableEffect
import androidx.compose.runtime.collectAsState
import androidx.compose.runtime.getValue
import androidx.compose.ui.text.font.FontFamily
import kg.toruk.app.model.DepositModel
import kg.toruk.app.model.Tone
import kg.toruk.app.words.Phrase
import kg.toruk.app.words.Text
import kg.toruk.core.PaymentChannel

/** Paying the guarantee: a code with its countdown, and the slip. */
@Composable
fun DepositView(model: DepositModel) {
    val screen by model.state.collectAsState()
    val words = LocalWords.current
    val phone = LocalPhone.current
    DisposableEffect(model) {
        model.open()
        onDispose { model.leave() }
    }
    Frame(model) {
        Heading(words(Text.SCREEN_DEPOSIT))
        screen.amount?.let { FactLine(Text.GUARANTEE, it) }
        screen.standing?.let { Notice(listOf(it), Tone.CALM) }
        screen.code?.let { code ->
            screen.codeStanding?.let { Sentence(it) }
            code.code?.let {
                Line(words(Text.PAYMENT_CODE), style = MaterialTheme.typography.labelMedium)
                SelectionContainer { Line(it, style = MaterialTheme.typography.displaySmall) }
            }
            screen.left?.let { Sentence(it) }
            if (screen.cutShort) Sentence(Phrase(Text.CUT_SHORT), Tone.WARNING)
            code.redirectUrl?.let { url -> Act(Text.PAYMENT_SITE) { phone.open(url) } }
        }
        Sentence(Text.SERVER_SAYS_PAID)
        Ways(Text.PAY_WALLET, PaymentChannel.WALLET_CODE, model)
        Ways(Text.PAY_BRANCH, PaymentChannel.BRANCH_CODE, model)
        Ways(Text.PAY_CARD, PaymentChannel.CARD, model)
        if (screen.ways?.account != null) {
            Side(Text.PAY_TRANSFER) { model.pay(PaymentChannel.BANK_TRANSFER) }
            Sentence(Text.TRANSFER_COUNTS)
        }
        screen.slip?.let { slip ->
            Heading(words(Text.SLIP))
            SelectionContainer { Line(slip, fontFamily = FontFamily.Monospace) }
            Side(Text.SHARE) { phone.share(slip) }
        }
    }
}

/** A channel, with its banks or wallets where there are any to choose from. */
@Composable
private fun Ways(title: Text, channel: PaymentChannel, model: DepositModel) {
    val screen by model.state.collectAsState()
    val offered = screen.ways?.providers?.filter { it.channel == channel }.orEmpty()
    if (offered.isEmpty()) {
        Side(title) { model.pay(channel) }
        return
    }
    Heading(LocalWords.current(title))
    offered.forEach { provider ->
        TextButton(onClick = { model.pay(channel, provider.id) }) { Line(provider.name) }
    }
}
