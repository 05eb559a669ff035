//! One word for one thing in every text that people read, and figures written in one way.

mod sources;
mod terms;

use sources::{LANGUAGES, Line};
use std::collections::BTreeSet;
use terms::{NEVER, TERMS};

/// The byte position of `banned` in a text in lower case, written as [`terms`] does.
fn is_in(text: &str, banned: &str) -> bool {
    if let Some(whole) = banned.strip_prefix('=') {
        return text == whole;
    }
    if let Some(anywhere) = banned.strip_prefix('~') {
        return text.contains(anywhere);
    }
    let (word, is_whole) = match banned.strip_suffix('|') {
        Some(word) => (word, true),
        None => (banned, false),
    };
    let ends = |letter: Option<char>| !letter.is_some_and(char::is_alphanumeric);
    text.match_indices(word).any(|(at, _)| {
        let (before, after) = (&text[..at], &text[at + word.len()..]);
        ends(before.chars().next_back()) && (!is_whole || ends(after.chars().next()))
    })
}

/// Violations of the glossary in a text.
fn faults(line: &Line) -> Vec<String> {
    let text = line.text.to_lowercase();
    let never = NEVER[line.language].iter().filter(|banned| is_in(&text, banned));
    let mut faults: Vec<String> = never.map(|banned| format!("«{banned}»")).collect();
    for term in TERMS {
        for banned in term.banned[line.language].iter().filter(|banned| is_in(&text, banned)) {
            let word = term.words[line.language];
            faults.push(format!("«{banned}» is not the glossary's «{word}»"));
        }
    }
    faults
}

/// Violations in how a text writes numbers.
fn figure_faults(line: &Line) -> Vec<String> {
    let letters: Vec<char> = line.text.chars().collect();
    let is_digit = |letter: &char| letter.is_ascii_digit();
    let mut faults = Vec::new();
    for window in letters.windows(3) {
        let [before, between, after] = window else { continue };
        if is_digit(before) && *between == '.' && is_digit(after) {
            faults.push("a decimal point; figures have a comma".to_owned());
        }
        if is_digit(before) && *between == ' ' && is_digit(after) {
            faults.push("an ordinary space between groups of digits".to_owned());
        }
    }
    for unit in [" сом", " som", " %", " МБ", " MB", " КБ", " KB", " мин", " мүн", " min"]
    {
        for (at, _) in line.text.match_indices(unit) {
            let before = line.text[..at].chars().next_back();
            let after = line.text[at + unit.len()..].chars().next();
            let is_number = before.is_some_and(|letter| letter.is_ascii_digit() || letter == '}');
            if is_number && !after.is_some_and(char::is_alphanumeric) {
                faults.push(format!("an ordinary space before{unit}"));
            }
        }
    }
    if line.language == 2 && line.text.contains('\'') {
        faults.push("a straight apostrophe".to_owned());
    }
    faults
}

/// Violations in how a text counts: a number before its noun needs the language's plural forms,
/// which only Fluent has; a text without them counts after a colon.
fn plural_faults(line: &Line) -> Vec<String> {
    let mut faults = Vec::new();
    for part in line.text.lines() {
        let is_form = part.trim_start().starts_with(['[', '*']);
        for number in ["{ $count } ", "{count} "] {
            let mut after = part.split(number).skip(1).filter_map(|rest| rest.chars().next());
            if after.any(char::is_alphabetic) && !is_form {
                faults.push(format!("{number}stands before a noun without plural forms"));
            }
        }
    }
    if line.text.contains("$count ->") {
        let expected: &[&str] = match LANGUAGES[line.language] {
            "ru" => &["[one]", "[few]", "*[many]"],
            _ => &["[one]", "*[other]"],
        };
        let forms = line.text.lines().filter_map(|form| form.split_whitespace().next());
        let forms: Vec<&str> = forms.filter(|form| form.ends_with(']')).collect();
        if forms != expected {
            faults.push(format!("the forms are {forms:?}, not {expected:?}"));
        }
    }
    faults
}

fn told(lines: &[Line], fault: impl Fn(&Line) -> Vec<String>) -> Vec<String> {
    let told = |line: &Line| {
        let place = format!("{} {} ({})", line.source, line.key, LANGUAGES[line.language]);
        let text = line.text.clone();
        fault(line).into_iter().map(move |fault| format!("{place}: {fault}: {text}"))
    };
    lines.iter().flat_map(told).collect()
}

#[test]
fn every_source_of_texts_is_read_in_all_three_languages() {
    let lines = sources::all();
    for (source, least) in [("console", 590), ("apps", 290), ("mobile-core/src/api/texts.rs", 30)] {
        for (language, name) in LANGUAGES.iter().enumerate() {
            let of_it = |line: &&Line| line.source == source && line.language == language;
            let count = lines.iter().filter(of_it).count();
            assert!(count >= least, "{source} ({name}): {count}");
        }
    }
    let found: BTreeSet<&str> = lines.iter().map(|line| line.source.as_str()).collect();
    for part in ["domain/form", "payment_system", "terminal"] {
        assert!(found.iter().any(|source| source.contains(part)), "{part} is not in {found:?}");
    }
}

#[test]
fn one_thing_has_one_word_in_the_console_the_apps_the_terminal_and_the_audit_trail() {
    let lines = sources::all();
    assert_eq!(told(&lines, faults), Vec::<String>::new());
}

#[test]
fn the_console_and_the_apps_use_the_glossarys_words() {
    let lines = sources::all();
    for source in ["console", "apps"] {
        for (language, tag) in LANGUAGES.into_iter().enumerate() {
            let of_it = lines.iter().filter(|line| line.source == source);
            let texts: Vec<String> = of_it
                .filter(|line| line.language == language)
                .map(|line| line.text.to_lowercase())
                .collect();
            for word in TERMS.iter().map(|term| term.words[language]) {
                let is_used = texts.iter().any(|text| text.contains(word));
                assert!(is_used, "{source} ({tag}) never says «{word}»");
            }
        }
    }
}

/// Groups of texts that name the same states in the apps and in the console.
const STATES: [(&str, &str); 6] = [
    ("status_", "status-"),
    ("deposit_", "deposit-"),
    ("object_", "object-"),
    ("kind_", "lot-kind-"),
    ("option_", "choice-"),
    ("failure_", "failure-"),
];
/// For applicants it is the time to apply and their money's arrival; for officials the time to
/// correct the terms, and a fact of another's application.
const OTHER_READERS: [&str; 2] = ["status_rectification", "deposit_paid"];

#[test]
fn one_state_has_one_wording_in_the_console_and_the_apps() {
    let lines = sources::all();
    let mut compared = 0;
    for line in lines.iter().filter(|line| line.source == "apps") {
        let group = STATES.iter().find(|(apps, _)| line.key.starts_with(apps));
        let Some((apps, console)) = group.filter(|_| !OTHER_READERS.contains(&&*line.key)) else {
            continue;
        };
        let key = line.key.replace(apps, console).replace('_', "-");
        let is_same = |other: &&Line| other.key == key && other.language == line.language;
        if let Some(other) = lines.iter().filter(|line| line.source == "console").find(is_same) {
            assert_eq!(other.text.trim_end_matches('.'), line.text, "{key}");
            compared += 1;
        }
    }
    assert!(compared > 80, "{compared}");
}

#[test]
fn figures_are_written_in_one_way() {
    assert_eq!(told(&sources::all(), figure_faults), Vec::<String>::new());
}

#[test]
fn what_is_counted_has_the_languages_plural_forms() {
    assert_eq!(told(&sources::all(), plural_faults), Vec::<String>::new());
}

#[test]
fn the_glossary_catches_the_words_that_were_there() {
    for (language, text) in [
        (0, "Менчик ээси"),
        (0, "Баш тартуу"),
        (0, "Баш тартуунун себеби"),
        (0, "Аукциондун журналындагы орду"),
        (0, "Бул терезеде калган убакыт"),
        (0, "Торук болбой калды."),
        (0, "Убакыт токтотулган"),
        (0, "Жарактуу"),
        (0, "{ $value } чейин"),
        (0, "{ $value }-катышуучу"),
        (0, "Чынжырдын шакеги"),
        (0, "Төлөм кармалып турат"),
        (0, "Экинчи адам бекитти"),
        (1, "Ваш ход"),
        (1, "Остановить время"),
        (1, "Звено цепи"),
        (1, "Торг окончен"),
        (1, "Предложений пока нет"),
        (1, "Удерживается"),
        (1, "Конец текущего окна"),
        (1, "Подать на проверку"),
        (2, "The auction is created anew."),
        (2, "Please mend:"),
        (2, "Clock stopped"),
        (2, "The proposed winner loses his right to the lot."),
        (2, "The deposit is held"),
        (2, "Sign in with a passkey"),
    ] {
        let line = Line { source: String::new(), key: String::new(), language, text: text.into() };
        assert!(!faults(&line).is_empty(), "{text}");
    }
}

#[test]
fn the_rules_for_figures_and_plurals_fire() {
    let line = |language, text: &str| Line {
        source: String::new(),
        key: String::new(),
        language,
        text: text.to_owned(),
    };
    for (language, text) in [
        (1, "45.73"),
        (1, "1 260 000"),
        (0, "{ $value } сом"),
        (2, "Up to 25 MB"),
        (2, "the server's"),
    ] {
        assert!(!figure_faults(&line(language, text)).is_empty(), "{text}");
    }
    for (language, text) in [
        (1, "{count} участников"),
        (2, "{ $count } participants"),
        (1, "{ $count ->\n    [one] { $count } лот\n   *[other] { $count } лотов\n}"),
        (0, "{ $count ->\n   *[other] { $count } лот\n}"),
    ] {
        assert!(!plural_faults(&line(language, text)).is_empty(), "{text}");
    }
    assert_eq!(plural_faults(&line(1, "Участников: {count}")), Vec::<String>::new());
}
