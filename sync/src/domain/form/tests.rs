use super::*;

fn complete() -> BTreeMap<FieldId, String> {
    let answers = [
        ("applicant_kind", "person"),
        ("full_name", "Айгүл Токтогулова"),
        ("pin", "00000000000001"),
        ("phone", "+996700000001"),
        ("address", "Бишкек"),
        ("refund_account", "0000000000000001"),
        ("consent", "yes"),
        (DECLARATION, "yes"),
    ];
    answers.map(|(field, answer)| (field.to_owned(), answer.to_owned())).into()
}

fn filled() -> BTreeSet<String> {
    BTreeSet::from(["identity_document".to_owned()])
}

#[test]
fn a_complete_form_has_no_faults() {
    assert_eq!(Form::standard().faults(&complete(), &filled()), BTreeMap::new());
}

#[test]
fn each_faulty_answer_is_named() {
    let long = "ө".repeat(201);
    let huge = "1".repeat(FIELD_BYTES_MAX + 1);
    for (field, answer, fault) in [
        ("full_name", "", FieldFault::Missing),
        ("full_name", "   ", FieldFault::Missing),
        ("full_name", &long, FieldFault::TooLong),
        ("full_name", "Айгүл\u{202e}", FieldFault::Malformed),
        ("full_name", "Ай\u{200b}гүл", FieldFault::Malformed),
        ("full_name", "Айгүл\nАсанова", FieldFault::Malformed),
        ("full_name", "И\u{306}гилик", FieldFault::Malformed),
        ("address", "Бишкек\u{2028}", FieldFault::Malformed),
        ("address", "Бе\u{301}\u{302}\u{303}", FieldFault::Malformed),
        ("applicant_kind", "king", FieldFault::Malformed),
        ("pin", "00000000000001\u{2028}", FieldFault::Malformed),
        ("pin", "0000000000001", FieldFault::Malformed),
        ("pin", "000000000000012", FieldFault::Malformed),
        ("pin", "0000000000000a", FieldFault::Malformed),
        ("pin", &huge, FieldFault::TooLong),
        ("phone", "996000000001", FieldFault::Malformed),
        ("phone", "+12345678", FieldFault::Malformed),
        ("phone", "+996000000001", FieldFault::Malformed),
        ("phone", "+996 700 00 00 01", FieldFault::Malformed),
        ("phone", "0700000001", FieldFault::Malformed),
        ("phone", "+1234567890123456", FieldFault::Malformed),
        ("consent", "no", FieldFault::Malformed),
        ("consent", "", FieldFault::Missing),
        (DECLARATION, "no", FieldFault::Malformed),
        (DECLARATION, "", FieldFault::Missing),
        ("colour", "red", FieldFault::Unknown),
    ] {
        let mut answers = complete();
        answers.insert(field.to_owned(), answer.to_owned());
        let faults = Form::standard().faults(&answers, &filled());
        assert_eq!(faults, BTreeMap::from([(field.to_owned(), fault)]), "{field}");
    }
}

#[test]
fn an_optional_answer_may_be_absent_but_not_malformed() {
    let mut answers = complete();
    answers.insert("purpose".to_owned(), "x".repeat(1_000));
    assert!(Form::standard().faults(&answers, &filled()).is_empty());
    answers.insert("purpose".to_owned(), "x".repeat(1_001));
    assert_eq!(Form::standard().faults(&answers, &filled()).len(), 1);
}

#[test]
fn a_required_file_must_be_there() {
    let faults = Form::standard().faults(&complete(), &BTreeSet::new());
    let missing = ("identity_document".to_owned(), FieldFault::Missing);
    assert_eq!(faults, BTreeMap::from([missing]));
}

#[test]
fn a_text_falls_back_to_a_language_it_has() {
    let text = Text { ky: None, ru: Some("Земля".to_owned()), en: Some("Land".to_owned()) };
    assert_eq!([text.get("ky"), text.get("ru"), text.get("en")], ["Земля", "Земля", "Land"]);
    assert!(text.is_complete());
    let english = Text { ru: None, ..text };
    assert!(!english.is_complete(), "Kyrgyz or Russian is needed");
}

#[test]
fn what_is_typed_is_kept_as_it_is_signed() {
    let form = Form::standard();
    for (field, typed, kept) in [
        ("phone", "0700 00 00 01", "+996700000001"),
        ("phone", "+996 700 00-00-01", "+996700000001"),
        ("phone", "0700 00", "0700 00"),
        ("phone", "my\u{200b} phone", "my phone"),
        ("full_name", "Асанова Айгүл Бакыт кызы", "Асанова Айгүл Бакыт кызы"),
        ("full_name", "О’Коннор Жан-Поль", "О’Коннор Жан-Поль"),
        ("full_name", "д'Артаньян, Шарль", "д'Артаньян, Шарль"),
        ("full_name", "И\u{306}гилик", "Йгилик"),
        ("full_name", "Ай\u{ad}гүл\u{202e}", "Айгүл"),
    ] {
        assert_eq!(form.cleaned(field, typed), kept, "{typed}");
    }
}

#[test]
fn a_form_filled_in_before_the_declaration_existed_still_counts_as_what_it_was() {
    let form = Form::standard();
    assert_eq!(Form::of(&form.id, form.version), Some(form.clone()));
    let former = Form::of("application", 1).unwrap();
    assert_eq!(former.version, 1);
    let mut answers = complete();
    let declared = former.faults(&answers, &filled());
    assert_eq!(declared, BTreeMap::from([(DECLARATION.to_owned(), FieldFault::Unknown)]));
    answers.remove(DECLARATION);
    assert!(former.faults(&answers, &filled()).is_empty());
    for (id, version) in [("application", 0), ("application", 3), ("another", 2)] {
        assert_eq!(Form::of(id, version), None, "{id} {version}");
    }
}

#[test]
fn personal_numbers_are_known_by_their_fields() {
    for (field, expected) in [
        ("pin", true),
        ("g/co_owner/1/pin", true),
        ("g/co_owner/1/full_name", false),
        ("full_name", false),
        ("a/pin", false),
    ] {
        assert_eq!(Form::is_personal_number(field), expected, "{field}");
    }
}
