//! Where a database is, as far as people may read it: never with its password.

use reqwest::Url;
use std::path::PathBuf;

/// The file of an SQLite address; `None` for another kind of database.
pub fn sqlite_file(url: &str) -> Option<PathBuf> {
    let rest = url.strip_prefix("sqlite:")?;
    let rest = rest.strip_prefix("//").unwrap_or(rest);
    Some(PathBuf::from(rest.split('?').next().unwrap_or_default()))
}

/// What to say of a database that was reached and refused this server.
pub fn refusal(url: &str) -> String {
    let place = match sqlite_file(url) {
        Some(file) => file.display().to_string(),
        None => Url::parse(url).map_or_else(
            |_| "PostgreSQL".to_owned(),
            |url| format!("{}{}", url.host_str().unwrap_or_default(), url.path()),
        ),
    };
    format!(
        "--database-url: the database {place} can't be used; check that it exists, its login and \
         its rights"
    )
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::path::Path;

    #[test]
    fn a_database_is_named_without_its_password() {
        for (url, expected) in [
            ("sqlite:///var/lib/toruk/toruk.db?mode=rwc", Some("/var/lib/toruk/toruk.db")),
            ("sqlite://toruk.db", Some("toruk.db")),
            ("sqlite:toruk.db", Some("toruk.db")),
            ("postgres://toruk@db/toruk", None),
        ] {
            assert_eq!(sqlite_file(url).as_deref(), expected.map(Path::new), "{url}");
        }
        let said = refusal("postgres://me:secret@db/toruk");
        assert!(said.contains("db/toruk") && !said.contains("secret"), "{said}");
    }
}
