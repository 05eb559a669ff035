import TorukCore

/// How something looks; always together with words and a sign, never by colour alone.
public enum Tone: Sendable { case calm, good, warning, action }

/// The sign beside the words.
public enum Sign: Sendable { case clock, stopped, offline, busy, leader, raise, warning, done }

/// The one big button.
public struct ButtonFace: Sendable, Equatable {
    public let words: Phrase
    public let tone: Tone
    public let sign: Sign
    /// Whether it can be tapped: the core has an offer.
    public let tappable: Bool
}

/// Something to be told above everything else.
public struct Banner: Sendable, Equatable {
    public let words: [Phrase]
    public let tone: Tone
}

/// What is counted down.
public struct Countdown: Sendable, Equatable {
    public let label: Text
    public let left: Phrase
}

/// How each state of the button looks. Every code of the core is here; a test holds them together.
public let buttonFaces: [String: (tone: Tone, sign: Sign)] = [
    "closed": (.calm, .done),
    "suspended": (.warning, .stopped),
    "not_eligible": (.calm, .stopped),
    "waiting_start": (.calm, .clock),
    "offline": (.warning, .offline),
    "clock_uncertain": (.warning, .clock),
    "sending": (.calm, .busy),
    "unknown_outcome": (.warning, .busy),
    "leading": (.good, .leader),
    "price_limit": (.calm, .stopped),
    "outbid": (.warning, .warning),
    "rejected": (.warning, .warning),
    "can_first_offer": (.action, .raise),
    "can_raise": (.action, .raise),
]

/// The button of a state: the words by its code, the amount when there is one.
public func buttonFace(_ live: LiveState) -> ButtonFace {
    let (tone, sign) = buttonFaces[live.button] ?? (.calm, .stopped)
    var words =
        live.closed.map { Codes.phrase("closed", $0) } ?? Codes.phrase("button", live.button)
    if let amount = live.amount {
        words = Phrase(.buttonUpTo, ["button": .phrase(words), "amount": .phrase(money(amount))])
    }
    return ButtonFace(words: words, tone: tone, sign: sign, tappable: live.amount != nil)
}

/// What is told above everything else: two histories first, then a stopped clock, then silence.
public func banners(_ live: LiveState) -> [Banner] {
    var told: [Banner] = []
    if live.contradicted != nil {
        told.append(Banner(words: [Phrase(.twoHistories)], tone: .warning))
    }
    if let stopped = live.suspension {
        let resumes = stopped.resumeAt.map { Phrase(.resumesAt, "time", moment($0)) }
        let words = [
            Phrase(.buttonSuspended), Codes.phrase("cause", stopped.cause),
            resumes ?? Phrase(.resumeUnknown),
        ]
        told.append(Banner(words: words, tone: .warning))
    }
    if !live.connected && live.closed == nil {
        told.append(Banner(words: [Phrase(.streamLost)], tone: .warning))
    }
    return told
}

/// The one countdown that matters now.
public func countdown(_ live: LiveState) -> Countdown? {
    if let left = live.suspension?.resumesIn {
        return Countdown(label: .resumesIn, left: countdown(left))
    }
    if let left = live.startsIn { return Countdown(label: .startsIn, left: countdown(left)) }
    if let left = live.endsIn { return Countdown(label: .timeLeft, left: countdown(left)) }
    return nil
}

/// Price, leader, people, one's own number.
public func liveFacts(_ live: LiveState) -> [Phrase] {
    [
        live.phase.map { Codes.phrase("phase", $0) },
        live.leader.map { Phrase(.leader, "number", $0) } ?? Phrase(.noLeader),
        Phrase(.raises, "count", live.round),
        // They are counted when applications close.
        live.participants > 0 ? Phrase(.participants, "count", live.participants) : nil,
        live.ownNumber.map { Phrase(.yourNumber, "number", $0) },
    ].compactMap { $0 }
}

/// The server's clock, and how well it is known.
public func clock(_ live: LiveState) -> Phrase {
    guard let now = live.serverTime, let off = live.uncertainty else {
        return Phrase(.buttonClockUncertain)
    }
    return Phrase(
        .serverTime, ["time": .figures(moment(now)), "seconds": .figures(seconds(off))])
}
