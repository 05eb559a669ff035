import TorukCore

/// The sign-in screen.
public struct AccountScreen: Sendable {
    /// Whose phone this is.
    public var account: Account?
    /// Whose data is on this phone.
    public var accounts: [Account] = []
    /// Whether somebody's phone waits for its session.
    public var sessionEnded: Bool { account?.signedIn == false }
}

/// Registering and signing in, by passkeys.
public final class AccountModel: ScreenModel<AccountScreen> {
    private let bidder: Bidder

    public init(_ bidder: Bidder) {
        self.bidder = bidder
        super.init(AccountScreen())
        lasts { [weak self] in
            for await _ in bidder.overviews() { await self?.attempt { try await self?.refresh() } }
        }
    }

    /// Makes an account with a new passkey.
    @discardableResult
    public func register(name: String) -> Task<Void, Never> {
        wish { [self] in
            _ = try await bidder.core.register(name: name)
            try await refresh()
        }
    }

    /// Signs in with this phone's passkey, or any.
    @discardableResult
    public func signIn() -> Task<Void, Never> {
        wish { [self] in
            _ = try await bidder.core.signIn()
            try await refresh()
        }
    }

    /// Opens an account whose data is on this phone.
    @discardableResult
    public func signInAs(person: String) -> Task<Void, Never> {
        wish { [self] in
            _ = try await bidder.core.signInAs(person: person)
            try await refresh()
        }
    }

    private func refresh() async throws {
        let core = bidder.core
        let now = try await away {
            AccountScreen(account: core.account(), accounts: try core.accounts())
        }
        show { $0 = now }
        bidder.look()
    }
}
