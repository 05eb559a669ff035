import TorukCore

/// The core's codes in words. A code is looked up by its group and its name (`button_can_raise`);
/// one that this version does not know is shown as it is, so that support can be told.
public enum Codes {
    /// The words of a code of a group.
    public static func phrase(_ group: String, _ code: String) -> Phrase {
        Text(rawValue: "\(group)_\(code)").map { Phrase($0) } ?? Phrase(.otherCode, "code", code)
    }

    public static func status(_ code: String) -> Phrase { phrase("status", code) }
    public static func application(_ code: String) -> Phrase { phrase("application", code) }
    public static func deposit(_ code: String) -> Phrase { phrase("deposit", code) }

    /// Why something was refused.
    public static func refusal(_ code: String) -> Phrase { phrase("code", code) }

    /// What became of a bid.
    public static func bid(_ state: BidState) -> Phrase {
        switch state {
        case .accepted: Phrase(.bidAccepted)
        case .refused: Phrase(.bidRefused)
        case .unknown: Phrase(.bidUnknown)
        case .notReceived: Phrase(.bidNotReceived)
        }
    }

    /// An error, as a person can act on it.
    public static func error(_ error: CoreError) -> Phrase {
        switch error {
        case .Refused(let code, _): refusal(code)
        case .Offline: Phrase(.errorOffline)
        case .SignedOut: Phrase(.errorSignedOut)
        case .OutOfDate: Phrase(.errorOutOfDate)
        case .StorageFull: Phrase(.errorStorageFull)
        case .StoreRepaired: Phrase(.errorStoreRepaired)
        case .StoreTooNew: Phrase(.errorStoreTooNew)
        case .StoreInUse: Phrase(.errorStoreInUse)
        case .UnsafeAddress: Phrase(.errorUnsafeAddress)
        case .Closed: Phrase(.errorClosed)
        case .Internal: Phrase(.errorInternal)
        }
    }
}

extension Label {
    /// The text in a language, or in the first that there is.
    public func inLanguage(_ language: String) -> String {
        let wanted =
            switch language {
            case "ky": ky
            case "ru": ru
            default: en
            }
        return wanted ?? ky ?? ru ?? en ?? ""
    }
}
