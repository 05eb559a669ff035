//! Confirming an application, a win or a contract by the state's eID, through the system's browser.
//!
//! # Why the content is not kept while the browser is open
//! What was confirmed is known by its digest. When the browser comes back the content is made again
//! as it is then; if it is another, nothing is sent: the person confirms what they see.

use super::application::SubmitStatus;
use super::eid::{EidPage, Returned, failed, is_final, of_fault, state_of};
use super::{Core, auction_id};
use crate::driver::http::ApiRequest;
use crate::engine::request_kind::RequestKind;
use crate::error::CoreError;
use serde::{Deserialize, Serialize};
use toruk_sync::domain::id::AuctionId;
use toruk_sync::protocol::eid::{
    EID_APP_PATH, EidAnswer, EidConfirmed, EidStart, StartEidConfirmation, secret_hash,
};
use toruk_sync::protocol::operations::Confirmation;
use toruk_sync::signing::SignedPayload as _;
use uuid::Uuid;

/// The name of the open visit in the secure store.
const VISIT: &str = "eid_confirmation";

/// What is confirmed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, uniffi::Enum)]
#[serde(rename_all = "snake_case")]
pub enum EidAct {
    /// The application as the draft has it.
    Application,
    /// The result that `protocol` returned last.
    Award,
    /// The contract that `contract_file` returned last.
    Contract,
}

/// An act that was confirmed.
#[derive(Debug, Clone, PartialEq, Eq, uniffi::Record)]
pub struct EidConfirmation {
    /// What was confirmed.
    pub act: EidAct,
    /// The auction's id.
    pub auction: String,
    /// For an application: its state on its way to the server, as from `submit`.
    pub submit: Option<SubmitStatus>,
}

/// A visit at eID that confirms an act.
#[derive(Serialize, Deserialize)]
struct ConfirmationVisit {
    act: EidAct,
    auction: AuctionId,
    /// SHA-256 of what is confirmed, hexadecimal.
    digest: String,
    ceremony: Uuid,
    secret: String,
    state: String,
    /// Set once eID has confirmed it.
    #[serde(default)]
    seal: Option<String>,
}

#[uniffi::export(async_runtime = "tokio")]
impl Core {
    /// Begins to confirm an act by eID, in place of an earlier attempt. The person authenticates
    /// there again.
    ///
    /// # Errors
    /// As `submit`, `confirm_award` and `sign_contract` before they ask for the passkey;
    /// `not_found` if the server has no eID; `eid_unavailable`; [`CoreError::Offline`].
    pub async fn start_eid_confirmation(
        &self,
        act: EidAct,
        auction: String,
    ) -> Result<EidPage, CoreError> {
        let auction = auction_id(&auction)?;
        let digest = match act {
            EidAct::Application => {
                self.driver.read(|engine| engine.package(auction, self.driver.now()))?.digest()
            }
            EidAct::Award => self.shown_protocol(auction).await?.digest(),
            EidAct::Contract => self.shown_contract(auction).await?.digest(),
        };
        let (digest, secret) = (hex::encode(digest), self.eid_secret()?);
        let (secret_hash, language) = (secret_hash(&secret), self.language.clone());
        let start = StartEidConfirmation { digest: digest.clone(), secret_hash, language };
        let (kind, path) = (RequestKind::StartEidConfirmation, "/v1/confirmations/eid");
        let EidStart { ceremony, authorization_url, expires_at } =
            self.signed(ApiRequest::json(kind, path, &start)).await?;
        let state = state_of(&authorization_url).ok_or_else(failed)?;
        let visit = ConfirmationVisit { act, auction, digest, ceremony, secret, state, seal: None };
        self.keep_confirmation_visit(Some(&visit))?;
        let return_path = EID_APP_PATH.to_owned();
        Ok(EidPage { url: authorization_url, return_path, expires_at: expires_at.0 })
    }

    /// Goes on with the address by which the browser came back: sends the act with its
    /// confirmation. The app knows by what it has begun whether an address is for this or for
    /// `finish_eid`; the other leaves the visit alone.
    ///
    /// # Errors
    /// `eid_failed` if it is not the answer to what this phone began, or proves somebody else;
    /// `cancelled`; `eid_unavailable`; `draft_changed`, `protocol_changed`, `contract_changed` if
    /// what was confirmed is not what would be sent; `confirmation_expired`: confirm again;
    /// otherwise as `submit`, `confirm_award` and `sign_contract`.
    pub async fn finish_eid_confirmation(
        &self,
        address: String,
    ) -> Result<EidConfirmation, CoreError> {
        let mut visit = self.confirmation_visit()?.ok_or_else(failed)?;
        let returned = Returned::read(&address).ok_or_else(failed)?;
        if returned.state != visit.state {
            return Err(failed());
        }
        if let Some(fault) = returned.fault {
            self.keep_confirmation_visit(None)?;
            return Err(of_fault(&fault));
        }
        let sent = self.send_confirmed(&mut visit, returned).await;
        if sent.as_ref().map_or_else(is_final, |_| true) {
            self.keep_confirmation_visit(None)?;
        }
        sent
    }
}

impl Core {
    async fn send_confirmed(
        &self,
        visit: &mut ConfirmationVisit,
        returned: Returned,
    ) -> Result<EidConfirmation, CoreError> {
        let seal = match &visit.seal {
            Some(seal) => seal.clone(),
            None => self.seal(visit, returned).await?,
        };
        let (act, auction) = (visit.act, visit.auction);
        let confirmation = Confirmation::Eid { seal };
        let is_same = |digest: [u8; 32]| hex::encode(digest) == visit.digest;
        let changed = |code: &str| Err(CoreError::refused(code));
        let submit = match act {
            EidAct::Application => {
                let package = self.driver.read(|e| e.package(auction, self.driver.now()))?;
                if !is_same(package.digest()) {
                    return changed("draft_changed");
                }
                Some(self.queue(auction, package, confirmation).await?)
            }
            EidAct::Award => {
                if !is_same(self.fetch_protocol(auction).await?.protocol.digest()) {
                    return changed("protocol_changed");
                }
                self.send_award(auction, confirmation).await?;
                None
            }
            EidAct::Contract => {
                if !is_same(self.fetch_contract(auction).await?.contract.digest()) {
                    return changed("contract_changed");
                }
                self.send_contract(auction, confirmation).await?;
                None
            }
        };
        Ok(EidConfirmation { act, auction: auction.to_string(), submit })
    }

    /// Redeems the answer; what it gave is kept, as the answer counts once.
    async fn seal(
        &self,
        visit: &mut ConfirmationVisit,
        returned: Returned,
    ) -> Result<String, CoreError> {
        let answer = EidAnswer {
            ceremony: visit.ceremony,
            state: returned.state,
            code: returned.code.ok_or_else(failed)?,
            iss: returned.iss,
            secret: visit.secret.clone(),
        };
        let (kind, path) = (RequestKind::FinishEidConfirmation, "/v1/confirmations/eid/finish");
        let EidConfirmed { seal, .. } = self.signed(ApiRequest::json(kind, path, &answer)).await?;
        visit.seal = Some(seal.clone());
        self.keep_confirmation_visit(Some(visit))?;
        Ok(seal)
    }

    fn confirmation_visit(&self) -> Result<Option<ConfirmationVisit>, CoreError> {
        let name = self.driver.scope().secret(VISIT);
        let kept = self.driver.platform.secure_store.get(name)?;
        Ok(kept.and_then(|kept| serde_json::from_slice(&kept).ok()))
    }

    fn keep_confirmation_visit(&self, visit: Option<&ConfirmationVisit>) -> Result<(), CoreError> {
        let kept = visit.map(serde_json::to_vec).transpose().map_err(CoreError::internal)?;
        let name = self.driver.scope().secret(VISIT);
        Ok(self.driver.platform.secure_store.set(name, kept.unwrap_or_default())?)
    }
}
