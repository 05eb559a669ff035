//! Amounts in figures and in words.
//!
//! Soms are in words and tyiyn in figures, as bank papers have them. Hundreds and thousands always
//! say how many they are (бир жүз, одна тысяча): nothing can be written in front of them.

use super::PaperLanguage;
use toruk_sync::domain::money::Tyiyn;

/// Tyiyn in a som.
const SOM: u64 = 100;

const KY_UNITS: [&str; 10] =
    ["", "бир", "эки", "үч", "төрт", "беш", "алты", "жети", "сегиз", "тогуз"];
const KY_TENS: [&str; 10] =
    ["", "он", "жыйырма", "отуз", "кырк", "элүү", "алтымыш", "жетимиш", "сексен", "токсон"];
const RU_UNITS: [&str; 20] = [
    "",
    "один",
    "два",
    "три",
    "четыре",
    "пять",
    "шесть",
    "семь",
    "восемь",
    "девять",
    "десять",
    "одиннадцать",
    "двенадцать",
    "тринадцать",
    "четырнадцать",
    "пятнадцать",
    "шестнадцать",
    "семнадцать",
    "восемнадцать",
    "девятнадцать",
];
const RU_TENS: [&str; 10] = [
    "",
    "",
    "двадцать",
    "тридцать",
    "сорок",
    "пятьдесят",
    "шестьдесят",
    "семьдесят",
    "восемьдесят",
    "девяносто",
];
const RU_HUNDREDS: [&str; 10] = [
    "",
    "сто",
    "двести",
    "триста",
    "четыреста",
    "пятьсот",
    "шестьсот",
    "семьсот",
    "восемьсот",
    "девятьсот",
];
const EN_UNITS: [&str; 20] = [
    "",
    "one",
    "two",
    "three",
    "four",
    "five",
    "six",
    "seven",
    "eight",
    "nine",
    "ten",
    "eleven",
    "twelve",
    "thirteen",
    "fourteen",
    "fifteen",
    "sixteen",
    "seventeen",
    "eighteen",
    "nineteen",
];
const EN_TENS: [&str; 10] =
    ["", "", "twenty", "thirty", "forty", "fifty", "sixty", "seventy", "eighty", "ninety"];

/// `1 260 000,50 сом`, with no-break spaces.
pub fn in_figures(amount: Tyiyn, language: PaperLanguage) -> String {
    format!("{amount}\u{a0}{}", language.pick(["сом", "сом", "som"]))
}

/// `Бир миллион эки жүз алтымыш миң сом 50 тыйын`.
pub fn in_words(amount: Tyiyn, language: PaperLanguage) -> String {
    let amount = u64::try_from(amount.get()).unwrap_or_default();
    let (som, tyiyn) = (amount / SOM, amount % SOM);
    let number = match language {
        PaperLanguage::Ky => words(som, "нөл", kyrgyz),
        PaperLanguage::Ru => words(som, "ноль", russian),
        PaperLanguage::En => words(som, "zero", english),
    };
    let (som, unit) = match language {
        PaperLanguage::Ky => ("сом", "тыйын"),
        PaperLanguage::Ru => (
            russian_form(som, ["сом", "сома", "сомов"]),
            russian_form(tyiyn, ["тыйын", "тыйына", "тыйынов"]),
        ),
        PaperLanguage::En => ("som", "tyiyn"),
    };
    capitalised(&format!("{number} {som} {tyiyn:02}\u{a0}{unit}"))
}

/// The words of a number by its groups of three digits, the greatest first. The group's writer gets
/// the group and its power of a thousand.
fn words(number: u64, zero: &str, group: fn(u64, usize) -> Vec<&'static str>) -> String {
    let mut found = Vec::new();
    for power in (0..=3).rev() {
        let part = number / 1_000_u64.pow(power) % 1_000;
        if part > 0 {
            found.extend(group(part, power as usize));
        }
    }
    let found: Vec<&str> = found.into_iter().filter(|word| !word.is_empty()).collect();
    if found.is_empty() { zero.to_owned() } else { found.join(" ").replace(" - ", "-") }
}

fn kyrgyz(group: u64, power: usize) -> Vec<&'static str> {
    let (hundreds, tens, units) = digits(group);
    let hundred = if hundreds > 0 { "жүз" } else { "" };
    let scale = ["", "миң", "миллион", "миллиард"][power];
    vec![KY_UNITS[hundreds], hundred, KY_TENS[tens], KY_UNITS[units], scale]
}

fn russian(group: u64, power: usize) -> Vec<&'static str> {
    let (hundreds, tens, units) = digits(group);
    let (tens, units) = if tens == 1 { (0, units + 10) } else { (tens, units) };
    let unit = match (power, units) {
        (1, 1) => "одна",
        (1, 2) => "две",
        _ => RU_UNITS[units],
    };
    let scale = match power {
        0 => "",
        1 => russian_form(group, ["тысяча", "тысячи", "тысяч"]),
        2 => russian_form(group, ["миллион", "миллиона", "миллионов"]),
        _ => russian_form(group, ["миллиард", "миллиарда", "миллиардов"]),
    };
    vec![RU_HUNDREDS[hundreds], RU_TENS[tens], unit, scale]
}

fn english(group: u64, power: usize) -> Vec<&'static str> {
    let (hundreds, tens, units) = digits(group);
    let (tens, units) = if tens == 1 { (0, units + 10) } else { (tens, units) };
    let hundred = if hundreds > 0 { "hundred" } else { "" };
    let joint = if tens > 0 && units > 0 { "-" } else { "" };
    let scale = ["", "thousand", "million", "billion"][power];
    vec![EN_UNITS[hundreds], hundred, EN_TENS[tens], joint, EN_UNITS[units], scale]
}

fn digits(group: u64) -> (usize, usize, usize) {
    let digit = |value: u64| (value % 10) as usize;
    (digit(group / 100), digit(group / 10), digit(group))
}

/// The form after this number: of one, of two to four, of many.
fn russian_form(number: u64, [one, few, many]: [&'static str; 3]) -> &'static str {
    match (number % 100, number % 10) {
        (11..=14, _) => many,
        (_, 1) => one,
        (_, 2..=4) => few,
        _ => many,
    }
}

fn capitalised(text: &str) -> String {
    let mut letters = text.chars();
    letters.next().map_or_else(String::new, |first| first.to_uppercase().chain(letters).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Tyiyn, and the words in Kyrgyz, Russian and English.
    const TABLE: &[(i64, [&str; 3])] = &[
        (0, ["Нөл сом 00 тыйын", "Ноль сомов 00 тыйынов", "Zero som 00 tyiyn"]),
        (1, ["Нөл сом 01 тыйын", "Ноль сомов 01 тыйын", "Zero som 01 tyiyn"]),
        (100, ["Бир сом 00 тыйын", "Один сом 00 тыйынов", "One som 00 tyiyn"]),
        (202, ["Эки сом 02 тыйын", "Два сома 02 тыйына", "Two som 02 tyiyn"]),
        (1_111, ["Он бир сом 11 тыйын", "Одиннадцать сомов 11 тыйынов", "Eleven som 11 tyiyn"]),
        (
            2_121,
            ["Жыйырма бир сом 21 тыйын", "Двадцать один сом 21 тыйын", "Twenty-one som 21 tyiyn"],
        ),
        (10_000, ["Бир жүз сом 00 тыйын", "Сто сомов 00 тыйынов", "One hundred som 00 tyiyn"]),
        (
            99_999,
            [
                "Тогуз жүз токсон тогуз сом 99 тыйын",
                "Девятьсот девяносто девять сомов 99 тыйынов",
                "Nine hundred ninety-nine som 99 tyiyn",
            ],
        ),
        (
            100_000,
            ["Бир миң сом 00 тыйын", "Одна тысяча сомов 00 тыйынов", "One thousand som 00 tyiyn"],
        ),
        (
            200_100,
            [
                "Эки миң бир сом 00 тыйын",
                "Две тысячи один сом 00 тыйынов",
                "Two thousand one som 00 tyiyn",
            ],
        ),
        (
            1_200_000,
            [
                "Он эки миң сом 00 тыйын",
                "Двенадцать тысяч сомов 00 тыйынов",
                "Twelve thousand som 00 tyiyn",
            ],
        ),
        (
            126_000_050,
            [
                "Бир миллион эки жүз алтымыш миң сом 50 тыйын",
                "Один миллион двести шестьдесят тысяч сомов 50 тыйынов",
                "One million two hundred sixty thousand som 50 tyiyn",
            ],
        ),
        (
            100_000_100,
            [
                "Бир миллион бир сом 00 тыйын",
                "Один миллион один сом 00 тыйынов",
                "One million one som 00 tyiyn",
            ],
        ),
        // Ak-Kula, the most expensive lot on record.
        (
            873_191_700_037,
            [
                "Сегиз миллиард жети жүз отуз бир миллион тогуз жүз он жети миң сом 37 тыйын",
                "Восемь миллиардов семьсот тридцать один миллион девятьсот семнадцать тысяч сомов \
                 37 тыйынов",
                "Eight billion seven hundred thirty-one million nine hundred seventeen thousand som \
                 37 tyiyn",
            ],
        ),
        (
            214_748_364_741,
            [
                "Эки миллиард бир жүз кырк жети миллион төрт жүз сексен үч миң алты жүз кырк жети \
                 сом 41 тыйын",
                "Два миллиарда сто сорок семь миллионов четыреста восемьдесят три тысячи шестьсот \
                 сорок семь сомов 41 тыйын",
                "Two billion one hundred forty-seven million four hundred eighty-three thousand six \
                 hundred forty-seven som 41 tyiyn",
            ],
        ),
        (
            9_000_000_000_000,
            [
                "Токсон миллиард сом 00 тыйын",
                "Девяносто миллиардов сомов 00 тыйынов",
                "Ninety billion som 00 tyiyn",
            ],
        ),
    ];

    #[test]
    fn an_amount_in_words_reads_as_each_language_says_it() {
        for (amount, expected) in TABLE {
            for (language, expected) in PaperLanguage::ALL.into_iter().zip(expected) {
                let found = in_words(Tyiyn::new(*amount).unwrap(), language);
                assert_eq!(found.replace('\u{a0}', " "), *expected, "{amount}");
            }
        }
    }

    #[test]
    fn two_amounts_never_have_the_same_words() {
        let mut seen = std::collections::BTreeSet::new();
        let amounts = (0..2_000).chain((2_000..900_000_000_000).step_by(123_456_789));
        for amount in amounts.flat_map(|som: i64| [som * 10, som * 10 + 7]) {
            for language in PaperLanguage::ALL {
                let Ok(amount) = Tyiyn::new(amount) else { continue };
                let words = in_words(amount, language);
                assert!(!words.contains("  "), "{words}");
                assert!(seen.insert((language.tag(), words.clone())), "{amount}: {words}");
            }
        }
    }
}
