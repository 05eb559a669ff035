import SwiftUI
import TorukKit

/// Paying the guarantee: a code with its countdown, and the slip.
struct DepositView: View {
    @StateObject private var shown: Shown<DepositScreen, DepositModel>
    @EnvironmentObject private var speech: Speech

    init(_ bidder: Bidder, id: String) {
        _shown = StateObject(wrappedValue: Shown(DepositModel(bidder, auction: id)))
    }

    var body: some View {
        let screen = shown.state
        Frame(shown: shown, title: .screenDeposit) {
            if let amount = screen.amount { FactLine(name: .guarantee, value: amount) }
            if let standing = screen.standing { Notice(phrases: [standing], tone: .calm) }
            if let code = screen.code {
                if let standing = screen.codeStanding { Sentence(standing) }
                if let digits = code.code {
                    LabeledContent(speech(.paymentCode)) {
                        Line(digits).font(.title.monospacedDigit()).textSelection(.enabled)
                    }
                }
                if let left = screen.left { Sentence(left) }
                if screen.cutShort { Sentence(.cutShort, .warning) }
                if let page = code.redirectUrl.flatMap(URL.init(string:)) {
                    SwiftUI.Link(speech(.paymentSite), destination: page)
                }
            }
            Sentence(.serverSaysPaid)
            Act(.payWallet) { shown.model.pay(.walletCode) }
            Act(.payBranch) { shown.model.pay(.branchCode) }
            Act(.payCard) { shown.model.pay(.card) }
            if let slip = screen.slip {
                Section(speech(.slip)) {
                    Line(slip).monospaced().textSelection(.enabled)
                    Share(title: .share, text: slip)
                }
            }
        }
        .task { await shown.model.open().value }
    }
}
