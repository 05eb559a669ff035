import Foundation
import TorukCore
import TorukKit

/// The codes that have no words of their own: what they mean is drawn, or told by other codes.
private let wordless: Set<String> = ["event", "field", "error"]

@MainActor
func wordsTests(apps: URL) async throws {
    let golden = try Data(contentsOf: apps.appendingPathComponent("codes.json"))
    let codes = try JSONDecoder().decode([String: Set<String>].self, from: golden)
    let words = try Dictionary(
        uniqueKeysWithValues: languages.map { ($0, try strings(apps, $0)) })

    await test("every code that the core can give has words in all three languages") {
        for (group, names) in codes where !wordless.contains(group) {
            for name in names {
                let phrase = Codes.phrase(group, name)
                check(phrase.text != .otherCode, "\(group) \(name) has no words")
                for (language, texts) in words {
                    let isThere = texts[phrase.text.rawValue].map { !$0.isEmpty } ?? false
                    check(isThere, "\(group) \(name) in \(language)")
                }
            }
        }
    }
    await test("every text of the app is in every language") {
        for (language, texts) in words {
            equal(Set(texts.keys), Set(Text.allCases.map(\.rawValue)), language)
        }
    }
    await test("the button is drawn for every state the core can give, and for no other") {
        equal(Set(buttonFaces.keys), codes["button"] ?? [])
    }
    await test("every kind of notification interrupts as it deserves") {
        equal(Set(importances.keys), codes["notification"] ?? [])
    }
    await test("every error of the core can be told to a person") {
        let errors: [String: CoreError] = [
            "refused": .Refused(code: "stale_quote", params: [:]), "offline": .Offline,
            "signed_out": .SignedOut, "out_of_date": .OutOfDate, "storage_full": .StorageFull,
            "store_repaired": .StoreRepaired, "store_too_new": .StoreTooNew,
            "store_in_use": .StoreInUse, "unsafe_address": .UnsafeAddress,
            "closed": .Closed, "internal": .Internal(detail: "a defect"),
        ]
        equal(Set(errors.keys), codes["error"] ?? [])
        for (code, error) in errors {
            let expected = code == "refused" ? .codeStaleQuote : Text(rawValue: "error_\(code)")
            equal(Codes.error(error).text, expected ?? .otherCode)
        }
    }
    await test("a code this version does not know is shown as it is") {
        let shown = Codes.refusal("from_the_future").inWords { words["en"]?[$0.rawValue] ?? "" }
        equal(shown, "Reason: from_the_future")
    }
    await test("money, countdowns and moments read as everybody writes them") {
        equal(figures(127_500_000), "1\u{a0}275\u{a0}000")
        equal(figures(127_500_050), "1\u{a0}275\u{a0}000,50")
        equal(figures(5), "0,05")
        let left = { (micros: Int64) in
            countdown(micros).inWords { words["ru"]?[$0.rawValue] ?? "" }
        }
        equal(left(299_999_999), "04:59")
        equal(left((3 * 3600 + 61) * 1_000_000), "3:01:01")
        equal(left((3 * 86_400 + 5) * 1_000_000), "3\u{a0}дн. 0:00:05")
        equal(left(-5_000_000), "00:00")
        equal(moment(1_795_408_200_000_000), "23.11.2026 10:30:00")
        equal(seconds(100_001), "0,2")
    }
    await test("a phrase within a phrase is filled in its own language") {
        let button = Phrase(
            .buttonUpTo,
            ["button": .phrase(Phrase(.buttonCanRaise)), "amount": .phrase(money(550))])
        equal(button.inWords { words["ru"]?[$0.rawValue] ?? "" }, "Повысить цену: 5,50\u{a0}сом")
    }
}

/// The texts of a language, by name.
private func strings(_ apps: URL, _ language: String) throws -> [String: String] {
    let file = apps.appendingPathComponent("ios/App/Resources/\(language).lproj/Localizable.strings")
    var texts: [String: String] = [:]
    for line in try String(contentsOf: file, encoding: .utf8).split(separator: "\n") {
        let parts = line.split(separator: "\"", omittingEmptySubsequences: false)
        if parts.count == 5 { texts[String(parts[1])] = String(parts[3]) }
    }
    return texts
}
