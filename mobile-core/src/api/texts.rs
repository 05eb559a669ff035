//! The few texts that the core translates itself: notifications, which the platform shows before
//! the app runs, and the payment slip. Everything else crosses as a code.

use toruk_sync::domain::notice::NoticeKind;
use toruk_sync::domain::time::Timestamp;

/// A label on the payment slip.
#[derive(Debug, Clone, Copy)]
pub enum SlipLine {
    PaymentSystem,
    PaymentCode,
    Guarantee,
    Payer,
    ValidUntil,
    Som,
    Transfer,
    Receiver,
    TaxNumber,
    Bank,
    Bic,
    Account,
    Reference,
    TransferHow,
}

/// A text in `language`.
pub fn line(line: SlipLine, language: &str) -> &'static str {
    let texts = match line {
        SlipLine::PaymentSystem => [
            "Электрондук төлөмдөрдүн мамлекеттик системасы",
            "Государственная система электронных платежей",
            "State System of Electronic Payments",
        ],
        SlipLine::PaymentCode => ["Төлөө коду", "Код платежа", "Payment code"],
        SlipLine::Guarantee => ["Кепилдик төлөм", "Гарантийный взнос", "Guarantee payment"],
        SlipLine::Payer => ["Төлөөчү", "Плательщик", "Payer"],
        SlipLine::ValidUntil => ["Жарактуулук мөөнөтү", "Действует до", "Valid until"],
        SlipLine::Som => ["сом", "сом", "som"],
        SlipLine::Transfer => [
            "Банк аркылуу которуу үчүн маалымат",
            "Реквизиты для банковского перевода",
            "Details for a bank transfer",
        ],
        SlipLine::Receiver => ["Алуучу", "Получатель", "Receiver"],
        SlipLine::TaxNumber => ["ИНН", "ИНН", "Tax number (INN)"],
        SlipLine::Bank => ["Банк", "Банк", "Bank"],
        SlipLine::Bic => ["БИК", "БИК", "Bank code (BIC)"],
        SlipLine::Account => ["Эсеп", "Счёт", "Account"],
        SlipLine::Reference => {
            ["Төлөм максатына жазыңыз", "Укажите в назначении платежа", "Quote in the purpose"]
        }
        SlipLine::TransferHow => [
            "Акча банктын көчүрмөсү келгенде эсепке алынат, көбүнчө кийинки жумуш күнү.",
            "Деньги зачисляются, когда приходит выписка банка, обычно на следующий рабочий день.",
            "The money counts when the bank’s statement arrives, usually on the next working day.",
        ],
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
            ["Биринчи сунуш берилди", "Подано первое предложение", "The first offer has been made"]
        }
        NoticeKind::ConfirmDue => [
            "Сиз жеңдиңиз. Жыйынтыкты ырастаңыз",
            "Вы победили. Подтвердите результат",
            "You won. Confirm the result",
        ],
        NoticeKind::ClosedLost => ["Торук аяктады", "Торги завершены", "The auction is over"],
        NoticeKind::NoFirstOffer => [
            "Эч ким бааны жогорулаткан жок: торук өткөн жок",
            "Никто не повысил цену: торги не состоялись",
            "Nobody raised the price: the auction was unsuccessful",
        ],
        NoticeKind::Unsuccessful => {
            ["Торук өткөн жок", "Торги не состоялись", "The auction was unsuccessful"]
        }
        NoticeKind::Suspended => {
            ["Торук убактылуу токтотулду", "Торги приостановлены", "The auction is suspended"]
        }
        NoticeKind::ResumeAnnounced => {
            ["Торук улантылат", "Торги будут возобновлены", "The auction will resume"]
        }
        NoticeKind::Resumed => ["Торук улантылды", "Торги возобновлены", "The auction has resumed"],
        NoticeKind::Cancelled => {
            ["Торук жокко чыгарылды", "Торги отменены", "The auction was cancelled"]
        }
        NoticeKind::Relaunched => {
            ["Торук жаңыдан түзүлдү", "Созданы повторные торги", "The auction has been relaunched"]
        }
        NoticeKind::NeedsReconfirm => [
            "Шарттар өзгөрдү. Арызды кайра ырастаңыз",
            "Условия изменились. Подтвердите заявку снова",
            "The terms changed. Confirm your application again",
        ],
        NoticeKind::ApplicationAdmitted => [
            "Сизге торукка катышууга жол берилди",
            "Вы допущены к торгам",
            "You are admitted to the auction",
        ],
        NoticeKind::ApplicationNotAdmitted => [
            "Сизге торукка катышууга жол берилген жок",
            "Вы не допущены к торгам",
            "You are not admitted to the auction",
        ],
        NoticeKind::DepositPaid => {
            ["Кепилдик төлөм түштү", "Гарантийный взнос поступил", "Guarantee payment received"]
        }
        NoticeKind::DepositReleased => [
            "Кепилдик төлөм кайтарылды",
            "Гарантийный взнос возвращён",
            "Your guarantee payment has been returned",
        ],
        NoticeKind::PaymentUnmatched => [
            "Төлөм эсепке алынган жок, акча кайтарылат",
            "Платёж не зачтён, деньги вернутся",
            "A payment could not be credited and will be returned",
        ],
        NoticeKind::PaymentCodeExpiring => [
            "Төлөө кодунун мөөнөтү бүтүп баратат",
            "Срок кода платежа истекает",
            "The payment code expires soon",
        ],
        NoticeKind::TenderingClosed => {
            ["Арыз кабыл алуу аяктады", "Приём заявок завершён", "Applications are closed"]
        }
        NoticeKind::ContractDue => [
            "Келишимдин мөөнөтү бүттү",
            "Срок заключения договора истёк",
            "The contract deadline has passed",
        ],
        NoticeKind::DepositForfeited => [
            "Кепилдик төлөм кайтарылбайт",
            "Гарантийный взнос не возвращается",
            "Guarantee payment forfeited",
        ],
        NoticeKind::RecoveryStarted => [
            "Эсебиңизди калыбына келтирүү башталды. Сиз эмес болсоңуз, ачкычтарыңызды текшериңиз",
            "Начато восстановление вашей учётной записи. Если это не вы, проверьте свои ключи",
            "Recovery of your account has begun. If it is not you, check your keys",
        ],
        NoticeKind::KeyAdded => [
            "Эсебиңизге жаңы ачкыч кошулду. Сиз эмес болсоңуз, аны токтотуңуз",
            "К вашей учётной записи добавлен новый ключ. Если это не вы, отключите его",
            "A new key was added to your account. If it was not you, end it",
        ],
        NoticeKind::KeyReady => [
            "Эсебиңизге кошулган ачкыч эми сунуш бере алат. Сиз эмес болсоңуз, аны токтотуңуз",
            "Добавленный ключ теперь может делать ставки. Если его добавили не вы, отключите его",
            "The key that was added to your account can place bids now. If it was not you, end it",
        ],
        NoticeKind::AwardConfirmed => {
            ["Жеңүүчү ырастады", "Победитель подтвердил", "The winner confirmed"]
        }
    };
    pick(texts, language)
}

/// A notification's text; a winner also reads before when to confirm, which is when it expires.
pub fn notice_until(kind: NoticeKind, expires_at: Timestamp, language: &str) -> String {
    let text = notice(kind, language);
    match kind {
        NoticeKind::ConfirmDue => {
            let before = pick([":", " до", " before"], language);
            format!("{text}{before} {}", expires_at.bishkek())
        }
        _ => text.to_owned(),
    }
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
            "Арыз сакталды, бирок БЕРИЛГЕН ЖОК",
            "Заявка сохранена, но НЕ ПОДАНА",
            "Your application is saved, NOT SUBMITTED",
        ],
        false => ["Арыз берилген жок", "Заявка не подана", "You have not applied yet"],
    };
    format!("{}: {}", pick(what, language), pick(when, language))
}

fn pick(texts: [&'static str; 3], language: &str) -> &'static str {
    match language {
        "ru" => texts[1],
        "en" => texts[2],
        _ => texts[0],
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The apps' texts: what iOS shows itself has to be what the core would have shown.
    const APPS: &str = include_str!("../../apps/texts.toml");

    #[test]
    fn a_notification_says_in_the_core_what_it_says_in_the_apps() {
        let plain = APPS.split_ascii_whitespace().collect::<Vec<_>>().join(" ");
        let mut compared = 0;
        for entry in plain.split(" notification_").skip(1) {
            let (name, table) = entry.split_once(" = [").unwrap();
            let kind = serde_json::from_value(serde_json::Value::from(name)).unwrap();
            let [ky, ru, en] = ["ky", "ru", "en"].map(|language| notice(kind, language));
            let told = format!("\"{ky}\", \"{ru}\", \"{en}\"");
            assert!(table.trim_start().starts_with(&told), "{name}: {told}");
            compared += 1;
        }
        assert!(compared > 20, "{compared}");
    }

    #[test]
    fn a_winner_reads_before_when_to_confirm() {
        let confirm_by = Timestamp::parse("2026-11-23T18:00:00+06:00").unwrap();
        let told = |language| notice_until(NoticeKind::ConfirmDue, confirm_by, language);
        assert_eq!(told("ru"), "Вы победили. Подтвердите результат до 23.11.2026 18:00:00");
        assert_eq!(told("ky"), "Сиз жеңдиңиз. Жыйынтыкты ырастаңыз: 23.11.2026 18:00:00");
        let outbid = notice_until(NoticeKind::Outbid, confirm_by, "en");
        assert_eq!(outbid, "Your competitor has raised the price");
    }

    #[test]
    fn an_unknown_language_reads_the_states_own() {
        assert_eq!(line(SlipLine::Payer, "de"), line(SlipLine::Payer, "ky"));
        assert!(reminder("day", true, "ky").contains("БЕРИЛГЕН ЖОК"));
    }
}
