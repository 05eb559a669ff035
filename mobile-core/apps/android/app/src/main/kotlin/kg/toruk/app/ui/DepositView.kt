package kg.toruk.app.ui

import androidx.compose.foundation.text.selection.SelectionContainer
import androidx.compose.material3.MaterialTheme
import androidx.compose.material3.Text as Line
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
        Side(Text.PAY_WALLET) { model.pay(PaymentChannel.WALLET_CODE) }
        Side(Text.PAY_BRANCH) { model.pay(PaymentChannel.BRANCH_CODE) }
        Side(Text.PAY_CARD) { model.pay(PaymentChannel.CARD) }
        screen.slip?.let { slip ->
            Heading(words(Text.SLIP))
            SelectionContainer { Line(slip, fontFamily = FontFamily.Monospace) }
            Side(Text.SHARE) { phone.share(slip) }
        }
    }
}
