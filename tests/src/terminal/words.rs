//! Codes in words, in the three languages. A code this version does not know is shown as it is.

use toruk_mobile_core::CoreError;

/// A table's row: codes that mean the same to a person, and the words.
type Row = (&'static [&'static str], [&'static str; 3]);

const CODES: &[Row] = &[
    (&["stale_quote", "stale_basis"], ["Баа өзгөрдү", "Цена изменилась", "The price has changed"]),
    (
        &["history_contradicted"],
        [
            "Сервер бул торук боюнча эки башка тарых көрсөттү",
            "Сервер показал две разные истории этих торгов",
            "The server told two histories of this auction",
        ],
    ),
    (&["deadline_passed"], ["Убакыт бүттү", "Время истекло", "The time is over"]),
    (&["already_leading", "leading"], ["Сиз алдыдасыз", "Вы лидируете", "You lead already"]),
    (&["not_started", "waiting_start"], ["Али башталган жок", "Ещё не начались", "Not open yet"]),
    (&["closed"], ["Торук аяктады", "Торги завершены", "The auction is over"]),
    (&["suspended"], ["Торук токтотулду", "Торги приостановлены", "The auction is suspended"]),
    (
        &["late_start"],
        ["өз убагында башталган жок", "не удалось начать вовремя", "it could not start in time"],
    ),
    (&["outage"], ["система иштебей калды", "перерыв в работе системы", "the service was down"]),
    (
        &["technical_fault"],
        ["техникалык бузулуу", "техническая неисправность", "a technical fault"],
    ),
    (
        &["not_eligible"],
        ["Сиз катышуучу эмессиз", "Вы не участник этих торгов", "You do not take part here"],
    ),
    (
        &["offline"],
        [
            "Байланыш жок. Сунуш кийин жөнөтүлбөйт",
            "Нет связи. Ставка позже не уйдёт",
            "No connection. Bids are not sent later",
        ],
    ),
    (
        &["clock_uncertain"],
        ["Сервердин убактысы такталууда…", "Уточняем время сервера…", "Finding the server's time…"],
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
    (&["price_limit"], ["Баа чегине жетти", "Предел цены", "The price can't rise any further"]),
    (
        &["rate_limited", "busy"],
        [
            "Өтө тез-тез. Дагы бир жолу басыңыз",
            "Слишком часто. Повторите",
            "Too fast. Try once more",
        ],
    ),
    (
        &["wrong_amount"],
        ["Суммасы туура эмес", "Неверная сумма", "The amount is not the right one"],
    ),
    (
        &["not_tendering"],
        ["Арыз кабыл алынбайт", "Заявки не принимаются", "Applications are not taken now"],
    ),
    (
        &["terms_changed", "protocol_changed", "draft_changed"],
        [
            "Шарттар өзгөрдү, кайра караңыз",
            "Условия изменились, проверьте снова",
            "It has changed; look again",
        ],
    ),
    (&["duplicate"], ["Арызыңыз бар", "Заявка уже есть", "You have applied already"]),
    (&["incomplete"], ["Форма толук эмес", "Форма не заполнена", "The form is not complete"]),
    (
        &["files_missing", "upload_mismatch"],
        ["Файл жеткен жок", "Файл не дошёл", "A file has not arrived"],
    ),
    (
        &["files_infected", "infected"],
        ["Файлдан вирус табылды", "В файле найден вирус", "Malware was found in a file"],
    ),
    (
        &["bad_signature"],
        ["Кол тамга туура эмес", "Подпись неверна", "The signature does not hold"],
    ),
    (&["not_found"], ["Табылган жок", "Не найдено", "There is no such thing"]),
    (
        &["another_account"],
        [
            "Бул телефон башка адамдыкы",
            "Этот телефон другого человека",
            "This phone is somebody else's",
        ],
    ),
    (
        &["still_waiting"],
        ["Баары жөнөтүлгөн жок", "Не всё отправлено", "Not everything is delivered yet"],
    ),
    (
        &["sign_again"],
        [
            "Телефон жаңы катталды. Арызга кайра кол коюңуз",
            "Телефон зарегистрирован заново. Подпишите заявку снова",
            "This phone was registered anew. Sign the application again",
        ],
    ),
    (&["cancelled"], ["Жокко чыгарылды", "Отменено", "Cancelled"]),
    (&["too_large"], ["Өтө чоң", "Слишком большой", "Too large"]),
    (
        &["gateway_unavailable"],
        [
            "Төлөм системасы жооп бербейт",
            "Платёжная система не отвечает",
            "The payment system does not answer",
        ],
    ),
    (
        &["auction_unknown"],
        [
            "Байланыш керек: торук али көрүлгөн эмес",
            "Нужна связь: торги ещё не видны",
            "Connect once: not seen on this phone yet",
        ],
    ),
    (
        &["outbox_full"],
        ["Кезек толду, байланыңыз", "Очередь полна, нужна связь", "Too much waits; connect"],
    ),
    (&["wrong_state"], ["Азыр мүмкүн эмес", "Сейчас невозможно", "Not possible now"]),
    (
        &["ceremony_failed"],
        ["Ачкыч кабыл алынган жок", "Ключ доступа не принят", "The passkey was not accepted"],
    ),
];

const AUCTIONS: &[Row] = &[
    (&["rectification", "tendering"], ["арыз кабыл алынууда", "приём заявок", "applications open"]),
    (&["waiting"], ["башталышын күтүүдө", "ожидание начала", "waiting for the start"]),
    (&["bidding"], ["торук жүрүүдө", "идут торги", "bidding"]),
    (
        &["qualification"],
        [
            "жеңүүчүнүн ырастоосу күтүлүүдө",
            "ждём подтверждения победителя",
            "the winner is to confirm",
        ],
    ),
    (&["awarded"], ["жеңүүчү ырастады", "победитель подтвердил", "confirmed by the winner"]),
    (&["complete"], ["аяктады", "завершены", "complete"]),
    (&["cancelled"], ["жокко чыгарылды", "отменены", "cancelled"]),
    (&["unsuccessful"], ["өткөн жок", "не состоялись", "unsuccessful"]),
    (
        &["no_first_offer"],
        ["биринчи сунуш болгон жок", "не было первого предложения", "no first offer"],
    ),
    (
        &["insufficient_participants", "no_applications"],
        ["катышуучу жетишсиз", "мало участников", "too few participants"],
    ),
    (
        &["winner_default"],
        ["жеңүүчү ырастаган жок", "победитель не подтвердил", "the winner did not confirm"],
    ),
    (&["contract_not_concluded"], ["келишим түзүлгөн жок", "договор не заключён", "no contract"]),
];

const APPLICATIONS: &[Row] = &[
    (
        &["needs_reconfirm"],
        ["кайра ырастоо керек", "нужно подтвердить снова", "to be confirmed again"],
    ),
    (&["signed"], ["уруксат күтүлүүдө", "ожидает допуска", "waiting for admission"]),
    (&["admitted"], ["кепилдик төлөм күтүлүүдө", "ожидается взнос", "the deposit is awaited"]),
    (&["not_admitted"], ["уруксат берилген жок", "не допущена", "not admitted"]),
    (&["eligible"], ["катышасыз", "вы участвуете", "you take part"]),
    (&["withdrawn"], ["кайтарып алынды", "отозвана", "withdrawn"]),
    (&["disqualified"], ["четтетилди", "отстранена", "excluded"]),
    (&["lost"], ["утулдуңуз", "вы не победили", "you did not win"]),
    (&["reserve"], ["резервде", "в резерве", "in reserve"]),
    (&["won"], ["сиз жеңдиңиз", "вы победили", "you won"]),
];

const ENDINGS: &[Row] = &[
    (&["won"], ["Сиз жеңдиңиз", "Вы победили", "You won"]),
    (
        &["lost"],
        [
            "Башка катышуучу жеңди. Кепилдик төлөм кайтарылат",
            "Победил другой участник. Взнос будет возвращён",
            "Somebody else won. Your deposit goes back",
        ],
    ),
    (
        &["no_first_offer"],
        [
            "Эч ким бааны жогорулаткан жок. Торук жаңыдан түзүлөт",
            "Никто не повысил цену. Торги будут созданы заново",
            "Nobody raised the price. The auction will be created anew",
        ],
    ),
    (&["cancelled"], ["Торук жокко чыгарылды", "Торги отменены", "It was cancelled"]),
    (&["unsuccessful"], ["Торук өткөн жок", "Торги не состоялись", "It was unsuccessful"]),
];

const FAULTS: &[Row] = &[
    (&["malformed"], ["Туура эмес жазылды", "Записано неверно", "This is not written right"]),
    (&["too_long"], ["Өтө узун", "Слишком длинно", "Too long"]),
];

const OPTIONS: &[Row] = &[
    (&["person"], ["жеке адам", "физическое лицо", "person"]),
    (&["sole_trader"], ["жеке ишкер", "ИП", "sole trader"]),
    (&["organisation"], ["уюм", "организация", "organisation"]),
    (&["yes"], ["ооба", "да", "yes"]),
];

/// An error, as a person can act on it.
pub fn error(error: &CoreError, language: &str) -> String {
    let all = match error {
        CoreError::Refused { code: refused, .. } => return code(refused, language),
        CoreError::Offline => [
            "Байланыш жок. Сакталгандар жоголбойт",
            "Нет связи. Сохранённое не пропадёт",
            "No connection. What was saved is not lost",
        ],
        CoreError::SignedOut => ["Кайра кириңиз", "Войдите снова", "Sign in again"],
        CoreError::OutOfDate => {
            ["Тиркемени жаңыртыңыз", "Обновите приложение", "This app is too old; update it"]
        }
        CoreError::StorageFull => {
            ["Орун калган жок", "Нет свободного места", "There is no room left on this device"]
        }
        CoreError::StoreRepaired => [
            "Сактагыч оңдолду; кайра аракет кылыңыз",
            "Хранилище исправлено; попробуйте ещё раз",
            "The storage was repaired; try again",
        ],
        CoreError::StoreTooNew => [
            "Маалымат жаңыраак тиркемеден; тиркемени жаңыртыңыз",
            "Данные более новой версии; обновите приложение",
            "The data is of a newer version; update the app",
        ],
        CoreError::StoreInUse => {
            ["Тиркеме башка жерде ачык", "Приложение уже открыто", "The app is open already"]
        }
        CoreError::Closed => ["Жабылды", "Закрыто", "Closed"],
        CoreError::Internal { detail } => return detail.clone(),
    };
    pick(&all, language).to_owned()
}

/// Why something was refused.
pub fn code(code: &str, language: &str) -> String {
    find(CODES, code, language).unwrap_or(code).to_owned()
}

/// What the button says when it can't be pressed.
pub fn button<'a>(button: &'a str, language: &str) -> &'a str {
    match button {
        "closed" => pick(
            &["Жыйынтык чыгарылууда…", "Подводится итог…", "The time is over; being decided…"],
            language,
        ),
        "waiting_start" => pick(
            &["Башталышын күтүңүз (q)", "Ждите начала (q)", "Wait for the start (q leaves)"],
            language,
        ),
        button => find(CODES, button, language).unwrap_or(button),
    }
}

/// Where an auction stands, and why it failed.
pub fn auction(status: &str, failure: Option<&str>, language: &str) -> String {
    let words = find(AUCTIONS, status, language).unwrap_or(status);
    match failure {
        None => words.to_owned(),
        Some(why) => format!("{words}: {}", find(AUCTIONS, why, language).unwrap_or(why)),
    }
}

/// Where this person's application stands.
pub fn application<'a>(status: &'a str, language: &str) -> &'a str {
    find(APPLICATIONS, status, language).unwrap_or(status)
}

/// How it ended for this person.
pub fn ended<'a>(why: &'a str, language: &str) -> &'a str {
    find(ENDINGS, why, language).unwrap_or(why)
}

/// What is wrong with an answer.
pub fn fault<'a>(fault: &'a str, language: &str) -> &'a str {
    find(FAULTS, fault, language).unwrap_or(fault)
}

/// An option of a choice; any other answer as it is.
pub fn option<'a>(option: &'a str, language: &str) -> &'a str {
    find(OPTIONS, option, language).unwrap_or(option)
}

fn find(table: &[Row], code: &str, language: &str) -> Option<&'static str> {
    let (_, words) = table.iter().find(|(codes, _)| codes.contains(&code))?;
    Some(pick(words, language))
}

fn pick(words: &[&'static str; 3], language: &str) -> &'static str {
    match language {
        "ky" => words[0],
        "ru" => words[1],
        _ => words[2],
    }
}
