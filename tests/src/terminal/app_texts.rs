//! The texts of the apps for what the core says by a code: one table for all programs.

use std::collections::BTreeMap;
use std::sync::LazyLock;

/// `name = ["ky", "ru", "en"]`, or `name = "another name"`; nothing is escaped.
const FILE: &str = include_str!("../../../mobile-core/apps/texts.toml");

/// Longest chain of names that stand for one text.
const NAMES_MAX: usize = 8;

static TEXTS: LazyLock<BTreeMap<&'static str, Vec<&'static str>>> = LazyLock::new(|| read(FILE));

/// A text of the apps in three languages: Kyrgyz, Russian, English.
pub(super) fn text(name: &str) -> Option<[&'static str; 3]> {
    let mut strings = TEXTS.get(name)?;
    for _ in 0..NAMES_MAX {
        let [other] = strings[..] else { break };
        strings = TEXTS.get(other)?;
    }
    <[&str; 3]>::try_from(strings.as_slice()).ok()
}

/// The strings of each entry.
fn read(file: &'static str) -> BTreeMap<&'static str, Vec<&'static str>> {
    let mut texts: BTreeMap<&'static str, Vec<&'static str>> = BTreeMap::new();
    let mut name = "";
    for line in file.lines().filter(|line| !line.starts_with('#')) {
        let value = match line.split_once(" = ") {
            Some((key, value)) if !line.starts_with(' ') => {
                name = key;
                value
            }
            _ => line,
        };
        let strings = value.split('"').skip(1).step_by(2);
        texts.entry(name).or_default().extend(strings);
    }
    texts
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::Value;
    use std::fs;
    use std::path::{Path, PathBuf};

    fn apps() -> PathBuf {
        Path::new(env!("CARGO_MANIFEST_DIR")).join("../mobile-core/apps")
    }

    /// Names of texts, each of a code that apps receive in this group.
    fn names(group: &str) -> Vec<String> {
        let codes = fs::read_to_string(apps().join("codes.json")).unwrap();
        let codes: Value = serde_json::from_str(&codes).unwrap();
        let codes = codes[group].as_array().unwrap();
        codes.iter().map(|code| format!("{group}_{}", code.as_str().unwrap())).collect()
    }

    #[test]
    fn every_obstacle_and_every_refusal_has_words_in_three_languages_in_all_apps() {
        let languages = [("ky", "values"), ("ru", "values-ru"), ("en", "values-en")];
        let read = |path: String| fs::read_to_string(apps().join(path)).unwrap();
        let android = languages
            .map(|(_, folder)| read(format!("android/app/src/main/res/{folder}/strings.xml")));
        let apple = languages
            .map(|(tag, _)| read(format!("ios/App/Resources/{tag}.lproj/Localizable.strings")));
        let (obstacles, refusals) = (names("obstacle"), names("code"));
        assert!(obstacles.len() >= 3 && refusals.len() > 70);
        for name in obstacles.iter().chain(&refusals) {
            let texts = text(name).unwrap_or_else(|| panic!("{name} has no words"));
            for (index, words) in texts.iter().enumerate() {
                assert!(words.chars().count() > 3, "{name}: {words:?}");
                assert_eq!(texts.iter().filter(|other| *other == words).count(), 1, "{name}");
                let plain = words.replace('&', "&amp;").replace('\'', "\\'");
                let entry = format!("<string name=\"{name}\">{plain}</string>");
                assert!(android[index].contains(&entry), "Android: {entry}");
                let entry = format!("\"{name}\" = \"{words}\";");
                assert!(apple[index].contains(&entry), "iOS: {entry}");
            }
        }
    }
}
