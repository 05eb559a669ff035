//! What the apps' own files say about TLS, screens and notifications. CI has neither SDK, so that
//! their words are all that can be checked here.

use std::fs;
use std::path::Path;

fn app(path: &str) -> String {
    fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join("apps").join(path)).unwrap()
}

/// Without comments, which may name what must not be there.
fn xml(path: &str) -> String {
    let text = app(path);
    let mut parts = text.split("<!--");
    let first = parts.next().unwrap_or_default().to_owned();
    let rest = parts.filter_map(|part| part.split_once("-->").map(|(_, after)| after));
    first + &rest.collect::<String>()
}

/// The declaration that begins with `head`, up to the next one.
fn declared<'a>(text: &'a str, head: &str) -> &'a str {
    let (_, rest) = text.split_once(head).unwrap_or_else(|| panic!("no {head}"));
    rest.split("data ").next().unwrap_or_default()
}

#[test]
fn androids_app_talks_tls_alone_and_trusts_no_authority_added_on_the_phone() {
    let manifest = xml("android/app/src/main/AndroidManifest.xml");
    assert!(manifest.contains(r#"android:usesCleartextTraffic="false""#));
    let config = r#"android:networkSecurityConfig="@xml/network_security_config""#;
    assert!(manifest.contains(config));
    for (kind, plain_hosts) in [("main", &[][..]), ("debug", &["localhost", "127.0.0.1"])] {
        let config = xml(&format!("android/app/src/{kind}/res/xml/network_security_config.xml"));
        assert!(config.contains(r#"<base-config cleartextTrafficPermitted="false">"#), "{kind}");
        assert!(!config.contains(r#"src="user""#), "{kind}");
        let hosts: Vec<&str> = config
            .split("<domain includeSubdomains=\"false\">")
            .skip(1)
            .filter_map(|rest| rest.split('<').next())
            .collect();
        assert_eq!(hosts, plain_hosts, "{kind}");
        let plain = config.matches(r#"cleartextTrafficPermitted="true""#).count();
        assert_eq!(plain, usize::from(!plain_hosts.is_empty()), "{kind}");
    }
}

#[test]
fn androids_private_screens_are_in_no_screenshot_and_its_notifications_on_no_locked_screen() {
    let source = |name: &str| app(&format!("android/app/src/main/kotlin/kg/toruk/app/{name}"));
    let places = source("ui/Path.kt");
    for place in ["object Settings", "class Application(", "class Deposit("] {
        let place_text = declared(&places, place);
        assert!(place_text.contains("override val isPrivate get() = true"), "{place}");
    }
    let view = source("ui/AppView.kt");
    assert!(view.contains("phone.keepPrivate(signsIn || path.place.isPrivate)"));
    let activity = source("MainActivity.kt");
    assert!(activity.contains("WindowManager.LayoutParams.FLAG_SECURE"));
    let notifications = source("work/Notifications.kt");
    for part in [
        "setVisibility(NotificationCompat.VISIBILITY_PRIVATE)",
        "setPublicVersion(withoutContent(channel))",
        "lockscreenVisibility = NotificationCompat.VISIBILITY_PRIVATE",
    ] {
        assert!(notifications.contains(part), "{part}");
    }
}

#[test]
fn both_apps_convert_their_own_cameras_pictures_upright_and_without_the_place() {
    let android = |name: &str| app(&format!("android/app/src/main/kotlin/kg/toruk/app/{name}"));
    assert!(android("TorukApp.kt").contains("pictures = JpegPictures,"));
    let converter = android("platform/JpegPictures.kt");
    for part in [
        "object JpegPictures : PictureConverter",
        // Turns a picture as the camera was held; the older decoder does not.
        "ImageDecoder.decodeBitmap(source)",
        "setTargetSampleSize(pictureSample(",
        "compress(Bitmap.CompressFormat.JPEG",
        "catch (full: OutOfMemoryError)",
    ] {
        assert!(converter.contains(part), "{part}");
    }
    assert!(app("ios/App/Sources/Work/Home.swift").contains("pictures: JpegPictures()"));
    let converter = app("ios/App/Sources/Platform/JpegPictures.swift");
    for part in [
        "final class JpegPictures: PictureConverter",
        "kCGImageSourceCreateThumbnailWithTransform: true",
        "kCGImageSourceThumbnailMaxPixelSize: Self.longestSide",
        "UTType.jpeg.identifier",
    ] {
        assert!(converter.contains(part), "{part}");
    }
    // The picture alone is written, not what the source had beside it.
    assert!(!converter.contains("CGImageDestinationAddImageFromSource"));
}

#[test]
fn a_picked_file_that_is_endless_or_unreadable_is_told_and_does_not_end_the_app() {
    let activity = app("android/app/src/main/kotlin/kg/toruk/app/MainActivity.kt");
    assert!(!activity.contains(".readBytes()"), "a film of gigabytes is read into memory");
    for caught in ["catch (unreadable: IOException)", "catch (withdrawn: SecurityException)"] {
        assert!(activity.contains(caught), "{caught}");
    }
    let view = app("ios/App/Sources/Screens/ApplicationView.swift");
    assert!(!view.contains("Data(contentsOf:"), "a film of gigabytes is read into memory");
    assert!(
        !view.contains("else { return }"),
        "a file that can't be read is passed over in silence"
    );
}

#[test]
fn ios_covers_the_screen_hides_previews_and_verifies_a_push_before_it_says_anything() {
    let project = app("ios/project.yml");
    assert!(project.contains("NSAllowsArbitraryLoads: false"));
    assert!(!project.contains("NSExceptionAllowsInsecureHTTPLoads"));
    let screens = app("ios/App/Sources/TorukApp.swift");
    assert!(screens.contains(".overlay { if phase != .active { Cover() } }"));
    assert!(screens.contains("hidePreviews(as: Speech()(.pushNotice))"));
    let notices = app("ios/App/Sources/Work/Notices.swift");
    assert!(notices.contains("hiddenPreviewsBodyPlaceholder: words"));
    let extension = app("ios/App/PushExtension/PushService.swift");
    for (name, source) in [("the app", &notices), ("the extension", &extension)] {
        let made = source.matches("UNMutableNotificationContent()").count().max(1);
        let hidden = source.matches("categoryIdentifier = auctionCategory").count();
        assert_eq!(hidden, made, "{name}: a notification without the category");
    }
    assert!(extension.contains("await verifyPush("), "the hint is believed");
    for word in ["JSONDecoder", "localizedString", "Core.open"] {
        assert!(!extension.contains(word), "the extension has {word}");
    }
}
