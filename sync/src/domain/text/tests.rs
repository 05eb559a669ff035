use super::*;
use TextFault::{Empty, Hidden, StackedMarks, TooLong};
use proptest::prelude::*;

const PDF: &str = "application/pdf";

#[test]
fn a_line_is_composed_and_has_nothing_that_cannot_be_seen() {
    for (typed, expected) in [
        ("Айбек", Ok("Айбек")),
        ("  Айбек \t Асанов\n", Err(Hidden)),
        ("  Айбек \u{a0} Асанов\n", Ok("Айбек Асанов")),
        ("Лот № 5 «Ысык-Көл» (№\u{a0}7)", Ok("Лот № 5 «Ысык-Көл» (№ 7)")),
        ("И\u{306}гилик", Ok("Йгилик")),
        ("cafe\u{301}", Ok("café")),
        ("", Err(Empty)),
        (" \t\u{2028}", Err(Empty)),
        ("Айбек\u{0}", Err(Hidden)),
        ("Ай\nбек", Err(Hidden)),
        ("Ай\u{85}бек", Err(Hidden)),
        ("safe\u{202e}txt.exe", Err(Hidden)),
        ("\u{2067}Айбек\u{2069}", Err(Hidden)),
        ("\u{200f}Айбек", Err(Hidden)),
        ("Ай\u{200b}бек", Err(Hidden)),
        ("Ай\u{200d}бек", Err(Hidden)),
        ("Ай\u{2060}бек", Err(Hidden)),
        ("\u{feff}Айбек", Err(Hidden)),
        ("Ай\u{ad}бек", Err(Hidden)),
        ("Ай\u{2028}бек", Err(Hidden)),
        ("Ай\u{2029}бек", Err(Hidden)),
        ("Айбек\u{3164}", Err(Hidden)),
        ("Айбек\u{115f}", Err(Hidden)),
        ("Айбек\u{ffa0}", Err(Hidden)),
        ("Айбек\u{2800}", Err(Hidden)),
        ("Айбек\u{34f}", Err(Hidden)),
        ("Айбек\u{fe0f}", Err(Hidden)),
        ("Айбек\u{180e}", Err(Hidden)),
        ("Айбек\u{e0041}", Err(Hidden)),
        ("Айбек\u{e0101}", Err(Hidden)),
        ("Айбек\u{e000}", Err(Hidden)),
        ("Айбек\u{378}", Err(Hidden)),
        ("Айбе\u{301}к", Ok("Айбе\u{301}к")),
        ("Айбе\u{301}\u{302}\u{303}к", Err(StackedMarks)),
        ("\u{301}Айбек", Err(StackedMarks)),
        ("a\u{20dd}\u{20dd}\u{20dd}", Err(StackedMarks)),
        ("Ёлка, дом 5/1", Ok("Ёлка, дом 5/1")),
        ("12345678901", Err(TooLong)),
    ] {
        let chars_max = if typed.starts_with('1') { 10 } else { 200 };
        let shown = line(typed, chars_max);
        assert_eq!(shown.as_deref(), expected.as_ref().copied(), "{typed:?}");
    }
}

#[test]
fn a_paragraph_keeps_its_lines_and_an_answer_what_can_be_seen() {
    assert_eq!(paragraph(" one\r\ntwo \n", 100).as_deref(), Ok("one\ntwo"));
    assert_eq!(paragraph("one\u{2028}two", 100), Err(Hidden));
    assert_eq!(paragraph(&"x".repeat(500_000), 100), Err(TooLong));
    for (typed, kept) in [
        ("Айбек ", "Айбек "),
        ("И\u{306}гилик", "Йгилик"),
        ("Ай\u{200b}бек\u{feff}", "Айбек"),
        ("safe\u{202e}txt", "safetxt"),
        ("one\u{2028}two\r\nthree\tfour", "one\ntwo\nthree four"),
    ] {
        assert_eq!(clean(typed), kept, "{typed:?}");
        assert!(is_clean(kept, true));
        assert_eq!(is_clean(typed, true), typed == kept, "{typed:?}");
    }
    assert!(!is_clean("one\ntwo", false));
    assert!(!is_clean("а\u{301}\u{302}\u{303}", true));
}

#[test]
fn a_files_name_says_what_its_bytes_are() {
    for (given, mime, expected) in [
        ("паспорт.pdf", PDF, "паспорт.pdf"),
        ("SCAN.PDF", PDF, "SCAN.PDF"),
        ("фото.JPEG", "image/jpeg", "фото.JPEG"),
        ("passport.html", PDF, "passport.html.pdf"),
        ("passport.svg", "image/png", "passport.svg.png"),
        ("a.pdf", "text/html", "a.pdf.bin"),
        ("safe\u{202e}txt.exe", PDF, "safetxt.exe.pdf"),
        ("..\\..\\etc/passwd", PDF, "_.._etc_passwd.pdf"),
        ("C:a*b?c\"d<e>f|g.pdf", PDF, "C_a_b_c_d_e_f_g.pdf"),
        ("a\r\nSet-Cookie: b.pdf", PDF, "aSet-Cookie_ b.pdf"),
        ("паспорт И\u{306}.pdf", PDF, "паспорт Й.pdf"),
        (".pdf", PDF, "pdf.pdf"),
        (" . ", PDF, "file.pdf"),
        ("", PDF, "file.pdf"),
        ("\u{301}a\u{301}\u{301}\u{301}\u{301}.pdf", PDF, "á\u{301}\u{301}.pdf"),
        ("a .pdf", PDF, "a.pdf"),
    ] {
        assert_eq!(file_name(given, mime), expected, "{given:?}");
        assert_eq!(is_file_name(given, mime), given == expected, "{given:?}");
    }
    let long = file_name(&format!("{}.pdf", "ө".repeat(300_000)), PDF);
    assert_eq!(long, format!("{}.pdf", "ө".repeat(116)));
    assert!(is_file_name(&long, PDF) && !is_file_name(&"a".repeat(300_000), PDF));
}

#[test]
fn text_from_right_to_left_does_not_reorder_a_sentence() {
    assert_eq!(isolated("Асанов 5"), "Асанов 5");
    assert_eq!(isolated("אב"), "\u{2068}אב\u{2069}");
}

proptest! {
    #[test]
    fn what_the_phone_keeps_is_what_the_server_takes(
        typed in "(\\PC|[\u{0}-\u{300}\u{300}-\u{36f}\u{200b}-\u{202e}\u{1160}/.: ]){0,140}",
    ) {
        let kept = clean(&typed);
        prop_assert_eq!(clean(&kept), &*kept);
        prop_assert!(!matches!(fault(&kept, true), Some(TextFault::Hidden)));
        for mime in [PDF, "image/jpeg", "text/html"] {
            let name = file_name(&typed, mime);
            prop_assert!(is_file_name(&name, mime), "{name:?}");
        }
        if let Ok(shown) = line(&typed, 200) {
            prop_assert!(is_clean(&shown, false));
            prop_assert_eq!(line(&shown, 200), Ok(shown));
        }
    }
}

#[test]
fn a_search_finds_what_keyboards_lack() {
    for (text, key) in [
        ("Дүкөн", "дукон"),
        ("ЖАҢЫ ЁЛКА", "жаны елка"),
        ("И\u{306}гилик", "йгилик"),
        ("О’Коннор", "о'коннор"),
        ("Жан‑Поль", "жан-поль"),
        ("а\u{a0}б\u{ad}в", "а бв"),
    ] {
        assert_eq!(search_key(text), key, "{text}");
    }
}

#[test]
fn names_are_sorted_by_the_kyrgyz_alphabet() {
    let alphabet = "абвгдеёжзийклмнңоөпрстуүфхцчшщъыьэюя";
    let mut letters: Vec<String> = alphabet.chars().map(String::from).collect();
    let sorted = letters.clone();
    letters.sort();
    assert_ne!(letters, sorted, "Unicode's order is another");
    letters.sort_by_key(|letter| sort_key(letter));
    assert_eq!(letters, sorted);
    let mut names = ["Үсөн", "Өмүр", "Ёлкин", "Омор", "Уран", "Ң", "Нур", "Егор", "омар", "Жуман"];
    names.sort_by_key(|name| sort_key(name));
    let expected = ["Егор", "Ёлкин", "Жуман", "Нур", "Ң", "омар", "Омор", "Өмүр", "Уран", "Үсөн"];
    assert_eq!(names, expected);
}

#[test]
fn a_search_finds_every_word_however_it_was_typed() {
    let texts = ["Үй, Бишкек", "Өзгөрүү №2026-114", "Ёлкина Гүлнара"];
    for (typed, expected) in [
        ("", true),
        (" \t\u{200b} ", true),
        ("уй", true),
        ("УЙ бишкек", true),
        ("озгоруу 114", true),
        ("елкина гулнара", true),
        ("уй ош", false),
        ("бишкек үйү", false),
        // A word is in one text, not across two.
        ("бишкекөзгөрүү", false),
    ] {
        assert_eq!(SearchWords::new(typed).are_in(texts), expected, "{typed:?}");
    }
    assert!(SearchWords::new(" \u{200b} ").is_empty());
    let long = "а".repeat(100);
    assert!(SearchWords::new(&long).are_in([&*"а".repeat(64)]), "the rest of a word is ignored");
}
