//! The part of the organiser, the moderator and the cashier in the day.

use crate::world::lots::{SampleLot, real_lots, synthetic_lots};
use crate::world::{Staff, World, until};
use anyhow::{Context as _, ensure};
use sha2::{Digest as _, Sha256};
use toruk_server::auction::{Correction, OfficialAction};
use toruk_server::catalogue::import::ImportedLot;
use toruk_server::identity::Role;
use toruk_sync::domain::application::Status as ApplicationStatus;
use toruk_sync::domain::auction::Offer;
use toruk_sync::domain::form::Text;
use toruk_sync::domain::id::{AuctionId, LotId};
use toruk_sync::domain::money::{BasisPoints, Tyiyn};
use toruk_sync::domain::time::Timestamp;

/// Made-up lots in the catalogue.
const SYNTHETIC_LOTS: usize = 12;
/// The first of the made-up lots are extremes of price and title; the day's auctions are of two
/// ordinary ones after them.
const EXTREME_LOTS: usize = 5;

/// Three people with three roles.
pub struct Officials {
    /// The organiser, who writes auctions.
    pub organiser: Staff,
    /// Publishes them and admits applicants.
    pub moderator: Staff,
    /// The cashier, who sees the money.
    pub cashier: Staff,
}

impl Officials {
    /// Makes the three by one-time links and passkeys.
    ///
    /// # Errors
    /// When a step is refused.
    pub async fn enrol(world: &World) -> anyhow::Result<Self> {
        Ok(Self {
            organiser: world.official(Role::Organiser, "Нургүл Асанова").await?,
            moderator: world.official(Role::Moderator, "Эркин Байматов").await?,
            cashier: world.official(Role::Finance, "Гүлнара Садыкова").await?,
        })
    }

    /// Imports the real lots, which lack facts and say so, and made-up ones; gives two ordinary
    /// lots documents and returns them.
    ///
    /// # Errors
    /// When the import is refused, or a fact that was not published has been invented.
    pub async fn import_lots(&self, world: &World, seed: u64) -> anyhow::Result<[LotId; 2]> {
        let catalogue = &world.state().catalogue;
        let organiser = &self.organiser.official;
        let real = real_lots()?.iter().map(imported).collect();
        for id in catalogue.import(organiser, real).await? {
            let row = catalogue.lot(organiser, id).await?;
            ensure!(!row.missing.is_empty(), "a real lot with unknown facts asks for nothing");
        }
        let made_up = synthetic_lots(seed).take(SYNTHETIC_LOTS);
        let ids = catalogue.import(organiser, made_up.map(|lot| imported(&lot)).collect()).await?;
        let chosen = [ids[EXTREME_LOTS], ids[EXTREME_LOTS + 1]];
        for lot in chosen {
            catalogue.add_document(organiser, lot, "Техникалык паспорт", &paper(lot)).await?;
        }
        Ok(chosen)
    }

    /// Imports one more ordinary lot, the `position`th after the first, with its document.
    ///
    /// # Errors
    /// When the import is refused.
    pub async fn import_lot(
        &self,
        world: &World,
        seed: u64,
        position: usize,
    ) -> anyhow::Result<LotId> {
        let catalogue = &world.state().catalogue;
        let organiser = &self.organiser.official;
        let made_up = synthetic_lots(seed).nth(SYNTHETIC_LOTS + position);
        let made_up = made_up.context("made-up lots have no end")?;
        let ids = catalogue.import(organiser, vec![imported(&made_up)]).await?;
        let lot = *ids.first().context("imported nothing")?;
        catalogue.add_document(organiser, lot, "Техникалык паспорт", &paper(lot)).await?;
        Ok(lot)
    }

    /// Writes an auction of a lot, submits it, and has the second person publish it.
    ///
    /// # Errors
    /// When a step is refused, or one person could do it alone.
    pub async fn publish(
        &self,
        world: &World,
        lot: LotId,
        start: Timestamp,
    ) -> anyhow::Result<AuctionId> {
        let auctions = &world.state().auctions;
        let (organiser, moderator) = (&self.organiser.official, &self.moderator.official);
        let offer = self.offer(world, lot, start).await?;
        let id = auctions.create(organiser, lot, offer).await?;
        auctions.act(organiser, id, OfficialAction::Submit).await?;
        let alone = auctions.act(organiser, id, OfficialAction::Publish).await;
        ensure!(alone.is_err(), "an organiser published their own auction");
        auctions.act(moderator, id, OfficialAction::Publish).await?;
        Ok(id)
    }

    /// Makes the start price lower and renames the lot, while terms can be corrected. Returns the
    /// price before and after, tyiyn.
    ///
    /// # Errors
    /// When a step is refused.
    pub async fn correct(&self, world: &World, auction: AuctionId) -> anyhow::Result<(i64, i64)> {
        let auctions = &world.state().auctions;
        let view = world.state().catalogue.view(auction).await?;
        let was = view.auction.birth.offer.clone();
        let now = Tyiyn::new(was.value.get() / 2 / 100 * 100)?;
        let correction = Correction {
            offer: Some(Offer { value: now, ..was.clone() }),
            title: Text { ru: Some("Склад".to_owned()), ..view.lot.title.clone() },
            description: view.lot.description.clone(),
            ..Correction::default()
        };
        auctions.propose_correction(&self.organiser.official, auction, correction).await?;
        let moderator = &self.moderator.official;
        let waiting = auctions.proposals(moderator, &view.auction).await?;
        let proposal = waiting.first().context("no proposal")?;
        auctions.approve(moderator, auction, proposal.id).await?;
        Ok((was.value.get(), now.get()))
    }

    /// Admits `count` applications as they come in.
    ///
    /// # Errors
    /// When they do not come, or one is refused.
    pub async fn admit_all(&self, world: &World, count: usize) -> anyhow::Result<()> {
        let applications = &world.state().applications;
        let moderator = &self.moderator.official;
        let queue = until("applications in the moderator's queue", || async {
            let queue = applications.queue(moderator, None).await?;
            Ok((queue.len() >= count).then_some(queue))
        });
        for row in queue.await? {
            if row.application.status == ApplicationStatus::Signed {
                applications.admit(moderator, row.application.id).await?;
            }
        }
        Ok(())
    }

    /// Records the signed contract.
    ///
    /// # Errors
    /// When it is refused.
    pub async fn sign_contract(&self, world: &World, auction: AuctionId) -> anyhow::Result<()> {
        let document = hex::encode(Sha256::digest(b"the contract as both have signed it"));
        let act = OfficialAction::SignContract { document };
        Ok(world.state().auctions.act(&self.organiser.official, auction, act).await?)
    }

    /// Creates a failed auction again.
    ///
    /// # Errors
    /// When it is refused, or allowed twice.
    pub async fn relaunch(
        &self,
        world: &World,
        failed: AuctionId,
        start: Timestamp,
    ) -> anyhow::Result<AuctionId> {
        let auctions = &world.state().auctions;
        let organiser = &self.organiser.official;
        let birth = world.state().catalogue.view(failed).await?.auction.birth;
        let offer = Offer { start, ..birth.offer };
        let successor = auctions.relaunch(organiser, failed, offer.clone(), "").await?;
        let twice = auctions.relaunch(organiser, failed, offer, "").await;
        ensure!(twice.is_err(), "an auction has two successors");
        Ok(successor)
    }

    /// Publishes the successor of a failed auction.
    ///
    /// # Errors
    /// When a step is refused.
    pub async fn publish_again(&self, world: &World, successor: AuctionId) -> anyhow::Result<()> {
        let auctions = &world.state().auctions;
        auctions.act(&self.organiser.official, successor, OfficialAction::Submit).await?;
        Ok(auctions.act(&self.moderator.official, successor, OfficialAction::Publish).await?)
    }

    /// The cashier takes in what the bank states after its first transfers, if there is more. Returns
    /// the number of lines.
    ///
    /// # Errors
    /// When it is refused.
    pub async fn import_statement(&self, world: &World, from: usize) -> anyhow::Result<usize> {
        let Some(statement) = world.bank.statement(from) else { return Ok(0) };
        let (deposits, cashier) = (&world.state().deposits, &self.cashier.official);
        let sent = deposits.preview_import(cashier, "camt.053.xml", statement.as_bytes()).await?;
        deposits.confirm_import(cashier, sent).await?;
        Ok(deposits.import_preview(cashier, sent).await?.import.lines.len())
    }

    /// Admits every applicant who waits. Returns their number.
    ///
    /// # Errors
    /// When the queue can't be read or an admission is refused.
    pub async fn admit_waiting(&self, world: &World) -> anyhow::Result<usize> {
        let applications = &world.state().applications;
        let moderator = &self.moderator.official;
        let mut admitted = 0;
        for row in applications.queue(moderator, None).await? {
            if row.application.status == ApplicationStatus::Signed {
                applications.admit(moderator, row.application.id).await?;
                admitted += 1;
            }
        }
        Ok(admitted)
    }

    /// The offer a lot's source suggests.
    ///
    /// # Errors
    /// When a fact is not known.
    pub async fn offer(
        &self,
        world: &World,
        lot: LotId,
        start: Timestamp,
    ) -> anyhow::Result<Offer> {
        let row = world.state().catalogue.lot(&self.organiser.official, lot).await?;
        Ok(Offer {
            object_of_price: row.hint.object_of_price.context("what the price buys")?,
            value: row.hint.value_tyiyn.context("a start price")?,
            step: BasisPoints(row.hint.step_bp.context("a step")?),
            guarantee: BasisPoints(row.hint.guarantee_bp.context("a guarantee")?),
            start,
            lease_duration: None,
        })
    }
}

/// A sample as the importer takes it.
pub fn imported(lot: &SampleLot) -> ImportedLot {
    let address = lot.address.iter().map(|(part, text)| (part.clone(), Some(text.clone())));
    ImportedLot {
        title: lot.title.clone(),
        kind: lot.kind,
        description: lot.purpose.clone(),
        area: lot.area.clone(),
        address: address.collect(),
        cadastral_number: lot.cadastral_number.clone(),
        lot_holder: lot.lot_holder.is_complete().then(|| lot.lot_holder.clone()),
        object_of_price: Some(lot.object_of_price),
        value_tyiyn: lot.value,
        guarantee_bp: lot.guarantee.map(|share| share.0),
        step_bp: lot.step.map(|share| share.0),
        result_tyiyn_max: None,
        year: lot.year,
        sources: lot.sources.clone(),
        synthetic: lot.synthetic,
    }
}

/// A small document, different for each lot.
pub fn paper(lot: impl std::fmt::Display) -> Vec<u8> {
    format!("%PDF-1.4\n% {lot}\ntrailer << >>\n%%EOF\n").into_bytes()
}
