//! The log of a seeded auction, made by the rules.

use super::*;

/// A log on its way from a draft to an open auction.
pub(super) struct Log {
    pub auction: Auction,
    pub records: Vec<(Record, Hash)>,
    pub created_at: Timestamp,
}

impl Log {
    pub fn new(birth: Birth, at: Timestamp) -> Self {
        let (auction, events) = create(birth);
        let mut log = Self { auction, records: Vec::new(), created_at: at };
        log.append(events, at);
        log
    }

    /// Everything up to `now`, each thing at its time.
    pub fn play(
        &mut self,
        plan: &SeedPlan,
        author: PersonId,
        roster: Vec<Commitment>,
        now: Timestamp,
    ) -> anyhow::Result<()> {
        let moderator = PersonId(random_uuid()?);
        self.command(&Command::Submit { by: author }, self.created_at)?;
        self.command(
            &Command::Publish { by: moderator, documents: 1, lot: None },
            self.created_at,
        )?;
        let tick = Command::Tick { roster };
        while let Some(wake_at) = self.auction.wake_at().filter(|wake_at| *wake_at <= now) {
            self.command(&tick, wake_at)?;
        }
        let terms = self.auction.terms.as_ref().context("no terms")?;
        let expected = match () {
            () if plan.start <= now => Status::Bidding,
            () if terms.tender_end > now => Status::Tendering,
            () => Status::Waiting,
        };
        let found = self.auction.status;
        anyhow::ensure!(found == expected, "a seeded auction is {found:?}");
        Ok(())
    }

    pub fn refuse_at(&mut self, received_at: Timestamp) -> anyhow::Result<()> {
        let (bid, bidder) = (bid_id(received_at)?, BidderNo(1));
        let reason = BidRejection::StaleBasis;
        let basis = self.auction.round.context("not open")?.basis();
        let (epoch, amount) = (self.auction.epoch, basis.price);
        // As if somebody had seen a round that there is not yet.
        let basis = Basis { round: basis.round + 1, ..basis };
        let event = Event::BidRefused { bid, bidder, amount, basis, epoch, reason, received_at };
        self.auction = evolve(self.auction.clone(), &event);
        self.append(vec![event], received_at);
        Ok(())
    }

    pub fn command(&mut self, command: &Command, at: Timestamp) -> anyhow::Result<()> {
        let (auction, events) = apply(&self.auction, command, at)?;
        self.append(events, at);
        self.auction = auction;
        Ok(())
    }

    pub fn append(&mut self, events: Vec<Event>, at: Timestamp) {
        for event in events {
            let seq = self.records.len() as u64 + 1;
            let previous = self.records.last().map_or(GENESIS, |(_, head)| *head);
            let record = Record { auction: self.auction.birth.id, seq, at, event };
            let head = link(&previous, &record);
            self.records.push((record, head));
        }
    }

    pub async fn insert(&self, db: &impl ConnectionTrait) -> anyhow::Result<()> {
        let (auction, birth) = (&self.auction, &self.auction.birth);
        let (last, head) = self.records.last().context("an empty log")?;
        let row = auction::ActiveModel {
            id: Set(birth.id.0),
            number: Set(format!("SEED-{}", birth.id.0.simple())),
            lot: Set(birth.lot.0),
            status: Set(canonical_json(&auction.status).trim_matches('"').to_owned()),
            published: Set(auction.is_public()),
            state: Set(canonical_json(auction)),
            seq: Set(i64::try_from(last.seq)?),
            head: Set(head.to_vec()),
            wake_at: Set(auction.wake_at().map(|at| at.0)),
            start: Set(birth.offer.start.0),
            previous: Set(None),
            lot_holder: Set(Some(birth.lot_holder.0)),
            procuring_entity: Set(Some(birth.procuring_entity.0)),
            created_at: Set(self.created_at.0),
            updated_at: Set(last.at.0),
        };
        row.insert(db).await?;
        let rows = self.records.iter().map(|(record, head)| auction_event::ActiveModel {
            auction: Set(record.auction.0),
            seq: Set(record.seq.cast_signed()),
            at: Set(record.at.0),
            event: Set(canonical_json(&record.event)),
            hash: Set(head.to_vec()),
        });
        auction_event::Entity::insert_many(rows).exec_without_returning(db).await?;
        Ok(())
    }
}
