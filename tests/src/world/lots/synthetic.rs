//! Made-up lots: endless, the same for the same seed, in the ranges of real ones.

use super::SampleLot;
use toruk_sync::domain::auction::ObjectOfPrice;
use toruk_sync::domain::form::Text;
use toruk_sync::domain::money::{BasisPoints, Tyiyn};
use toruk_sync::protocol::catalogue::{Area, LotKind};

const TYIYN_PER_SOM: u64 = 100;
/// The cheapest start on record: a kiosk in Jalal-Abad.
const VALUE_SOM_MIN: u64 = 263;
/// The dearest, rounded down: the Ak-Kula hippodrome.
const VALUE_SOM_MAX: u64 = 8_731_917_000;
/// Hundredths of a hectare of the largest plot on record.
const AREA_CENTI_MAX: u64 = 4_573;

const STEPS: [u16; 7] = [50, 100, 200, 300, 500, 1_000, 2_000];
const GUARANTEES: [u16; 4] = [500, 700, 1_000, 1_500];
/// Three years is what most leases are.
const LEASES: [&str; 4] = ["P3Y", "P3Y", "P1Y", "P5Y"];
const STREETS: [&str; 6] = ["Арча", "Булак", "Жаз", "Кайнар", "Тоо", "Чынар"];
const PLACES: [[&str; 3]; 7] = [
    ["Бишкек", "Ленинский", "Бишкек"],
    ["Бишкек", "Свердловский", "Бишкек"],
    ["Ош", "Ош", "Ош"],
    ["Чуйская", "Сокулукский", "Сокулук"],
    ["Иссык-Кульская", "Иссык-Кульский", "Чолпон-Ата"],
    ["Джалал-Абадская", "Сузакский", "Сузак"],
    ["Нарынская", "Нарынский", "Нарын"],
];

/// Properties that lots of one sort have in common.
struct Sort {
    kind: LotKind,
    /// The title, in Kyrgyz and in Russian.
    title: [&'static str; 2],
    /// The permitted use, in Kyrgyz and in Russian.
    purpose: [&'static str; 2],
    /// Hundredths, from, to; and the unit.
    area: Option<(u64, u64, &'static str)>,
    object_of_price: ObjectOfPrice,
    /// The lowest and the highest value, in som.
    value_som: (u64, u64),
}

/// In the order of the mix: small premises are the most frequent.
const SORTS: [Sort; 10] = [
    Sort {
        kind: LotKind::Premises,
        title: ["Дүкөн үчүн жай", "Помещение под магазин"],
        purpose: ["соода", "торговля"],
        area: Some((1_800, 9_400, "m2")),
        object_of_price: ObjectOfPrice::AnnualRent,
        value_som: (60_000, 1_500_000),
    },
    Sort {
        kind: LotKind::Premises,
        title: ["Төлөм терминалы үчүн орун", "Место под платёжный терминал"],
        purpose: ["төлөм кабыл алуу", "приём платежей"],
        area: Some((100, 300, "m2")),
        object_of_price: ObjectOfPrice::AnnualRent,
        value_som: (VALUE_SOM_MIN, 40_000),
    },
    Sort {
        kind: LotKind::Premises,
        title: ["Соода дүкөнчөсү үчүн орун", "Место под торговый киоск"],
        purpose: ["соода", "торговля"],
        area: Some((300, 900, "m2")),
        object_of_price: ObjectOfPrice::AnnualRent,
        value_som: (5_000, 120_000),
    },
    Sort {
        kind: LotKind::Premises,
        title: ["Кеңсе жайы", "Офисное помещение"],
        purpose: ["кеңсе", "офис"],
        area: Some((1_200, 16_000, "m2")),
        object_of_price: ObjectOfPrice::LeaseRight,
        value_som: (30_000, 900_000),
    },
    Sort {
        kind: LotKind::Land,
        title: ["Айыл чарба жер тилкеси", "Участок сельскохозяйственного назначения"],
        purpose: ["эгин өстүрүү", "земледелие"],
        area: Some((50, AREA_CENTI_MAX, "ha")),
        object_of_price: ObjectOfPrice::AnnualRent,
        value_som: (8_000, 700_000),
    },
    Sort {
        kind: LotKind::Land,
        title: ["Унаа токтотуучу жай үчүн жер тилкеси", "Земельный участок под автостоянку"],
        purpose: ["унаа токтотуу", "стоянка автомобилей"],
        area: Some((5, 120, "ha")),
        object_of_price: ObjectOfPrice::LeaseRight,
        value_som: (100_000, 4_000_000),
    },
    Sort {
        kind: LotKind::Land,
        title: ["Курулуш үчүн жер тилкеси", "Земельный участок под строительство"],
        purpose: ["турак жай куруу", "жилищное строительство"],
        area: Some((4, AREA_CENTI_MAX, "ha")),
        object_of_price: ObjectOfPrice::SalePrice,
        value_som: (600_000, VALUE_SOM_MAX),
    },
    Sort {
        kind: LotKind::Building,
        title: ["Мурдагы китепкананын имараты", "Здание бывшей библиотеки"],
        purpose: ["коомдук имарат", "общественное здание"],
        area: Some((12_000, 240_000, "m2")),
        object_of_price: ObjectOfPrice::SalePrice,
        value_som: (1_500_000, 90_000_000),
    },
    Sort {
        kind: LotKind::Vehicle,
        title: ["Кызматтык жеңил унаа", "Служебный легковой автомобиль"],
        purpose: ["унаа", "транспорт"],
        area: None,
        object_of_price: ObjectOfPrice::SalePrice,
        value_som: (80_000, 2_500_000),
    },
    Sort {
        kind: LotKind::Other,
        title: ["Колдонулган кеңсе эмеректери", "Офисная мебель, бывшая в употреблении"],
        purpose: ["кеңсе", "офис"],
        area: None,
        object_of_price: ObjectOfPrice::SalePrice,
        value_som: (2_000, 150_000),
    },
];

/// Properties of the first lots of every seed, so that even a short list meets the extremes.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Edge {
    Cheapest,
    Dearest,
    LongestTitle,
    KyrgyzOnly,
    RussianOnly,
}

const EDGES: [Edge; 5] =
    [Edge::Cheapest, Edge::Dearest, Edge::LongestTitle, Edge::KyrgyzOnly, Edge::RussianOnly];

/// Endless lots of a seed: first the extremes of price, title and language, then the mix. Each is
/// marked synthetic and complete: nothing is left to ask.
pub fn synthetic_lots(seed: u64) -> impl Iterator<Item = SampleLot> {
    let mut dice = Dice(seed);
    (0_usize..).map(move |position| lot(&mut dice, position))
}

fn lot(dice: &mut Dice, position: usize) -> SampleLot {
    let edge = EDGES.get(position).copied();
    let sort = match edge {
        Some(Edge::Cheapest) => &SORTS[1],
        Some(Edge::Dearest) => &SORTS[6],
        // Two throws, so that the first sorts come more often.
        _ => &SORTS[dice.below(SORTS.len()).min(dice.below(SORTS.len()))],
    };
    let som = match edge {
        Some(Edge::Cheapest) => VALUE_SOM_MIN,
        Some(Edge::Dearest) => VALUE_SOM_MAX,
        _ => dice.magnitude(sort.value_som.0, sort.value_som.1),
    };
    let area = sort.area.map(|(from, to, unit)| {
        let centi = match edge {
            Some(Edge::Cheapest) => from,
            Some(Edge::Dearest) => to,
            _ => dice.magnitude(from, to),
        };
        Area { value: format!("{}.{:02}", centi / 100, centi % 100), unit: unit.to_owned() }
    });
    let [region, district, settlement] = PLACES[dice.below(PLACES.len())];
    let street = STREETS[dice.below(STREETS.len())];
    let house = (1 + dice.below(180)).to_string();
    let address = [
        ("region", region),
        ("district", district),
        ("settlement", settlement),
        ("street", street),
        ("house", &house),
    ];
    let sold = sort.object_of_price == ObjectOfPrice::SalePrice;
    let lease = LEASES[dice.below(LEASES.len())];
    let titles = titles(sort, edge, settlement, street, &house);
    let number = position + 1;
    SampleLot {
        synthetic: true,
        kind: sort.kind,
        title: languages(dice, edge, &titles),
        purpose: both(sort.purpose),
        // Only what stands on the ground is in the cadastre.
        cadastral_number: area
            .is_some()
            .then(|| format!("TEST-{:03}-{:04}", number / 10_000, number % 10_000)),
        area,
        address: address.map(|(name, value)| (name.to_owned(), value.to_owned())).into(),
        lot_holder: both([
            "Муниципалдык менчик башкармалыгы (тест)",
            "Управление муниципальной собственности (тест)",
        ]),
        object_of_price: sort.object_of_price,
        value: i64::try_from(som * TYIYN_PER_SOM).ok().and_then(|tyiyn| Tyiyn::new(tyiyn).ok()),
        step: Some(BasisPoints(STEPS[dice.below(STEPS.len())])),
        guarantee: Some(BasisPoints(GUARANTEES[dice.below(GUARANTEES.len())])),
        lease_duration: (!sold).then(|| lease.to_owned()),
        year: None,
        sources: Vec::new(),
    }
}

/// Kyrgyz and Russian, with the place, as organisers word them.
fn titles(
    sort: &Sort,
    edge: Option<Edge>,
    settlement: &str,
    street: &str,
    house: &str,
) -> [String; 2] {
    let [ky, ru] = sort.title;
    let (more_ky, more_ru) = match edge {
        Some(Edge::LongestTitle) => (
            ", муниципалдык менчикке таандык, мурда тейлөө ишканасы ээлеп турган, өзүнчө кире \
             бериши, жылуулук, суу жана электр менен камсыздоо түйүндөрү бар, ижара мөөнөтү ичинде \
             ижарачынын эсебинен учурдагы оңдоо жүргүзүлүүчү жай",
            ", находящееся в муниципальной собственности, ранее занятое предприятием бытового \
             обслуживания, с отдельным входом, с подключёнными сетями тепло-, водо- и \
             электроснабжения, с текущим ремонтом за счёт арендатора в течение срока аренды",
        ),
        _ => ("", ""),
    };
    [
        format!("{ky}{more_ky}, {settlement}, {street} көчөсү, {house}"),
        format!("{ru}{more_ru}, {settlement}, ул. {street}, {house}"),
    ]
}

/// One lot in ten has a Kyrgyz title only, one a Russian one.
fn languages(dice: &mut Dice, edge: Option<Edge>, titles: &[String; 2]) -> Text {
    let [ky, ru] = titles.clone();
    let throw = match edge {
        Some(Edge::KyrgyzOnly) => 0,
        Some(Edge::RussianOnly) => 1,
        Some(_) => 2,
        None => dice.below(10),
    };
    match throw {
        0 => Text { ky: Some(ky), ..Text::default() },
        1 => Text { ru: Some(ru), ..Text::default() },
        _ => Text { ky: Some(ky), ru: Some(ru), en: None },
    }
}

fn both([ky, ru]: [&str; 2]) -> Text {
    Text { ky: Some(ky.to_owned()), ru: Some(ru.to_owned()), en: None }
}

/// SplitMix64: small, and its numbers never change with a library's version.
pub(crate) struct Dice(pub(crate) u64);

impl Dice {
    pub(crate) fn throw(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mixed = (self.0 ^ (self.0 >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        let mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^ (mixed >> 31)
    }

    /// Below `end`, which is above 0.
    pub(crate) fn below(&mut self, end: usize) -> usize {
        usize::try_from(self.throw() % end as u64).unwrap_or(0)
    }

    /// From `from` (above 0) to `to`; every doubling is as likely as the next, as prices are.
    fn magnitude(&mut self, from: u64, to: u64) -> u64 {
        let doublings = (to / from).ilog2() as usize;
        let low = from << self.below(doublings + 1);
        let high = low.saturating_mul(2).min(to);
        low + self.throw() % (high - low + 1)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn list(seed: u64, count: usize) -> Vec<SampleLot> {
        synthetic_lots(seed).take(count).collect()
    }

    #[test]
    fn one_seed_makes_one_list() {
        assert_eq!(list(7, 200), list(7, 200));
        assert_ne!(list(7, 200), list(8, 200));
    }

    #[test]
    fn a_made_up_lot_is_marked_complete_and_in_range() {
        for lot in list(1, 2_000) {
            let fits = |number: &String| number.starts_with("TEST-");
            assert!(lot.synthetic && lot.cadastral_number.iter().all(fits));
            assert!(lot.lot_holder.get("ky").ends_with("(тест)"));
            assert!(lot.title.ky.is_some() || lot.title.ru.is_some());
            let som = lot.value.unwrap().get() / 100;
            assert!((263..=8_731_917_000).contains(&som), "{som}");
            assert!((50..=2_000).contains(&lot.step.unwrap().0));
            assert!((500..=1_500).contains(&lot.guarantee.unwrap().0));
            assert_eq!(
                lot.lease_duration.is_none(),
                lot.object_of_price == ObjectOfPrice::SalePrice
            );
            assert_eq!(lot.address.len(), 5);
        }
    }

    #[test]
    fn a_short_list_already_meets_the_extremes() {
        let lots = list(3, EDGES.len());
        let values: Vec<_> = lots.iter().map(|lot| lot.value.unwrap().get()).collect();
        assert_eq!(values[..2], [26_300, 873_191_700_000]);
        assert_eq!(lots[0].area.as_ref().unwrap().value, "1.00");
        assert_eq!(lots[1].area.as_ref().unwrap().value, "45.73");
        assert!(lots[2].title.get("ky").chars().count() > 200);
        assert_eq!((&lots[3].title.ru, &lots[4].title.ky), (&None, &None));
    }

    #[test]
    fn the_mix_has_every_kind_and_mostly_small_premises() {
        let lots = list(5, 1_000);
        let count = |kind| lots.iter().filter(|lot| lot.kind == kind).count();
        for kind in [LotKind::Land, LotKind::Building, LotKind::Vehicle, LotKind::Other] {
            assert!(count(kind) > 5, "{kind:?}");
        }
        assert!(count(LotKind::Premises) > 500);
        let kyrgyz_only = lots.iter().filter(|lot| lot.title.ru.is_none()).count();
        assert!((50..200).contains(&kyrgyz_only), "{kyrgyz_only}");
    }

    #[test]
    fn cadastre_numbers_are_unique() {
        let lots = list(9, 12_000);
        let numbers: Vec<_> = lots.iter().filter_map(|lot| lot.cadastral_number.clone()).collect();
        let unique: std::collections::BTreeSet<_> = numbers.iter().collect();
        assert_eq!(unique.len(), numbers.len());
    }
}
