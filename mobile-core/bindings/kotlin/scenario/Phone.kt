package kg.toruk.scenario

import java.math.BigInteger
import java.net.URI
import java.net.http.HttpClient
import java.net.http.HttpRequest.BodyPublishers
import java.net.http.HttpResponse.BodyHandlers
import java.nio.file.Files
import java.nio.file.NoSuchFileException
import java.nio.file.Path
import java.nio.file.StandardCopyOption.ATOMIC_MOVE
import java.security.KeyFactory
import java.security.KeyPairGenerator
import java.security.MessageDigest
import java.security.Signature
import java.security.interfaces.ECPublicKey
import java.security.spec.ECGenParameterSpec
import java.security.spec.PKCS8EncodedKeySpec
import java.util.HexFormat
import java.util.concurrent.CopyOnWriteArrayList
import kg.toruk.core.BackgroundTransfers
import kg.toruk.core.CertificateSigner
import kg.toruk.core.Clock
import kg.toruk.core.Core
import kg.toruk.core.CoreEvent
import kg.toruk.core.DeviceSigner
import kg.toruk.core.LogLevel
import kg.toruk.core.Logger
import kg.toruk.core.Observer
import kg.toruk.core.Passkeys
import kg.toruk.core.PlatformException
import kg.toruk.core.SecureStore
import kg.toruk.core.SignerException
import kg.toruk.core.SigningRequest
import kg.toruk.core.UploadJob
import kotlinx.coroutines.future.await

/** A mistake of the app's, of a kind the core knows nothing of. */
class AppBug : IllegalStateException("a bug in the app")

/** What a phone's platform gives the core, made for tests: a file is no keystore. */
class FileSecrets(private val folder: Path, private val throws: Boolean) : SecureStore {
    init {
        Files.createDirectories(folder)
    }

    override fun get(name: String): ByteArray? = try {
        if (throws) throw AppBug()
        Files.readAllBytes(file(name))
    } catch (_: NoSuchFileException) {
        null
    }

    override fun set(name: String, value: ByteArray) {
        // Renamed, so that a killed process leaves the old one or the new one.
        val new = Files.createTempFile(folder, "secret", ".new")
        Files.write(new, value)
        Files.move(new, file(name), ATOMIC_MOVE)
    }

    private fun file(name: String) = folder.resolve(HexFormat.of().formatHex(name.toByteArray()))
}

/**
 * Keys of the JDK's, as Android's Keystore has them: P-256, signatures in DER. Private and public key lie
 * one after the other in a secret.
 */
class JvmSigner(private val keep: SecureStore) : DeviceSigner {
    override fun create(name: String): ByteArray {
        val maker = KeyPairGenerator.getInstance("EC")
        maker.initialize(ECGenParameterSpec("secp256r1"))
        val pair = maker.generateKeyPair()
        val point = (pair.public as ECPublicKey).w
        val public = byteArrayOf(4) + wide(point.affineX) + wide(point.affineY)
        keep.set("jvm/$name", public + pair.private.encoded)
        return public
    }

    override fun publicKey(name: String): ByteArray? = kept(name)?.copyOf(POINT_BYTES)

    override fun sign(name: String, message: ByteArray): ByteArray {
        val kept = kept(name) ?: throw PlatformException.Failed("the key is gone")
        val spec = PKCS8EncodedKeySpec(kept.copyOfRange(POINT_BYTES, kept.size))
        val signer = Signature.getInstance("SHA256withECDSA")
        signer.initSign(KeyFactory.getInstance("EC").generatePrivate(spec))
        signer.update(message)
        return signer.sign()
    }

    override fun delete(name: String) = keep.set("jvm/$name", ByteArray(0))

    private fun kept(name: String) = keep.get("jvm/$name")?.takeIf { it.isNotEmpty() }

    /** 32 bytes, without the sign that Java puts in front or the zeros that it leaves out. */
    private fun wide(number: BigInteger): ByteArray {
        val bytes = number.toByteArray()
        val plain = bytes.copyOfRange(maxOf(0, bytes.size - COORDINATE_BYTES), bytes.size)
        return ByteArray(COORDINATE_BYTES - plain.size) + plain
    }

    private companion object {
        const val COORDINATE_BYTES = 32
        const val POINT_BYTES = 1 + 2 * COORDINATE_BYTES
    }
}

/** The host's software passkey, and whatever can go wrong at a sensor. */
class Finger(private val desk: String) : Passkeys {
    /** What happens at the next touch: `cancels`, `fails`, `throws`, or nothing of it. */
    @Volatile
    var mood: String? = null

    private val client = HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build()

    override suspend fun register(optionsJson: String) = ceremony("register", optionsJson)

    override suspend fun assert(optionsJson: String) = ceremony("assert", optionsJson)

    private suspend fun ceremony(kind: String, options: String): String {
        val now = mood
        mood = null
        when (now) {
            "cancels" -> throw PlatformException.Cancelled()
            "fails" -> throw PlatformException.Failed("no sensor")
            "throws" -> throw AppBug()
        }
        val request = java.net.http.HttpRequest.newBuilder(URI("$desk/passkey/$kind"))
            .POST(BodyPublishers.ofString(options)).build()
        val answer = client.sendAsync(request, BodyHandlers.ofString()).await()
        if (answer.statusCode() != 200) throw PlatformException.Failed(answer.body())
        return answer.body()
    }
}

/** The host's certificate, and whatever can go wrong at a token. */
class Token(private val desk: String) : CertificateSigner {
    /** What happens at the next signature: `absent`, `cancels`, `fails`, `throws`, or nothing of it. */
    @Volatile
    var mood: String? = null

    private val client = HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build()

    override suspend fun sign(request: SigningRequest): ByteArray {
        val now = mood
        mood = null
        when (now) {
            "absent" -> throw SignerException.Unavailable()
            "cancels" -> throw SignerException.Cancelled()
            "fails" -> throw SignerException.Failed("no battery")
            "throws" -> throw AppBug()
        }
        val digest = MessageDigest.getInstance("SHA-256").digest(request.content)
        if (!digest.contentEquals(request.sha256)) throw AppBug()
        val asked = java.net.http.HttpRequest.newBuilder(URI("$desk/certificate/sign"))
            .POST(BodyPublishers.ofByteArray(request.content)).build()
        return client.sendAsync(asked, BodyHandlers.ofByteArray()).await().body()
    }
}

/**
 * The machine's clocks, and the hours the phone has slept, which the host writes down: a phone's
 * monotonic clock goes on in its sleep.
 */
class PhoneClock(private val sleptFile: Path) : Clock {
    @Volatile
    var broken = false

    override fun monotonicUs(): Long = System.nanoTime() / 1_000 + sleptUs()

    override fun wallUs(): Long = System.currentTimeMillis() * 1_000 + sleptUs()

    private fun sleptUs(): Long {
        if (broken) throw AppBug()
        return Files.readString(sleptFile).toLong()
    }
}

/** Counts each kind of event, and numbers that were missing. */
class Heard {
    private var last: ULong? = null
    private val counts = mutableMapOf<String, Int>()
    private var gaps = 0

    @Synchronized
    fun hear(event: CoreEvent) {
        val kind = event.what::class.simpleName.orEmpty()
            .replace(Regex("(?<=.)([A-Z])"), "_$1").lowercase()
        // A listener begins with a snapshot, at any number.
        if (kind != "snapshot" && last?.plus(1u) != event.number) gaps += 1
        last = event.number
        counts.merge(kind, 1, Int::plus)
    }

    /** How often, and how many gaps there were in all. */
    @Synchronized
    fun tell(kind: String): Map<String, Any?> {
        val count = if (kind == "any") counts.values.sum() else counts[kind] ?: 0
        return mapOf("count" to count, "gaps" to gaps)
    }
}

/** A listener that counts, calls the core from within, and then throws. */
class BadEar(private val core: Core, private val heard: Heard) : Observer {
    override fun onEvent(event: CoreEvent) {
        heard.hear(event)
        core.overview()
        throw AppBug()
    }
}

/** The system's background uploads, as a list: the host carries them out. */
class Transfers : BackgroundTransfers {
    val jobs = CopyOnWriteArrayList<UploadJob>()

    override fun enqueue(job: UploadJob) {
        jobs.add(job)
    }

    override fun cancel(id: String) {
        jobs.removeIf { it.id == id }
    }
}

/** What the core tells engineers, kept. */
class Log : Logger {
    val lines = CopyOnWriteArrayList<String>()

    override fun log(level: LogLevel, target: String, message: String) {
        lines.add("$level $target $message")
    }
}
