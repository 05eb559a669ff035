//! The reasons why somebody can't apply, in words.

/// Codes, each with its words in the three languages.
pub(super) const APPLICANTS: &[(&[&str], [&str; 3])] = &[
    (
        &["already_applied"],
        [
            "Сиз бул торукка башка эсеп менен арыз бергенсиз. Бир адам бир гана арыз берет",
            "Вы уже подали заявку на эти торги с другой учётной записи. Один человек подаёт одну заявку",
            "You have already applied for this auction from another account. One person submits one application",
        ],
    ),
    (
        &["firm_applied"],
        [
            "Бул уюмдан арыз берилген. Бир уюм бир гана арыз берет",
            "От этой организации заявка уже подана. Одна организация подаёт одну заявку",
            "This organisation has already applied. One organisation submits one application",
        ],
    ),
    (
        &["identity_needed"],
        [
            "Адегенде eID же ЭЦП менен өзүңүздү тастыктаңыз",
            "Сначала подтвердите личность: eID или ЭЦП",
            "First confirm who you are with eID or an e-signature",
        ],
    ),
    (
        &["pin_differs"],
        [
            "Арыздагы ПИН сиздин ырасталган ПИНиңизге дал келбейт",
            "ПИН в заявке не совпадает с вашим подтверждённым ПИН",
            "The personal number in the application is not your proven one",
        ],
    ),
    (
        &["powers_missing"],
        [
            "Бул уюмдун атынан арыз берүүгө ыйгарым укугуңуз жок же анын мөөнөтү бүткөн",
            "У вас нет полномочий подать заявку от этой организации, или их срок истёк",
            "You have no powers to apply for this organisation, or they have ended",
        ],
    ),
];
