import Foundation

// The folder with `codes.json`, and the texts.
let apps = URL(fileURLWithPath: CommandLine.arguments[1])
try await wordsTests(apps: apps)
await liveTests()
await modelTests()
exit(failures.isEmpty ? 0 : 1)
