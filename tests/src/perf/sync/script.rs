//! Answers that three people's phones write into a thousand drafts: made up from a seed, the same
//! for every way to merge, with the answers that all of them must end with.

use std::collections::{BTreeMap, BTreeSet};

/// Phones that write each draft.
pub const DEVICES: usize = 3;
/// Answers that each phone gives without a connection.
const EDITS: usize = 12;

/// The fields of an application, as its form would name them.
const FIELDS: [&str; 40] = [
    "surname",
    "name",
    "patronymic",
    "inn",
    "birth_date",
    "passport_series",
    "passport_number",
    "passport_issued_by",
    "passport_issued_on",
    "citizenship",
    "phone",
    "email",
    "region",
    "district",
    "settlement",
    "street",
    "house",
    "flat",
    "postal_code",
    "registered_region",
    "registered_district",
    "registered_settlement",
    "registered_street",
    "registered_house",
    "bank_name",
    "bank_bic",
    "bank_account",
    "bank_holder",
    "representative_surname",
    "representative_name",
    "representative_inn",
    "power_of_attorney_no",
    "power_of_attorney_date",
    "purpose_of_use",
    "planned_investment",
    "planned_jobs",
    "marital_status",
    "spouse_surname",
    "spouse_name",
    "consent",
];

/// A field and its answer.
pub type Edit = (&'static str, String);

/// The edits of one draft.
pub struct Script {
    /// The first phone answers everything; the others then get the draft whole.
    pub fill: Vec<Edit>,
    /// Edits of each phone while none hears of another.
    pub apart: [Vec<Edit>; DEVICES],
    /// The first phone settles the fields that several have written.
    pub settle: Vec<Edit>,
    /// The answers that every phone shows in the end.
    pub expected: BTreeMap<String, String>,
}

/// Numbers that look random and are the same each time (SplitMix64).
struct Numbers(u64);

impl Numbers {
    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        mixed ^ (mixed >> 31)
    }

    fn below(&mut self, end: usize) -> usize {
        // Far below what a usize holds, on both sides.
        (self.next() % end as u64) as usize
    }

    /// An answer as people give it: names, numbers, addresses, dates, sentences.
    fn answer(&mut self) -> String {
        const NAMES: [&str; 6] =
            ["Асанова", "Бекматов", "Чынгыз", "Айгүл", "Токтогулович", "Жумабаева"];
        let number = self.next();
        let name = NAMES[self.below(NAMES.len())];
        match self.below(5) {
            0 => format!("{name} {}", number % 100),
            1 => format!("{:014}", number % 100_000_000_000_000),
            2 => format!("+996 7{:02} {:06}", number % 100, number % 1_000_000),
            3 => format!("{name} көчөсү, {}-үй, {}-батир", number % 200, number % 90),
            _ => format!("20{:02}-0{}-1{}", number % 27, 1 + number % 9, number % 10),
        }
    }
}

/// The script of draft number `no`.
pub fn script(no: u64) -> Script {
    let mut numbers = Numbers(no);
    let fill: Vec<Edit> = FIELDS.iter().map(|field| (*field, numbers.answer())).collect();
    let mut expected: BTreeMap<&str, String> = fill.iter().cloned().collect();
    let apart = [(); DEVICES].map(|()| -> Vec<Edit> {
        let mut edit = || (FIELDS[numbers.below(FIELDS.len())], numbers.answer());
        (0..EDITS).map(|_| edit()).collect()
    });
    let mut writers: BTreeMap<&str, BTreeSet<usize>> = BTreeMap::new();
    for (device, edits) in apart.iter().enumerate() {
        for (field, answer) in edits {
            expected.insert(field, answer.clone());
            writers.entry(field).or_default().insert(device);
        }
    }
    let disputed = writers.into_iter().filter(|(_, writers)| writers.len() > 1);
    let settle: Vec<Edit> = disputed.map(|(field, _)| (field, numbers.answer())).collect();
    expected.extend(settle.iter().cloned());
    let expected = expected.into_iter().map(|(field, answer)| (field.to_owned(), answer));
    Script { fill, apart, settle, expected: expected.collect() }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_script_is_the_same_each_time_and_lets_phones_dispute() {
        let (one, again) = (script(7), script(7));
        assert_eq!(one.expected, again.expected);
        assert_eq!(one.apart, again.apart);
        assert_ne!(one.expected, script(8).expected);
        assert_eq!(one.expected.len(), FIELDS.len());
        assert!((0..20).map(script).any(|script| !script.settle.is_empty()));
    }
}
