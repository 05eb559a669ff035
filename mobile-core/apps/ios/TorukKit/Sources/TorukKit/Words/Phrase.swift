import Foundation

/// A text with what fills it. The models speak in phrases; the screens look the words up in the
/// person's language.
public struct Phrase: Equatable, Sendable {
    /// What fills a place in a text.
    public enum Filling: Equatable, Sendable {
        case figures(String)
        indirect case phrase(Phrase)
    }

    public let text: Text
    public let fillings: [String: Filling]

    public init(_ text: Text, _ fillings: [String: Filling] = [:]) {
        self.text = text
        self.fillings = fillings
    }

    /// With one place to fill.
    public init(_ text: Text, _ name: String, _ value: some CustomStringConvertible) {
        self.init(text, [name: .figures(value.description)])
    }

    /// The words, with `words` as the way to a text in the person's language.
    public func inWords(_ words: (Text) -> String) -> String {
        fillings.reduce(words(text)) { filled, place in
            let value: String
            switch place.value {
            case .figures(let figures): value = figures
            case .phrase(let phrase): value = phrase.inWords(words)
            }
            return filled.replacingOccurrences(of: "{\(place.key)}", with: value)
        }
    }
}
