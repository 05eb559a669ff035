//! Why a file or a request got no further, in the three languages.

use toruk_mobile_core::Obstacle;

/// Codes, each with its words.
pub(super) const FILES: &[(&[&str], [&str; 3])] = &[
    (&["file_empty"], ["Файл бош", "Файл пустой", "The file is empty"]),
    (
        &["file_heic"],
        [
            "HEIC сүрөтү кабыл алынбайт: JPEG кылып сактаңыз",
            "Снимок HEIC не принимается: сохраните его как JPEG",
            "HEIC photos are not accepted: save it as JPEG",
        ],
    ),
    (
        &["file_webp"],
        [
            "WebP сүрөтү кабыл алынбайт: JPEG кылып сактаңыз",
            "Снимок WebP не принимается: сохраните его как JPEG",
            "WebP pictures are not accepted: save it as JPEG",
        ],
    ),
    (
        &["file_unknown"],
        [
            "PDF, JPEG же PNG файлы керек",
            "Нужен файл PDF, JPEG или PNG",
            "A PDF, JPEG or PNG file is needed",
        ],
    ),
    (
        &["file_unusable"],
        [
            "Файл кабыл алынбайт: башка файл тандаңыз",
            "Файл не будет принят: выберите другой",
            "The file will not be accepted: choose another one",
        ],
    ),
    (&["picture_damaged"], ["Сүрөт бузулган", "Снимок повреждён", "The picture is damaged"]),
    (
        &["picture_too_large"],
        [
            "Сүрөттө өтө көп пиксель бар",
            "В снимке слишком много пикселей",
            "The picture has too many pixels",
        ],
    ),
];

/// The words for what stands between the phone and the server.
pub(super) fn obstacle(obstacle: Obstacle) -> [&'static str; 3] {
    match obstacle {
        Obstacle::SignInPage => [
            "Сервердин ордуна бул тармактын кирүү барагы жооп берди. Эч нерсе жоголбойт",
            "Вместо сервера ответила страница входа этой сети. Ничего не потеряно",
            "A sign-in page of this network answered instead of the server. Nothing is lost",
        ],
        Obstacle::Filter => [
            "Бул тармак серверге өткөрбөйт. Башка тармактан аракет кылыңыз. Эч нерсе жоголбойт",
            "Эта сеть не пропускает к серверу. Попробуйте другую. Ничего не потеряно",
            "This network blocks the server. Try another one. Nothing is lost",
        ],
        Obstacle::Unavailable => [
            "Серверге азыр жетүү мүмкүн эмес. Сакталгандар кийин жөнөтүлөт",
            "Сервер сейчас недоступен. Сохранённое отправится позже",
            "The server can’t be reached right now. What was saved will be sent later",
        ],
    }
}
