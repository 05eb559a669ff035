//! The evidence of confirmations by certificate or eID under an award and its contract, for those
//! who have to verify them without this server.
//!
//! # Why an auction has one winner's evidence
//! An award passes on only until its bidder has confirmed it; a confirmed one is the auction's last
//! (`toruk_sync::domain::auction::award`). So nobody else can have signed an award or a contract.

use super::result;
use super::service::{Error, Service};
use super::store;
use super::winner::KNOW_WINNERS;
use crate::audit::{Action, Principal};
use crate::db::StoreError;
use crate::identity::{Bidder, EvidenceFile, KeptEvidence, Official};
use sea_orm::ConnectionTrait;
use serde_json::json;
use sha2::{Digest as _, Sha256};
use toruk_sync::domain::auction::{Auction, ProtocolSubject, Rejection};
use toruk_sync::domain::id::AuctionId;
use toruk_sync::signing::{ProtocolFilesPayload, ProtocolPayload, SignedPayload as _};

/// A document of an auction that a certificate or eID may have confirmed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SignedAct {
    /// The protocol that the winner confirms.
    Award,
    /// The protocol of the decision that stands, by the organiser's official.
    Protocol,
    /// The contract, by the winner.
    Contract,
    /// The contract, by the lot holder's official.
    ContractHolder,
}

impl SignedAct {
    /// All of them, in the order in which they are signed.
    pub const ALL: [Self; 4] = [Self::Award, Self::Protocol, Self::Contract, Self::ContractHolder];

    /// The name in containers and in the audit trail.
    pub fn key(self) -> &'static str {
        match self {
            Self::Award => "award",
            Self::Protocol => "protocol",
            Self::Contract => "contract",
            Self::ContractHolder => "contract-holder",
        }
    }

    /// The name under which its evidence is kept.
    pub(super) fn object(self, auction: &Auction) -> String {
        let id = auction.birth.id;
        match (self, auction.protocol_subject()) {
            (Self::Protocol, Some(of)) => format!("protocol:{id}:{}", subject_key(of)),
            _ => format!("{}:{id}", self.key()),
        }
    }
}

impl Service {
    /// The acts that a certificate or eID has confirmed, for officials who may know the winner; none for
    /// others.
    ///
    /// # Errors
    /// [`Error::Store`].
    pub async fn signed_acts(
        &self,
        by: &Official,
        auction: &Auction,
    ) -> Result<Vec<SignedAct>, Error> {
        let (db, mut signed) = (self.context.db.read(), Vec::new());
        if by.any_in(&KNOW_WINNERS, Some(auction.birth.procuring_entity)).is_err() {
            return Ok(signed);
        }
        for act in SignedAct::ALL {
            if self.identity.has_evidence(db, &act.object(auction)).await? {
                signed.push(act);
            }
        }
        Ok(signed)
    }

    /// What was confirmed in a file with all that it takes to verify that. The access is recorded.
    ///
    /// # Errors
    /// [`Error::Forbidden`], also in another organisation; [`StoreError::NotFound`] if neither a
    /// certificate nor eID has confirmed it.
    pub async fn evidence(
        &self,
        by: &Official,
        id: AuctionId,
        act: SignedAct,
    ) -> Result<EvidenceFile, Error> {
        by.any(&KNOW_WINNERS)?;
        let auction = self.catalogue.auction(self.context.db.read(), id).await?;
        let organisation = auction.birth.procuring_entity;
        let actor = Principal::official_in(by, &KNOW_WINNERS, Some(organisation))?;
        self.container(actor, &auction, act).await
    }

    /// As [`Self::evidence`], for the winner: their own signature and the organiser's, who has
    /// theirs too.
    ///
    /// # Errors
    /// [`Error::NotParticipant`]; [`Rejection::NotTheWinner`] for anyone else;
    /// [`StoreError::NotFound`] if neither a certificate nor eID has confirmed it.
    pub async fn evidence_for_winner(
        &self,
        by: &Bidder,
        id: AuctionId,
        act: SignedAct,
    ) -> Result<EvidenceFile, Error> {
        let db = self.context.db.read();
        let auction = self.catalogue.auction(db, id).await?;
        let number = store::number_of(db, id, by.person).await?.ok_or(Error::NotParticipant)?;
        if auction.standing_award().is_none_or(|award| award.bidder != number) {
            return Err(Rejection::NotTheWinner.into());
        }
        self.container(Principal::Bidder(by.person), &auction, act).await
    }

    async fn container(
        &self,
        actor: Principal,
        auction: &Auction,
        act: SignedAct,
    ) -> Result<EvidenceFile, Error> {
        let (db, id) = (self.context.db.read(), auction.birth.id);
        let evidence = self.identity.evidence(db, &act.object(auction)).await?;
        let evidence = evidence.ok_or(StoreError::NotFound)?;
        let content = match act {
            SignedAct::Award => self.signed_award(db, auction, &evidence).await?,
            SignedAct::Protocol => files_payload(auction).ok_or(StoreError::NotFound)?.canonical(),
            SignedAct::Contract | SignedAct::ContractHolder => {
                let known = store::contract(db, id).await?.ok_or(StoreError::NotFound)?;
                known.payload.canonical()
            }
        };
        let file = evidence.file(format!("{}.txt", act.key()), content).await?;
        let txn = self.context.db.begin().await?;
        let detail = json!({ "of": act.key() });
        self.record(&txn, actor, Action::AuctionEvidence, id, detail).await?;
        self.commit(txn, &[]).await?;
        Ok(file)
    }

    /// The protocol that was signed: the last winner's, unless they have not signed yet.
    async fn signed_award(
        &self,
        db: &impl ConnectionTrait,
        auction: &Auction,
        evidence: &KeptEvidence,
    ) -> Result<Vec<u8>, Error> {
        let number = self.catalogue.view(auction.birth.id).await?.number;
        for award in auction.awards.iter().rev() {
            let payload = result::payload(db, auction, &number, award).await?;
            // Earlier versions named no files in what they had signed.
            let bare =
                payload.clone().map(|payload| ProtocolPayload { files: Vec::new(), ..payload });
            for payload in [payload, bare].into_iter().flatten() {
                let content = payload.canonical();
                if hex::encode(Sha256::digest(&content)) == evidence.document_sha256() {
                    return Ok(content);
                }
            }
        }
        Err(StoreError::NotFound.into())
    }
}

/// What the organiser signs under the protocol that stands; `None` before it is made.
pub(super) fn files_payload(auction: &Auction) -> Option<ProtocolFilesPayload> {
    let kept = auction.current_protocol()?;
    let (of, files) = (kept.of, kept.files.clone());
    Some(ProtocolFilesPayload { auction: auction.birth.id, of, files })
}

/// A name for the decision that a protocol is about, in keys of evidence.
fn subject_key(of: ProtocolSubject) -> String {
    match of {
        ProtocolSubject::Award { number } => format!("award-{number}"),
        ProtocolSubject::Failure => "failure".to_owned(),
        ProtocolSubject::Cancellation => "cancellation".to_owned(),
        ProtocolSubject::Suspension { since, resume_at } => {
            let announced = resume_at.map_or(String::new(), |at| format!("-{}", at.0));
            format!("suspension-{}{announced}", since.0)
        }
    }
}
