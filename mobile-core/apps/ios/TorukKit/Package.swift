// swift-tools-version:5.9
// The app's models, in plain Swift: nothing of UIKit or SwiftUI. `apps/check --swift` compiles and
// tests the same sources with Linux's compiler.
import PackageDescription

let package = Package(
    name: "TorukKit",
    defaultLocalization: "ky",
    platforms: [.iOS(.v16), .macOS(.v13)],
    products: [.library(name: "TorukKit", targets: ["TorukKit"])],
    dependencies: [
        // What `mobile-core/bindings/build ios` leaves.
        .package(path: "../../../../target/phones/ios/TorukCore")
    ],
    targets: [
        .target(name: "TorukKit", dependencies: ["TorukCore"]),
        .executableTarget(name: "TorukKitChecks", dependencies: ["TorukKit"], path: "Tests"),
    ]
)
