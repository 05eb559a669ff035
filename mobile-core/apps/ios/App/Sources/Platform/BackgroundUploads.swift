import Foundation
import TorukCore

/// Files on their way while the app sleeps: the system's own session carries them, and wakes the
/// app when they are there.
final class BackgroundUploads: NSObject, BackgroundTransfers, URLSessionTaskDelegate,
    @unchecked Sendable
{
    static let identifier = "kg.toruk.app.uploads"

    /// Called with an upload's name when the system has finished it, or given it up.
    var finished: (@Sendable (String) async -> Void)?

    /// The system waits for this after it has told everything.
    var told: (@Sendable () -> Void)?

    private lazy var session: URLSession = {
        let configuration = URLSessionConfiguration.background(withIdentifier: Self.identifier)
        configuration.sessionSendsLaunchEvents = true
        configuration.httpShouldSetCookies = false
        return URLSession(configuration: configuration, delegate: self, delegateQueue: nil)
    }()

    /// Hears of uploads that ended while the app was not there.
    func start() { _ = session }

    func enqueue(job: UploadJob) throws {
        guard let url = URL(string: job.url) else {
            throw PlatformError.Failed(reason: "no URL")
        }
        cancel(id: job.id)
        var request = URLRequest(url: url)
        request.httpMethod = job.method
        job.headers.forEach { request.setValue($0.value, forHTTPHeaderField: $0.name) }
        let task = session.uploadTask(with: request, fromFile: URL(fileURLWithPath: job.file))
        task.taskDescription = job.id
        task.countOfBytesClientExpectsToSend = Int64(clamping: job.sizeBytes)
        task.resume()
    }

    func cancel(id: String) {
        session.getAllTasks { tasks in
            tasks.filter { $0.taskDescription == id }.forEach { $0.cancel() }
        }
    }

    func urlSession(_ session: URLSession, task: URLSessionTask, didCompleteWithError error: Error?) {
        let cancelled = (error as? URLError)?.code == .cancelled
        guard !cancelled, let id = task.taskDescription, let finished else { return }
        Task { await finished(id) }
    }

    func urlSessionDidFinishEvents(forBackgroundURLSession session: URLSession) {
        if let told { DispatchQueue.main.async(execute: told) }
        told = nil
    }
}
