//! Settings that can't work, and folders that hold no server.

use super::{Said, toruk};
use anyhow::ensure;
use tempfile::TempDir;
use tokio::net::TcpListener;

/// Any account.
const SOMEBODY: &str = "018f0000-0000-7000-8000-000000000001";

/// `serve` with these options is refused with these words, and leaves nothing behind.
async fn check(folder: &TempDir, options: &[&str], words: &[&str]) -> anyhow::Result<()> {
    let data = folder.path().join("data");
    let data_dir = data.to_str().unwrap_or_default();
    let listen = ["serve", "--listen", "127.0.0.1:0", "--operations-listen", "127.0.0.1:0"];
    let given: Vec<&str> = options.iter().copied().filter(|option| *option != "serve").collect();
    let listen = if given.contains(&"--listen") { &listen[..1] } else { &listen[..] };
    let arguments = [listen, &["--data-dir", data_dir], &given].concat();
    let Said { succeeded, error, .. } = toruk(&arguments).await?;
    ensure!(!succeeded, "{options:?} was accepted");
    for word in words {
        ensure!(error.contains(word), "{options:?}: {word} is not in\n{error}");
    }
    ensure!(!error.contains("hidden"), "a password is told: {error}");
    ensure!(!data.join("toruk.db").exists(), "{options:?} left a database behind");
    Ok(())
}

#[tokio::test]
async fn what_can_not_work_is_refused_at_the_start_with_what_where_and_what_to_do()
-> anyhow::Result<()> {
    let folder = TempDir::new()?;
    let file = |name: &str, text: &str| -> anyhow::Result<String> {
        let path = folder.path().join(name);
        std::fs::write(&path, text)?;
        Ok(path.to_str().unwrap_or_default().to_owned())
    };
    let (empty, junk) = (file("empty", " \n")?, file("junk", "{\"not\": \"that\"}")?);
    let broken = format!("sqlite://{}", file("broken.db", &"not a database ".repeat(100))?);
    let missing = folder.path().join("missing").to_str().unwrap_or_default().to_owned();
    let missing_database = format!("sqlite://{missing}/toruk.db");
    let taken = TcpListener::bind("127.0.0.1:0").await?;
    let taken = taken.local_addr()?.to_string();
    let pay = |url: &'static str, secret: &'_ str| {
        let words = ["--gateway-url", url, "--gateway-merchant", "toruk", "--gateway-secret-file"];
        words.iter().map(|word| (*word).to_owned()).chain([secret.to_owned()]).collect::<Vec<_>>()
    };
    let (here, ftp) = ("http://127.0.0.1:9", "ftp://pay.example.kg");
    let words = |words: &[&str]| words.iter().map(|word| (*word).to_owned()).collect::<Vec<_>>();
    let cases = [
        (pay(here, &empty), vec!["--gateway-secret-file", &empty, "empty", "write"]),
        (pay(here, &missing), vec!["--gateway-secret-file", &missing, "can't be read", "correct"]),
        (pay(ftp, &junk), vec!["--gateway-url", "ftp", "give https"]),
        (words(&["--fcm-url", ftp]), vec!["--fcm-url", "ftp", "give https"]),
        (words(&["--fcm-service-account", &missing]), vec!["--fcm-service-account", &missing]),
        (words(&["--fcm-service-account", &empty]), vec!["--fcm-service-account", "empty"]),
        (words(&["--fcm-service-account", &junk]), vec!["--fcm-service-account", "Google"]),
        (words(&["--rules", &missing]), vec!["--rules", &missing, "correct its name"]),
        (words(&["--rules", &junk]), vec!["--rules", &junk, "not a file of rules"]),
        (
            words(&["--public-origin", "https://auction.example.kg/console"]),
            vec!["--public-origin", "/console", "give only its beginning"],
        ),
        (
            words(&["--public-origin", "http://auction.example.kg"]),
            vec!["--public-origin", "passkeys", "give https://auction.example.kg"],
        ),
        (
            words(&["--public-origin", "https://192.0.2.1"]),
            vec!["--public-origin", "192.0.2.1", "host name"],
        ),
        (words(&["--public-origin", ftp]), vec!["--public-origin", ftp, "give only"]),
        (
            words(&["--app-origin", "https://a.example/app"]),
            vec!["--app-origin", "https://a.example/app", "give only"],
        ),
        (words(&["--mobile-app", "toruk"]), vec!["--mobile-app", "toruk", "android:kg.toruk.app"]),
        (words(&["--app-origin", "no origin"]), vec!["--app-origin", "android:apk-key-hash"]),
        (
            words(&["--database-url", "postgres://me:hidden@127.0.0.1:1/toruk"]),
            vec!["--database-url", "127.0.0.1:1", "nothing answers", "start PostgreSQL"],
        ),
        (
            words(&["--database-url", "mysql://localhost/toruk"]),
            vec!["--database-url", "mysql", "give sqlite://FILE"],
        ),
        (
            words(&["--database-url", &missing_database]),
            vec!["--database-url", "folder is missing"],
        ),
        (words(&["--database-url", &broken]), vec!["--database-url", "broken.db", "check that"]),
        (words(&["--listen", &taken]), vec!["--listen", &taken, "give another"]),
    ];
    for (options, expected) in &cases {
        let options: Vec<&str> = options.iter().map(String::as_str).collect();
        check(&folder, &options, expected).await?;
    }
    Ok(())
}

#[tokio::test]
async fn a_contact_for_push_services_is_an_address() -> anyhow::Result<()> {
    let folder = TempDir::new()?;
    for contact in ["help@auction.example.kg", "mailto:help", "http://auction.example.kg", ""] {
        let words = ["--web-push-contact", contact, "give mailto:"];
        check(&folder, &["--web-push-contact", contact], &words).await?;
    }
    ensure!(!folder.path().join("data").exists(), "a folder is left behind");
    Ok(())
}

#[tokio::test]
async fn a_provider_of_eid_is_encrypted_and_shares_a_secret() -> anyhow::Result<()> {
    let folder = TempDir::new()?;
    let file = |name: &str, text: &str| -> anyhow::Result<String> {
        let path = folder.path().join(name);
        std::fs::write(&path, text)?;
        Ok(path.to_str().unwrap_or_default().to_owned())
    };
    let (empty, secret) = (file("empty", " \n")?, file("secret", "hidden")?);
    for (issuer, secret, words) in [
        ("ftp://eid.example.kg", &secret, ["--eid-issuer", "ftp", "give https"]),
        ("http://eid.example.kg", &secret, ["--eid-issuer", "without encryption", "--plain-hosts"]),
        ("https://eid.example.kg", &empty, ["--eid-secret-file", "empty", "write"]),
    ] {
        let options = ["--eid-issuer", issuer, "--eid-client-id", "toruk"];
        let options = [&options[..], &["--eid-secret-file", secret.as_str()]].concat();
        check(&folder, &options, &words).await?;
    }
    Ok(())
}

#[tokio::test]
async fn only_serve_makes_a_data_folder() -> anyhow::Result<()> {
    let folder = TempDir::new()?;
    let empty = folder.path().join("empty");
    std::fs::create_dir(&empty)?;
    let backup = folder.path().join("backup");
    let to = backup.to_str().unwrap_or_default();
    let commands: [&[&str]; 6] = [
        &["sync", "new-epoch"],
        &["admin", "invite"],
        &["admin", "list"],
        &["receipt-key"],
        &["backup", "--to", to],
        &["admin", "revoke", "official", SOMEBODY],
    ];
    for data in [folder.path().join("mistyped"), empty] {
        let name = data.to_str().unwrap_or_default();
        let before = std::fs::read_dir(&data).map(Iterator::count).ok();
        for words in commands {
            let mut arguments = words.to_vec();
            // Before a subcommand of its own.
            let at = if words.contains(&"revoke") { 2 } else { words.len() };
            arguments.splice(at..at, ["--data-dir", name]);
            let Said { succeeded, out, error, .. } = toruk(&arguments).await?;
            ensure!(!succeeded && out.is_empty(), "{words:?} says {out}");
            ensure!(error.contains(name) && error.contains("toruk serve"), "{words:?}: {error}");
            let after = std::fs::read_dir(&data).map(Iterator::count).ok();
            ensure!(after == before, "{words:?} changed {name}");
        }
    }
    ensure!(!backup.exists(), "a backup of nothing");
    Ok(())
}
