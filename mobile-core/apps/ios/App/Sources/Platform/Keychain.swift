import Foundation
import Security
import TorukCore

/// The service of the app's secrets.
let keychainService = "kg.toruk.app"
/// The core's name of a session's token, before its person.
private let sessionToken = "session_token/"

/// Small secrets in the Keychain: on this device only, never in a backup, readable in the
/// background after the first unlock. The push extension is given the sessions' tokens, nothing else.
final class Keychain: SecureStore {
    private let service: String

    init(service: String) { self.service = service }

    func get(name: String) throws -> Data? {
        var query = item(name)
        query[kSecReturnData] = true
        var found: CFTypeRef?
        let status = SecItemCopyMatching(query as CFDictionary, &found)
        if status == errSecItemNotFound { return nil }
        try check(status)
        return found as? Data
    }

    func set(name: String, value: Data) throws {
        if value.isEmpty {
            let status = SecItemDelete(item(name) as CFDictionary)
            if status != errSecItemNotFound { try check(status) }
            return
        }
        let content: [CFString: Any] = [kSecValueData: value]
        let status = SecItemUpdate(item(name) as CFDictionary, content as CFDictionary)
        if status != errSecItemNotFound { return try check(status) }
        var fresh = item(name)
        fresh[kSecValueData] = value
        fresh[kSecAttrAccessible] = kSecAttrAccessibleAfterFirstUnlockThisDeviceOnly
        if name.hasPrefix(sessionToken), let group = sharedGroup {
            fresh[kSecAttrAccessGroup] = group
        }
        try check(SecItemAdd(fresh as CFDictionary, nil))
    }

    private func item(_ name: String) -> [CFString: Any] {
        [kSecClass: kSecClassGenericPassword, kSecAttrService: service, kSecAttrAccount: name]
    }

    private func check(_ status: OSStatus) throws {
        guard status == errSecSuccess else {
            throw PlatformError.Failed(reason: "the Keychain answered \(status)")
        }
    }
}

/// The group of the Keychain that the push extension sees, with the team's prefix: `TorukSharedGroup` of
/// Info.plist.
private let sharedGroup = Bundle.main.object(forInfoDictionaryKey: "TorukSharedGroup") as? String
