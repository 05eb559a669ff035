//! Texts of the payment system's pages, in Kyrgyz, Russian and English.

use super::book::Refusal;

/// The pages' texts in one language.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Texts {
    /// `ky`, `ru` or `en`.
    pub(super) tag: &'static str,
    pub(super) title: &'static str,
    /// So that nobody takes it for the real one.
    pub(super) notice: &'static str,
    pub(super) code: &'static str,
    pub(super) find: &'static str,
    pub(super) pay: &'static str,
    pub(super) amount: &'static str,
    pub(super) som: &'static str,
    pub(super) purpose: &'static str,
    pub(super) valid_until: &'static str,
    pub(super) reference: &'static str,
    pub(super) paid: &'static str,
    pub(super) go_back: &'static str,
    pub(super) card_title: &'static str,
    pub(super) card_number: &'static str,
    pub(super) card_code: &'static str,
    pub(super) send: &'static str,
    pub(super) nothing_stored: &'static str,
    pub(super) slip_title: &'static str,
    pub(super) print_hint: &'static str,
    pub(super) unknown: &'static str,
    pub(super) expired: &'static str,
    pub(super) already_paid: &'static str,
    pub(super) refused: &'static str,
}

pub(super) const LANGUAGES: [&Texts; 3] = [&KY, &RU, &EN];

const KY: Texts = Texts {
    tag: "ky",
    title: "Төлөм системасы",
    notice: "Сыноо системасы: чыныгы акча которулбайт.",
    code: "Төлөө коду",
    find: "Издөө",
    pay: "Төлөө",
    amount: "Сумма",
    som: "сом",
    purpose: "Төлөмдүн максаты",
    valid_until: "Жарактуулук мөөнөтү",
    reference: "Төлөмдүн номери",
    paid: "Төлөндү",
    go_back: "Эми тиркемеге кайтсаңыз болот.",
    card_title: "Карта менен төлөө",
    card_number: "Картанын номери",
    card_code: "CVC2/CVV2",
    send: "Жөнөтүү",
    nothing_stored: "Бул жерге жазылгандар жөнөтүлбөйт жана сакталбайт.",
    slip_title: "Банк бөлүмү үчүн төлөм баракчасы",
    print_hint: "Баракчаны басып чыгарып, банк бөлүмүндө көрсөтүңүз же кодду айтыңыз.",
    unknown: "Мындай код табылган жок.",
    expired: "Коддун мөөнөтү бүттү. Тиркемеден жаңы код алыңыз.",
    already_paid: "Бул код боюнча мурда төлөнгөн.",
    refused: "Төлөм кабыл алынган жок.",
};

const RU: Texts = Texts {
    tag: "ru",
    title: "Платёжная система",
    notice: "Испытательная система: настоящие деньги не переводятся.",
    code: "Код платежа",
    find: "Найти",
    pay: "Оплатить",
    amount: "Сумма",
    som: "сом",
    purpose: "Назначение платежа",
    valid_until: "Действует до",
    reference: "Номер платежа",
    paid: "Оплачено",
    go_back: "Теперь можно вернуться в приложение.",
    card_title: "Оплата картой",
    card_number: "Номер карты",
    card_code: "CVC2/CVV2",
    send: "Отправить",
    nothing_stored: "Введённое здесь никуда не отправляется и не сохраняется.",
    slip_title: "Счёт на оплату для отделения банка",
    print_hint: "Распечатайте счёт и покажите его в отделении банка или назовите код.",
    unknown: "Такой код не найден.",
    expired: "Срок действия кода истёк. Получите новый код в приложении.",
    already_paid: "Этот платёж уже оплачен.",
    refused: "Платёж не принят.",
};

const EN: Texts = Texts {
    tag: "en",
    title: "Payment system",
    notice: "A test system: no real money is moved.",
    code: "Payment code",
    find: "Find",
    pay: "Pay",
    amount: "Amount",
    som: "som",
    purpose: "Purpose",
    valid_until: "Valid until",
    reference: "Payment number",
    paid: "Paid",
    go_back: "You can return to the app now.",
    card_title: "Payment by card",
    card_number: "Card number",
    card_code: "CVC2/CVV2",
    send: "Send",
    nothing_stored: "What you type here is neither sent nor saved.",
    slip_title: "Payment slip for the bank branch",
    print_hint: "Print this slip and show it at the bank branch, or tell them the code.",
    unknown: "Code not found.",
    expired: "The code has expired. Get a new one in the app.",
    already_paid: "This has already been paid.",
    refused: "The payment was not accepted.",
};

impl Texts {
    /// Of the asked language, else of the browser's first known one, else Kyrgyz.
    pub(super) fn choose(asked: Option<&str>, accepted: Option<&str>) -> &'static Self {
        let named = |tag: &str| LANGUAGES.into_iter().find(|texts| texts.tag == tag);
        let browser = || accepted?.split(',').find_map(|range| named(range.trim().get(..2)?));
        asked.and_then(named).or_else(browser).unwrap_or(&KY)
    }

    pub(super) fn refusal(&self, refusal: Refusal) -> &'static str {
        match refusal {
            Refusal::Unknown => self.unknown,
            Refusal::Expired => self.expired,
            Refusal::AlreadyPaid => self.already_paid,
            Refusal::Conflict
            | Refusal::MoreThanPaid
            | Refusal::InvalidAmount
            | Refusal::TooMany => self.refused,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_page_speaks_the_asked_language_then_the_browsers_then_kyrgyz() {
        for (asked, accepted, expected) in [
            (None, None, "ky"),
            (Some("ru"), Some("en"), "ru"),
            (Some("de"), Some("de-DE,ru;q=0.9,en;q=0.8"), "ru"),
            (None, Some("en-GB,ky"), "en"),
            (None, Some("ж"), "ky"),
        ] {
            assert_eq!(Texts::choose(asked, accepted).tag, expected);
        }
    }
}
