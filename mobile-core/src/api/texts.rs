//! The few texts the core itself shows: notifications, which the platform shows before the app
//! runs, and the payment slip. Everything else crosses as a code.

use toruk_sync::domain::notice::NoticeKind;

/// A line of the slip.
#[derive(Debug, Clone, Copy)]
pub enum Line {
    PaymentSystem,
    PaymentCode,
    Guarantee,
    Payer,
    ValidUntil,
    Som,
}

/// A text in `language`.
pub fn line(line: Line, language: &str) -> &'static str {
    let texts = match line {
        Line::PaymentSystem => [
            "Электрондук төлөмдөрдүн мамлекеттик системасы",
            "Государственная система электронных платежей",
            "State System of Electronic Payments",
        ],
        Line::PaymentCode => ["Төлөө коду", "Код платежа", "Payment code"],
        Line::Guarantee => ["Кепилдик төлөм", "Гарантийный взнос", "Guarantee payment"],
        Line::Payer => ["Төлөөчү", "Плательщик", "Payer"],
        Line::ValidUntil => ["Жарактуу", "Действителен до", "Valid until"],
        Line::Som => ["сом", "сом", "som"],
    };
    pick(texts, language)
}

/// A notification's text in `language`.
#[expect(clippy::too_many_lines, reason = "a table: an entry for each kind")]
pub fn notice(kind: NoticeKind, language: &str) -> &'static str {
    let texts = match kind {
        NoticeKind::Outbid => [
            "Сиздин атаандашыңыз бааны жогорулатты",
            "Ваш конкурент повысил цену",
            "Your competitor has raised the price",
        ],
        NoticeKind::AuctionStarting => {
            ["Торук жакында башталат", "Торги скоро начнутся", "The auction starts soon"]
        }
        NoticeKind::Started => ["Торук башталды", "Торги начались", "The auction has started"],
        NoticeKind::FirstOfferMade => {
            ["Биринчи сунуш берилди", "Подано первое предложение", "The first offer was made"]
        }
        NoticeKind::ConfirmDue => [
            "Сиз жеңдиңиз. Жыйынтыкты ырастаңыз",
            "Вы победили. Подтвердите результат",
            "You won. Confirm the result",
        ],
        NoticeKind::ClosedLost => ["Торук аяктады", "Торги завершены", "The auction is over"],
        NoticeKind::NoFirstOffer => [
            "Эч ким сунуш берген жок: торук өткөн жок",
            "Предложений не было: торги не состоялись",
            "Nobody made an offer: the auction failed",
        ],
        NoticeKind::Unsuccessful => {
            ["Торук өткөн жок", "Торги не состоялись", "The auction failed"]
        }
        NoticeKind::Suspended => ["Торук токтотулду", "Торги приостановлены", "The clock stopped"],
        NoticeKind::ResumeAnnounced => {
            ["Торук улантылат", "Торги будут продолжены", "The auction will go on"]
        }
        NoticeKind::Resumed => ["Торук улантылды", "Торги продолжены", "The auction goes on"],
        NoticeKind::Cancelled => ["Торук жокко чыгарылды", "Торги отменены", "Cancelled"],
        NoticeKind::Relaunched => {
            ["Торук кайра жарыяланды", "Торги объявлены вновь", "Announced anew"]
        }
        NoticeKind::NeedsReconfirm => [
            "Шарттар өзгөрдү. Арызды кайра ырастаңыз",
            "Условия изменились. Подтвердите заявку снова",
            "The terms changed. Confirm your application again",
        ],
        NoticeKind::ApplicationAdmitted => {
            ["Арыз кабыл алынды", "Заявка допущена", "Application admitted"]
        }
        NoticeKind::ApplicationNotAdmitted => {
            ["Арыз четке кагылды", "Заявка не допущена", "Application not admitted"]
        }
        NoticeKind::DepositPaid => {
            ["Кепилдик төлөм түштү", "Гарантийный взнос поступил", "The deposit arrived"]
        }
        NoticeKind::DepositReleased => {
            ["Кепилдик төлөм кайтарылат", "Взнос возвращается", "The deposit goes back"]
        }
        NoticeKind::PaymentUnmatched => [
            "Төлөм эсепке алынган жок, кайтарылат",
            "Платёж не зачтён и будет возвращён",
            "A payment could not be credited and goes back",
        ],
        NoticeKind::PaymentCodeExpiring => {
            ["Төлөө коду бүтүп баратат", "Код платежа истекает", "The payment code expires soon"]
        }
        NoticeKind::TenderingClosed => {
            ["Арыздарды кабыл алуу аяктады", "Приём заявок завершён", "Applications are closed"]
        }
        NoticeKind::ContractDue => [
            "Келишимдин мөөнөтү бүтүп баратат",
            "Истекает срок заключения договора",
            "The contract is due",
        ],
        NoticeKind::DepositForfeited => [
            "Кепилдик төлөм кармалып калды",
            "Гарантийный взнос удержан",
            "The deposit was forfeited",
        ],
        NoticeKind::AwardConfirmed => {
            ["Жеңүүчү ырастады", "Победитель подтвердил", "The winner confirmed"]
        }
    };
    pick(texts, language)
}

/// A reminder that applications close, with whether a signed one waits on this phone.
pub fn reminder(name: &str, waits: bool, language: &str) -> String {
    let when = match name {
        "day" => ["24 саат калды", "осталось 24 часа", "24 hours left"],
        "three_hours" => ["3 саат калды", "осталось 3 часа", "3 hours left"],
        _ => ["30 мүнөт калды", "осталось 30 минут", "30 minutes left"],
    };
    let what = match waits {
        true => [
            "Арыз сакталды, бирок берилген жок",
            "Заявка сохранена, но НЕ подана",
            "Your application is saved, NOT submitted",
        ],
        false => ["Арыз берилген жок", "Заявка не подана", "You have not applied yet"],
    };
    format!("{}: {}", pick(what, language), pick(when, language))
}

fn pick(texts: [&'static str; 3], language: &str) -> &'static str {
    match language {
        "ky" => texts[0],
        "ru" => texts[1],
        _ => texts[2],
    }
}
