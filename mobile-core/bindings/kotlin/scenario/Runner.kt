package kg.toruk.scenario

import com.google.gson.GsonBuilder
import com.google.gson.JsonObject
import com.google.gson.JsonParser
import java.net.URI
import java.net.http.HttpClient
import java.net.http.HttpRequest.BodyPublishers
import java.net.http.HttpResponse.BodyHandlers
import kg.toruk.core.CoreException
import kotlinx.coroutines.CancellationException
import kotlinx.coroutines.CoroutineScope
import kotlinx.coroutines.Dispatchers
import kotlinx.coroutines.SupervisorJob
import kotlinx.coroutines.future.await
import kotlinx.coroutines.runBlocking

private val gson = GsonBuilder().serializeNulls().create()
private val client = HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build()

/** The next order, for what came of the last one. */
private suspend fun ask(desk: String, answer: Map<String, Any?>?): JsonObject {
    val request = java.net.http.HttpRequest.newBuilder(URI("$desk/next"))
        .header("content-type", "application/json")
        .POST(BodyPublishers.ofString(gson.toJson(mapOf("answer" to answer)))).build()
    val order = client.sendAsync(request, BodyHandlers.ofString()).await()
    check(order.statusCode() == 200) { "the host answers ${order.statusCode()}" }
    return JsonParser.parseString(order.body()).asJsonObject
}

/** An error as the scenario has it: each of the binding's classes, with what it carries. */
private fun asError(error: CoreException): Answer = when (error) {
    is CoreException.Refused ->
        mapOf("kind" to "refused", "code" to error.code, "params" to error.params)
    is CoreException.Offline -> mapOf("kind" to "offline")
    is CoreException.SignedOut -> mapOf("kind" to "signed_out")
    is CoreException.OutOfDate -> mapOf("kind" to "out_of_date")
    is CoreException.StorageFull -> mapOf("kind" to "storage_full")
    is CoreException.StoreRepaired -> mapOf("kind" to "store_repaired")
    is CoreException.StoreTooNew -> mapOf("kind" to "store_too_new")
    is CoreException.StoreInUse -> mapOf("kind" to "store_in_use")
    is CoreException.UnsafeAddress -> mapOf("kind" to "unsafe_address")
    is CoreException.Closed -> mapOf("kind" to "closed")
    is CoreException.Internal -> mapOf("kind" to "internal", "detail" to error.detail)
}

/**
 * Plays the scenario through the generated Kotlin binding: asks the host for a step, does it, says what
 * came of it, until there is none.
 */
fun main(arguments: Array<String>): Unit = runBlocking {
    val desk = arguments.single()
    val bidder = Bidder(desk, CoroutineScope(SupervisorJob() + Dispatchers.Default))
    var answer: Map<String, Any?>? = null
    while (true) {
        val order = ask(desk, answer)
        if (order.get("do").asString == "ends") break
        answer = try {
            mapOf("done" to bidder.act(order.get("do").asString, order.getAsJsonObject("with")))
        } catch (error: CoreException) {
            mapOf("error" to asError(error))
        } catch (error: CancellationException) {
            throw error
        } catch (error: Exception) {
            mapOf("error" to mapOf("kind" to "unexpected", "detail" to error.stackTraceToString()))
        }
    }
}
