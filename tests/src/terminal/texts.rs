//! The terminal's texts, the manual's words where it has them.

use toruk_mobile_core::api::records::Label;

/// Keys of the terminal's texts.
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
    PaymentSite,
    WaitPayment,
    Paid,
    WaitStart,
    WaitResume,
    ResumeUnknown,
    FirstOffer,
    Raise,
    YourRaisedPrice,
    Confirm,
    Yes,
    Outbid,
    YouLead,
    Unknown,
    StaleQuote,
    Accepted,
    Over,
    SignResult,
    Signed,
    Price,
    Participants,
    Som,
    NotPossible,
    Stale,
    Again,
    Mine,
    Closes,
    Start,
    FastClock,
    KeptAsTyped,
    SignApplication,
    MustArrive,
    YesKey,
    OfflineWait,
    CutShort,
    Opened,
    Suspended,
    TwoHistories,
    NetworkGone,
    NetworkBack,
    Resumed,
    NotReceived,
    BidRefused,
    ConfirmUntil,
    NotSigned,
    Left,
    HelpKey,
    LotHolder,
    StartPrice,
    Step,
    RealTimeLeft,
    AsItIs,
    Cleared,
    FirstQuestion,
    Corrections,
    Receipt,
    Receipts,
    NoReceipts,
    ActDone,
    TermsChanged,
    RefuseSure,
    AwardRefused,
    InLog,
    NotInLog,
}

/// The text in `ky`, `ru` or English.
#[expect(clippy::too_many_lines, reason = "a table: an entry for each text")]
pub fn t(text: T, language: &str) -> &'static str {
    let all = match text {
        T::AllAuctions => ["Бардык торуктар", "Все торги", "All auctions"],
        T::NoAuctions => ["Азырынча торук жок", "Торгов пока нет", "No auctions yet"],
        T::YourName => ["Аты-жөнүңүз", "Ваше имя", "Your name"],
        T::SignedIn => ["Кирдиңиз", "Вы вошли", "Logged in"],
        T::Choose => [
            "Номерин тандаңыз (Enter — жаңыртуу, q — чыгуу)",
            "Выберите номер (Enter — обновить, q — выход)",
            "Choose a number (Enter: refresh, q: quit)",
        ],
        T::Participate => ["Катышуу", "Участвовать", "Participate"],
        T::FileFor => [
            "Файлдын жолу (Enter — үлгү)",
            "Путь к файлу (Enter — образец)",
            "Path of a file (Enter: a sample)",
        ],
        T::Saved => {
            ["Сакталды, бирок БЕРИЛГЕН ЖОК", "Сохранено, но НЕ ПОДАНО", "Saved, NOT submitted"]
        }
        T::Submitted => ["Арыз берилди", "Заявка подана", "Application submitted"],
        T::Refused => ["Кабыл алынган жок", "Не принято", "Not accepted"],
        T::WaitAdmission => ["Арыз каралууда…", "Заявка на рассмотрении…", "Under review…"],
        T::Guarantee => ["Кепилдик төлөм", "Гарантийный взнос", "Guarantee payment"],
        T::Pay => ["Төлөө", "Оплатить", "Pay"],
        T::PayHow => ["номери, q — артка", "номер, q — назад", "the number, q back"],
        T::PaymentSite => {
            ["Төлөм сайтына өтүү", "Перейти на сайт оплаты", "Go to the payment site"]
        }
        T::WaitPayment => [
            "Төлөм күтүлүүдө… Enter — башка код",
            "Ожидание оплаты… Enter — другой код",
            "Waiting for the payment… Enter: another code",
        ],
        T::Paid => ["Кепилдик төлөм түштү", "Взнос поступил", "Guarantee payment received"],
        T::WaitResume => ["Улантылганга чейин", "До возобновления", "Resumes in"],
        T::ResumeUnknown => [
            "Качан улантылары жарыяланат",
            "О возобновлении сообщим",
            "The time of resumption will be announced",
        ],
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
        T::YouLead => ["Сиз алдыдасыз", "Вы лидируете", "You are in the lead"],
        T::Unknown => [
            "Жөнөтүлдү, жооп жок. Текшерилүүдө…",
            "Отправлено, ответа нет. Проверяем…",
            "Sent, no answer yet. Checking…",
        ],
        T::StaleQuote => ["Баа өзгөрдү", "Цена изменилась", "The price has changed"],
        T::Accepted => ["Сунуш кабыл алынды", "Ставка принята", "Bid accepted"],
        T::Over => ["Торук аяктады", "Торги завершены", "The auction is over"],
        T::SignResult => [
            "Жыйынтыкты ырастоо: y = Ооба, x = жеңиштен баш тартам",
            "Подтвердить результат: y = Да, x = отказаться от победы",
            "Confirm the result: y = Yes, x = refuse the award",
        ],
        T::Signed => ["Жыйынтык ырасталды", "Результат подтверждён", "Result confirmed"],
        T::Price => ["Баасы", "Цена", "Price"],
        T::Participants => ["катышуучулар", "участников", "participants"],
        T::Som => ["сом", "сом", "som"],
        T::Stale => [
            "байланыш жок, маалыматтын убактысы:",
            "нет связи, данные на",
            "no connection, data as of",
        ],
        T::Again => [
            "Enter — кайталоо, q — чыгуу",
            "Enter — повторить, q — выход",
            "Enter: try again, q: quit",
        ],
        T::Mine => ["Сиздин арызыңыз", "Ваша заявка", "Your application"],
        T::Closes => ["Арыз кабыл алуу бүтөт", "Приём заявок до", "Applications close"],
        T::Start => ["Башталышы", "Начало", "Start"],
        T::FastClock => ["Сыноо убактысы", "Демо-время", "Demo time"],
        T::KeptAsTyped => [
            "жоопторуңуз дароо сакталат, q — артка",
            "ответы сохраняются сразу, q — назад",
            "answers are saved as you type, q: back",
        ],
        T::SignApplication => {
            ["Кол коюп берүү: y = Ооба", "Подписать и подать: y = Да", "Sign and submit: y = Yes"]
        }
        T::MustArrive => [
            "Байланыш болгондо өзү жөнөтүлөт. Акыркы мөөнөт:",
            "Отправится, когда будет связь. Сервер должен получить до",
            "It will be sent when there is a connection. It must reach the server before",
        ],
        T::YesKey => ["y = Ооба", "y = Да", "y = Yes"],
        T::NetworkGone => [
            "Байланыш жок (o): баары ушул телефондо сакталат",
            "Нет связи (o): всё сохраняется на этом телефоне",
            "No connection (o): everything is saved on this phone",
        ],
        T::NetworkBack => ["Байланыш кайра бар", "Связь снова есть", "The connection is back"],
        T::OfflineWait => {
            ["Байланыш жок, күтүүдө…", "Нет связи, ждём…", "No connection, waiting for it…"]
        }
        T::CutShort => [
            "Коддун мөөнөтү кыска: арыз кабыл алуу жакында бүтөт",
            "Код действует недолго: скоро закончится приём заявок",
            "This code is valid for less time: applications close soon",
        ],
        T::Opened => ["Торук башталды", "Торги начались", "The auction has started"],
        T::TwoHistories => [
            "Сервер бул торуктун эки башка журналын көрсөттү. Баа сунуштабаңыз, квитанцияларды сактап, даттаныңыз",
            "Сервер показал два разных журнала этих торгов. Не делайте ставок, сохраните квитанции и подайте жалобу",
            "The server has shown two different logs of this auction. Do not bid; keep your receipts and file a complaint",
        ],
        T::Suspended => {
            ["Торук убактылуу токтотулду", "Торги приостановлены", "The auction is suspended"]
        }
        T::Resumed => ["Торук улантылды", "Торги возобновлены", "The auction has resumed"],
        T::NotReceived => [
            "Сунуш серверге жеткен жок",
            "Ставка не дошла до сервера",
            "The bid did not reach the server",
        ],
        T::BidRefused => ["Сунуш кабыл алынган жок", "Ставка не принята", "Bid not accepted"],
        T::ConfirmUntil => ["Ырастоонун акыркы мөөнөтү:", "Подтвердите до", "Confirm before"],
        T::NotSigned => [
            "Ырасталган жок; кийин кайра ачыңыз",
            "Не подтверждено; откройте снова позже",
            "Not confirmed yet; open the auction again to do it",
        ],
        T::Left => ["Калды", "Осталось", "Time left"],
        T::HelpKey => ["? — жардам", "? — справка", "?: help"],
        T::LotHolder => ["Баланс кармоочу", "Балансодержатель", "Lot holder"],
        T::StartPrice => ["Баштапкы баа", "Начальная цена", "Start price"],
        T::Step => ["Кадам", "Шаг", "Step"],
        T::RealTimeLeft => [
            "Арыз берүүгө калган чыныгы убакыт",
            "На заявку осталось реального времени",
            "Real time left to apply",
        ],
        T::AsItIs => ["Enter — өзгөртпөө", "Enter — оставить", "Enter: leave as it is"],
        T::Cleared => ["Жооп өчүрүлдү", "Ответ удалён", "The answer is cleared"],
        T::FirstQuestion => {
            ["Бул биринчи суроо", "Это первый вопрос", "This is the first question"]
        }
        T::Corrections => [
            "номер — жоопту оңдоо, < — мурунку суроо",
            "номер — исправить ответ, < — предыдущий вопрос",
            "number: correct that answer, <: previous question",
        ],
        T::Receipt => ["Квитанция", "Квитанция", "Receipt"],
        T::Receipts => [
            "Ушул телефондогу текшерилген квитанциялар",
            "Проверенные квитанции на этом телефоне",
            "Verified receipts on this phone",
        ],
        T::NoReceipts => ["Азырынча квитанция жок", "Квитанций пока нет", "No receipts yet"],
        T::ActDone => ["аткарылды", "выполнено", "done"],
        T::TermsChanged => [
            "Шарттар өзгөрдү. Эмне өзгөргөнү:",
            "Условия изменились. Что изменилось:",
            "The terms have changed. What changed:",
        ],
        T::RefuseSure => [
            "Муну кайтарып алууга болбойт; кепилдик төлөм кайтарылбай калышы мүмкүн. y = Ооба",
            "Отказ нельзя отменить; гарантийный взнос могут не вернуть. y = Да",
            "A refusal cannot be undone; your guarantee payment may be forfeited. y = Yes",
        ],
        T::AwardRefused => {
            ["Жеңиштен баш тарттыңыз", "Вы отказались от победы", "You refused the award"]
        }
        T::InLog => [
            "Журналда сиздин номериңиз (текшерилди)",
            "Ваш номер в журнале (проверено)",
            "Your number in the log (verified)",
        ],
        T::NotInLog => [
            "Журналдагы бул номер сиздин арыздыкы эмес. Квитанцияларды сактап, даттаныңыз",
            "Этот номер в журнале не вашей заявки. Сохраните квитанции и подайте жалобу",
            "This number in the log is not your application’s. Keep your receipts and complain",
        ],
        T::NotPossible => ["Азыр мүмкүн эмес", "Сейчас невозможно", "Not possible now"],
    };
    match language {
        "ru" => all[1],
        "en" => all[2],
        _ => all[0],
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
