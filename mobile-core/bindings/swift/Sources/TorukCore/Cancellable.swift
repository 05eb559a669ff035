/// Waits for a call of the core's until the task is cancelled: `try await cancellable { try await
/// core.auction(id: id) }`, as a view's `.task` needs it.
///
/// The generated calls do not hear of a task's cancellation. The call itself goes on and is dropped by
/// the core's own time limits; nothing waits for it any more. To end a sync for good, hand it a `Cancel`.
///
/// - Throws: `CancellationError`, or what the call throws.
public func cancellable<T: Sendable>(
    _ call: @escaping @Sendable () async throws -> T
) async throws -> T {
    let (answers, continuation) = AsyncThrowingStream.makeStream(of: T.self)
    Task {
        do {
            continuation.yield(try await call())
            continuation.finish()
        } catch {
            continuation.finish(throwing: error)
        }
    }
    for try await answer in answers { return answer }
    throw CancellationError()
}
