//! Rejections in words that an official reads.
//!
//! A handler returns a [`Refusal`]; `layout::error_pages` turns it into a page in the visitor's
//! language, or into JSON for this site's scripts. Forms catch it before and show it beside the
//! typed values.

use super::fault_words::{import_words, signature_words};
use crate::catalogue::import::ImportFault;
use crate::db::StoreError;
use crate::identity::{Official, Role};
use crate::web::problem::Problem;
use crate::{application, auction, catalogue, console::language::Language, deposit, identity};
use axum::extract::multipart::MultipartError;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use std::error::Error;
use toruk_sync::domain::application::Rejection as ApplicationRejection;
use toruk_sync::domain::auction::{OfferFault, Rejection};
use toruk_sync::domain::deposit::Rejection as DepositRejection;
use toruk_sync::domain::file::picture::PictureFault;
use toruk_sync::protocol::signature::SignatureFault;

/// A rejection that becomes a page.
#[derive(Debug, Clone)]
pub struct Refusal {
    /// Status of the response.
    pub status: StatusCode,
    /// Key of the text.
    pub key: &'static str,
    /// The text's one variable, `detail`, if it has one.
    pub detail: String,
    /// The fault of an import, which is put into `detail` in the reader's language.
    import: Option<ImportFault>,
    /// The fault of a signature by certificate, likewise.
    signature: Option<SignatureFault>,
}

impl Refusal {
    /// A rejection with this text.
    pub fn new(status: StatusCode, key: &'static str) -> Self {
        Self { status, key, detail: String::new(), import: None, signature: None }
    }

    /// An invalid value in a form.
    pub fn unprocessable(key: &'static str) -> Self {
        Self::new(StatusCode::UNPROCESSABLE_ENTITY, key)
    }

    /// The object does not exist.
    pub fn not_found() -> Self {
        Self::new(StatusCode::NOT_FOUND, "refused-not-found")
    }

    /// None of the official's roles allows this.
    pub fn forbidden() -> Self {
        Self::new(StatusCode::FORBIDDEN, "refused-forbidden")
    }

    /// The visitor is not signed in.
    pub fn signed_out() -> Self {
        Self::new(StatusCode::UNAUTHORIZED, "refused-signed-out")
    }

    /// The form does not come from this site.
    pub fn foreign_form() -> Self {
        Self::new(StatusCode::FORBIDDEN, "refused-foreign-form")
    }

    /// The visitor's address or session asks too much.
    pub fn too_many_requests() -> Self {
        Self::new(StatusCode::TOO_MANY_REQUESTS, "refused-too-many-requests")
    }

    /// A defect; its source is logged.
    pub fn internal(source: &dyn Error) -> Self {
        let _ = Problem::internal(source);
        Self::new(StatusCode::INTERNAL_SERVER_ERROR, "refused-internal")
    }

    /// The rejection for a bare status that no handler described.
    pub fn of_status(status: StatusCode) -> Self {
        let key = match status {
            StatusCode::NOT_FOUND | StatusCode::METHOD_NOT_ALLOWED => "refused-not-found",
            StatusCode::PAYLOAD_TOO_LARGE => "refused-too-large",
            _ if status.is_server_error() => "refused-internal",
            _ => "refused-malformed",
        };
        Self::new(status, key)
    }

    /// Adds the variable of the text.
    #[must_use]
    pub fn with(mut self, detail: impl ToString) -> Self {
        self.detail = detail.to_string();
        self
    }

    /// A rejected import.
    pub fn import(fault: ImportFault) -> Self {
        Self { import: Some(fault), ..Self::unprocessable("refused-import") }
    }

    /// A rejected signature by certificate.
    pub fn signature(fault: SignatureFault) -> Self {
        let status = match fault {
            SignatureFault::RevocationUnknown => StatusCode::CONFLICT,
            _ => StatusCode::UNPROCESSABLE_ENTITY,
        };
        Self { signature: Some(fault), ..Self::new(status, "refused-certificate") }
    }

    /// The sentence in this language.
    pub fn words(&self, language: Language) -> String {
        let import = self.import.as_ref().map(|fault| import_words(fault, language));
        let signature = self.signature.map(|fault| signature_words(fault, language));
        let detail = import.as_ref().or(signature.as_ref()).unwrap_or(&self.detail);
        language.text_with(self.key, &[("detail", detail.as_str().into())])
    }

    /// The sentence for `official`: an official is not referred to their own role for help.
    pub fn words_for(&self, language: Language, official: Option<&Official>) -> String {
        let is_sysadmin = official.is_some_and(|official| official.any(&[Role::Sysadmin]).is_ok());
        match self.key {
            "refused-forbidden" if is_sysadmin => language.text("refused-forbidden-sysadmin"),
            _ => self.words(language),
        }
    }

    /// Returns `true` if a correction in the form can resolve it.
    pub fn belongs_in_form(&self) -> bool {
        matches!(
            self.status,
            StatusCode::CONFLICT | StatusCode::UNPROCESSABLE_ENTITY | StatusCode::PAYLOAD_TOO_LARGE
        )
    }
}

impl IntoResponse for Refusal {
    fn into_response(self) -> Response {
        let mut response = self.status.into_response();
        response.extensions_mut().insert(self);
        response
    }
}

impl From<MultipartError> for Refusal {
    /// A form with files that is too large, or malformed.
    fn from(error: MultipartError) -> Self {
        Self::of_status(match error.status() {
            StatusCode::PAYLOAD_TOO_LARGE => StatusCode::PAYLOAD_TOO_LARGE,
            _ => StatusCode::BAD_REQUEST,
        })
    }
}

impl From<StoreError> for Refusal {
    fn from(error: StoreError) -> Self {
        match error {
            StoreError::NotFound => Self::not_found(),
            StoreError::Conflict => Self::new(StatusCode::CONFLICT, "refused-conflict"),
            StoreError::Unknown(_) => {
                let _ = Self::internal(&error);
                Self::new(StatusCode::SERVICE_UNAVAILABLE, "refused-unknown-outcome")
            }
            StoreError::Busy(_) | StoreError::Behind { .. } => {
                let _ = Self::internal(&error);
                Self::new(StatusCode::SERVICE_UNAVAILABLE, "refused-busy")
            }
            StoreError::Damaged { .. } | StoreError::Database(_) => Self::internal(&error),
        }
    }
}

impl From<identity::Forbidden> for Refusal {
    fn from(_: identity::Forbidden) -> Self {
        Self::forbidden()
    }
}

impl From<identity::Error> for Refusal {
    fn from(error: identity::Error) -> Self {
        match error {
            identity::Error::SignedOut | identity::Error::DeviceRevoked => Self::signed_out(),
            identity::Error::CeremonyFailed => {
                Self::new(StatusCode::UNAUTHORIZED, "refused-ceremony")
            }
            identity::Error::Eid(_) => Self::new(StatusCode::UNAUTHORIZED, "refused-eid"),
            identity::Error::EidUnavailable => {
                Self::new(StatusCode::SERVICE_UNAVAILABLE, "refused-eid-unavailable")
            }
            identity::Error::InvitationInvalid => Self::new(StatusCode::GONE, "refused-invitation"),
            identity::Error::CodeInvalid => Self::new(StatusCode::GONE, "refused-code"),
            identity::Error::TooManyPasskeys => {
                Self::new(StatusCode::CONFLICT, "refused-too-many-passkeys")
            }
            identity::Error::LastPasskey => Self::new(StatusCode::CONFLICT, "refused-last-passkey"),
            identity::Error::Forbidden => Self::forbidden(),
            identity::Error::Conflict { conflict, .. } => conflict.into(),
            identity::Error::Identity(fault) => fault.into(),
            identity::Error::LastAdministrator => {
                Self::new(StatusCode::CONFLICT, "refused-last-administrator")
            }
            identity::Error::Busy => Self::new(StatusCode::SERVICE_UNAVAILABLE, "refused-busy"),
            identity::Error::Store(error) => error.into(),
            identity::Error::Malformed("name") => Self::unprocessable("refused-name"),
            identity::Error::Malformed("organisation") => {
                Self::unprocessable("refused-organisation")
            }
            identity::Error::Malformed("identifier") => Self::unprocessable("refused-identifier"),
            identity::Error::Malformed("document") => Self::unprocessable("refused-text"),
            identity::Error::Malformed("valid_until") => Self::unprocessable("refused-powers-end"),
            identity::Error::Malformed(_)
            | identity::Error::DeviceTaken
            | identity::Error::DeviceKeyTaken
            | identity::Error::ProofMissing
            | identity::Error::ProofWrong
            | identity::Error::ConfirmationWrong
            | identity::Error::ConfirmationExpired
            | identity::Error::TooManyDevices => Self::unprocessable("refused-malformed"),
            identity::Error::Signature(refusal) => Self::signature(refusal.fault),
        }
    }
}

impl From<identity::Conflict> for Refusal {
    fn from(conflict: identity::Conflict) -> Self {
        use identity::Conflict as Found;
        let key = match conflict {
            Found::OfficialAccount => "conflict-official-account",
            Found::BidderAccount => "conflict-bidder-account",
            Found::SamePerson => "conflict-same-person",
            Found::SameName => "conflict-same-name",
            Found::SameOrganisation => "conflict-same-organisation",
            Found::SamePin => "conflict-same-pin",
            Found::OneHuman => "conflict-one-human",
        };
        Self::new(StatusCode::CONFLICT, key)
    }
}

impl From<identity::IdentityFault> for Refusal {
    fn from(fault: identity::IdentityFault) -> Self {
        use identity::IdentityFault as Fault;
        let key = match fault {
            Fault::Taken => "identity-taken",
            Fault::PinTaken => "identity-pin-taken",
            Fault::PinDiffers => "identity-pin-differs",
            Fault::Revoked => "identity-revoked",
            Fault::NoAccount => "identity-no-account",
            Fault::Forgotten => "identity-forgotten",
        };
        Self::new(StatusCode::CONFLICT, key)
    }
}

impl From<catalogue::Error> for Refusal {
    fn from(error: catalogue::Error) -> Self {
        match error {
            catalogue::Error::Forbidden => Self::forbidden(),
            catalogue::Error::Busy => Self::new(StatusCode::SERVICE_UNAVAILABLE, "refused-busy"),
            catalogue::Error::Frozen => Self::new(StatusCode::CONFLICT, "refused-lot-frozen"),
            catalogue::Error::TooManyDocuments => Self::unprocessable("document-too-many"),
            catalogue::Error::Import(fault) => Self::import(fault),
            catalogue::Error::Picture(PictureFault::TooManyPixels { .. }) => {
                Self::unprocessable("document-too-many-pixels")
            }
            catalogue::Error::Document(_) | catalogue::Error::Picture(_) => {
                Self::unprocessable("document-damaged")
            }
            catalogue::Error::Text(_) => Self::unprocessable("refused-text"),
            catalogue::Error::Malformed(_) | catalogue::Error::Query(_) => {
                Self::unprocessable("refused-malformed")
            }
            catalogue::Error::Disk(error) => Self::internal(&error),
            catalogue::Error::Store(error) => error.into(),
        }
    }
}

impl From<auction::Error> for Refusal {
    fn from(error: auction::Error) -> Self {
        match error {
            auction::Error::Forbidden => Self::forbidden(),
            auction::Error::Rejected(rejection) => rejection.into(),
            auction::Error::Conflict(conflict) => conflict.into(),
            auction::Error::HolderUnknown => Self::unprocessable("refused-holder-unknown"),
            auction::Error::NothingToCorrect => Self::unprocessable("refused-nothing-corrected"),
            auction::Error::Catalogue(catalogue::Error::Malformed(_)) => {
                Self::unprocessable("refused-correction-malformed")
            }
            auction::Error::Catalogue(error) => error.into(),
            auction::Error::HolderChanged => {
                Self::new(StatusCode::CONFLICT, "refused-holder-changed")
            }
            auction::Error::LotInUse => Self::new(StatusCode::CONFLICT, "refused-lot-in-use"),
            auction::Error::BadSignature => Self::unprocessable("refused-ceremony"),
            auction::Error::Signature(refusal) => Self::signature(refusal.fault),
            auction::Error::MethodNotAccepted => Self::unprocessable("refused-method"),
            auction::Error::Identity(error) => error.into(),
            auction::Error::Store(error) => error.into(),
            error => Self::internal(&error),
        }
    }
}

impl From<Rejection> for Refusal {
    fn from(rejection: Rejection) -> Self {
        let conflict = |key| Self::new(StatusCode::CONFLICT, key);
        match rejection {
            Rejection::SecondPersonNeeded => conflict("refused-second-person"),
            Rejection::ResumeTooSoon => conflict("refused-resume-too-soon"),
            Rejection::TooLate => conflict("refused-too-late"),
            Rejection::AlreadyRelaunched => conflict("refused-relaunched"),
            Rejection::ReasonNeeded => Self::unprocessable("refused-reason"),
            Rejection::Offer(fault) => Self::unprocessable(fault_key(fault)),
            _ => conflict("refused-wrong-state"),
        }
    }
}

/// Key of the text for a fault of an offer.
pub fn fault_key(fault: OfferFault) -> &'static str {
    match fault {
        OfferFault::ValueZero => "fault-value-zero",
        OfferFault::StepOutOfRange => "fault-step",
        OfferFault::GuaranteeOutOfRange => "fault-guarantee",
        OfferFault::StartTooSoon => "fault-start-too-soon",
        OfferFault::NoTimeForApplications => "fault-no-time",
        OfferFault::AmountTooLarge => "fault-too-large",
        OfferFault::DocumentMissing => "fault-document",
        OfferFault::PriceCutTooDeep => "fault-price-cut",
        OfferFault::PriceNotProgrammed => "fault-price-programmed",
    }
}

impl From<application::Error> for Refusal {
    fn from(error: application::Error) -> Self {
        match error {
            application::Error::Forbidden => Self::forbidden(),
            application::Error::Rejected(ApplicationRejection::DeadlinePassed { tender_end }) => {
                let at = tender_end.bishkek();
                Self::new(StatusCode::CONFLICT, "refused-applications-closed").with(at)
            }
            application::Error::Rejected(ApplicationRejection::ReasonNeeded) => {
                Self::unprocessable("refused-reason")
            }
            application::Error::Conflict(conflict) => conflict.into(),
            application::Error::Rejected(_) => {
                Self::new(StatusCode::CONFLICT, "refused-wrong-state")
            }
            application::Error::StillNeeded => {
                Self::new(StatusCode::CONFLICT, "refused-still-needed")
            }
            application::Error::Identity(error) => error.into(),
            application::Error::Store(error) => error.into(),
            error => Self::internal(&error),
        }
    }
}

impl From<deposit::Error> for Refusal {
    fn from(error: deposit::Error) -> Self {
        match error {
            deposit::Error::Forbidden => Self::forbidden(),
            deposit::Error::Conflict(conflict) => conflict.into(),
            deposit::Error::Rejected(DepositRejection::SecondPersonNeeded) => {
                Self::new(StatusCode::CONFLICT, "forfeit-other-office")
            }
            deposit::Error::Rejected(DepositRejection::ReasonNeeded) => {
                Self::unprocessable("forfeit-reason-needed")
            }
            deposit::Error::Rejected(DepositRejection::Lapsed) => {
                Self::new(StatusCode::CONFLICT, "forfeit-lapsed")
            }
            deposit::Error::Rejected(_) => Self::new(StatusCode::CONFLICT, "forfeit-decided"),
            deposit::Error::GatewayUnavailable => {
                Self::new(StatusCode::SERVICE_UNAVAILABLE, "refused-gateway")
            }
            deposit::Error::Store(error) => error.into(),
            error => Self::internal(&error),
        }
    }
}
