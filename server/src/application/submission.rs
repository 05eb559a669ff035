//! Accepts signed applications. The checks run in the order in which a person would want to hear of
//! their failure.

use super::error::Error;
use super::evidence;
use super::service::Service;
use super::store::{self, Applicant, Stored};
use crate::audit::change::CHANGES;
use crate::audit::{self, Action, Principal};
use crate::blob::Scan;
use crate::db::{StoreError, Txn};
use crate::identity::{Bidder, Confirmed, Conflict, NotConfirmed};
use serde_json::json;
use std::collections::{BTreeMap, BTreeSet};
use toruk_sync::domain::application::{self, Application, Rejection, Status, Submission};
use toruk_sync::domain::auction::Auction;
use toruk_sync::domain::file::is_same_kind;
use toruk_sync::domain::form::{FILES_MAX, FieldFault, FieldId, Form};
use toruk_sync::domain::id::ApplicationId;
use toruk_sync::domain::rules::ConfirmationMethod;
use toruk_sync::domain::text::is_file_name;
use toruk_sync::domain::time::Timestamp;
use toruk_sync::draft::{Draft, FIELD_ID_BYTES_MAX, draft_id};
use toruk_sync::protocol::operations::{Confirmation, OperationRejection, Verdict};
use toruk_sync::signing::{ApplicationPayload, SignedPayload as _, is_signed_for};

/// Most faults that one refusal names.
const FAULTS_MAX: usize = 100;

/// A package that is being submitted, and the result of its signature's verification.
pub struct Submitting<'a> {
    package: &'a ApplicationPayload,
    confirmation: &'a Confirmation,
    package_hash: String,
    signed: Result<Confirmed, NotConfirmed>,
}

impl<'a> Submitting<'a> {
    /// A package with the result of its signature's verification.
    pub fn examined(
        package: &'a ApplicationPayload,
        confirmation: &'a Confirmation,
        signed: Result<Confirmed, NotConfirmed>,
    ) -> Self {
        Self { package, confirmation, package_hash: hex::encode(package.digest()), signed }
    }

    /// The submission as the rules see it, received at `received_at`.
    fn submission(
        &self,
        id: ApplicationId,
        signed_with: ConfirmationMethod,
        received_at: Timestamp,
    ) -> Submission {
        Submission {
            id,
            terms_version: self.package.terms_version,
            package_hash: self.package_hash.clone(),
            signed_with,
            received_at,
        }
    }
}

impl Service {
    /// Decides a submission. A rejection is a result; an error is a failure of the database, or
    /// [`Error::FilesScanning`].
    pub(super) async fn submit(
        &self,
        txn: &Txn,
        by: &Bidder,
        submitting: &Submitting<'_>,
        received_at: Timestamp,
    ) -> Result<Verdict, Error> {
        match self.accept(txn, by, submitting, received_at).await? {
            Ok(application) => Ok(Verdict::Submitted {
                application: application.id,
                received_at: application.received_at,
                package_hash: application.package_hash,
            }),
            Err(refusal) => Ok(Verdict::Refused(refusal)),
        }
    }

    async fn accept(
        &self,
        txn: &Txn,
        by: &Bidder,
        submitting: &Submitting<'_>,
        received_at: Timestamp,
    ) -> Result<Result<Application, OperationRejection>, Error> {
        let package = submitting.package;
        store::hold_auction(txn, package.auction).await?;
        let auction = match self.catalogue.auction(txn, package.auction).await {
            Ok(auction) if auction.is_public() => auction,
            Ok(_) | Err(StoreError::NotFound) => return Ok(Err(OperationRejection::NotFound)),
            Err(error) => return Err(error.into()),
        };
        if package.person != by.person {
            return Ok(Err(OperationRejection::NotFound));
        }
        if let Some(conflict) = self.conflict_with_sale(txn, by, &auction).await? {
            return Ok(Err(self.unfit(txn, by, package, conflict.key()).await?));
        }
        let standing = store::standing(txn, package.auction, by.person).await?;
        if let Some(same) = standing.as_ref().filter(|standing| is_in(standing, submitting)) {
            return Ok(Ok(same.application.clone()));
        }
        let standing = standing.map(|standing| standing.application);
        let draft = self.drafts.get(txn, draft_id(by.person, package.auction)).await?;
        let id = ApplicationId(self.context.ports.ids.uuid());
        let checked = check(&auction, standing.as_ref(), submitting, by, id, received_at);
        let checked = checked.and_then(|method| settled(package, draft).map(|()| method));
        let signed_with = match checked {
            Ok(signed_with) => signed_with,
            Err(refusal) => {
                self.record_signature(txn, by, package, &refusal).await?;
                return Ok(Err(refusal));
            }
        };
        let applicant = match self.applicant(txn, by, package, received_at).await? {
            Ok(applicant) => applicant,
            Err(fault) => return Ok(Err(self.unfit(txn, by, package, fault.key()).await?)),
        };
        // The package is complete when the last of its files is.
        let complete_at = match self.files_complete(txn, by, package).await? {
            Ok(at) => received_at.max(at),
            Err(refusal) => return Ok(Err(refusal)),
        };
        let submission = submitting.submission(id, signed_with, complete_at);
        let application = match application::submit(&auction, standing.as_ref(), submission) {
            Ok(application) => application,
            Err(rejection) => return Ok(Err(OperationRejection::Application(rejection))),
        };
        if let Ok(confirmed) = &submitting.signed
            && !self.identity.spend_confirmation(txn, confirmed).await?
        {
            return Ok(Err(OperationRejection::ConfirmationExpired));
        }
        self.take_in(txn, submitting, standing.as_ref(), &application, &applicant).await?;
        Ok(Ok(application))
    }

    /// Records why an applicant can't take part, and returns the refusal that says so.
    async fn unfit(
        &self,
        txn: &Txn,
        by: &Bidder,
        package: &ApplicationPayload,
        reason: &str,
    ) -> Result<OperationRejection, StoreError> {
        let (actor, object) =
            (Principal::Bidder(by.person), format!("auction:{}", package.auction));
        self.identity.record_unfit(txn, actor, reason, object).await?;
        Ok(OperationRejection::ConflictOfInterest { conflict: reason.to_owned() })
    }

    /// Records a certificate that was refused; other refusals are in the operation's outcome alone.
    async fn record_signature(
        &self,
        txn: &Txn,
        by: &Bidder,
        package: &ApplicationPayload,
        refusal: &OperationRejection,
    ) -> Result<(), StoreError> {
        let OperationRejection::SignatureRefused { fault, oid } = refusal else { return Ok(()) };
        let entry = audit::Entry {
            actor: Principal::Bidder(by.person),
            action: Action::SignatureRefuse,
            object: format!("auction:{}", package.auction),
            detail: json!({ "fault": fault, "oid": oid }),
        };
        self.audit.record(txn, entry).await
    }

    /// A conflict of the applicant with those who sell.
    async fn conflict_with_sale(
        &self,
        txn: &Txn,
        by: &Bidder,
        auction: &Auction,
    ) -> Result<Option<Conflict>, StoreError> {
        let birth = &auction.birth;
        let officials: Vec<_> =
            [Some(birth.author), auction.submitted_by].into_iter().flatten().collect();
        let sellers = [birth.lot_holder, birth.procuring_entity];
        self.identity.conflict_of_applicant(txn, by.person, &officials, &sellers).await
    }

    async fn take_in(
        &self,
        txn: &Txn,
        submitting: &Submitting<'_>,
        standing: Option<&Application>,
        application: &Application,
        applicant: &Applicant,
    ) -> Result<(), StoreError> {
        let replaced = standing.map(|standing| standing.id);
        let (package, now) = (submitting.package, self.context.ports.clock.now());
        let (sealed, confirmation) = self.sealed(txn, package, submitting.confirmation).await?;
        let content = store::Content { package, sealed, confirmation, applicant };
        store::replace(txn, replaced, application, content, now).await?;
        if let Ok(confirmed) = &submitting.signed {
            let signed = (&*package.canonical(), confirmed);
            let object = evidence::object(application.id);
            self.identity.keep_evidence(txn, &object, package.person, signed).await?;
        }
        self.blobs.keep(txn, package.person, &hashes(package)).await?;
        self.drafts.close(txn, package.person, package.auction).await?;
        let entry = audit::Entry {
            actor: Principal::Bidder(package.person),
            action: Action::ApplicationSubmit,
            object: format!("application:{}", application.id),
            detail: json!({
                "auction": package.auction,
                "package": application.package_hash,
                "organisation": applicant.organisation,
                CHANGES: audit::changes(&standing, application),
            }),
        };
        self.audit.record(txn, entry).await
    }

    /// The moment when the last file of a package had arrived, or the reason why the files can't be
    /// used.
    ///
    /// An infected file takes precedence over one that waits: no scan can help that package any
    /// more.
    async fn files_complete(
        &self,
        txn: &Txn,
        by: &Bidder,
        package: &ApplicationPayload,
    ) -> Result<Result<Timestamp, OperationRejection>, Error> {
        let whole = self.blobs.whole(txn, by.person, &hashes(package)).await?;
        let mut complete_at = Timestamp(i64::MIN);
        let (mut missing, mut infected) = (BTreeSet::new(), BTreeSet::new());
        let mut is_scanning = false;
        for file in &package.files {
            match whole.get(&file.sha256) {
                Some(whole) if whole.scan == Scan::Infected => {
                    infected.insert(file.sha256.clone());
                }
                Some(whole)
                    if whole.size_bytes == file.size_bytes
                        && is_same_kind(&whole.mime, &file.mime) =>
                {
                    complete_at = complete_at.max(whole.at);
                    is_scanning |= !whole.scan.is_usable();
                }
                _ => {
                    missing.insert(file.sha256.clone());
                }
            }
        }
        let sorted = |files: BTreeSet<String>| files.into_iter().collect::<Vec<_>>();
        if !infected.is_empty() {
            return Ok(Err(OperationRejection::FilesInfected { sha256: sorted(infected) }));
        }
        if !missing.is_empty() {
            return Ok(Err(OperationRejection::FilesMissing { sha256: sorted(missing) }));
        }
        if is_scanning { Err(Error::FilesScanning) } else { Ok(Ok(complete_at)) }
    }
}

/// Returns `true` if this very package was accepted before: a repeated one gets the first answer.
fn is_in(standing: &Stored, submitting: &Submitting<'_>) -> bool {
    let application = &standing.application;
    application.package_hash == submitting.package_hash
        && !matches!(application.status, Status::Withdrawn | Status::NeedsReconfirm)
}

/// The checks that need neither files nor the draft: the application would be accepted at all, has
/// the present terms, is complete, and is signed.
fn check(
    auction: &Auction,
    standing: Option<&Application>,
    submitting: &Submitting<'_>,
    by: &Bidder,
    id: ApplicationId,
    received_at: Timestamp,
) -> Result<ConfirmationMethod, OperationRejection> {
    let package = submitting.package;
    // Lateness comes first, whatever the signature is.
    let supposed = submitting.confirmation.method();
    let submission = submitting.submission(id, supposed, received_at);
    application::submit(auction, standing, submission).map_err(OperationRejection::Application)?;
    let terms = auction.terms.as_ref();
    if !terms.is_some_and(|terms| is_signed_for(terms, &package.terms_hash)) {
        let version = auction.version;
        return Err(OperationRejection::Application(Rejection::TermsChanged { version }));
    }
    let faults = faults(package);
    if !faults.is_empty() {
        return Err(OperationRejection::Incomplete { faults });
    }
    match &submitting.signed {
        Ok(signed) if package.device == by.device => Ok(signed.method),
        Ok(_) => Err(OperationRejection::BadSignature),
        Err(NotConfirmed::Certificate(refusal)) => Err(OperationRejection::SignatureRefused {
            fault: refusal.fault,
            oid: refusal.oid.clone(),
        }),
        Err(NotConfirmed::Expired) => Err(OperationRejection::ConfirmationExpired),
        Err(error) => {
            tracing::info!(person = %by.person, %error, "application refused");
            Err(OperationRejection::BadSignature)
        }
    }
}

fn faults(package: &ApplicationPayload) -> BTreeMap<FieldId, FieldFault> {
    let Some(form) = Form::of(&package.form, package.form_version) else {
        return BTreeMap::from([("form".to_owned(), FieldFault::Unknown)]);
    };
    let filled: BTreeSet<String> = package.files.iter().map(|file| file.slot.clone()).collect();
    let mut faults = form.faults(&package.answers, &filled);
    let known = |slot: &&String| form.slots.iter().any(|known| known.id == **slot);
    for slot in filled.iter().filter(|slot| !known(slot)) {
        faults.insert(slot.clone(), FieldFault::Unknown);
    }
    for file in package.files.iter().filter(|file| !is_file_name(&file.name, &file.mime)) {
        faults.insert(file.slot.clone(), FieldFault::Malformed);
    }
    if package.files.len() > FILES_MAX {
        faults.insert("files".to_owned(), FieldFault::TooLong);
    }
    named(faults)
}

/// The faults that a refusal names. A package that no form made may have any number of faults under
/// names of any length; then the form itself is named, too.
fn named(faults: BTreeMap<FieldId, FieldFault>) -> BTreeMap<FieldId, FieldFault> {
    let count = faults.len();
    let short = faults.into_iter().filter(|(field, _)| field.len() <= FIELD_ID_BYTES_MAX);
    let mut named: BTreeMap<_, _> = short.take(FAULTS_MAX).collect();
    if named.len() < count {
        named.insert("form".to_owned(), FieldFault::Unknown);
    }
    named
}

/// Contradicting answers of two phones to a critical question must be resolved: the package may
/// hold one of them, never a third that nobody gave.
fn settled(package: &ApplicationPayload, draft: Option<Draft>) -> Result<(), OperationRejection> {
    let form = Form::standard();
    let conflicts = draft.map(|draft| draft.conflicts()).unwrap_or_default();
    let unsettled = conflicts.into_iter().filter(|(field, siblings)| {
        form.is_critical(field) && !siblings.contains(&package.answers.get(field).cloned())
    });
    let fields: Vec<FieldId> = unsettled.map(|(field, _)| field).collect();
    if fields.is_empty() { Ok(()) } else { Err(OperationRejection::UnresolvedConflicts { fields }) }
}

fn hashes(package: &ApplicationPayload) -> Vec<String> {
    package.files.iter().map(|file| file.sha256.clone()).collect()
}
