//! An organiser's typed offer: how it is parsed, and the terms it would freeze.

use super::form::{Field, Kind, percent, percent_field, som, som_field};
use super::layout::Page;
use super::refusal::fault_key;
use super::words::name;
use crate::catalogue::rows::OfferHint;
use serde::Deserialize;
use std::collections::BTreeMap;
use toruk_sync::domain::auction::{
    Auction, ObjectOfPrice, Offer, OfferFault, Terms, freeze, programmed_value,
};
use toruk_sync::domain::money::BasisPoints;
use toruk_sync::domain::rules::RuleProfile;
use toruk_sync::domain::time::{TimeSpan, Timestamp};

const OBJECTS: [ObjectOfPrice; 3] =
    [ObjectOfPrice::SalePrice, ObjectOfPrice::AnnualRent, ObjectOfPrice::LeaseRight];
/// Lengths of a lease that the form offers.
const LEASES: [&str; 6] = ["P1Y", "P3Y", "P5Y", "P10Y", "P25Y", "P49Y"];

/// The typed values of an offer's form.
#[derive(Debug, Default, Clone, Deserialize)]
#[serde(default, deny_unknown_fields)]
#[allow(missing_docs)] // Named as in `Offer`.
pub struct Typed {
    pub lot: String,
    pub object_of_price: String,
    pub value: String,
    pub step: String,
    pub guarantee: String,
    pub start: String,
    pub lease_duration: String,
    /// The reason why a relaunch lowers the price.
    pub reason: String,
    /// The pressed button: `preview` or `save`.
    pub act: String,
}

/// Faults by field, as keys of their texts.
pub type Faults = BTreeMap<&'static str, &'static str>;

impl Typed {
    /// The facts of the lot's source; the others are asked for.
    pub fn from_hint(lot: String, hint: &OfferHint) -> Self {
        let share = |share: Option<u16>| {
            share.map(|share| percent_field(BasisPoints(share))).unwrap_or_default()
        };
        Self {
            lot,
            object_of_price: hint.object_of_price.map(|object| name(&object)).unwrap_or_default(),
            value: hint.value_tyiyn.map(som_field).unwrap_or_default(),
            step: share(hint.step_bp),
            guarantee: share(hint.guarantee_bp),
            ..Self::default()
        }
    }

    /// The values of an existing offer.
    pub fn from_offer(offer: &Offer) -> Self {
        Self {
            object_of_price: name(&offer.object_of_price),
            value: som_field(offer.value),
            step: percent_field(offer.step),
            guarantee: percent_field(offer.guarantee),
            start: offer.start.bishkek_field(),
            lease_duration: offer.lease_duration.clone().unwrap_or_default(),
            ..Self::default()
        }
    }

    /// The values with which another attempt begins: those of the failed one, except that its start
    /// has passed, and that the rules may set another price, to which the step has to fit.
    pub fn from_failed(failed: &Auction) -> Self {
        let offer = &failed.birth.offer;
        let value = programmed_value(failed).unwrap_or(offer.value);
        let (step_min, step_max) = failed.birth.rules.step_range(value);
        let step = offer.step.max(step_min).min(step_max);
        let offer = Offer { value, step, ..offer.clone() };
        Self { start: String::new(), ..Self::from_offer(&offer) }
    }

    /// Parses the offer.
    ///
    /// # Errors
    /// The fields that can't be parsed.
    pub fn read(&self) -> Result<Offer, Faults> {
        let mut faults = Faults::new();
        let object = OBJECTS.into_iter().find(|object| name(object) == self.object_of_price);
        let (value, start) = (som(&self.value), Timestamp::parse_bishkek(self.start.trim()));
        let (step, guarantee) = (percent(&self.step), percent(&self.guarantee));
        for (field, fault, unread) in [
            ("object_of_price", "fault-choose", object.is_none()),
            ("value", "fault-amount", value.is_none()),
            ("step", "fault-percent", step.is_none()),
            ("guarantee", "fault-percent", guarantee.is_none()),
            ("start", "fault-moment", start.is_none()),
        ] {
            if unread {
                faults.insert(field, fault);
            }
        }
        let lease = Some(self.lease_duration.clone()).filter(|lease| !lease.is_empty());
        let sale = object == Some(ObjectOfPrice::SalePrice);
        if object.is_some() && sale == lease.is_some() {
            faults.insert("lease_duration", if sale { "fault-no-lease" } else { "fault-lease" });
        }
        if lease.as_deref().is_some_and(|lease| !LEASES.contains(&lease)) {
            faults.insert("lease_duration", "fault-choose");
        }
        match (object, value, step, guarantee, start) {
            (Some(object_of_price), Some(value), Some(step), Some(guarantee), Some(start))
                if faults.is_empty() =>
            {
                let lease_duration = lease;
                Ok(Offer { object_of_price, value, step, guarantee, start, lease_duration })
            }
            _ => Err(faults),
        }
    }

    /// The amounts and moments that publication at `now` would freeze.
    ///
    /// # Errors
    /// The fields that can't be parsed or break a rule.
    pub fn freeze(&self, rules: &RuleProfile, now: Timestamp) -> Result<Terms, Faults> {
        let offer = self.read()?;
        freeze(&offer, rules, now)
            .map_err(|fault| Faults::from([(field_of(fault), fault_key(fault))]))
    }

    /// Builds the form's fields.
    pub fn fields(&self, page: &Page, faults: &Faults, rules: &RuleProfile) -> Vec<Field> {
        let fault = |name: &str| faults.get(name).map(|key| page.text(key));
        let choose = (String::new(), page.text("choose"));
        let objects =
            OBJECTS.iter().map(name).map(|key| (key.clone(), page.text_for("object", &key)));
        let leases = LEASES.iter().map(|key| ((*key).to_owned(), page.text_for("lease", key)));
        let range = |key, min, max| page.text_with(key, page.percents(&min, &max));
        let field = |name, key: &str, value: &str| {
            Field::new(name, page.text(key), value).fault(fault(name))
        };
        let object = Kind::Choice(std::iter::once(choose).chain(objects).collect());
        let no_lease = (String::new(), page.text("lease-none"));
        let lease = Kind::Choice(std::iter::once(no_lease).chain(leases).collect());
        vec![
            field("object_of_price", "object", &self.object_of_price).kind(object),
            field("value", "value-som", &self.value).kind(Kind::Number),
            field("step", "step-percent", &self.step)
                .kind(Kind::Number)
                .hint(page.text_with("percent-range", step_ranges(page, rules))),
            field("guarantee", "guarantee-percent", &self.guarantee)
                .kind(Kind::Number)
                .hint(range("percent-range", rules.guarantee_min, rules.guarantee_max)),
            field("start", "start", &self.start)
                .kind(Kind::Moment)
                .hint(start_hint(page, rules.notice_period)),
            field("lease_duration", "lease", &self.lease_duration).kind(lease).optional(),
        ]
    }
}

/// The range of steps, and those of dearer lots.
fn step_ranges(page: &Page, rules: &RuleProfile) -> String {
    let bands = rules.step_bands.iter().flatten().map(|band| {
        let from = page.text_with("from-amount", page.som(&band.from));
        format!("{from}: {}", page.percents(&band.step_min, &band.step_max))
    });
    let all = std::iter::once(page.percents(&rules.step_min, &rules.step_max)).chain(bands);
    all.collect::<Vec<_>>().join("; ")
}

/// A notice of whole days in days; a shorter one, as in a demonstration, as a span.
fn start_hint(page: &Page, notice: TimeSpan) -> String {
    let days = notice.0 / TimeSpan::days(1).0;
    match usize::try_from(days) {
        Ok(days) if days > 0 => page.text_count("start-hint-days", days),
        _ if notice == TimeSpan::ZERO => page.text("start-hint-any"),
        _ => page.text_with("start-hint", page.span(&notice)),
    }
}

fn field_of(fault: OfferFault) -> &'static str {
    match fault {
        OfferFault::ValueZero
        | OfferFault::AmountTooLarge
        | OfferFault::PriceCutTooDeep
        | OfferFault::PriceNotProgrammed => "value",
        OfferFault::StepOutOfRange => "step",
        OfferFault::GuaranteeOutOfRange => "guarantee",
        OfferFault::StartTooSoon | OfferFault::NoTimeForApplications => "start",
        OfferFault::DocumentMissing => "",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn typed() -> Typed {
        Typed {
            object_of_price: "annual_rent".to_owned(),
            value: "5 000 000".to_owned(),
            step: "5".to_owned(),
            guarantee: "10".to_owned(),
            start: "2026-12-12T10:00".to_owned(),
            lease_duration: "P3Y".to_owned(),
            ..Typed::default()
        }
    }

    #[test]
    fn an_offer_that_stands_fills_the_form_with_itself() {
        let offer = typed().read().unwrap();
        assert_eq!(Typed::from_offer(&offer).read().unwrap(), offer);
        assert_eq!(offer.value.get(), 500_000_000);
    }

    #[test]
    fn what_the_source_did_not_say_is_asked_for_by_name() {
        let faults = Typed::from_hint(String::new(), &OfferHint::default()).read().unwrap_err();
        let asked: Vec<_> = faults.keys().copied().collect();
        assert_eq!(asked, ["guarantee", "object_of_price", "start", "step", "value"]);
        let sale = Typed { object_of_price: "sale_price".to_owned(), ..typed() };
        assert_eq!(sale.read().unwrap_err()["lease_duration"], "fault-no-lease");
    }

    #[test]
    fn a_preview_names_the_field_that_breaks_a_rule() {
        let rules = RuleProfile::standard();
        let now = Timestamp::parse("2026-11-01T00:00:00Z").unwrap();
        assert_eq!(typed().freeze(&rules, now).unwrap().guarantee.get(), 50_000_000);
        let late = Timestamp::parse("2026-12-12T10:00:00Z").unwrap();
        assert_eq!(typed().freeze(&rules, late).unwrap_err()["start"], "fault-start-too-soon");
    }
}
