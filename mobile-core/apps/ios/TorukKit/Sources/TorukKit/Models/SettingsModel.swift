import TorukCore

/// Delivering everything before the phone is handed on may take so long, milliseconds.
private let deliveryBudgetMs: UInt64 = 60_000

/// The languages there are, the state's first.
public let languages = ["ky", "ru", "en"]

/// The fate of the local data after signing out.
public enum Leaving: CaseIterable, Sendable { case syncNow, keepLocked, discard }

/// Settings.
public struct SettingsScreen: Sendable {
    public var account: Account?
}

/// Language, keeping the catalogue, signing out, handing the phone on.
public final class SettingsModel: ScreenModel<SettingsScreen> {
    private let bidder: Bidder

    public init(_ bidder: Bidder) {
        self.bidder = bidder
        super.init(SettingsScreen())
        lasts { [weak self] in
            for await _ in bidder.overviews() {
                self?.show { $0.account = bidder.core.account() }
            }
        }
    }

    /// Keeps the whole catalogue on the phone, or no longer.
    @discardableResult
    public func keepCatalogue(_ kept: Bool) -> Task<Void, Never> {
        wish { [self] in
            let core = bidder.core
            try await away { try core.keepCatalogue(kept: kept) }
        }
    }

    /// Ends the session; the phone stays this person's.
    @discardableResult
    public func signOut() -> Task<Void, Never> {
        wish { [self] in try await bidder.core.signOut() }
    }

    /// The person leaves this phone.
    @discardableResult
    public func logout(_ leaving: Leaving) -> Task<Void, Never> {
        wish { [self] in
            let choice: Logout =
                switch leaving {
                case .syncNow: .syncNow(budgetMs: deliveryBudgetMs)
                case .keepLocked: .keepLocked
                case .discard: .discard
                }
            try await bidder.core.logout(choice: choice)
        }
    }
}
