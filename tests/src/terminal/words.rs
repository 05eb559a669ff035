//! Codes in words, in the three languages: the terminal's own words where it has room for one line,
//! the apps' words for all others. A code this version does not know is shown as it is.

use super::app_texts;
use toruk_mobile_core::{CoreError, Obstacle};

/// A table's row: codes that mean the same to a person, and the words.
pub(super) type Row = (&'static [&'static str], [&'static str; 3]);

const CODES: &[Row] = &[
    (&["stale_quote", "stale_basis"], ["Баа өзгөрдү", "Цена изменилась", "The price has changed"]),
    (
        &["history_contradicted"],
        [
            "Сервер бул торуктун эки башка журналын көрсөттү",
            "Сервер показал два разных журнала этих торгов",
            "The server has shown two different logs of this auction",
        ],
    ),
    (&["deadline_passed"], ["Мөөнөт өттү", "Срок истёк", "The deadline has passed"]),
    (&["already_leading", "leading"], ["Сиз алдыдасыз", "Вы лидируете", "You are in the lead"]),
    (&["not_started", "waiting_start"], ["Али башталган жок", "Ещё не начались", "Not open yet"]),
    (&["closed"], ["Торук аяктады", "Торги завершены", "The auction is over"]),
    (
        &["suspended"],
        ["Торук убактылуу токтотулду", "Торги приостановлены", "The auction is suspended"],
    ),
    (
        &["late_start"],
        ["өз убагында башталган жок", "не удалось начать вовремя", "it could not start in time"],
    ),
    (&["outage"], ["система иштебей калды", "перерыв в работе системы", "the system was down"]),
    (
        &["technical_fault"],
        ["техникалык бузулуу", "техническая неисправность", "a technical fault"],
    ),
    (
        &["not_eligible"],
        ["Сиз катышуучу эмессиз", "Вы не участник этих торгов", "You are not a participant"],
    ),
    (
        &["offline"],
        [
            "Байланыш жок. Сунуш кийин жөнөтүлбөйт",
            "Нет связи. Ставка не отправится позже",
            "No connection. Bids are not sent later",
        ],
    ),
    (
        &["clock_uncertain"],
        ["Сервердин убактысы такталууда…", "Уточняем время сервера…", "Finding the server’s time…"],
    ),
    (&["sending"], ["Жөнөтүлүүдө…", "Отправляется…", "Sending…"]),
    (
        &["unknown_outcome", "unknown"],
        [
            "Жөнөтүлдү, жооп жок. Текшерилүүдө…",
            "Отправлено, ответа нет. Проверяем…",
            "Sent, no answer yet. Checking…",
        ],
    ),
    (&["price_limit"], ["Баа чегине жетти", "Достигнут предел цены", "Price limit reached"]),
    (
        &["busy"],
        [
            "Сервер бош эмес. Бир аздан кийин кайталаңыз",
            "Сервер занят. Повторите чуть позже",
            "The server is busy. Try again in a moment",
        ],
    ),
    (
        &["rate_limited"],
        [
            "Сунуштар өтө тез берилди. Бир секунддан кийин кайталаңыз",
            "Слишком быстро. Повторите через секунду",
            "Too fast. Try again in a second",
        ],
    ),
    (&["wrong_amount"], ["Суммасы туура эмес", "Неверная сумма", "Wrong amount"]),
    (
        &["not_tendering"],
        ["Арыз кабыл алынбайт", "Заявки не принимаются", "Applications are not being accepted now"],
    ),
    (
        &["terms_changed"],
        [
            "Шарттар өзгөрдү: карап чыгып, кайра кол коюңуз",
            "Условия изменились: прочтите и подпишите снова",
            "The terms have changed: read them and sign again",
        ],
    ),
    (
        &["protocol_changed", "draft_changed"],
        [
            "Маалымат өзгөрдү, кайра караңыз",
            "Данные изменились, проверьте снова",
            "This has changed. Check it again",
        ],
    ),
    (&["duplicate"], ["Арызыңыз бар", "Заявка уже есть", "You have already applied"]),
    (
        &["incomplete"],
        ["Форма толук эмес", "Форма заполнена не полностью", "The form is incomplete"],
    ),
    (
        &["files_missing", "upload_mismatch"],
        [
            "Файл серверге жеткен жок: кайра жүктөңүз",
            "Файл не дошёл до сервера: загрузите его снова",
            "A file did not reach the server: upload it again",
        ],
    ),
    (
        &["files_infected", "infected"],
        ["Файлдан вирус табылды", "В файле найден вирус", "Malware found in the file"],
    ),
    (
        &["bad_signature", "confirmation_expired"],
        ["Кол тамга жараксыз", "Подпись недействительна", "The signature is not valid"],
    ),
    (&["not_found"], ["Табылган жок", "Не найдено", "Not found"]),
    (
        &["another_account"],
        [
            "Бул телефондо башка адамдын эсеби ачык",
            "На этом телефоне открыта другая учётная запись",
            "Another account is open on this phone",
        ],
    ),
    (
        &["still_waiting"],
        ["Баары жөнөтүлгөн жок", "Не всё отправлено", "Not everything has been sent yet"],
    ),
    (
        &["sign_again"],
        [
            "Телефон кайра катталды. Арызга кайра кол коюңуз",
            "Телефон зарегистрирован заново. Подпишите заявку снова",
            "This phone was registered again. Sign the application again",
        ],
    ),
    (
        &["cancelled"],
        [
            "Сиз ырастоону токтоттуңуз",
            "Вы отменили подтверждение",
            "You cancelled the confirmation",
        ],
    ),
    (
        &["too_many_requests"],
        [
            "Тармагыңыздан өтө көп сурам келди. Бир аздан кийин кайталаңыз",
            "Из вашей сети слишком много запросов. Повторите чуть позже",
            "Too many requests from your network. Try again in a moment",
        ],
    ),
    (
        &["gateway_unavailable"],
        [
            "Төлөм системасы жооп бербейт",
            "Платёжная система не отвечает",
            "The payment system is not responding",
        ],
    ),
    (
        &["auction_unknown"],
        [
            "Интернетке туташыңыз: бул торук телефонго жүктөлө элек",
            "Подключитесь к интернету: этих торгов ещё нет на телефоне",
            "Connect to the internet: this auction is not on this phone yet",
        ],
    ),
    (
        &["outbox_full"],
        [
            "Жөнөтүлө электер өтө көп. Интернетке туташыңыз",
            "Слишком много неотправленного. Подключитесь к интернету",
            "Too much is waiting to be sent. Connect to the internet",
        ],
    ),
    (&["wrong_state"], ["Азыр мүмкүн эмес", "Сейчас невозможно", "Not possible now"]),
    (
        &["conflict_of_interest"],
        [
            "Кызыкчылыктардын кагылышы: бул эсеп менен торукка катышууга болбойт",
            "Конфликт интересов: с этой учётной записью нельзя участвовать в торгах",
            "Conflict of interest: this account cannot take part in the auction",
        ],
    ),
    (
        &["ceremony_failed"],
        [
            "Мүмкүндүк алуу ачкычы текшерүүдөн өткөн жок",
            "Ключ доступа не прошёл проверку",
            "The passkey could not be verified",
        ],
    ),
];

const AUCTIONS: &[Row] = &[
    (&["rectification", "tendering"], ["арыз кабыл алынууда", "приём заявок", "applications open"]),
    (&["waiting"], ["башталышы күтүлүүдө", "ожидается начало", "waiting for the start"]),
    (&["bidding"], ["торук жүрүп жатат", "идут торги", "bidding"]),
    (
        &["qualification"],
        [
            "жеңүүчүнүн ырастоосу күтүлүүдө",
            "ожидается подтверждение победителя",
            "waiting for the winner to confirm",
        ],
    ),
    (&["awarded"], ["келишим күтүлүүдө", "ожидается договор", "waiting for the contract"]),
    (&["complete"], ["аяктады", "завершены", "complete"]),
    (&["cancelled"], ["жокко чыгарылды", "отменены", "cancelled"]),
    (&["unsuccessful"], ["өткөн жок", "не состоялись", "unsuccessful"]),
    (
        &["no_first_offer"],
        ["эч ким бааны жогорулаткан жок", "никто не повысил цену", "nobody raised the price"],
    ),
    (
        &["insufficient_participants", "no_applications"],
        ["катышуучу жетишсиз", "недостаточно участников", "too few participants"],
    ),
    (
        &["winner_default"],
        ["жеңүүчү ырастаган жок", "победитель не подтвердил", "the winner did not confirm"],
    ),
    (
        &["contract_not_concluded"],
        ["келишим түзүлгөн жок", "договор не заключён", "no contract was concluded"],
    ),
];

const APPLICATIONS: &[Row] = &[
    (&["needs_reconfirm"], ["кайра ырастоо керек", "нужно подтвердить снова", "confirm again"]),
    (&["signed"], ["арыз каралууда", "заявка на рассмотрении", "under review"]),
    (
        &["admitted"],
        ["кепилдик төлөм күтүлүүдө", "ожидается взнос", "waiting for the guarantee payment"],
    ),
    (&["not_admitted"], ["катышууга жол берилген жок", "вы не допущены", "not admitted"]),
    (&["eligible"], ["катышасыз", "вы участвуете", "you are a participant"]),
    (&["withdrawn"], ["кайтарып алынды", "отозвана", "withdrawn"]),
    (&["disqualified"], ["четтетилди", "отстранена", "disqualified"]),
    (&["lost"], ["жеңген жоксуз", "победил другой участник", "you did not win"]),
    (&["reserve"], ["резервде", "в резерве", "in reserve"]),
    (&["won"], ["сиз жеңдиңиз", "вы победили", "you won"]),
];

const ENDINGS: &[Row] = &[
    (&["won"], ["Сиз жеңдиңиз", "Вы победили", "You won"]),
    (&["lost"], ["Башка катышуучу жеңди", "Победил другой участник", "Another participant won"]),
    (
        &["no_first_offer"],
        [
            "Эч ким бааны жогорулаткан жок. Торук жаңыдан түзүлөт",
            "Никто не повысил цену. Будут созданы повторные торги",
            "Nobody raised the price. The auction will be relaunched",
        ],
    ),
    (&["cancelled"], ["Торук жокко чыгарылды", "Торги отменены", "The auction was cancelled"]),
    (&["unsuccessful"], ["Торук өткөн жок", "Торги не состоялись", "The auction was unsuccessful"]),
];

const FAULTS: &[Row] = &[
    (&["malformed"], ["Туура эмес жазылган", "Неверный формат", "Wrong format"]),
    (&["too_long"], ["Өтө узун", "Слишком длинно", "Too long"]),
];

const OPTIONS: &[Row] = &[
    (&["person"], ["жеке адам", "физическое лицо", "person"]),
    (&["sole_trader"], ["жеке ишкер", "индивидуальный предприниматель", "sole trader"]),
    (&["organisation"], ["уюм", "организация", "organisation"]),
    (&["yes"], ["ооба", "да", "yes"]),
];

/// The words for what stands between the phone and the server.
pub fn obstacle(obstacle: Obstacle, language: &str) -> &'static str {
    let name = match obstacle {
        Obstacle::SignInPage => "obstacle_sign_in_page",
        Obstacle::Filter => "obstacle_filter",
        Obstacle::Interceptor => "obstacle_interceptor",
        Obstacle::Unavailable => "obstacle_unavailable",
    };
    app_texts::text(name).map_or("", |words| pick(&words, language))
}

/// An error, as a person can act on it.
pub fn error(error: &CoreError, language: &str) -> String {
    let all = match error {
        CoreError::Refused { code: refused, .. } => return code(refused, language),
        CoreError::Offline => [
            "Байланыш жок. Сакталгандар жоголбойт",
            "Нет связи. Сохранённое не пропадёт",
            "No connection. What was saved is kept",
        ],
        CoreError::SignedOut => ["Кайра кириңиз", "Войдите снова", "Log in again"],
        CoreError::OutOfDate => ["Тиркемени жаңыртыңыз", "Обновите приложение", "Update this app"],
        CoreError::StorageFull => [
            "Телефондо орун калган жок",
            "На телефоне нет места",
            "There is no space left on this phone",
        ],
        CoreError::StoreRepaired => [
            "Сактагыч оңдолду. Кайталаңыз",
            "Хранилище исправлено. Повторите",
            "The storage was repaired. Try again",
        ],
        CoreError::StoreTooNew => [
            "Маалымат жаңыраак тиркемеден; тиркемени жаңыртыңыз",
            "Данные более новой версии; обновите приложение",
            "The data is of a newer version; update the app",
        ],
        CoreError::StoreInUse => [
            "Тиркеме башка жерде ачык",
            "Приложение уже открыто в другом месте",
            "The app is open elsewhere",
        ],
        CoreError::UnsafeAddress => [
            "Сервердин дареги https:// менен башталышы керек",
            "Адрес сервера должен начинаться с https://",
            "The server’s address must begin with https://",
        ],
        CoreError::Closed => ["Жабылды", "Закрыто", "Closed"],
        CoreError::Internal { detail } => return detail.clone(),
    };
    pick(&all, language).to_owned()
}

/// The text for a refusal's code.
pub fn code(code: &str, language: &str) -> String {
    let own = find(CODES, code, language);
    let shared = || Some(pick(&app_texts::text(&format!("code_{code}"))?, language));
    own.or_else(shared).unwrap_or(code).to_owned()
}

/// The button's text when it can't be pressed.
pub fn button<'a>(button: &'a str, language: &str) -> &'a str {
    match button {
        "closed" => pick(
            &[
                "Жыйынтык чыгарылууда…",
                "Подводится итог…",
                "Time is up. The result is being decided…",
            ],
            language,
        ),
        "waiting_start" => pick(
            &["Башталышын күтүңүз (q)", "Ждите начала (q)", "Wait for the start (q leaves)"],
            language,
        ),
        button => find(CODES, button, language).unwrap_or(button),
    }
}

/// The text for an auction's status, and for its reason of failure.
pub fn auction(status: &str, failure: Option<&str>, language: &str) -> String {
    let words = find(AUCTIONS, status, language).unwrap_or(status);
    match failure {
        None => words.to_owned(),
        Some(why) => format!("{words}: {}", find(AUCTIONS, why, language).unwrap_or(why)),
    }
}

/// The text for the status of this person's application.
pub fn application<'a>(status: &'a str, language: &str) -> &'a str {
    find(APPLICATIONS, status, language).unwrap_or(status)
}

/// The text for this person's result.
pub fn ended<'a>(why: &'a str, language: &str) -> &'a str {
    find(ENDINGS, why, language).unwrap_or(why)
}

/// The text for a fault in an answer.
pub fn fault<'a>(fault: &'a str, language: &str) -> &'a str {
    find(FAULTS, fault, language).unwrap_or(fault)
}

/// An option of a choice; any other answer as it is.
pub fn option<'a>(option: &'a str, language: &str) -> &'a str {
    find(OPTIONS, option, language).unwrap_or(option)
}

pub(super) fn find(table: &[Row], code: &str, language: &str) -> Option<&'static str> {
    let (_, words) = table.iter().find(|(codes, _)| codes.contains(&code))?;
    Some(pick(words, language))
}

pub(super) fn pick(words: &[&'static str; 3], language: &str) -> &'static str {
    match language {
        "ru" => words[1],
        "en" => words[2],
        _ => words[0],
    }
}
