package kg.toruk.app.platform

import android.graphics.Bitmap
import android.graphics.BitmapFactory
import android.graphics.Canvas
import android.graphics.Color
import android.graphics.ImageDecoder
import android.os.Build
import androidx.annotation.RequiresApi
import kg.toruk.app.model.pictureSample
import kg.toruk.core.PictureConverter
import kg.toruk.core.PlatformException
import java.io.ByteArrayOutputStream
import java.nio.ByteBuffer

/** Letters of a photographed document stay sharp, and the file is a third of quality 100. */
private const val JPEG_QUALITY = 90

/**
 * HEIC of cameras, WebP of messengers and huge pictures as JPEG, by the platform's own decoders. What
 * the camera wrote beside the picture, such as the place, is left out.
 */
object JpegPictures : PictureConverter {
    override fun convert(content: ByteArray): ByteArray = orFailed {
        try {
            val decoded = if (Build.VERSION.SDK_INT >= Build.VERSION_CODES.P) {
                upright(content)
            } else {
                plain(content)
            }
            jpeg(decoded)
        } catch (full: OutOfMemoryError) {
            throw PlatformException.Failed("no memory for the picture: ${full.message}")
        }
    }

    /** Since Android 9: HEIC too, turned as the camera was held. */
    @RequiresApi(Build.VERSION_CODES.P)
    private fun upright(content: ByteArray): Bitmap {
        val source = ImageDecoder.createSource(ByteBuffer.wrap(content))
        return ImageDecoder.decodeBitmap(source) { decoder, info, _ ->
            decoder.allocator = ImageDecoder.ALLOCATOR_SOFTWARE
            decoder.setTargetSampleSize(pictureSample(info.size.width, info.size.height))
        }
    }

    /** Before: WebP. An Android that can't decode HEIC has no camera that writes it. */
    private fun plain(content: ByteArray): Bitmap {
        val options = BitmapFactory.Options().apply { inJustDecodeBounds = true }
        BitmapFactory.decodeByteArray(content, 0, content.size, options)
        options.inSampleSize = pictureSample(options.outWidth, options.outHeight)
        options.inJustDecodeBounds = false
        val decoded = BitmapFactory.decodeByteArray(content, 0, content.size, options)
        return decoded ?: throw PlatformException.Failed("the picture can't be decoded")
    }

    private fun jpeg(picture: Bitmap): ByteArray {
        // JPEG has no transparency, and would show black in its place.
        val paper = Bitmap.createBitmap(picture.width, picture.height, Bitmap.Config.ARGB_8888)
        Canvas(paper).apply {
            drawColor(Color.WHITE)
            drawBitmap(picture, 0f, 0f, null)
        }
        picture.recycle()
        val written = ByteArrayOutputStream()
        val done = paper.compress(Bitmap.CompressFormat.JPEG, JPEG_QUALITY, written)
        paper.recycle()
        check(done) { "the picture was not written" }
        return written.toByteArray()
    }
}
