import CryptoKit
import Foundation
import TorukCore

/// The key that signs bids, in the Secure Enclave. What the Keychain holds is only a handle of it,
/// of no use on another device.
final class EnclaveSigner: DeviceSigner {
    private let keychain: any SecureStore

    /// Nothing where there is no Secure Enclave: the core keeps the key itself then.
    init?(keychain: any SecureStore) {
        guard SecureEnclave.isAvailable else { return nil }
        self.keychain = keychain
    }

    func create(name: String) throws -> Data {
        let key = try orFailed { try SecureEnclave.P256.Signing.PrivateKey() }
        try keychain.set(name: handle(name), value: key.dataRepresentation)
        return key.publicKey.x963Representation
    }

    func publicKey(name: String) throws -> Data? {
        try key(name)?.publicKey.x963Representation
    }

    func sign(name: String, message: Data) throws -> Data {
        guard let key = try key(name) else { throw PlatformError.Failed(reason: "the key is gone") }
        return try orFailed { try key.signature(for: message).derRepresentation }
    }

    func delete(name: String) throws { try keychain.set(name: handle(name), value: Data()) }

    private func key(_ name: String) throws -> SecureEnclave.P256.Signing.PrivateKey? {
        guard let handle = try keychain.get(name: handle(name)) else { return nil }
        return try orFailed {
            try SecureEnclave.P256.Signing.PrivateKey(dataRepresentation: handle)
        }
    }

    private func handle(_ name: String) -> String { "enclave/\(name)" }
}

/// What a service of iOS throws, as the core knows it.
func orFailed<T>(_ what: () throws -> T) throws -> T {
    do {
        return try what()
    } catch let failure as PlatformError {
        throw failure
    } catch {
        throw PlatformError.Failed(reason: "\(error)")
    }
}
