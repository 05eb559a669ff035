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
            ways(.payWallet, .walletCode)
            ways(.payBranch, .branchCode)
            ways(.payCard, .card)
            if screen.ways?.account != nil {
                Act(.payTransfer) { shown.model.pay(.bankTransfer) }
                Sentence(.transferCounts)
            }
            if let slip = screen.slip {
                Section(speech(.slip)) {
                    Line(slip).monospaced().textSelection(.enabled)
                    Share(title: .share, text: slip)
                }
            }
        }
        .task { await shown.model.open().value }
    }

    /// A channel, with its banks or wallets where there are any to choose from.
    @ViewBuilder
    private func ways(_ title: TorukKit.Text, _ channel: PaymentChannel) -> some View {
        let offered = shown.state.ways?.providers.filter { $0.channel == channel } ?? []
        if offered.isEmpty {
            Act(title) { shown.model.pay(channel) }
        } else {
            Section(speech(title)) {
                ForEach(offered, id: \.id) { provider in
                    Button(provider.name) { shown.model.pay(channel, at: provider.id) }
                }
            }
        }
    }
}
