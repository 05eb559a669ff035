import AuthenticationServices
import TorukCore
import UIKit

/// Passkeys by AuthenticationServices. The site's `apple-app-site-association` must name the app.
final class AppPasskeys: Passkeys, @unchecked Sendable {
    func create(optionsJson: String) async throws -> String {
        let options = try CreationOptions(optionsJson)
        let provider = ASAuthorizationPlatformPublicKeyCredentialProvider(
            relyingPartyIdentifier: options.relyingParty)
        let request = provider.createCredentialRegistrationRequest(
            challenge: options.challenge, name: options.userName, userID: options.userId)
        request.userVerificationPreference = .required
        let made = try await Ceremony.perform(request)
        guard let made = made as? ASAuthorizationPlatformPublicKeyCredentialRegistration else {
            throw PlatformError.Failed(reason: "no passkey was made")
        }
        return try credential(
            id: made.credentialID, clientData: made.rawClientDataJSON,
            response: ["attestationObject": (made.rawAttestationObject ?? Data()).base64Url])
    }

    func assert(optionsJson: String) async throws -> String {
        let options = try RequestOptions(optionsJson)
        let provider = ASAuthorizationPlatformPublicKeyCredentialProvider(
            relyingPartyIdentifier: options.relyingParty)
        let request = provider.createCredentialAssertionRequest(challenge: options.challenge)
        request.allowedCredentials = options.allowed.map {
            ASAuthorizationPlatformPublicKeyCredentialDescriptor(credentialID: $0)
        }
        request.userVerificationPreference = .required
        let given = try await Ceremony.perform(request)
        guard let given = given as? ASAuthorizationPlatformPublicKeyCredentialAssertion else {
            throw PlatformError.Failed(reason: "no passkey was used")
        }
        return try credential(
            id: given.credentialID, clientData: given.rawClientDataJSON,
            response: [
                "authenticatorData": given.rawAuthenticatorData.base64Url,
                "signature": given.signature.base64Url, "userHandle": given.userID.base64Url,
            ])
    }
}

/// WebAuthn's `PublicKeyCredential` as JSON.
private func credential(id: Data, clientData: Data, response: [String: String]) throws -> String {
    var response = response
    response["clientDataJSON"] = clientData.base64Url
    let whole: [String: Any] = [
        "id": id.base64Url, "rawId": id.base64Url, "type": "public-key", "response": response,
        "clientExtensionResults": [String: String](),
    ]
    let json = try JSONSerialization.data(withJSONObject: whole)
    return String(decoding: json, as: UTF8.self)
}

/// One sheet of the system's, awaited.
@MainActor
private final class Ceremony: NSObject, ASAuthorizationControllerDelegate,
    ASAuthorizationControllerPresentationContextProviding
{
    private var waits: CheckedContinuation<ASAuthorizationCredential, Error>?
    // The system does not hold it, and nobody else does.
    private var itself: Ceremony?

    static func perform(_ request: ASAuthorizationRequest) async throws -> ASAuthorizationCredential {
        try await Ceremony().perform(request)
    }

    private func perform(_ request: ASAuthorizationRequest) async throws -> ASAuthorizationCredential {
        itself = self
        defer { itself = nil }
        return try await withCheckedThrowingContinuation { continuation in
            waits = continuation
            let controller = ASAuthorizationController(authorizationRequests: [request])
            controller.delegate = self
            controller.presentationContextProvider = self
            controller.performRequests()
        }
    }

    func presentationAnchor(for controller: ASAuthorizationController) -> ASPresentationAnchor {
        let scenes = UIApplication.shared.connectedScenes.compactMap { $0 as? UIWindowScene }
        return scenes.first?.keyWindow ?? ASPresentationAnchor()
    }

    func authorizationController(
        controller: ASAuthorizationController, didCompleteWithAuthorization given: ASAuthorization
    ) {
        waits?.resume(returning: given.credential)
        waits = nil
    }

    func authorizationController(
        controller: ASAuthorizationController, didCompleteWithError error: Error
    ) {
        let cancelled = (error as? ASAuthorizationError)?.code == .canceled
        waits?.resume(
            throwing: cancelled ? PlatformError.Cancelled : PlatformError.Failed(reason: "\(error)"))
        waits = nil
    }
}
