import Foundation

/// What failed, in the order of the checks. Plain Swift: the same on a Mac and where there is no
/// XCTest.
@MainActor var failures: [String] = []

/// Longest wait for what must happen; nothing here waits for a time to pass.
let patience = Duration.seconds(20)

/// One sentence about the app; it holds when none of its checks fails.
@MainActor
func test(_ sentence: String, _ body: @MainActor () async throws -> Void) async {
    let before = failures.count
    do {
        try await body()
    } catch {
        failures.append("threw \(error)")
    }
    let failed = failures[before...]
    print(failed.isEmpty ? "ok    \(sentence)" : "FAIL  \(sentence): \(failed.joined(separator: "; "))")
}

@MainActor
func check(_ holds: Bool, _ what: @autoclosure () -> String) {
    if !holds { failures.append(what()) }
}

@MainActor
func equal<T: Equatable>(_ found: T, _ expected: T, _ what: String = "") {
    check(found == expected, "\(what) found \(found), expected \(expected)")
}
