import TorukCore

/// The result as the winner signs it.
public struct ResultScreen: Sendable {
    public var result: ResultProtocol?
    public var lines: [Phrase] = []
    public var signed = false
    public var refused = false
}

/// Reading and signing the result. The core signs only what was shown.
public final class ResultModel: ScreenModel<ResultScreen> {
    private let bidder: Bidder
    private let auction: String

    public init(_ bidder: Bidder, auction: String) {
        self.bidder = bidder
        self.auction = auction
        super.init(ResultScreen())
    }

    /// Fetches the protocol.
    @discardableResult
    public func open() -> Task<Void, Never> {
        wish { [self] in
            let result = try await bidder.core.`protocol`(auction: auction)
            show { $0 = ResultScreen(result: result, lines: resultLines(result)) }
        }
    }

    /// «Жыйынтыкты ырастоо».
    @discardableResult
    public func confirm() -> Task<Void, Never> {
        wish { [self] in
            try await bidder.core.confirmAward(auction: auction)
            show { $0.signed = true }
        }
    }

    /// «Жеңиштен баш тартуу», after the person was asked whether they are sure.
    @discardableResult
    public func refuse() -> Task<Void, Never> {
        wish { [self] in
            try await bidder.core.refuseAward(auction: auction)
            show { $0.refused = true }
        }
    }
}

/// What is signed, line by line.
public func resultLines(_ result: ResultProtocol) -> [Phrase] {
    // Every other winner has raised at least once.
    let sole = result.rounds == 0 ? [Phrase(.resultSole)] : []
    return sole + [
        Phrase(.winner, "number", result.winner),
        money(result.price),
        Phrase(.participants, "count", result.participants),
        Phrase(.raises, "count", result.rounds),
        Phrase(.confirmBy, "time", moment(result.confirmBy)),
    ] + result.instalments.flatMap(partLines)
}

/// A part of the price, and what the guarantee pays of it.
private func partLines(_ part: PricePart) -> [Phrase] {
    let title = part.number == 1 ? [Phrase(.instalments)] : []
    let line = Phrase(part.months == 0 ? .instalmentFirst : .instalmentLater, [
        "number": .figures(part.number.description),
        "amount": .phrase(money(part.amount)),
        "count": .figures(part.months.description),
    ])
    let counted = part.counted > 0 ? [Phrase(.instalmentCounted, ["amount": .phrase(money(part.counted))])] : []
    return title + [line] + counted
}
