package kg.toruk.app.platform

import kg.toruk.core.HttpBody
import kg.toruk.core.HttpHeader
import kg.toruk.core.HttpRequest
import kg.toruk.core.HttpResponse
import kg.toruk.core.ResponseBody
import kg.toruk.core.Transport
import kg.toruk.core.TransportException
import kotlinx.coroutines.Dispatchers
import kotlinx.coroutines.runInterruptible
import kotlinx.coroutines.suspendCancellableCoroutine
import okhttp3.Call
import okhttp3.Callback
import okhttp3.CertificatePinner
import okhttp3.CookieJar
import okhttp3.HttpUrl.Companion.toHttpUrlOrNull
import okhttp3.MediaType
import okhttp3.OkHttpClient
import okhttp3.Request
import okhttp3.RequestBody
import okhttp3.RequestBody.Companion.toRequestBody
import okhttp3.Response
import okio.BufferedSink
import java.io.IOException
import java.net.ConnectException
import java.net.NoRouteToHostException
import java.net.UnknownHostException
import java.time.Duration
import javax.net.ssl.SSLHandshakeException
import javax.net.ssl.SSLPeerUnverifiedException
import kotlin.coroutines.resume
import kotlin.coroutines.resumeWithException

/** The largest piece of an answer that is handed on, bytes. */
private const val PIECE_BYTES_MAX = 128 * 1024L

/** Methods that HTTP does not let go without a body. */
private val WITH_BODY = setOf("POST", "PUT", "PATCH")

/**
 * The way to the server by OkHttp: the platform's proxies and trust, HTTP/2, one pool. With `pins`
 * (`sha256/…`) the verified chain of the server at `url` must also have one of these keys.
 */
class OkHttpTransport(
    url: String,
    pins: List<String>,
    builder: OkHttpClient.Builder = OkHttpClient.Builder(),
) : Transport {
    private val client = builder
        .certificatePinner(pinner(url, pins))
        // The core gives up, repeats and follows by itself: twice would be too often.
        .callTimeout(Duration.ZERO)
        .readTimeout(Duration.ZERO)
        .writeTimeout(Duration.ZERO)
        .followRedirects(false)
        .followSslRedirects(false)
        .retryOnConnectionFailure(false)
        .cookieJar(CookieJar.NO_COOKIES)
        .cache(null)
        .build()

    override suspend fun send(request: HttpRequest): HttpResponse {
        val asked = Request.Builder().url(request.url).method(request.method, body(request))
        request.headers.forEach { asked.header(it.name, it.value) }
        val response = answer(client.newCall(asked.build()))
        return HttpResponse(
            response.code.toUShort(),
            response.headers.map { (name, value) -> HttpHeader(name, value) },
            Answer(response),
        )
    }

    private suspend fun answer(call: Call): Response = suspendCancellableCoroutine { waits ->
        waits.invokeOnCancellation { call.cancel() }
        call.enqueue(object : Callback {
            override fun onResponse(call: Call, response: Response) = waits.resume(response)

            override fun onFailure(call: Call, e: IOException) = waits.resumeWithException(meaning(e))
        })
    }
}

private fun pinner(url: String, pins: List<String>): CertificatePinner {
    // The core refuses an address that is none.
    val host = url.toHttpUrlOrNull()?.host ?: return CertificatePinner.DEFAULT
    return CertificatePinner.Builder().add(host, *pins.toTypedArray()).build()
}

private fun body(request: HttpRequest): RequestBody? = when (val body = request.body) {
    is HttpBody.Bytes -> body.bytes.toRequestBody()
    is HttpBody.Stream -> Pieces(body.length.toLong(), body.source)
    is HttpBody.Empty -> ByteArray(0).toRequestBody().takeIf { request.method in WITH_BODY }
}

/** A file on its way out, piece by piece as the connection takes them; once, never again. */
private class Pieces(
    private val length: Long,
    private val source: kg.toruk.core.RequestBody,
) : RequestBody() {
    override fun contentType(): MediaType? = null
    override fun contentLength() = length
    override fun isOneShot() = true

    override fun writeTo(sink: BufferedSink) {
        while (true) {
            val piece = try {
                source.next()
            } catch (gone: TransportException) {
                throw IOException(gone)
            }
            sink.write(piece ?: return)
        }
    }
}

/** The rest of an answer, as it comes. */
private class Answer(private val response: Response) : ResponseBody {
    private val source = checkNotNull(response.body) { "an answer without a body" }.source()

    override suspend fun next(): ByteArray? = try {
        runInterruptible(Dispatchers.IO) {
            // Waits for the first byte, then takes what has come with it.
            if (source.exhausted()) null
            else source.buffer.readByteArray(minOf(source.buffer.size, PIECE_BYTES_MAX))
        }
    } catch (lost: IOException) {
        throw TransportException.Lost(lost.toString())
    }

    override fun discard() = response.close()
}

/** What kept it from the server for certain is not sent; anything else may have arrived. */
private fun meaning(error: IOException): TransportException = when (error) {
    is UnknownHostException, is ConnectException, is NoRouteToHostException,
    is SSLHandshakeException, is SSLPeerUnverifiedException ->
        TransportException.NotSent(error.toString())
    else -> TransportException.Lost(error.toString())
}
