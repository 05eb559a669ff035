package kg.toruk.app

import android.Manifest
import android.content.Intent
import android.net.Uri
import android.os.Build
import android.os.Bundle
import android.provider.OpenableColumns
import android.view.WindowManager
import androidx.activity.ComponentActivity
import androidx.activity.compose.BackHandler
import androidx.activity.compose.setContent
import androidx.activity.result.contract.ActivityResultContracts
import kg.toruk.app.ui.AppView
import kg.toruk.app.ui.Path
import kg.toruk.app.ui.Phone
import kg.toruk.app.ui.Place
import kg.toruk.app.ui.TorukTheme
import java.io.ByteArrayOutputStream
import java.io.IOException
import java.io.InputStream
import kotlin.system.exitProcess

/** So much of a picked file is read: more than any server accepts, so that the core refuses it. */
private const val PICKED_BYTES_MAX = 64 * 1024 * 1024
private const val PIECE_BYTES = 64 * 1024

/** An auction to open, in an intent. */
const val OPEN_AUCTION = "auction"

/** The one activity. */
class MainActivity : ComponentActivity(), Phone {
    private val app get() = application as TorukApp
    private val path = Path()
    private var picked: ((String, String, ByteArray?) -> Unit)? = null
    private val picker = registerForActivityResult(ActivityResultContracts.OpenDocument()) { uri ->
        uri?.let(::read)
    }
    private val asking = registerForActivityResult(ActivityResultContracts.RequestPermission()) {}

    override fun onCreate(savedInstanceState: Bundle?) {
        super.onCreate(savedInstanceState)
        show(intent)
        setContent {
            TorukTheme(app.speech.words(), this) {
                BackHandler(enabled = path.canGoBack) { path.back() }
                AppView(app.bidder, path)
            }
        }
    }

    override fun onNewIntent(intent: Intent) {
        super.onNewIntent(intent)
        show(intent)
    }

    override fun onStart() {
        super.onStart()
        app.appeared(this)
    }

    override fun onStop() {
        if (!isChangingConfigurations) app.disappeared()
        super.onStop()
    }

    override fun pickFile(picked: (name: String, mime: String, bytes: ByteArray?) -> Unit) {
        this.picked = picked
        picker.launch(arrayOf("application/pdf", "image/*"))
    }

    override fun share(text: String) {
        val send = Intent(Intent.ACTION_SEND).setType("text/plain").putExtra(Intent.EXTRA_TEXT, text)
        startActivity(Intent.createChooser(send, null))
    }

    override fun open(url: String) = startActivity(Intent(Intent.ACTION_VIEW, Uri.parse(url)))

    override fun keepPrivate(isPrivate: Boolean) {
        val flag = WindowManager.LayoutParams.FLAG_SECURE
        if (isPrivate) window.addFlags(flag) else window.clearFlags(flag)
    }

    override fun askToNotify() {
        if (Build.VERSION.SDK_INT >= Build.VERSION_CODES.TIRAMISU) {
            asking.launch(Manifest.permission.POST_NOTIFICATIONS)
        }
    }

    override fun speak(language: String) {
        if (language == app.speech.language) return
        app.speech.language = language
        // The core speaks one language for its life. It loses nothing when the process ends.
        startActivity(Intent.makeRestartActivityTask(intent.component))
        exitProcess(0)
    }

    private fun show(intent: Intent) {
        intent.getStringExtra(OPEN_AUCTION)?.let { path.go(Place.Auction(it)) }
    }

    private fun read(uri: Uri) {
        val name = contentResolver.query(uri, null, null, null, null)?.use { rows ->
            val column = rows.getColumnIndex(OpenableColumns.DISPLAY_NAME)
            if (rows.moveToFirst() && column >= 0) rows.getString(column) else null
        }
        val mime = contentResolver.getType(uri) ?: "application/octet-stream"
        // A file in a cloud, without a connection, or one whose app has withdrawn it.
        val bytes = try {
            contentResolver.openInputStream(uri)?.use { it.readAtMost(PICKED_BYTES_MAX) }
        } catch (unreadable: IOException) {
            null
        } catch (withdrawn: SecurityException) {
            null
        }
        picked?.invoke(name ?: uri.lastPathSegment ?: "file", mime, bytes)
    }
}

/** The beginning of a stream that may be a film of gigabytes. */
private fun InputStream.readAtMost(bytesMax: Int): ByteArray {
    val read = ByteArrayOutputStream()
    val piece = ByteArray(PIECE_BYTES)
    while (read.size() < bytesMax) {
        val count = read(piece, 0, minOf(piece.size, bytesMax - read.size()))
        if (count < 0) break
        read.write(piece, 0, count)
    }
    return read.toByteArray()
}
