package kg.toruk.app.platform

import android.os.Build
import android.security.keystore.KeyGenParameterSpec
import android.security.keystore.KeyProperties
import android.security.keystore.StrongBoxUnavailableException
import kg.toruk.core.DeviceSigner
import java.math.BigInteger
import java.security.KeyPairGenerator
import java.security.KeyStore
import java.security.PrivateKey
import java.security.PublicKey
import java.security.Signature
import java.security.interfaces.ECPublicKey
import java.security.spec.ECGenParameterSpec

private const val KEYSTORE = "AndroidKeyStore"
private const val COORDINATE_BYTES = 32
private const val UNCOMPRESSED: Byte = 4

/** The key that signs bids, in the phone's hardware; in its own chip where there is one. */
class KeystoreSigner : DeviceSigner {
    private val keys = KeyStore.getInstance(KEYSTORE).apply { load(null) }

    override fun create(name: String): ByteArray = orFailed {
        keys.deleteEntry(alias(name))
        sec1(generate(alias(name)))
    }

    override fun publicKey(name: String): ByteArray? = orFailed {
        keys.getCertificate(alias(name))?.publicKey?.let(::sec1)
    }

    override fun sign(name: String, message: ByteArray): ByteArray = orFailed {
        val key = keys.getKey(alias(name), null) as PrivateKey
        Signature.getInstance("SHA256withECDSA").run {
            initSign(key)
            update(message)
            sign()
        }
    }

    override fun delete(name: String) = orFailed { keys.deleteEntry(alias(name)) }

    private fun generate(alias: String): PublicKey {
        if (Build.VERSION.SDK_INT < Build.VERSION_CODES.P) return generate(alias, ownChip = false)
        return try {
            generate(alias, ownChip = true)
        } catch (none: StrongBoxUnavailableException) {
            generate(alias, ownChip = false)
        }
    }

    private fun generate(alias: String, ownChip: Boolean): PublicKey {
        val spec = KeyGenParameterSpec.Builder(alias, KeyProperties.PURPOSE_SIGN)
            .setAlgorithmParameterSpec(ECGenParameterSpec("secp256r1"))
            .setDigests(KeyProperties.DIGEST_SHA256)
        if (ownChip && Build.VERSION.SDK_INT >= Build.VERSION_CODES.P) spec.setIsStrongBoxBacked(true)
        val maker = KeyPairGenerator.getInstance(KeyProperties.KEY_ALGORITHM_EC, KEYSTORE)
        return maker.apply { initialize(spec.build()) }.generateKeyPair().public
    }
}

private fun alias(name: String) = "toruk_$name"

/** SEC 1, uncompressed. */
private fun sec1(key: PublicKey): ByteArray {
    val point = (key as ECPublicKey).w
    return byteArrayOf(UNCOMPRESSED) + coordinate(point.affineX) + coordinate(point.affineY)
}

private fun coordinate(number: BigInteger): ByteArray {
    val bytes = number.toByteArray().takeLast(COORDINATE_BYTES).toByteArray()
    return ByteArray(COORDINATE_BYTES - bytes.size) + bytes
}
