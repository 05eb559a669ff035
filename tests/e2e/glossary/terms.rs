//! The glossary: one word for one thing in each language, and the wordings that are not for it.
//!
//! A banned wording matches where a word begins, in any case. `=` before it means the whole text,
//! `~` anywhere in a word, `|` after it that the word ends there.

/// One thing and its words in Kyrgyz, Russian and English.
pub struct Term {
    /// The words; a stem where endings follow. Apps and console both use them.
    pub words: [&'static str; 3],
    /// Wordings that mean the same or are mistaken for it.
    pub banned: [&'static [&'static str]; 3],
}

const fn term(
    words: [&'static str; 3],
    ky: &'static [&'static str],
    ru: &'static [&'static str],
    en: &'static [&'static str],
) -> Term {
    Term { words, banned: [ky, ru, en] }
}

/// Terms of the glossary in each language, with the words that they replace.
pub const TERMS: &[Term] = &[
    term(["торук", "торги", "auction"], &["аукцион", "тоорук"], &["аукцион", "торг|"], &[]),
    term(
        ["баланс кармоочу", "балансодержатель", "lot holder"],
        &["=менчик ээси", "балансты кармоочу"],
        &["держатель баланса"],
        &["balance holder", "=holder"],
    ),
    term(["баштапкы баа", "начальная цена", "start price"], &[], &[], &["starting price"]),
    term(["кадам", "шаг", "step"], &["баскыч"], &[], &[]),
    term(
        ["кепилдик төлөм", "гарантийный взнос", "guarantee payment"],
        &["депозит", "=төлөм түштү", "=төлөм түшкөн"],
        &["депозит", "залог"],
        &["deposit"],
    ),
    term(["төлөө коду", "код платежа", "payment code"], &["төлөм коду"], &["код оплаты"], &[]),
    term(
        ["эсепте турат", "на счёте", "on hold"],
        &["кармалып", "кармалган", "кармалды", "кармап калуу", "кармоо|"],
        &["удерж", "удержан"],
        &["payment held", "=held"],
    ),
    term(
        ["кайтарылбайт", "не возвращается", "forfeited"],
        &["кармоо сунуш"],
        &["удержан"],
        &["=kept", "keeping it"],
    ),
    term(
        ["кайтарылды", "возвращён", "returned"],
        &[],
        &[],
        &["goes back", "go back", "on its way back"],
    ),
    term(
        ["эсебине чегерилди", "в счёт цены", "towards the price"],
        &["баага кошулду", "баага эсептелди"],
        &["зачтён в цену"],
        &[],
    ),
    term(
        ["эсепке алын", "зачтён", "credited"],
        &["төлөм эсептелди"],
        &["не подош", "платёж не подошёл", "неподош"],
        &["does not fit", "do not fit"],
    ),
    term(
        ["жол бер", "допущен", "admitted"],
        &["киргиз", "баш тартуу", "баш тартылды", "уруксат күт", "уруксат берилген"],
        &["=отказать", "причина отказа", "в допуске отказано", "ожидает допуска"],
        &["let in", "reason for refusing", "=refuse", "application is refused", "shut out"],
    ),
    term(
        ["кабыл алынган жок", "не принят", "not accepted"],
        &["арыз четке кагыл", "=четке кагылды"],
        &["=отказано", "в приёме заявки отказано", "предложение отклонено"],
        &["=refused", "application was refused", "not taken", "bid refused"],
    ),
    term(
        ["арыз каралууда", "на рассмотрении", "under review"],
        &["=каралууда", "=чечимди күтөт"],
        &["=ждёт решения"],
        &["waiting for admission", "waits for a decision"],
    ),
    term(
        ["убактылуу токтотул", "приостановлены", "suspended"],
        &["убакыт токто", "убакытты токто", "убакытты азыр", "=токтотулган", "торук токтотулду"],
        &["останов"],
        &["clock stopped", "stop the clock", "clock is stopped", "clock stands", "=stopped"],
    ),
    term(
        ["улантыл", "возобнов", "resume"],
        &["=уланды", "} улантылат"],
        &["продолжен", "продолжатся", "продолжить торги"],
        &["goes on", "go on|"],
    ),
    term(
        ["өткөн жок", "не состоялись", "unsuccessful"],
        &["болбой калды", "болбой калган", "болгон жок"],
        &[],
        &["auction failed", "that failed", "auction as failed"],
    ),
    term(
        ["жаңыдан түз", "повторные торги", "relaunch"],
        &["кайра түз", "кайра жарыяланды", "кайра өткөр"],
        &["создать заново", "созданы заново", "создать торги заново", "объявлены вновь"],
        &["created again", "announced again"],
    ),
    term(
        ["бааны ар бир жогорулат", "повышен", "raise"],
        &["ар бир сунуш", "=жогорулатуулар"],
        &[],
        &[],
    ),
    term(
        ["сунуш", "ставк", "bid"],
        &["=сунуштар", "баа бер"],
        &["=предложения", "предложений", "предложения не", "предложения ост"],
        &["made an offer", "=no offer yet"],
    ),
    term(["мөөнөт", "срок", "deadline"], &["терезе"], &["окн"], &["window"]),
    term(
        ["катышуучу", "участник", "participant"],
        &["~-катышуучу"],
        &[],
        &["you take part", "you do not take part", "=takes part"],
    ),
    term(["четтетил", "отстранена", "disqualified"], &[], &["исключ"], &["exclude"]),
    term(
        ["текшерүүдө", "на проверке", "in review"],
        &[],
        &["подать на проверку", "подано на проверку", "подайте на"],
        &[],
    ),
    term(
        ["жеңүүчү", "победитель", "winner"],
        &["утулдуңуз"],
        &["=выиграла", "=не выиграла"],
        &["somebody else won"],
    ),
    term(
        ["журнал", "журнал", "log"],
        &["чынжыр", "журналдын башы", "эки башка тарых"],
        &["звено", "вершина журнала", "две разные истории"],
        &["link of the chain", "head of the log", "two histories"],
    ),
    term(
        ["байланыш", "связ", "connect"],
        &["түз эфир", "түз байланыш", "түз көрүү", "=түз", "кечигүүдө"],
        &["вживую", "отстаём"],
        &["lagging", "live link"],
    ),
    term(
        ["мүмкүндүк алуу ачкычы", "ключ доступа", "passkey"],
        &["ачкычтарды билбейт"],
        &["не умеет работать"],
        &["does not know passkeys"],
    ),
    term(
        ["чыгуу", "выйти", "log out"],
        &[],
        &[],
        &["sign in|", "sign out", "signed in", "signed out"],
    ),
    term(
        ["экинчи кызматкер", "второй сотрудник", "second official"],
        &["экинчи адам"],
        &["второй человек", "второму человеку", "второго человека"],
        &["second person"],
    ),
    term(["арыз", "заявка", "application"], &["табыштама", "билдирүү"], &[], &[]),
    term(["система", "систем", "system"], &["тутум"], &[], &["the service was down"]),
];

/// Wordings that no text has, whatever it speaks of: case endings on a variable, a bare accusative,
/// jargon, a person's sex, archaic English.
pub const NEVER: [&[&str]; 3] = [
    &[
        "} чейин",
        "} баштап",
        "=жарактуу",
        "ушуга чейин",
        "качанга чейин",
        "тез-тез",
        "кезегиңиз",
        "өзү кетет",
    ],
    &[
        "ваш ход",
        "=действителен",
        "финансист",
        "квитанция на оплату",
        "талон",
        "ждёт начала",
        "ждёт договора",
        "впишите",
        "другого человека",
        "по слову",
        "уйдёт",
    ],
    &[
        "anew",
        "mend",
        "by halves",
        "awaited",
        "he|",
        "his|",
        "him|",
        "sign of life",
        "former|",
        "waits for",
        "does not hold",
        "did not hold",
        "your turn",
        "renewed",
        "acts|",
        "goes out",
    ],
];
