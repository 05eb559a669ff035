import Foundation
#if canImport(FoundationNetworking)
    import FoundationNetworking
#endif

/// The way to the server by the platform's own client: its proxies, its pins, its battery rules.
///
/// Answers are handed on as they come, so that the live stream is live; a request that the core gives up
/// is cancelled and closes its connection.
public final class URLSessionTransport: Transport, @unchecked Sendable {
    private let session: URLSession
    private let exchanges = Exchanges()

    /// - Parameter configuration: for pins and proxies; cookies, caches and time limits are the core's.
    public init(configuration: URLSessionConfiguration = .ephemeral) {
        configuration.httpShouldSetCookies = false
        configuration.httpCookieStorage = nil
        configuration.urlCache = nil
        configuration.requestCachePolicy = .reloadIgnoringLocalCacheData
        configuration.timeoutIntervalForRequest = longerThanAnything
        configuration.timeoutIntervalForResource = longerThanAnything
        session = URLSession(configuration: configuration, delegate: exchanges, delegateQueue: nil)
    }

    deinit {
        session.invalidateAndCancel()
    }

    public func send(request: HttpRequest) async throws -> HttpResponse {
        guard let url = URL(string: request.url) else {
            throw TransportError.NotSent(reason: "no URL")
        }
        var asked = URLRequest(url: url)
        asked.httpMethod = request.method
        for header in request.headers {
            asked.setValue(header.value, forHTTPHeaderField: header.name)
        }
        let task: URLSessionTask
        var outgoing: URL?
        switch request.body {
        case .empty:
            task = session.dataTask(with: asked)
        case .bytes(let bytes):
            task = session.uploadTask(with: asked, from: bytes)
        case .stream(_, let source):
            // The system reads files by itself; a file on its way is never whole in memory.
            let file = try spooled(source)
            outgoing = file
            task = session.uploadTask(with: asked, fromFile: file)
        }
        let exchange = Exchange(task: task, outgoing: outgoing)
        exchanges.begin(exchange)
        return try await withTaskCancellationHandler {
            let head = try await exchange.head()
            let headers = head.allHeaderFields.compactMap { name, value in
                (name as? String).map { HttpHeader(name: $0, value: "\(value)") }
            }
            return HttpResponse(status: UInt16(head.statusCode), headers: headers, body: exchange)
        } onCancel: {
            task.cancel()
        }
    }
}

/// The core gives up by itself; no time limit of the session's may come first.
private let longerThanAnything: TimeInterval = 7 * 24 * 3_600

private func spooled(_ source: RequestBody) throws -> URL {
    let file = FileManager.default.temporaryDirectory.appendingPathComponent(UUID().uuidString)
    guard FileManager.default.createFile(atPath: file.path, contents: nil),
        let handle = try? FileHandle(forWritingTo: file)
    else {
        throw TransportError.NotSent(reason: "no room for a file on its way")
    }
    defer { try? handle.close() }
    do {
        while let piece = try source.next() {
            try handle.write(contentsOf: piece)
        }
    } catch {
        try? FileManager.default.removeItem(at: file)
        throw TransportError.NotSent(reason: "\(error)")
    }
    return file
}

/// One request on its way, and then the rest of its answer.
private final class Exchange: ResponseBody, @unchecked Sendable {
    let task: URLSessionTask
    private let outgoing: URL?
    private let lock = NSLock()
    private var answered: Result<HTTPURLResponse, Error>?
    private var waitsForHead: CheckedContinuation<HTTPURLResponse, Error>?
    private var pieces: [Data] = []
    private var ended: Result<Void, Error>?
    private var waitsForPiece: CheckedContinuation<Data?, Error>?

    init(task: URLSessionTask, outgoing: URL?) {
        self.task = task
        self.outgoing = outgoing
    }

    func head() async throws -> HTTPURLResponse {
        try await withCheckedThrowingContinuation { continuation in
            let known = locked {
                if answered == nil { waitsForHead = continuation }
                return answered
            }
            if let known { continuation.resume(with: known) }
        }
    }

    func next() async throws -> Data? {
        try await withTaskCancellationHandler {
            try await withCheckedThrowingContinuation { continuation in
                let known: Result<Data?, Error>? = locked {
                    if !pieces.isEmpty { return .success(pieces.removeFirst()) }
                    if let ended { return ended.map { nil } }
                    waitsForPiece = continuation
                    return nil
                }
                if let known { continuation.resume(with: known) }
            }
        } onCancel: {
            task.cancel()
        }
    }

    func close() {
        task.cancel()
    }

    func heard(_ head: HTTPURLResponse) {
        let waits = locked {
            answered = .success(head)
            defer { waitsForHead = nil }
            return waitsForHead
        }
        waits?.resume(returning: head)
    }

    func heard(_ piece: Data) {
        let waits = locked {
            defer { waitsForPiece = nil }
            if waitsForPiece == nil { pieces.append(piece) }
            return waitsForPiece
        }
        waits?.resume(returning: piece)
    }

    func ended(_ error: Error?) {
        if let outgoing { try? FileManager.default.removeItem(at: outgoing) }
        let failure = error.map(meaning)
        let end: Result<Void, Error> = failure.map { .failure($0) } ?? .success(())
        let (head, piece) = locked {
            ended = end
            if answered == nil {
                answered = .failure(failure ?? TransportError.Lost(reason: "no answer"))
            }
            defer { (waitsForHead, waitsForPiece) = (nil, nil) }
            return (waitsForHead, waitsForPiece)
        }
        head?.resume(throwing: failure ?? TransportError.Lost(reason: "no answer"))
        piece?.resume(with: end.map { nil })
    }

    private func locked<T>(_ section: () -> T) -> T {
        lock.lock()
        defer { lock.unlock() }
        return section()
    }
}

/// What kept it from the server for certain is not sent; anything else may have arrived.
private func meaning(_ error: Error) -> TransportError {
    if let error = error as? URLError, unproven.contains(error.code) {
        return .Untrusted(reason: "\(error)")
    }
    if let error = error as? URLError, neverLeft.contains(error.code) {
        return .NotSent(reason: "\(error)")
    }
    return .Lost(reason: "\(error)")
}

#if canImport(FoundationNetworking)
    // Where Foundation stands on curl, a connection that broke in mid-answer can be told as one that was
    // never there: the code is the error number of an earlier attempt, at another address.
    private let neverLeft: Set<URLError.Code> = []
    private let unproven: Set<URLError.Code> = []
#else
    private let unproven: Set<URLError.Code> = [
        .serverCertificateUntrusted, .serverCertificateHasBadDate, .serverCertificateNotYetValid,
        .serverCertificateHasUnknownRoot,
    ]
    private let neverLeft: Set<URLError.Code> = [
        .cannotConnectToHost, .cannotFindHost, .dnsLookupFailed, .notConnectedToInternet,
        .secureConnectionFailed, .badURL, .unsupportedURL,
    ]
#endif

/// The session's delegate: whose answer it is.
private final class Exchanges: NSObject, URLSessionDataDelegate, @unchecked Sendable {
    private let lock = NSLock()
    private var underWay: [Int: Exchange] = [:]

    func begin(_ exchange: Exchange) {
        lock.lock()
        underWay[exchange.task.taskIdentifier] = exchange
        lock.unlock()
        exchange.task.resume()
    }

    func urlSession(
        _ session: URLSession, dataTask: URLSessionDataTask, didReceive response: URLResponse,
        completionHandler: @escaping (URLSession.ResponseDisposition) -> Void
    ) {
        if let head = response as? HTTPURLResponse { of(dataTask)?.heard(head) }
        completionHandler(.allow)
    }

    func urlSession(_ session: URLSession, dataTask: URLSessionDataTask, didReceive data: Data) {
        of(dataTask)?.heard(data)
    }

    func urlSession(_ session: URLSession, task: URLSessionTask, didCompleteWithError error: Error?) {
        lock.lock()
        let exchange = underWay.removeValue(forKey: task.taskIdentifier)
        lock.unlock()
        exchange?.ended(error)
    }

    func urlSession(
        _ session: URLSession, task: URLSessionTask,
        willPerformHTTPRedirection response: HTTPURLResponse, newRequest request: URLRequest,
        completionHandler: @escaping (URLRequest?) -> Void
    ) {
        // A redirect is an answer as well.
        completionHandler(nil)
    }

    private func of(_ task: URLSessionTask) -> Exchange? {
        lock.lock()
        defer { lock.unlock() }
        return underWay[task.taskIdentifier]
    }
}
