//! The terminal's texts, the manual's words where it has them.

use toruk_mobile_core::api::records::Label;

/// A text.
#[derive(Debug, Clone, Copy)]
#[allow(missing_docs)] // The table says it.
pub enum T {
    AllAuctions,
    NoAuctions,
    YourName,
    SignedIn,
    Choose,
    Participate,
    FileFor,
    Saved,
    Submitted,
    Refused,
    WaitAdmission,
    Guarantee,
    Pay,
    PayHow,
    PaymentCode,
    PaymentSite,
    WaitPayment,
    Paid,
    WaitStart,
    FirstOffer,
    Raise,
    YourRaisedPrice,
    Confirm,
    Yes,
    Outbid,
    YouLead,
    NotLeading,
    Offline,
    Unknown,
    StaleQuote,
    Accepted,
    Won,
    Over,
    SignResult,
    Signed,
    Price,
    Participants,
    Som,
    NotPossible,
}

/// The text in `ky`, `ru` or English.
pub fn t(text: T, language: &str) -> &'static str {
    let all = match text {
        T::AllAuctions => ["Бардык торуктар", "Все торги", "All auctions"],
        T::NoAuctions => ["Азырынча торук жок", "Торгов пока нет", "No auctions yet"],
        T::YourName => ["Аты-жөнүңүз", "Ваше имя", "Your name"],
        T::SignedIn => ["Кирдиңиз", "Вы вошли", "Signed in"],
        T::Choose => ["Номерин тандаңыз", "Выберите номер", "Choose a number"],
        T::Participate => ["Катышуу", "Участвовать", "Participate"],
        T::FileFor => [
            "Файлдын жолу (Enter — үлгү)",
            "Путь к файлу (Enter — образец)",
            "Path of a file (Enter: a sample)",
        ],
        T::Saved => {
            ["Сакталды, бирок берилген жок", "Сохранено, но НЕ подано", "Saved, NOT submitted"]
        }
        T::Submitted => ["Арыз берилди", "Заявка подана", "Application submitted"],
        T::Refused => ["Четке кагылды", "Отказано", "Refused"],
        T::WaitAdmission => ["Уруксат күтүлүүдө…", "Ожидание допуска…", "Waiting for admission…"],
        T::Guarantee => ["Кепилдик төлөм", "Гарантийный взнос", "Guarantee payment"],
        T::Pay => ["Төлөө", "Оплатить", "Pay"],
        T::PayHow => [
            "1 — капчык, 2 — банк, 3 — карта",
            "1 — кошелёк, 2 — банк, 3 — карта",
            "1 wallet, 2 bank branch, 3 card",
        ],
        T::PaymentCode => ["Төлөө коду", "Код платежа", "Payment code"],
        T::PaymentSite => {
            ["Төлөм сайтына өтүү", "Перейти на сайт оплаты", "Go to the payment site"]
        }
        T::WaitPayment => ["Төлөм күтүлүүдө…", "Ожидание оплаты…", "Waiting for the payment…"],
        T::Paid => ["Төлөм түштү", "Взнос поступил", "The deposit arrived"],
        T::WaitStart => ["Башталышына", "До начала", "Starts in"],
        T::FirstOffer => {
            ["Биринчи сунушту берүү", "Подать первое предложение", "Submit the first offer"]
        }
        T::Raise => ["Бааны жогорулатуу", "Повысить цену", "Raise the price"],
        T::YourRaisedPrice => {
            ["Жогорулатылган бааңыз", "Ваша повышенная цена", "Your raised price"]
        }
        T::Confirm => ["Ырастайсызбы? y = Ооба", "Подтверждаете? y = Да", "Confirm? y = Yes"],
        T::Yes => ["Ооба", "Да", "Yes"],
        T::Outbid => [
            "Сиздин атаандашыңыз бааны жогорулатты",
            "Ваш конкурент повысил цену",
            "Your competitor has raised the price",
        ],
        T::YouLead => ["Сиз алдыдасыз", "Вы лидируете", "You lead"],
        T::NotLeading => ["Сиз алдыда эмессиз", "Вы не лидируете", "You do not lead"],
        T::Offline => [
            "Байланыш жок. Сунуштар кийин жөнөтүлбөйт",
            "Нет связи. Ставки позже не отправляются",
            "No connection. Bids are not sent later",
        ],
        T::Unknown => [
            "Жөнөтүлдү, жооп жок. Текшерилүүдө…",
            "Отправлено, ответа нет. Проверяем…",
            "Sent, no answer yet. Checking…",
        ],
        T::StaleQuote => ["Баа өзгөрдү", "Цена изменилась", "The price has changed"],
        T::Accepted => ["Сунуш кабыл алынды", "Ставка принята", "Bid accepted"],
        T::Won => ["Сиз жеңдиңиз", "Вы победили", "You won"],
        T::Over => ["Торук аяктады", "Торги завершены", "The auction is over"],
        T::SignResult => [
            "Жыйынтыкты ырастоо: y = Ооба",
            "Подтвердить результат: y = Да",
            "Confirm the result: y = Yes",
        ],
        T::Signed => ["Жыйынтык ырасталды", "Результат подтверждён", "Result confirmed"],
        T::Price => ["Баасы", "Цена", "Price"],
        T::Participants => ["катышуучу", "участников", "participants"],
        T::Som => ["сом", "сом", "som"],
        T::NotPossible => ["Азыр мүмкүн эмес", "Сейчас невозможно", "Not possible now"],
    };
    match language {
        "ky" => all[0],
        "ru" => all[1],
        _ => all[2],
    }
}

/// A label in the language, or in the first that there is.
pub fn label<'a>(label: &'a Label, language: &str) -> &'a str {
    let wanted = match language {
        "ky" => &label.ky,
        "ru" => &label.ru,
        _ => &label.en,
    };
    let first = [wanted, &label.ky, &label.ru, &label.en].into_iter().flatten().next();
    first.map_or("", String::as_str)
}
