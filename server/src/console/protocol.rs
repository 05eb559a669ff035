//! Official protocols on an auction's page; the organiser signs them in `protocol_acts`.

use super::contract::CertificateOffer;
use super::layout::{Page, StaffPage};
use super::words;
use crate::AppState;
use crate::identity::Role;
use toruk_sync::domain::auction::{Auction, Event, KeptProtocol};
use toruk_sync::domain::rules::ConfirmationMethod;
use toruk_sync::receipt::Record;
use toruk_sync::signing::{ProtocolFilesPayload, SignedPayload as _};

/// The protocols of an auction in words.
#[derive(Debug, Clone, Default)]
#[allow(missing_docs)] // Named as what they are.
pub struct ShownProtocols {
    /// The one of the decision that stands first, then earlier ones, the latest first.
    pub kept: Vec<ShownProtocol>,
    /// Set if this official may sign the first of them now.
    pub signs: bool,
    /// Set if they may sign by certificate, too.
    pub certificate: Option<CertificateOffer>,
}

/// A protocol in words.
#[derive(Debug, Clone)]
#[allow(missing_docs)] // Named as what they are.
pub struct ShownProtocol {
    pub subject: String,
    /// The moment at which it was made, if the page has that record of the log.
    pub made: Option<String>,
    pub files: Vec<ShownProtocolFile>,
    /// Set if the organiser has signed; the moment as above.
    pub is_signed: bool,
    pub signed: Option<String>,
    /// Set if it is of the decision that stands.
    pub stands: bool,
}

/// A file of a protocol in words.
#[derive(Debug, Clone)]
#[allow(missing_docs)] // Named as what they are.
pub struct ShownProtocolFile {
    pub language: String,
    pub address: String,
    pub size: String,
    pub sha256: String,
}

/// The protocols of an auction as its page shows them; `log` has the records that the page shows.
pub fn load(
    state: &AppState,
    desk: &StaffPage,
    auction: &Auction,
    log: &[Record],
) -> ShownProtocols {
    let organisation = Some(auction.birth.procuring_entity);
    let is_organiser = desk.official.any_in(&[Role::Organiser], organisation).is_ok();
    let mut shown = compose(&desk.page, auction, log, is_organiser);
    let accepted = &auction.birth.rules.award_confirmation;
    let by_certificate = shown.signs
        && accepted.contains(&ConfirmationMethod::Eds)
        && state.identity.accepts_certificates();
    let current = auction.current_protocol().filter(|_| by_certificate);
    shown.certificate = current.map(|kept| {
        let (of, files) = (kept.of, kept.files.clone());
        let payload = ProtocolFilesPayload { auction: auction.birth.id, of, files };
        CertificateOffer {
            act: "protocol",
            text_sha256: hex::encode(payload.digest()),
            local_signer: state.context.config.local_signer.clone(),
        }
    });
    shown
}

/// Describes the protocols of an auction in words.
pub fn compose(
    page: &Page,
    auction: &Auction,
    log: &[Record],
    is_organiser: bool,
) -> ShownProtocols {
    let current = auction.protocol_subject();
    let mut kept: Vec<_> = auction.protocols.iter().rev().collect();
    kept.sort_by_key(|kept| Some(kept.of) != current);
    let of_current = kept.first().filter(|kept| Some(kept.of) == current);
    ShownProtocols {
        signs: is_organiser && of_current.is_some_and(|kept| kept.signed.is_none()),
        certificate: None,
        kept: kept.iter().map(|kept| shown(page, auction, kept, log)).collect(),
    }
}

fn shown(page: &Page, auction: &Auction, kept: &KeptProtocol, log: &[Record]) -> ShownProtocol {
    let moment = |is_it: &dyn Fn(&Event) -> bool| {
        log.iter().find(|record| is_it(&record.event)).map(|record| page.at(&record.at))
    };
    let id = auction.birth.id;
    ShownProtocol {
        subject: words::protocol_subject(page, kept.of),
        made: moment(&|event| matches!(event, Event::ProtocolKept { of, .. } if *of == kept.of)),
        files: kept
            .files
            .iter()
            .map(|file| ShownProtocolFile {
                language: page.text_for("paper-language", &file.language),
                address: format!("/v1/auctions/{id}/protocols/{}", file.sha256),
                size: page.file_size(&file.size_bytes),
                sha256: file.sha256.clone(),
            })
            .collect(),
        is_signed: kept.signed.is_some(),
        signed: moment(
            &|event| matches!(event, Event::ProtocolSigned { of, .. } if *of == kept.of),
        ),
        stands: Some(kept.of) == auction.protocol_subject(),
    }
}
