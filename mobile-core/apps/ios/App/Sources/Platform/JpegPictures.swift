import Foundation
import ImageIO
import TorukCore
import UniformTypeIdentifiers

/// HEIC of the camera, WebP of messengers and huge pictures as JPEG, by ImageIO. What the camera wrote beside the
/// picture, such as the place, is left out.
final class JpegPictures: PictureConverter, @unchecked Sendable {
    /// Letters of a photographed document stay sharp, and the file is a third of quality 1.
    private static let quality = 0.9
    /// The longest side in pixels: 24 megapixels of a camera's 4:3.
    private static let longestSide = 5_656

    func convert(content: Data) throws -> Data {
        // A thumbnail is turned as the camera was held, and is decoded at its own size.
        let decoding: [CFString: Any] = [
            kCGImageSourceCreateThumbnailFromImageAlways: true,
            kCGImageSourceCreateThumbnailWithTransform: true,
            kCGImageSourceThumbnailMaxPixelSize: Self.longestSide,
        ]
        guard let source = CGImageSourceCreateWithData(content as CFData, nil),
            let picture = CGImageSourceCreateThumbnailAtIndex(source, 0, decoding as CFDictionary)
        else { throw PlatformError.Failed(reason: "the picture can't be decoded") }
        let written = NSMutableData()
        let jpeg = UTType.jpeg.identifier as CFString
        guard let target = CGImageDestinationCreateWithData(written, jpeg, 1, nil) else {
            throw PlatformError.Failed(reason: "no JPEG can be written")
        }
        // JPEG has no transparency, and would show black in its place.
        let encoding: [CFString: Any] = [
            kCGImageDestinationLossyCompressionQuality: Self.quality,
            kCGImageDestinationBackgroundColor: CGColor(gray: 1, alpha: 1),
        ]
        CGImageDestinationAddImage(target, picture, encoding as CFDictionary)
        guard CGImageDestinationFinalize(target) else {
            throw PlatformError.Failed(reason: "the picture was not written")
        }
        return written as Data
    }
}
