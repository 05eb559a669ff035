import TorukCore
import TorukKit

@MainActor
func liveTests() async {
    await test("only a state with an offer can be tapped") {
        for code in buttonFaces.keys {
            let offers = code == "can_raise" || code == "can_first_offer"
            let face = buttonFace(live(code, amount: offers ? 500 : nil))
            equal(face.tappable, offers, code)
            equal(face.tone == .action, offers, code)
        }
    }
    await test("the button says to which amount a tap would raise") {
        let face = buttonFace(live("can_raise", amount: 130_000_000))
        equal(face.words.text, .buttonUpTo)
        equal(face.words.fillings["amount"], .phrase(money(130_000_000)))
        equal(face.sign, .raise)
    }
    await test("a closed auction says how it ended for this person") {
        equal(buttonFace(live("closed", closed: "no_first_offer")).words.text, .closedNoFirstOffer)
    }
    await test("a state of a later version can't be tapped and is shown as it is") {
        let face = buttonFace(live("hovering"))
        check(!face.tappable, "it can be tapped")
        equal(face.words.text, .otherCode)
    }
    await test("two histories are told before a stopped clock, and both before silence") {
        let stopped = LiveSuspension(since: 0, cause: "outage", resumeAt: nil, resumesIn: nil)
        let told = banners(
            live("suspended", suspension: stopped, connected: false, contradicted: 7))
        equal(told.map { $0.words[0].text }, [.twoHistories, .buttonSuspended, .streamLost])
        equal(told[1].words.last?.text, .resumeUnknown)
    }
    await test("what counts down is the start, then the window, and while it stands its resumption") {
        let waiting = countdown(live("waiting_start", startsIn: 61_000_000))
        equal(waiting?.label, .startsIn)
        equal(waiting?.left, Phrase(.countdown, "left", "01:01"))
        equal(countdown(live("can_raise"))?.label, .timeLeft)
        let stopped = LiveSuspension(since: 0, cause: "outage", resumeAt: 9, resumesIn: 5_000_000)
        equal(countdown(live("suspended", suspension: stopped))?.label, .resumesIn)
    }
    await test("a sheet whose price moved on says so and stays open") {
        var open = LiveScreen()
        open.sheet = ConfirmSheet(quote: quote(105), amount: money(105), moved: false)
        equal(drawn(open, live("can_raise", amount: 105)).sheet?.moved, false)
        equal(drawn(open, live("can_raise", amount: 110)).sheet?.moved, true)
        equal(drawn(open, live("leading")).sheet?.moved, true)
    }
    await test("the waiting room is until bidding opens, and only the winner is asked to confirm") {
        check(drawn(LiveScreen(), live("waiting_start", phase: nil)).waitingRoom, "no waiting room")
        check(!drawn(LiveScreen(), live("can_raise")).waitingRoom, "a waiting room while bidding")
        let won = live("closed", status: "qualification", closed: "won")
        check(drawn(LiveScreen(), won).toConfirm, "the winner is not asked")
        let lost = live("closed", status: "qualification", closed: "lost")
        check(!drawn(LiveScreen(), lost).toConfirm, "a loser is asked")
    }
    await test("a bid without an answer is told as such, never as a failure") {
        let unknown = BidResult(bid: "b", state: .unknown, code: nil, params: [:], receipt: nil)
        equal(bidNews(unknown).words.map(\.text), [.bidUnknown])
        let refused = BidResult(
            bid: "b", state: .refused, code: "stale_basis", params: [:], receipt: nil)
        equal(bidNews(refused).words.map(\.text), [.bidRefused, .codeStaleBasis])
    }
}

/// A live screen in a state of the button.
func live(
    _ button: String, amount: Int64? = nil, status: String = "bidding", closed: String? = nil,
    phase: String? = "raising", startsIn: Int64? = nil, suspension: LiveSuspension? = nil,
    connected: Bool = true, contradicted: UInt64? = nil
) -> LiveState {
    LiveState(
        auction: "a", status: status, seq: 9, price: 100, phase: phase, round: 3,
        deadline: 300_000_000, leader: 2, ownNumber: 1, participants: 4, start: 0,
        startsIn: startsIn, endsIn: 299_000_000, button: button, closed: closed, amount: amount,
        suspension: suspension, epoch: 0, connected: connected, contradicted: contradicted,
        serverTime: 1_000_000, uncertainty: 35_000)
}

/// A price that was shown, and what a raise would cost.
func quote(_ amount: Int64) -> Quote {
    Quote(id: 1, auction: "a", price: 100, amount: amount, round: 3, deadline: nil, firstOffer: false)
}
