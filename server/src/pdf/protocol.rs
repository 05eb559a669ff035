//! The protocol of an auction's result: of one with a winner, and of one without.

use super::instalments;
use super::lapse::{Lapse, LossReason, numbered};
use super::layout::Block;
use super::render::{Attached, Sheet};
use super::{PaperError, PaperLanguage, in_figures, in_words, texts};
use serde::Serialize;
use toruk_sync::domain::auction::{Failure, ObjectOfPrice, SuspensionCause, Terms};
use toruk_sync::domain::form::Text;
use toruk_sync::domain::id::{AuctionId, BidderNo};
use toruk_sync::domain::instalments::Instalment;
use toruk_sync::domain::money::Tyiyn;
use toruk_sync::domain::time::Timestamp;
use toruk_sync::signing::{ProtocolPayload, SignedPayload as _, canonical_json};

/// What a protocol says. As JSON it is attached to the paper.
#[derive(Debug, Clone, Serialize)]
pub struct AuctionProtocol {
    /// The auction.
    pub auction: AuctionId,
    /// Its public number.
    pub number: String,
    /// The number of the attempt, from 1.
    pub attempt: u32,
    /// The lot.
    pub lot: ProtocolLot,
    /// The frozen terms.
    pub terms: Terms,
    /// The end of bidding, if it was open.
    pub closed_at: Option<Timestamp>,
    /// The number of participants.
    pub participants: u16,
    /// The number of accepted raises.
    pub raises: u64,
    /// `true` if the lot was offered to the sole applicant, without bidding.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub has_sole_applicant: bool,
    /// The last of them, in their order.
    pub last_raises: Vec<Raise>,
    /// How it ended.
    pub outcome: ProtocolOutcome,
    /// The moment at which that was recorded; of a suspension, its latest announcement.
    pub decided_at: Timestamp,
    /// The winner, if there is one.
    pub winner: Option<ProtocolWinner>,
    /// The parts in which the winner pays; none where the price is paid at once.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub instalments: Vec<Instalment>,
    /// Awards that do not stand, in their order.
    pub lapsed: Vec<Lapse>,
    /// The number of records of the log up to the outcome.
    pub log_records: u64,
    /// The hash of the last of them, in hex.
    pub log_head: String,
    /// The data that the winner signs.
    pub signed: Option<ProtocolPayload>,
    /// The winner's name, in the officials' copy alone.
    #[serde(skip)]
    pub winner_name: Option<String>,
    /// The address of the log.
    #[serde(skip)]
    pub log_address: String,
}

/// A lot as its protocol names it.
#[derive(Debug, Clone, Serialize)]
pub struct ProtocolLot {
    /// The title.
    pub title: Text,
    /// The number in the cadastre.
    pub cadastral_number: Option<String>,
    /// The name of the balance holder.
    pub holder: Text,
    /// The object of the price.
    pub object_of_price: ObjectOfPrice,
}

/// An accepted raise.
#[derive(Debug, Clone, Serialize)]
pub struct Raise {
    /// The receive stamp.
    pub at: Timestamp,
    /// The bidder.
    pub bidder: BidderNo,
    /// The new price.
    pub amount: Tyiyn,
}

/// A winner by number.
#[derive(Debug, Clone, Serialize)]
pub struct ProtocolWinner {
    /// The bidder's number.
    pub bidder: BidderNo,
    /// The price to pay.
    pub price: Tyiyn,
}

/// How an auction ended, or where it stands.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
#[allow(missing_docs)] // Each field is the event's of the same name.
pub enum ProtocolOutcome {
    /// The winner must confirm.
    AwardProposed { confirm_by: Timestamp },
    /// The winner has confirmed.
    AwardConfirmed { contract_by: Timestamp },
    /// The contract is signed.
    ContractSigned { document: String },
    /// It ended without a sale.
    Unsuccessful { reason: Failure },
    /// Two officials cancelled it.
    Cancelled { reason: String, document: String },
    /// Its clock is stopped.
    Suspended { cause: SuspensionCause, since: Timestamp, resume_at: Option<Timestamp> },
}

type Facts = Vec<(String, String)>;

impl AuctionProtocol {
    /// The attached data: canonical JSON.
    pub fn json(&self) -> String {
        canonical_json(self)
    }

    /// The protocol as PDF.
    ///
    /// # Errors
    /// [`PaperError`].
    pub fn write(&self, language: PaperLanguage) -> Result<Vec<u8>, PaperError> {
        let text = |words| language.pick(words).to_owned();
        let mut blocks = vec![Block::Title(text(texts::PROTOCOL))];
        blocks.push(Block::Statement(self.statement(language)));
        if self.winner_name.is_some() {
            blocks.push(Block::Paragraph(text(texts::OFFICIAL_COPY)));
        }
        blocks.push(Block::Heading(text(texts::LOT)));
        blocks.push(Block::Facts(self.lot_facts(language)));
        blocks.push(Block::Heading(text(texts::TERMS)));
        blocks.push(Block::Facts(self.terms_facts(language)));
        blocks.push(Block::Heading(text(texts::COURSE)));
        blocks.push(Block::Facts(self.course_facts(language)));
        blocks.extend(self.raises(language));
        blocks.push(Block::Heading(text(texts::RESULT)));
        blocks.push(Block::Facts(self.result_facts(language)));
        if !self.instalments.is_empty() {
            blocks.push(Block::Heading(text(texts::INSTALMENTS)));
            blocks.push(instalments::table(&self.instalments, language));
        }
        let by_two = |lapse: &Lapse| matches!(lapse.reason, LossReason::Disqualified(_));
        if matches!(self.outcome, ProtocolOutcome::Cancelled { .. })
            || self.lapsed.iter().any(by_two)
        {
            blocks.push(Block::Paragraph(text(texts::DECIDED_BY_TWO)));
        }
        blocks.push(Block::Heading(text(texts::PROOF)));
        blocks.push(Block::Paragraph(text(texts::PROOF_TEXT)));
        blocks.push(Block::Facts(self.proof_facts(language)));
        blocks.push(Block::Paragraph(text(texts::ATTACHED)));
        Sheet {
            language,
            title: format!("{} {}", text(texts::PROTOCOL), self.number),
            foot: format!("{} · {}", self.number, text(texts::BISHKEK)),
            at: self.decided_at,
            blocks,
            attached: Some(Attached {
                name: "protocol.json",
                description: text(texts::ATTACHED_NAME),
                json: self.json().into_bytes(),
            }),
        }
        .write()
    }

    fn statement(&self, language: PaperLanguage) -> String {
        let text = |words| language.pick(words);
        let outcome = match &self.outcome {
            ProtocolOutcome::AwardProposed { .. } => text(texts::AWARD_PROPOSED).to_owned(),
            ProtocolOutcome::AwardConfirmed { .. } => text(texts::AWARD_CONFIRMED).to_owned(),
            ProtocolOutcome::ContractSigned { .. } => text(texts::CONTRACT_SIGNED).to_owned(),
            ProtocolOutcome::Unsuccessful { reason } => {
                format!("{} {}", text(texts::UNSUCCESSFUL), text(self.failure(*reason)))
            }
            ProtocolOutcome::Cancelled { .. } => text(texts::CANCELLED).to_owned(),
            ProtocolOutcome::Suspended { .. } => text(texts::SUSPENDED).to_owned(),
        };
        match self.has_sole_applicant {
            true => format!("{} {outcome}", text(texts::SOLE_APPLICANT)),
            false => outcome,
        }
    }

    fn lot_facts(&self, language: PaperLanguage) -> Facts {
        let text = |words| language.pick(words).to_owned();
        let mut facts = vec![
            (text(texts::NUMBER), self.number.clone()),
            (text(texts::LOT_TITLE), self.lot.title.get(language.tag()).to_owned()),
        ];
        let cadastral = self.lot.cadastral_number.clone();
        facts.extend(cadastral.map(|number| (text(texts::CADASTRAL), number)));
        facts.push((text(texts::HOLDER), self.lot.holder.get(language.tag()).to_owned()));
        if self.attempt > 1 {
            facts.push((text(texts::ATTEMPT), self.attempt.to_string()));
        }
        facts
    }

    fn terms_facts(&self, language: PaperLanguage) -> Facts {
        let text = |words| language.pick(words).to_owned();
        let object = match self.lot.object_of_price {
            ObjectOfPrice::SalePrice => texts::SALE_PRICE,
            ObjectOfPrice::AnnualRent => texts::ANNUAL_RENT,
            ObjectOfPrice::LeaseRight => texts::LEASE_RIGHT,
        };
        vec![
            (text(texts::OBJECT), text(object)),
            (text(texts::START_PRICE), both(self.terms.value, language)),
            (text(texts::STEP), in_figures(self.terms.minimal_step, language)),
            (text(texts::GUARANTEE), in_figures(self.terms.guarantee, language)),
        ]
    }

    fn course_facts(&self, language: PaperLanguage) -> Facts {
        let text = |words| language.pick(words).to_owned();
        let mut facts = vec![(text(texts::TENDER_END), self.terms.tender_end.bishkek())];
        // Nothing opens for a sole applicant.
        if !self.has_sole_applicant {
            facts.push((text(texts::START), self.terms.start.bishkek()));
        }
        facts.extend(self.closed_at.map(|at| (text(texts::CLOSED), at.bishkek())));
        facts.push((text(texts::PARTICIPANTS), self.participants.to_string()));
        facts.push((text(texts::RAISES), self.raises.to_string()));
        facts
    }

    fn raises(&self, language: PaperLanguage) -> Vec<Block> {
        let text = |words| language.pick(words).to_owned();
        let mut blocks = Vec::new();
        let shown = self.last_raises.len() as u64;
        if self.raises > shown {
            let earlier = text(texts::EARLIER_RAISES);
            blocks.push(Block::Paragraph(format!("{earlier}: {}", self.raises - shown)));
        }
        if shown == 0 {
            return blocks;
        }
        let row = |raise: &Raise| {
            vec![raise.at.bishkek(), format!("№\u{a0}{}", raise.bidder), raise.amount.to_string()]
        };
        blocks.push(Block::Table {
            head: [texts::TIME, texts::PARTICIPANT, texts::PRICE].map(text).to_vec(),
            widths: vec![0.34, 0.26, 0.4],
            rows: self.last_raises.iter().map(row).collect(),
        });
        blocks
    }

    fn result_facts(&self, language: PaperLanguage) -> Facts {
        let text = |words| language.pick(words).to_owned();
        let mut facts = Vec::new();
        if let Some(winner) = &self.winner {
            facts.push((text(texts::WINNER), numbered(winner.bidder, language)));
            let name = self.winner_name.clone();
            facts.extend(name.map(|name| (text(texts::WINNER_NAME), name)));
            facts.push((text(texts::FINAL_PRICE), both(winner.price, language)));
        }
        facts.extend(self.lapsed.iter().flat_map(|lapse| lapse.facts(language)));
        facts.push((text(texts::DECIDED_AT), self.decided_at.bishkek()));
        match &self.outcome {
            ProtocolOutcome::AwardProposed { confirm_by } => {
                facts.push((text(texts::CONFIRM_BY), confirm_by.bishkek()));
            }
            ProtocolOutcome::AwardConfirmed { contract_by } => {
                facts.push((text(texts::CONTRACT_BY), contract_by.bishkek()));
            }
            ProtocolOutcome::ContractSigned { document } => {
                facts.push((text(texts::CONTRACT_HASH), document.clone()));
            }
            ProtocolOutcome::Unsuccessful { reason } => {
                facts.push((text(texts::REASON), text(self.failure(*reason))));
            }
            ProtocolOutcome::Cancelled { reason, document } => {
                facts.push((text(texts::REASON), reason.clone()));
                facts.push((text(texts::DECISION_HASH), document.clone()));
            }
            ProtocolOutcome::Suspended { cause, since, resume_at } => {
                let cause = match cause {
                    SuspensionCause::LateStart => texts::LATE_START,
                    SuspensionCause::Outage => texts::OUTAGE,
                    SuspensionCause::TechnicalFault => texts::TECHNICAL_FAULT,
                };
                let resume = resume_at.map(Timestamp::bishkek);
                facts.push((text(texts::REASON), text(cause)));
                facts.push((text(texts::SUSPENDED_SINCE), since.bishkek()));
                let unknown = || text(texts::RESUME_UNKNOWN);
                facts.push((text(texts::RESUME_AT), resume.unwrap_or_else(unknown)));
            }
        }
        facts
    }

    /// The sentence about a failure; of a winner's, what the last one did.
    fn failure(&self, reason: Failure) -> texts::Words {
        match reason {
            Failure::NoApplications => texts::NO_APPLICATIONS,
            Failure::InsufficientParticipants => texts::INSUFFICIENT_PARTICIPANTS,
            Failure::NoFirstOffer => texts::NO_FIRST_OFFER,
            Failure::WinnerDefault => match self.lapsed.last().map(|lapse| &lapse.reason) {
                Some(LossReason::Refused) => texts::WINNER_REFUSED,
                Some(LossReason::Timeout) => texts::WINNER_LATE,
                Some(LossReason::Disqualified(_)) => texts::WINNER_DISQUALIFIED,
                _ => texts::WINNER_DEFAULT,
            },
            Failure::ContractNotConcluded => texts::CONTRACT_NOT_CONCLUDED,
        }
    }

    fn proof_facts(&self, language: PaperLanguage) -> Facts {
        let text = |words| language.pick(words).to_owned();
        let mut facts = vec![
            (text(texts::LOG_ADDRESS), self.log_address.clone()),
            (text(texts::LOG_RECORDS), self.log_records.to_string()),
            (text(texts::LOG_HEAD), self.log_head.clone()),
        ];
        // A protocol that is being made can't name the hash of what names its own.
        let signed = self.signed.as_ref().filter(|signed| !signed.files.is_empty());
        let signed = signed.map(|signed| hex::encode(signed.digest()));
        facts.extend(signed.map(|hash| (text(texts::SIGNED_HASH), hash)));
        facts
    }
}

/// An amount in figures, and in words under them.
fn both(amount: Tyiyn, language: PaperLanguage) -> String {
    format!("{}\n{}", in_figures(amount, language), in_words(amount, language))
}
