package kg.toruk.app.platform

import android.app.Activity
import android.content.Context
import androidx.credentials.CreatePublicKeyCredentialRequest
import androidx.credentials.CreatePublicKeyCredentialResponse
import androidx.credentials.CredentialManager
import androidx.credentials.GetCredentialRequest
import androidx.credentials.GetPublicKeyCredentialOption
import androidx.credentials.PublicKeyCredential
import androidx.credentials.exceptions.CreateCredentialCancellationException
import androidx.credentials.exceptions.CreateCredentialException
import androidx.credentials.exceptions.GetCredentialCancellationException
import androidx.credentials.exceptions.GetCredentialException
import kg.toruk.core.Passkeys
import kg.toruk.core.PlatformException
import org.json.JSONObject

/**
 * Passkeys by Android's Credential Manager. The site's `/.well-known/assetlinks.json` must name the
 * app. Whether a signature is possible without a connection is the person's passkey provider's.
 */
class CredentialPasskeys(context: Context, private val onScreen: () -> Activity?) : Passkeys {
    private val credentials = CredentialManager.create(context)

    override suspend fun register(optionsJson: String): String = try {
        val request = CreatePublicKeyCredentialRequest(inner(optionsJson))
        val made = credentials.createCredential(activity(), request)
        (made as CreatePublicKeyCredentialResponse).registrationResponseJson
    } catch (no: CreateCredentialCancellationException) {
        throw PlatformException.Cancelled()
    } catch (failure: CreateCredentialException) {
        throw PlatformException.Failed(failure.toString())
    }

    override suspend fun assert(optionsJson: String): String = try {
        val option = GetPublicKeyCredentialOption(inner(optionsJson))
        val found = credentials.getCredential(activity(), GetCredentialRequest(listOf(option)))
        (found.credential as PublicKeyCredential).authenticationResponseJson
    } catch (no: GetCredentialCancellationException) {
        throw PlatformException.Cancelled()
    } catch (failure: GetCredentialException) {
        throw PlatformException.Failed(failure.toString())
    }

    private fun activity(): Activity =
        onScreen() ?: throw PlatformException.Failed("the app is not on the screen")
}

/** Android wants what WebAuthn has under `publicKey`. */
private fun inner(optionsJson: String): String =
    JSONObject(optionsJson).getJSONObject("publicKey").toString()
