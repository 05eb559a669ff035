package kg.toruk.app.model

/** Most pixels of a converted picture: sharp enough to read, and 96 MB while it is decoded. */
private const val PIXELS_MAX = 24_000_000L

/**
 * How many times smaller each side of a picture is decoded, a power of two as Android's decoders
 * want it.
 */
fun pictureSample(width: Int, height: Int): Int {
    var sample = 1
    while (width.toLong() / sample * (height.toLong() / sample) > PIXELS_MAX) sample *= 2
    return sample
}
