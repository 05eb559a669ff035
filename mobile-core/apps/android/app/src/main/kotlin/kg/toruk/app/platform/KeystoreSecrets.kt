package kg.toruk.app.platform

import android.security.keystore.KeyGenParameterSpec
import android.security.keystore.KeyProperties
import kg.toruk.core.PlatformException
import kg.toruk.core.SecureStore
import java.io.File
import java.security.KeyStore
import javax.crypto.Cipher
import javax.crypto.KeyGenerator
import javax.crypto.SecretKey
import javax.crypto.spec.GCMParameterSpec

private const val KEYSTORE = "AndroidKeyStore"
private const val KEY_NAME = "toruk_secrets"
private const val CIPHER = "AES/GCM/NoPadding"
private const val NONCE_BYTES = 12
private const val TAG_BITS = 128

/**
 * Small secrets in files, each sealed by a key that never leaves the Keystore. `folder` must be
 * outside of backups: `Context.noBackupFilesDir`.
 */
class KeystoreSecrets(private val folder: File) : SecureStore {
    override fun get(name: String): ByteArray? = orFailed {
        val file = file(name)
        if (!file.exists()) return@orFailed null
        val sealed = file.readBytes()
        val cipher = Cipher.getInstance(CIPHER)
        val nonce = GCMParameterSpec(TAG_BITS, sealed, 0, NONCE_BYTES)
        cipher.init(Cipher.DECRYPT_MODE, key(), nonce)
        cipher.updateAAD(name.toByteArray())
        cipher.doFinal(sealed, NONCE_BYTES, sealed.size - NONCE_BYTES)
    }

    override fun set(name: String, value: ByteArray) = orFailed {
        val file = file(name)
        if (value.isEmpty()) {
            file.delete()
            return@orFailed
        }
        val cipher = Cipher.getInstance(CIPHER)
        cipher.init(Cipher.ENCRYPT_MODE, key())
        cipher.updateAAD(name.toByteArray())
        // Whole or not at all: a half-written key would lose the store it seals.
        val fresh = File(folder, "${file.name}.new")
        fresh.outputStream().use { out ->
            out.write(cipher.iv + cipher.doFinal(value))
            out.fd.sync()
        }
        check(fresh.renameTo(file)) { "a secret could not be kept" }
    }

    private fun file(name: String): File {
        folder.mkdirs()
        return File(folder, name.toByteArray().joinToString("") { "%02x".format(it) })
    }

    private fun key(): SecretKey {
        val keys = KeyStore.getInstance(KEYSTORE).apply { load(null) }
        (keys.getKey(KEY_NAME, null) as? SecretKey)?.let { return it }
        val purposes = KeyProperties.PURPOSE_ENCRYPT or KeyProperties.PURPOSE_DECRYPT
        val spec = KeyGenParameterSpec.Builder(KEY_NAME, purposes)
            .setBlockModes(KeyProperties.BLOCK_MODE_GCM)
            .setEncryptionPaddings(KeyProperties.ENCRYPTION_PADDING_NONE)
            .build()
        val maker = KeyGenerator.getInstance(KeyProperties.KEY_ALGORITHM_AES, KEYSTORE)
        return maker.apply { init(spec) }.generateKey()
    }
}

/** What a service of Android throws, as the core knows it. */
internal inline fun <T> orFailed(what: () -> T): T = try {
    what()
} catch (failure: PlatformException) {
    throw failure
} catch (failure: Exception) {
    throw PlatformException.Failed(failure.toString())
}
