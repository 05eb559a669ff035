package kg.toruk.scenario

import java.io.IOException
import java.io.InputStream
import java.net.ConnectException
import java.net.URI
import java.net.http.HttpClient
import java.net.http.HttpConnectTimeoutException
import java.net.http.HttpRequest.BodyPublisher
import java.net.http.HttpRequest.BodyPublishers
import java.net.http.HttpResponse.BodyHandlers
import java.nio.ByteBuffer
import java.util.concurrent.CompletableFuture
import java.util.concurrent.Flow
import kg.toruk.core.HttpBody
import kg.toruk.core.HttpHeader
import kg.toruk.core.HttpRequest
import kg.toruk.core.HttpResponse
import kg.toruk.core.RequestBody
import kg.toruk.core.ResponseBody
import kg.toruk.core.Transport
import kg.toruk.core.TransportException
import kotlinx.coroutines.channels.Channel
import kotlinx.coroutines.channels.ClosedReceiveChannelException
import kotlinx.coroutines.future.await

/** The way to the server by the JDK's client: what OkHttp is to an Android app. */
class JvmTransport : Transport {
    private val client = HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build()

    /** Whether it throws what it should not. */
    @Volatile
    var broken = false

    override suspend fun send(request: HttpRequest): HttpResponse {
        if (broken) throw AppBug()
        val built = java.net.http.HttpRequest.newBuilder(URI(request.url))
            .method(request.method, published(request.body))
        for (header in request.headers) built.header(header.name, header.value)
        try {
            // A coroutine that is cancelled cancels the exchange.
            val answer = client.sendAsync(built.build(), BodyHandlers.ofPublisher()).await()
            val headers = answer.headers().map().flatMap { (name, values) ->
                values.map { HttpHeader(name, it) }
            }
            return HttpResponse(answer.statusCode().toUShort(), headers, JvmBody(answer.body()))
        } catch (refused: ConnectException) {
            throw TransportException.NotSent(refused.toString())
        } catch (late: HttpConnectTimeoutException) {
            throw TransportException.NotSent(late.toString())
        } catch (lost: IOException) {
            throw TransportException.Lost(lost.toString())
        }
    }

    private fun published(body: HttpBody): BodyPublisher = when (body) {
        is HttpBody.Empty -> BodyPublishers.noBody()
        is HttpBody.Bytes -> BodyPublishers.ofByteArray(body.bytes)
        is HttpBody.Stream -> BodyPublishers.fromPublisher(
            BodyPublishers.ofInputStream { Pieces(body.source) },
            body.length.toLong(),
        )
    }
}

/** A request's body as a stream: pieces are read from the core when the connection takes them. */
private class Pieces(private val source: RequestBody) : InputStream() {
    private var piece = ByteBuffer.allocate(0)

    override fun read(): Int = if (refill()) piece.get().toInt() and 0xff else -1

    override fun read(into: ByteArray, offset: Int, length: Int): Int {
        if (!refill()) return -1
        val count = minOf(length, piece.remaining())
        piece.get(into, offset, count)
        return count
    }

    private fun refill(): Boolean {
        while (!piece.hasRemaining()) {
            val next = try {
                source.next()
            } catch (gone: TransportException) {
                throw IOException(gone)
            }
            piece = ByteBuffer.wrap(next ?: return false)
        }
        return true
    }
}

/** An answer's body: a piece is asked for when the core wants one, so a slow core slows the server. */
private class JvmBody(publisher: Flow.Publisher<List<ByteBuffer>>) :
    ResponseBody, Flow.Subscriber<List<ByteBuffer>> {
    // Never more than the one piece that was asked for.
    private val pieces = Channel<ByteArray>(Channel.UNLIMITED)
    private val subscribed = CompletableFuture<Flow.Subscription>()

    init {
        publisher.subscribe(this)
    }

    override suspend fun next(): ByteArray? {
        subscribed.await().request(1)
        return try {
            pieces.receive()
        } catch (_: ClosedReceiveChannelException) {
            null
        } catch (lost: IOException) {
            throw TransportException.Lost(lost.toString())
        }
    }

    override fun discard() {
        subscribed.thenAccept { it.cancel() }
        pieces.close()
    }

    override fun onSubscribe(subscription: Flow.Subscription) {
        subscribed.complete(subscription)
    }

    override fun onNext(buffers: List<ByteBuffer>) {
        val piece = ByteBuffer.allocate(buffers.sumOf { it.remaining() })
        buffers.forEach(piece::put)
        pieces.trySend(piece.array())
    }

    override fun onError(error: Throwable) {
        pieces.close(error as? IOException ?: IOException(error))
    }

    override fun onComplete() {
        pieces.close()
    }
}
