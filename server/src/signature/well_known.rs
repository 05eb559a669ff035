//! Documents by which platforms learn that the apps and the other origins belong to this server:
//! without them Android, iOS and browsers offer them no passkey of its host.

use super::origins::certificate_hash;
use crate::config::{Config, MobileApp};
use serde_json::{Value, json};
use toruk_sync::protocol::eid::EID_APP_PATH;
use webauthn_rs::prelude::Url;

/// Android's `/.well-known/assetlinks.json` (Digital Asset Links): each app, with the certificates
/// that sign it; `None` if no app or no certificate is configured.
pub fn asset_links(config: &Config) -> Option<Value> {
    let hashes = config.app_origins.iter().filter_map(|origin| certificate_hash(origin));
    let mut hashes: Vec<String> = hashes.collect();
    hashes.sort();
    hashes.dedup();
    let packages = config.mobile_apps.iter().filter_map(|app| match app {
        MobileApp::Android(package) => Some(package),
        MobileApp::Ios(_) => None,
    });
    let statement = |package: &String| {
        json!({
            "relation": [
                "delegate_permission/common.get_login_creds",
                "delegate_permission/common.handle_all_urls",
            ],
            "target": {
                "namespace": "android_app",
                "package_name": package,
                "sha256_cert_fingerprints": hashes,
            },
        })
    };
    let statements: Vec<Value> = packages.map(statement).collect();
    (!statements.is_empty() && !hashes.is_empty()).then_some(Value::Array(statements))
}

/// Apple's `/.well-known/apple-app-site-association`; `None` if no app is configured. With eID the
/// apps claim the address that leads back to them.
pub fn app_site_association(config: &Config) -> Option<Value> {
    let apps = config.mobile_apps.iter().filter_map(|app| match app {
        MobileApp::Ios(app) => Some(app),
        MobileApp::Android(_) => None,
    });
    let apps: Vec<&String> = apps.collect();
    (!apps.is_empty()).then(|| {
        let mut content = json!({ "webcredentials": { "apps": apps } });
        if config.eid.is_some() {
            let back = json!({ "appIDs": apps, "components": [{ "/": EID_APP_PATH }] });
            content["applinks"] = json!({ "details": [back] });
        }
        content
    })
}

/// `/.well-known/webauthn` (WebAuthn Level 3, related origins): the other origins of the web whose
/// pages may use this host's passkeys; `None` if there is none.
pub fn related_origins(config: &Config) -> Option<Value> {
    let urls = config.app_origins.iter().filter_map(|origin| Url::parse(origin.trim()).ok());
    let web = urls.filter(|url| url.scheme() == "https");
    let origins: Vec<String> = web.map(|url| url.origin().ascii_serialization()).collect();
    (!origins.is_empty()).then(|| json!({ "origins": origins }))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::{ClientKey, EID_TIMEOUT, EidConfig};
    use std::path::Path;

    fn config(app_origins: &[&str], mobile_apps: &[MobileApp]) -> Config {
        let mut config = Config::local(Path::new("unused"), 8080);
        "https://auction.example.kg".clone_into(&mut config.public_origin);
        config.app_origins = app_origins.iter().map(|origin| (*origin).to_owned()).collect();
        config.mobile_apps = mobile_apps.to_vec();
        config
    }

    #[test]
    fn platforms_learn_the_apps_by_their_certificates_and_nothing_else() {
        let hex = (0..32).map(|byte| format!("{byte:02X}")).collect::<Vec<_>>().join(":");
        let by_keytool = format!("android:apk-key-hash:{hex}");
        let by_store = "android:apk-key-hash:AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8=";
        // SHA-1, as older tools print it: Android's document has no place for it.
        let old = "android:apk-key-hash:AAECAwQFBgcICQoLDA0ODxAREhM=";
        let www = "https://www.auction.example.kg/";
        let android = MobileApp::Android("kg.toruk.app".to_owned());
        let ios = MobileApp::Ios("ABCDE12345.kg.toruk.app".to_owned());
        let all = config(&[&by_keytool, by_store, old, www], &[android.clone(), ios.clone()]);
        let links = asset_links(&all).unwrap();
        assert_eq!(links[0]["target"]["package_name"], "kg.toruk.app");
        assert_eq!(links[0]["target"]["sha256_cert_fingerprints"], json!([hex]));
        let mut apps = json!({ "webcredentials": { "apps": ["ABCDE12345.kg.toruk.app"] } });
        assert_eq!(app_site_association(&all), Some(apps.clone()));
        let mut with_eid = all.clone();
        with_eid.eid = Some(EidConfig {
            issuer: "https://eid.example.kg".to_owned(),
            client_id: "toruk".to_owned(),
            client_secret: ClientKey::new("secret".to_owned()),
            acr: None,
            timeout: EID_TIMEOUT,
        });
        apps["applinks"] = json!({ "details": [{
            "appIDs": ["ABCDE12345.kg.toruk.app"],
            "components": [{ "/": "/eid/app" }],
        }] });
        assert_eq!(app_site_association(&with_eid), Some(apps));
        assert!(!format!("{with_eid:?}").contains("\"secret\""), "printed");
        let origins = json!({ "origins": ["https://www.auction.example.kg"] });
        assert_eq!(related_origins(&all), Some(origins));

        let none = config(&[], &[]);
        assert_eq!((asset_links(&none), app_site_association(&none)), (None, None));
        assert_eq!(related_origins(&none), None);
        assert_eq!(asset_links(&config(&[old, www], &[android])), None, "no certificate");
        assert_eq!(asset_links(&config(&[by_store], &[ios])), None, "no app");
    }
}
