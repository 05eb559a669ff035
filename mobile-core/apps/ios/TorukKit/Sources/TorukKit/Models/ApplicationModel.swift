import Foundation
import TorukCore

/// A question with its answer.
public struct Question: Sendable, Identifiable {
    public let field: FormField
    public let answer: String?
    public let fault: Phrase?
    /// Answers of several phones, of which the person chooses one.
    public let conflict: [String]

    public var id: String { field.id }
}

/// A place for a file with the file in it.
public struct Place: Sendable, Identifiable {
    public let slot: FormSlot
    public let file: DraftFile?
    public let upload: Phrase?
    public let fault: Phrase?

    public var id: String { slot.id }
}

/// An application's form.
public struct ApplicationScreen: Sendable {
    public var questions: [Question] = []
    public var places: [Place] = []
    /// Edits that are on this phone only.
    public var unsent: UInt32 = 0
    /// Where the submit stands, most important first.
    public var submit: [Phrase] = []
    /// Whether what is said there is bad news.
    public var submitIsWarning = false
}

/// Filling in, attaching, signing, submitting.
public final class ApplicationModel: ScreenModel<ApplicationScreen> {
    private let bidder: Bidder
    private let auction: String
    private var fields: [FormField] = []
    private var slots: [FormSlot] = []

    public init(_ bidder: Bidder, auction: String) {
        self.bidder = bidder
        self.auction = auction
        super.init(ApplicationScreen())
        let events = bidder.events()
        lasts { [weak self] in
            for await event in events where Self.matters(event, to: auction) {
                await self?.attempt { try await self?.look() }
            }
        }
    }

    /// Fetches the form; without a connection, as it was last seen.
    @discardableResult
    public func open() -> Task<Void, Never> {
        wish { [self] in
            let detail = try await bidder.core.auction(id: auction)
            fields = detail.fields
            slots = detail.slots
            try await look()
        }
    }

    /// Keeps an answer; an empty one clears it. Also settles a conflict. Never refused because
    /// something else is being done.
    @discardableResult
    public func answer(field: String, value: String) -> Task<Void, Never> {
        let (core, auction) = (bidder.core, auction)
        return Task {
            await attempt {
                let answer = value.isEmpty ? nil : value
                try await away { try core.draftSet(auction: auction, field: field, value: answer) }
                try await self.look()
            }
        }
    }

    /// Copies a file in; without bytes the platform could not read it, and the person is told so.
    @discardableResult
    public func attach(slot: String, name: String, mime: String, bytes: Data?) -> Task<Void, Never> {
        change { core, auction in
            guard let bytes else { throw CoreError.Refused(code: "file_unusable", params: [:]) }
            try core.draftAttach(auction: auction, slot: slot, name: name, mime: mime, bytes: bytes)
        }
    }

    /// Empties a place.
    @discardableResult
    public func detach(slot: String) -> Task<Void, Never> {
        change { core, auction in try core.draftDetach(auction: auction, slot: slot) }
    }

    /// Signs and submits; without a connection it is saved, NOT submitted.
    @discardableResult
    public func submit() -> Task<Void, Never> {
        wish { [self] in
            do {
                _ = try await bidder.core.submit(auction: auction)
            } catch {
                // A refusal is best read beside the form's faults.
                try await look()
                throw error
            }
            try await look()
        }
    }

    /// Takes the application back.
    @discardableResult
    public func withdraw() -> Task<Void, Never> {
        change { core, auction in try core.withdraw(auction: auction) }
    }

    private static func matters(_ event: CoreEvent, to auction: String) -> Bool {
        if event.auction == auction { return true }
        switch event.what {
        case .uploadProgress, .outcomeArrived: return true
        default: return false
        }
    }

    private func change(
        _ edit: @escaping @Sendable (any CoreProtocol, String) throws -> Void
    ) -> Task<Void, Never> {
        let (core, auction) = (bidder.core, auction)
        return wish { [self] in
            try await away { try edit(core, auction) }
            try await look()
        }
    }

    private func look() async throws {
        let (core, auction) = (bidder.core, auction)
        let draft = try await away { try core.draftStatus(auction: auction) }
        bidder.look()
        show { $0 = applicationScreen(fields, slots, draft) }
    }
}

/// The form with its answers, as it is drawn.
public func applicationScreen(
    _ fields: [FormField], _ slots: [FormSlot], _ draft: DraftStatus
) -> ApplicationScreen {
    let fault = { (id: String) in draft.faults[id].map { Codes.phrase("fault", $0) } }
    return ApplicationScreen(
        questions: fields.map { field in
            Question(
                field: field, answer: draft.answers[field.id], fault: fault(field.id),
                conflict: draft.conflicts[field.id] ?? [])
        },
        places: slots.map { slot in
            let file = draft.files.first { $0.slot == slot.id }
            let upload = file.map { Codes.phrase("upload", $0.upload) }
            return Place(slot: slot, file: file, upload: upload, fault: fault(slot.id))
        },
        unsent: draft.unsent,
        submit: draft.submit.map(submitPhrases) ?? [],
        submitIsWarning: draft.submit.map { $0.state != "submitted" } ?? false)
}

/// Where a submit stands: «Сакталды, бирок БЕРИЛГЕН ЖОК» always with its deadline.
public func submitPhrases(_ submit: SubmitStatus) -> [Phrase] {
    let saved = submit.state == "saved_not_submitted"
    return [
        Codes.phrase("submit", submit.state),
        submit.outcome?.code.map { Codes.refusal($0) },
        saved ? Phrase(.mustArrive, "time", moment(submit.tenderEnd)) : nil,
        submit.receivedAt.map { Phrase(.receivedAt, "time", moment($0)) },
    ].compactMap { $0 }
}
