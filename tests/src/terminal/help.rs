//! The keys, on one screen, in the three languages.

const KY: &str = "\
Белгини же номерди терип, Enter басыңыз.
  ?       ушул жардам
  q       артка; торуктардын тизмесинен — чыгуу
  o       телефондун байланышын өчүрөт, кайра кошот
  k       ушул телефондо сакталган квитанциялар
Торуктар
  номер   торукту ачат; Enter тизмени жаңыртат
Арыз
  <       мурунку суроо; Enter жоопту өзгөртпөйт, - аны өчүрөт
  номер   кол коюунун алдында: ошол жоопту оңдоо; y — кол коюп, берүү
Кепилдик төлөм
  1 2 3   капчык, банк, карта; күтүүдө Enter — башка код
Баа сунуштоо
  r       сунуштун суммасын көрсөтөт; y — сунушту жөнөтүү";

const RU: &str = "\
Наберите знак или номер и нажмите Enter.
  ?       эта справка
  q       назад; из списка торгов — выход
  o       отключает связь этого телефона, включает снова
  k       квитанции, сохранённые на этом телефоне
Торги
  номер   открывает торги; Enter обновляет список
Заявка
  <       предыдущий вопрос; Enter оставляет ответ, - удаляет его
  номер   перед подписанием: исправить этот ответ; y — подписать и подать
Гарантийный взнос
  1 2 3   кошелёк, банк, карта; при ожидании Enter — другой код
Ставки
  r       показывает сумму ставки; y — отправить ставку";

const EN: &str = "\
Type a sign or a number, then Enter.
  ?       this help
  q       back; from the list of auctions: quit
  o       disconnects this phone, connects it again
  k       the receipts kept on this phone
Auctions
  number  opens the auction; Enter refreshes the list
Application
  <       the previous question; Enter leaves an answer as it is, - clears it
  number  before signing: corrects that answer; y signs and submits
Guarantee payment
  1 2 3   wallet, bank branch, card; Enter while waiting: another code
Bidding
  r       shows the amount of the bid; y sends the bid";

/// The help in `ky`, `ru` or English.
pub fn help(language: &str) -> &'static str {
    match language {
        "ky" => KY,
        "ru" => RU,
        _ => EN,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::terminal::PhoneArguments;
    use clap::{Args as _, Command};

    /// A terminal's usual size.
    const LINES_MAX: usize = 24;
    const COLUMNS_MAX: usize = 80;

    #[test]
    fn the_keys_are_the_same_in_every_language_and_fit_a_screen() {
        let keys = |language: &str| -> Vec<String> {
            let lines = help(language).lines().filter(|line| line.starts_with("  "));
            lines.map(|line| line.trim_start().chars().take(7).collect()).collect()
        };
        let named = |key: &String| !["номер  ", "number "].contains(&key.as_str());
        let english: Vec<String> = keys("en").into_iter().filter(named).collect();
        for language in ["ky", "ru", "en"] {
            let text = help(language);
            assert!(text.lines().count() < LINES_MAX, "{language}");
            assert!(text.lines().all(|line| line.chars().count() <= COLUMNS_MAX), "{language}");
            let keys: Vec<String> = keys(language).into_iter().filter(named).collect();
            assert_eq!(keys, english, "{language}");
        }
    }

    #[test]
    fn the_programs_help_names_every_option_and_key() {
        let mut command = PhoneArguments::augment_args(Command::new("phone"));
        let shown = command.render_help().to_string();
        for option in ["--port", "--server", "--data", "--lang", "--tablet", help("en")] {
            assert!(shown.contains(option), "{option} is not in:\n{shown}");
        }
    }
}
