//! What the papers say, in Kyrgyz, Russian and English.

pub type Words = [&'static str; 3];

pub const PROTOCOL: Words = [
    "Торуктун жыйынтыгы боюнча протокол",
    "Протокол о результатах торгов",
    "Auction result protocol",
];
pub const NUMBER: Words = ["Торуктун номери", "Номер торгов", "Auction number"];
pub const ATTEMPT: Words = ["Аракет", "Попытка", "Attempt"];
pub const BISHKEK: Words = [
    "Убакыт Бишкек боюнча (UTC+6)",
    "Время бишкекское (UTC+6)",
    "All times are Bishkek time (UTC+6)",
];

pub const LOT: Words = ["Лот", "Лот", "Lot"];
pub const LOT_TITLE: Words = ["Аталышы", "Наименование", "Name"];
pub const CADASTRAL: Words = ["Кадастрдык номери", "Кадастровый номер", "Cadastral number"];
pub const HOLDER: Words = ["Баланс кармоочу", "Балансодержатель", "Lot holder"];

pub const TERMS: Words = ["Шарттары", "Условия", "Terms"];
pub const OBJECT: Words = ["Баа эмне үчүн", "За что цена", "What the price is for"];
pub const SALE_PRICE: Words = ["Сатуу баасы", "Цена продажи", "Sale price"];
pub const ANNUAL_RENT: Words = ["Жылдык ижара акысы", "Годовая арендная плата", "Annual rent"];
pub const LEASE_RIGHT: Words = [
    "Ижара келишимин түзүү укугу",
    "Право на заключение договора аренды",
    "Right to conclude a lease",
];
pub const START_PRICE: Words = ["Баштапкы баа", "Начальная цена", "Start price"];
pub const STEP: Words = ["Кадам", "Шаг", "Step"];
pub const GUARANTEE: Words = ["Кепилдик төлөм", "Гарантийный взнос", "Guarantee payment"];
pub const IN_WORDS: Words = ["Сөз менен", "Прописью", "In words"];

pub const COURSE: Words = ["Торуктун жүрүшү", "Ход торгов", "Course of the auction"];
pub const TENDER_END: Words =
    ["Арыз кабыл алуу бүттү", "Приём заявок завершён", "Applications closed"];
pub const START: Words = ["Башталышы", "Начало торгов", "Start of bidding"];
pub const CLOSED: Words = ["Баа сунуштоо аяктады", "Торги окончены", "Bidding closed"];
pub const PARTICIPANTS: Words =
    ["Катышуучулардын саны", "Число участников", "Number of participants"];
pub const RAISES: Words = ["Жогорулатуу саны", "Повышений", "Raises"];
pub const TIME: Words = ["Убактысы", "Время", "Time"];
pub const PARTICIPANT: Words = ["Катышуучу", "Участник", "Participant"];
pub const PRICE: Words = ["Баасы, сом", "Цена, сом", "Price, som"];
pub const EARLIER_RAISES: Words = [
    "Мурунку жогорулатуулар торуктун журналында. Алардын саны",
    "Более ранние повышения есть в журнале торгов. Их число",
    "Earlier raises are in the auction’s log. Their number",
];

pub const RESULT: Words = ["Жыйынтыгы", "Результат", "Result"];
pub const AWARD_PROPOSED: Words = [
    "Жеңүүчү аныкталды, анын ырастоосу күтүлүүдө.",
    "Победитель определён, ожидается его подтверждение.",
    "The winner has been determined and has to confirm.",
];
pub const SOLE_APPLICANT: Words = [
    "Жалгыз катышуучу болду: лот ага соодалашуусуз баштапкы баада сунушталды.",
    "Участник единственный: лот предложен ему без торга по начальной цене.",
    "There was a sole participant, to whom the lot was offered without bidding at the start price.",
];
pub const AWARD_CONFIRMED: Words = [
    "Торук өттү: жеңүүчү жыйынтыкты ырастады.",
    "Торги состоялись: победитель подтвердил результат.",
    "The auction has a result: the winner has confirmed it.",
];
pub const CONTRACT_SIGNED: Words = [
    "Торук өттү, келишимге кол коюлду.",
    "Торги состоялись, договор подписан.",
    "The auction has a result, and the contract is signed.",
];
pub const UNSUCCESSFUL: Words =
    ["Торук өткөн жок.", "Торги не состоялись.", "The auction was unsuccessful."];
pub const CANCELLED: Words =
    ["Торук жокко чыгарылды.", "Торги отменены.", "The auction was cancelled."];
pub const SUSPENDED: Words =
    ["Торук убактылуу токтотулду.", "Торги приостановлены.", "The auction is suspended."];
pub const NO_APPLICATIONS: Words = [
    "Жарактуу арыз түшкөн жок.",
    "Не было действительных заявок.",
    "There were no valid applications.",
];
pub const INSUFFICIENT_PARTICIPANTS: Words =
    ["Катышуучу жетишсиз.", "Недостаточно участников.", "Too few participants."];
pub const NO_FIRST_OFFER: Words =
    ["Эч ким бааны жогорулаткан жок.", "Никто не повысил цену.", "Nobody raised the price."];
pub const WINNER_DEFAULT: Words =
    ["Жеңүүчү ырастаган жок.", "Победитель не подтвердил.", "The winner did not confirm."];
pub const WINNER_REFUSED: Words =
    ["Жеңүүчү баш тартты.", "Победитель отказался.", "The winner declined."];
pub const WINNER_LATE: Words = [
    "Жеңүүчү мөөнөтүндө ырастаган жок.",
    "Победитель не подтвердил в срок.",
    "The winner did not confirm in time.",
];
pub const WINNER_DISQUALIFIED: Words =
    ["Жеңүүчү четтетилди.", "Победитель отстранён.", "The winner was disqualified."];
pub const CONTRACT_NOT_CONCLUDED: Words =
    ["Келишим түзүлгөн жок.", "Договор не заключён.", "No contract was concluded."];
pub const LATE_START: Words =
    ["Өз убагында башталган жок.", "Не удалось начать вовремя.", "It could not start in time."];
pub const OUTAGE: Words =
    ["Система иштебей калды.", "Перерыв в работе системы.", "The system was down."];
pub const TECHNICAL_FAULT: Words =
    ["Техникалык бузулуу.", "Техническая неисправность.", "A technical fault."];
pub const SUSPENDED_SINCE: Words = ["Токтотулган убактысы", "Приостановлены с", "Suspended since"];
pub const RESUME_AT: Words = ["Улантылуучу убакыт", "Возобновление", "Resumes at"];
pub const RESUME_UNKNOWN: Words = ["Кийин жарыяланат", "Будет объявлено", "To be announced"];
pub const DECIDED_AT: Words = ["Жазылган убактысы", "Записано", "Recorded at"];
pub const WINNER: Words = ["Жеңүүчү", "Победитель", "Winner"];
pub const WINNER_NAME: Words = ["Жеңүүчүнүн аты-жөнү", "Имя победителя", "Winner’s name"];
pub const FINAL_PRICE: Words = ["Акыркы баа", "Итоговая цена", "Final price"];
pub const INSTALMENTS: Words = ["Бөлүп төлөө", "Оплата частями", "Payment in parts"];
pub const PART: Words = ["№", "№", "No."];
pub const PAY_BY: Words = ["Төлөө мөөнөтү", "Срок оплаты", "To be paid by"];
pub const PART_AMOUNT: Words = ["Бөлүгү, сом", "Часть, сом", "Part, som"];
pub const PART_COUNTED: Words = ["Кепилдик төлөмдөн", "Из взноса", "From the guarantee"];
pub const PART_LEFT: Words = ["Төлөнүүчү, сом", "К оплате, сом", "To pay, som"];
pub const WITH_THE_CONTRACT: Words = [
    "келишимден кийинки жумуш күнү",
    "следующий рабочий день после договора",
    "the working day after the contract",
];
pub const CONFIRM_BY: Words = ["Ырастоо мөөнөтү", "Срок подтверждения", "Deadline for confirming"];
pub const CONTRACT_BY: Words =
    ["Келишимге кол коюу мөөнөтү", "Срок подписания договора", "Deadline for the contract"];
pub const CONTRACT_HASH: Words =
    ["Келишимдин хеши (SHA-256)", "Хеш договора (SHA-256)", "Hash of the contract (SHA-256)"];
pub const LAPSED: Words = ["Укугунан ажырады", "Утратил право", "Lost the right to the lot"];
pub const REFUSED: Words = ["баш тартты", "отказ", "declined"];
pub const TIMEOUT: Words =
    ["мөөнөтүндө ырастаган жок", "не подтвердил в срок", "did not confirm in time"];
pub const DISQUALIFIED: Words = ["четтетилди", "отстранён", "disqualified"];
pub const DISQUALIFIED_FOR: Words =
    ["Четтетүүнүн себеби", "Причина отстранения", "Reason for the disqualification"];
pub const DISQUALIFIED_BY: Words = [
    "Четтетүү чечиминин хеши (SHA-256)",
    "Хеш решения об отстранении (SHA-256)",
    "Hash of the decision to disqualify (SHA-256)",
];
pub const EARLIER_WINNER: Words = ["Мурунку жеңүүчү", "Прежний победитель", "Earlier winner"];
pub const SALE_CANCELLED: Words =
    ["торук жокко чыгарылды", "торги отменены", "the auction was cancelled"];
pub const WITHOUT_CONTRACT: Words =
    ["келишим түзүлгөн жок", "договор не заключён", "no contract was concluded"];
pub const FAULT: Words = ["Кимдин күнөөсү менен", "По чьей вине", "At fault"];
pub const WINNERS_FAULT: Words = ["жеңүүчүнүн", "победителя", "the winner"];
pub const NOT_WINNERS_FAULT: Words = ["жеңүүчүнүн эмес", "не победителя", "not the winner"];
pub const REASON: Words = ["Себеби", "Причина", "Reason"];
pub const DECISION_HASH: Words =
    ["Чечимдин хеши (SHA-256)", "Хеш решения (SHA-256)", "Hash of the decision (SHA-256)"];
pub const DECIDED_BY_TWO: Words = [
    "Чечимди эки кызматкер кабыл алды; алар торуктун журналында көрсөтүлгөн.",
    "Решение приняли два должностных лица; они названы в журнале торгов.",
    "Two officials took the decision; the auction’s log names them.",
];

pub const PROOF: Words = ["Текшерүү", "Проверка", "Verification"];
pub const PROOF_TEXT: Words = [
    "Торуктун журналы ачык. Андагы ар бир жазуу мурдагысынын хешин камтыйт, ошондуктан бул жыйынтыкты \
     ар ким кайра эсептеп чыга алат.",
    "Журнал торгов открыт. Каждая его запись содержит хеш предыдущей, поэтому этот результат может \
     пересчитать каждый.",
    "The auction’s log is public. Each record contains the hash of the one before it, so that anyone \
     can recompute this result.",
];
pub const LOG_ADDRESS: Words = ["Журнал", "Журнал", "Log"];
pub const LOG_RECORDS: Words = ["Жазуулардын саны", "Число записей", "Number of records"];
pub const LOG_HEAD: Words =
    ["Журналдын акыркы хеши", "Последний хеш журнала", "Latest hash of the log"];
pub const SIGNED_HASH: Words = [
    "Жеңүүчү кол койгон маалыматтын хеши",
    "Хеш данных, которые подписывает победитель",
    "Hash of the data that the winner signs",
];
pub const ATTACHED: Words = [
    "Бул протоколдун маалыматы ушул файлга JSON түрүндө тиркелген (protocol.json).",
    "Данные этого протокола приложены к файлу в виде JSON (protocol.json).",
    "The data of this protocol are attached to this file as JSON (protocol.json).",
];
pub const ATTACHED_NAME: Words =
    ["Протоколдун маалыматы", "Данные протокола", "Data of the protocol"];
pub const OFFICIAL_COPY: Words = [
    "Кызматтык нуска: жеңүүчүнүн аты-жөнү бар, жарыяланбайт.",
    "Служебный экземпляр: содержит имя победителя, не публикуется.",
    "Official copy: it names the winner and is not published.",
];

pub const SLIP: Words = ["Төлөм баракчасы", "Счёт на оплату", "Payment slip"];
pub const SLIP_PURPOSE: Words = [
    "Торукка катышуу үчүн кепилдик төлөм",
    "Гарантийный взнос за участие в торгах",
    "Guarantee payment for taking part in an auction",
];
pub const PAYMENT_CODE: Words = ["Төлөө коду", "Код платежа", "Payment code"];
pub const PAYMENT_SYSTEM: Words = [
    "Электрондук төлөмдөрдүн мамлекеттик системасы",
    "Государственная система электронных платежей",
    "State System of Electronic Payments",
];
pub const SYSTEM: Words = ["Төлөм системасы", "Платёжная система", "Payment system"];
pub const PURPOSE: Words = ["Төлөмдүн максаты", "Назначение платежа", "Purpose"];
pub const AMOUNT: Words = ["Төлөнүүчү сумма", "Сумма к оплате", "Amount to pay"];
pub const VALID_UNTIL: Words = ["Жарактуулук мөөнөтү", "Действует до", "Valid until"];
pub const SLIP_HOW: Words = [
    "Банктын бөлүмүнө барып, кассирге төлөө кодун айтыңыз же ушул баракты көрсөтүңүз. Сумманы толук \
     төлөңүз.",
    "Придите в отделение банка, назовите кассиру код платежа или покажите этот лист. Оплатите сумму \
     полностью.",
    "Go to a branch of the bank and tell the cashier the payment code, or show this sheet. Pay the \
     whole amount.",
];
pub const SLIP_EXPIRY: Words = [
    "Мөөнөтү бүткөндөн кийин бул код менен төлөбөңүз: колдонмодон жаңысын алыңыз.",
    "После этого срока по этому коду не платите: получите в приложении новый.",
    "Do not pay with this code after that time: get a new one in the app.",
];

pub const TRANSFER_SLIP: Words = [
    "Банк аркылуу которуу үчүн маалымат",
    "Реквизиты для банковского перевода",
    "Details for a bank transfer",
];
pub const TRANSFER_REFERENCE: Words = [
    "Төлөм максатына жазылуучу белги",
    "Номер, который указывают в назначении",
    "Reference to quote in the purpose",
];
pub const RECEIVER: Words = ["Алуучу", "Получатель", "Receiver"];
pub const TAX_NUMBER: Words = ["ИНН", "ИНН", "Tax number (INN)"];
pub const BANK: Words = ["Банк", "Банк", "Bank"];
pub const BIC: Words = ["БИК", "БИК", "Bank code (BIC)"];
pub const ACCOUNT: Words = ["Эсеп", "Счёт", "Account"];
pub const TRANSFER_HOW: Words = [
    "Белгини төлөмдүн максатына так жазыңыз: акча ушул белги боюнча эсепке алынат.",
    "Укажите номер в назначении платежа без ошибок: по нему деньги зачисляются.",
    "Quote the reference exactly in the purpose: the money is credited by it.",
];
pub const TRANSFER_EXPIRY: Words = [
    "Акча банктын көчүрмөсү келгенде эсепке алынат. Мөөнөтүнө чейин келиши үчүн эртерээк төлөңүз.",
    "Деньги зачисляются, когда приходит выписка банка. Платите заранее, чтобы успеть до срока.",
    "The money counts when the bank’s statement arrives. Pay early enough to be in time.",
];
