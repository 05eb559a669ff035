// swift-tools-version:5.9
// The package an iOS app adds. `mobile-core/bindings/build ios` puts this file, the framework and
// the generated Swift together; nothing of it can be resolved before that.
import PackageDescription

let package = Package(
    name: "TorukCore",
    platforms: [.iOS(.v15)],
    products: [.library(name: "TorukCore", targets: ["TorukCore"])],
    targets: [
        .binaryTarget(name: "TorukCoreFFI", path: "TorukCoreFFI.xcframework"),
        .target(name: "TorukCore", dependencies: ["TorukCoreFFI"]),
    ]
)
