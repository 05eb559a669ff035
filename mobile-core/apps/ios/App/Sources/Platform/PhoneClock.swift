import Foundation
import Network
import TorukCore
import os

private let nanosInMicro: UInt64 = 1_000

/// The phone's clocks; the first goes on while it sleeps.
final class PhoneClock: TorukCore.Clock {
    // On Darwin this one is `mach_continuous_time`.
    func monotonicUs() -> Int64 {
        Int64(clock_gettime_nsec_np(CLOCK_MONOTONIC_RAW) / nanosInMicro)
    }

    func wallUs() -> Int64 { Int64(Date().timeIntervalSince1970 * 1_000_000) }
}

/// The core's messages in the system's log.
final class SystemLog: TorukCore.Logger {
    private let log = os.Logger(subsystem: "kg.toruk.app", category: "core")

    func log(level: LogLevel, target: String, message: String) {
        switch level {
        case .error: log.error("\(target): \(message)")
        case .warn: log.warning("\(target): \(message)")
        case .info: log.info("\(target): \(message)")
        case .debug: log.debug("\(target): \(message)")
        }
    }
}

/// Whether there is a network, and hearing when that changes.
final class Connectivity: @unchecked Sendable {
    private let monitor = NWPathMonitor()

    /// Whether there is one now.
    var online: Bool { monitor.currentPath.status == .satisfied }

    /// Tells each change, for the life of the process.
    func listen(_ changed: @escaping @Sendable (Bool) -> Void) {
        monitor.pathUpdateHandler = { changed($0.status == .satisfied) }
        monitor.start(queue: .global(qos: .utility))
    }
}
