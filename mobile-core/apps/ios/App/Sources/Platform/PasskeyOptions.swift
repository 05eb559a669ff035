import Foundation
import TorukCore

/// What iOS needs of WebAuthn's creation options.
struct CreationOptions {
    let relyingParty: String
    let challenge: Data
    let userName: String
    let userId: Data

    init(_ json: String) throws {
        let key = try publicKey(json)
        guard let party = key["rp"] as? [String: Any], let id = party["id"] as? String,
            let challenge = data(key["challenge"]), let user = key["user"] as? [String: Any],
            let name = user["name"] as? String, let userId = data(user["id"])
        else { throw PlatformError.Failed(reason: "unknown creation options") }
        (relyingParty, self.challenge, userName, self.userId) = (id, challenge, name, userId)
    }
}

/// What iOS needs of WebAuthn's request options.
struct RequestOptions {
    let relyingParty: String
    let challenge: Data
    let allowed: [Data]

    init(_ json: String) throws {
        let key = try publicKey(json)
        guard let id = key["rpId"] as? String, let challenge = data(key["challenge"]) else {
            throw PlatformError.Failed(reason: "unknown request options")
        }
        let allowed = key["allowCredentials"] as? [[String: Any]] ?? []
        (relyingParty, self.challenge) = (id, challenge)
        self.allowed = allowed.compactMap { data($0["id"]) }
    }
}

private func publicKey(_ json: String) throws -> [String: Any] {
    let whole = try orFailed { try JSONSerialization.jsonObject(with: Data(json.utf8)) }
    guard let key = (whole as? [String: Any])?["publicKey"] as? [String: Any] else {
        throw PlatformError.Failed(reason: "no publicKey among the options")
    }
    return key
}

private func data(_ value: Any?) -> Data? { (value as? String).flatMap(Data.init(base64Url:)) }

extension Data {
    /// Base64 as WebAuthn writes it.
    var base64Url: String {
        base64EncodedString()
            .replacingOccurrences(of: "+", with: "-")
            .replacingOccurrences(of: "/", with: "_")
            .replacingOccurrences(of: "=", with: "")
    }

    init?(base64Url text: String) {
        let plain = text.replacingOccurrences(of: "-", with: "+")
            .replacingOccurrences(of: "_", with: "/")
        let padding = String(repeating: "=", count: (4 - plain.count % 4) % 4)
        self.init(base64Encoded: plain + padding)
    }
}
