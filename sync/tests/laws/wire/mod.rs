//! Messages that clients of any age must be able to parse for ever. A golden file is changed only
//! by adding to it; any other change makes another protocol.

use crate::world;
use sample::*;
use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::json;
use std::collections::BTreeMap;
use std::fmt::Debug;
use toruk_sync::domain::application::{self};
use toruk_sync::domain::auction::bidding::{Basis, BidRejection};
use toruk_sync::domain::auction::{
    Command, DualApproval, Event, Failure, ObjectOfPrice, ProtocolFile, ProtocolSubject, Status,
    apply,
};
use toruk_sync::domain::deposit::{self, Channel, Deposit, Intent, IntentStatus};
use toruk_sync::domain::form::FieldFault;
use toruk_sync::domain::id::*;
use toruk_sync::domain::notice::NoticeKind;
use toruk_sync::domain::time::{TimeSpan, Timestamp};
use toruk_sync::draft::DeltaFault;
use toruk_sync::protocol::bid::{AnswerAward, BidReply, PlaceBid, ProtocolView};
use toruk_sync::protocol::catalogue::{AuctionCard, AuctionPage, LotKind};
use toruk_sync::protocol::deposit::BeginPayment;
use toruk_sync::protocol::identity::{
    Challenge, FinishCeremony, NewDevice, PushToken, ServerTime, Session, StartRegistration,
    StartSignIn,
};
use toruk_sync::protocol::live::{Heartbeat, LiveFrame};
use toruk_sync::protocol::operations::{
    ApplicationView, BlobView, DraftView, Op, Operation, OperationRejection, Outcome, Push,
    PushReply, Verdict,
};
use toruk_sync::protocol::problem::{ProblemBody, ProblemCode};
use toruk_sync::protocol::push_hint::PushHint;
use toruk_sync::protocol::signature::SignatureFault;
use toruk_sync::receipt::{Decision, GENESIS, Record, link};
use toruk_sync::signing::{ProtocolFilesPayload, ProtocolPayload, SignedPayload};

mod certificates;
mod pull;
mod sample;

const NOW: Timestamp = world::START;

/// Writes the golden or compares with it, and reads the value back from the golden's text.
#[track_caller]
fn golden<T: Serialize + DeserializeOwned + PartialEq + Debug>(name: &str, value: &T) {
    let mut settings = insta::Settings::clone_current();
    settings.set_snapshot_path("../../golden");
    settings.set_prepend_module_to_snapshot(false);
    settings.set_omit_expression(true);
    settings.bind(|| insta::assert_json_snapshot!(name, value));
    let text = serde_json::to_string(value).unwrap();
    assert_eq!(&serde_json::from_str::<T>(&text).unwrap(), value, "{name} reads back");
}

#[test]
fn identity_on_the_wire() {
    golden(
        "start_registration",
        &StartRegistration { name: "Айгүл".into(), language: "ky".into() },
    );
    golden("start_sign_in", &StartSignIn { credential_id: Some("Y3JlZA".to_owned()) });
    let options = json!({"publicKey": {"challenge": "AAAA"}});
    golden("challenge", &Challenge { ceremony: id(70), options });
    let device = NewDevice {
        id: DeviceId(id(4)),
        platform: "android".to_owned(),
        public_key: "BAAA".to_owned(),
    };
    let credential = json!({"id": "Y3JlZA", "type": "public-key"});
    let signed = String::from_utf8(device.package(id(70)).canonical()).unwrap();
    golden("device_signed_bytes", &signed);
    let unproved = FinishCeremony { ceremony: id(70), credential, device, proof: None };
    golden("finish_ceremony", &unproved);
    let proof = Some("AAAA".to_owned());
    golden("finish_ceremony_proved", &FinishCeremony { proof, ..unproved });
    golden(
        "session",
        &Session {
            token: "t".to_owned(),
            person: PersonId(id(3)),
            name: "Айгүл".to_owned(),
            device: DeviceId(id(4)),
            actor: 1,
            expires_at: NOW,
            rp_id: "localhost".to_owned(),
            origin: "https://localhost".to_owned(),
            credential_id: "Y3JlZA".to_owned(),
            receipt_key: signer(7).verifier().to_string(),
            former_receipt_keys: vec![signer(6).verifier().to_string()],
        },
    );
    golden("push_token", &PushToken { token: None });
    golden("server_time", &ServerTime { received_at: NOW, sent_at: NOW + TimeSpan(3) });
}

#[test]
fn the_catalogue_on_the_wire() {
    golden("auction_view", &view());
    let card = AuctionCard {
        id: AuctionId(id(10)),
        number: "TRK-KG-20261107-00001-4".to_owned(),
        title: view().lot.title,
        kind: LotKind::Premises,
        settlement: None,
        object_of_price: ObjectOfPrice::AnnualRent,
        price: tyiyn(100_000),
        status: Status::Bidding,
        failure: None,
        tender_end: NOW - TimeSpan::hours(2),
        start: NOW,
        seq: 6,
    };
    let next = Some("cursor".to_owned());
    golden("auction_page", &AuctionPage { items: vec![card], next, server_time: NOW });
}

#[test]
fn an_auctions_whole_log_on_the_wire() {
    let (mut auction, mut log) = opened();
    let both = DualApproval { proposed: world::AUTHOR, approved: world::SECOND_PERSON };
    let confirm = Command::ConfirmAward { bidder: BidderNo(1), protocol: "cd".repeat(32) };
    let sign = Command::SignContract { by: world::AUTHOR, document: "ef".repeat(32) };
    for (seconds, command) in
        [(1, first_offer()), (600, world::tick()), (700, confirm), (800, sign)]
    {
        let (next, events) = apply(&auction, &command, NOW + TimeSpan::seconds(seconds)).unwrap();
        auction = next;
        log.extend(events);
    }
    log.push(Event::BidRefused {
        bid: BidId(id(61)),
        bidder: BidderNo(2),
        epoch: 0,
        basis: Basis { round: 1, price: tyiyn(105_000) },
        amount: tyiyn(109_999),
        reason: BidRejection::WrongAmount { required: tyiyn(110_000) },
        received_at: NOW,
    });
    log.push(Event::ResumeAnnounced { by: both, at: NOW });
    log.push(Event::Resumed { deadline: Some(NOW), hard_stop: None });
    log.push(Event::Cancelled { by: both, reason: "r".to_owned(), document: "ef".to_owned() });
    let mut head = GENESIS;
    let mut records = Vec::new();
    for (seq, event) in (1..).zip(log) {
        let record = Record { auction: auction.birth.id, seq, at: NOW, event };
        head = link(&head, &record);
        records.push(record);
    }
    golden("log", &records);
    golden("log_head", &hex::encode(head));
}

#[test]
fn live_frames_on_the_wire() {
    let seqs = [(AuctionId(id(10)), 6), (AuctionId(id(11)), 1)].into();
    let heartbeat = Heartbeat { server_time: NOW, next_ms: 600, seqs };
    golden("live_heartbeat", &LiveFrame::Heartbeat(heartbeat));
    let record = Record {
        auction: AuctionId(id(10)),
        seq: 7,
        at: NOW,
        event: Event::BiddingOpened { deadline: NOW },
    };
    golden("live_record", &LiveFrame::Record(Box::new(record)));
    let text = serde_json::to_string(&LiveFrame::Snapshot(Box::new(view()))).unwrap();
    assert!(text.starts_with("{\"snapshot\":{\"number\":"));
    golden(
        "push_hint",
        &PushHint {
            kind: NoticeKind::Outbid,
            person: PersonId(id(3)),
            auction: AuctionId(id(10)),
            seq: 8,
            expires_at: NOW,
            server_time: NOW,
        },
    );
}

#[test]
fn bids_and_awards_on_the_wire() {
    let bid = PlaceBid {
        bid: BidId(id(60)),
        epoch: 0,
        basis: Basis { round: 0, price: tyiyn(100_000) },
        amount: tyiyn(105_000),
        client_sent_at: NOW,
        signature: "AAAA".to_owned(),
    };
    golden("place_bid", &bid);
    let signed = String::from_utf8(bid.package_v1(AuctionId(id(10))).canonical()).unwrap();
    golden("bid_signed_bytes", &signed);
    let package = bid.package(AuctionId(id(10)), PersonId(id(3)), DeviceId(id(4)));
    let signed = String::from_utf8(package.canonical()).unwrap();
    golden("bid_signed_bytes_v2", &signed);
    let reply = |decision| BidReply { receipt: receipt(decision), server_time: NOW };
    golden("bid_accepted", &reply(Decision::Accepted));
    golden("bid_refused", &reply(Decision::Refused(BidRejection::StaleBasis)));
    let required = tyiyn(110_000);
    let wrong = Decision::Refused(BidRejection::WrongAmount { required });
    golden("bid_refused_amount", &reply(wrong));
    let protocol = ProtocolPayload {
        auction: AuctionId(id(10)),
        number: "TRK-KG-20261107-00001-4".to_owned(),
        winner: BidderNo(1),
        price: tyiyn(105_000),
        participants: 4,
        rounds: 1,
        log_head: "ef".repeat(32),
        files: Vec::new(),
    };
    let signed = String::from_utf8(protocol.canonical()).unwrap();
    golden("protocol_signed_bytes", &signed);
    let file =
        ProtocolFile { language: "ky".to_owned(), sha256: "cd".repeat(32), size_bytes: 20_480 };
    let with_files = ProtocolPayload { files: vec![file.clone()], ..protocol.clone() };
    let signed = String::from_utf8(with_files.canonical()).unwrap();
    golden("protocol_with_files_signed_bytes", &signed);
    let of = ProtocolSubject::Award { number: 1 };
    let payload = ProtocolFilesPayload { auction: AuctionId(id(10)), of, files: vec![file] };
    golden("protocol_files_signed_bytes", &String::from_utf8(payload.canonical()).unwrap());
    golden("protocol_view", &ProtocolView { protocol, confirm_by: NOW, instalments: Vec::new() });
    golden("award_confirm", &AnswerAward::Confirm { confirmation: confirmation() });
    golden("award_refuse", &AnswerAward::Refuse {});
}

#[test]
fn operations_and_outcomes_on_the_wire() {
    let op = |op_no, operation| Op { op_no, person: PersonId(id(3)), operation };
    let edit = Operation::EditDraft {
        draft: toruk_sync::draft::draft_id(PersonId(id(3)), AuctionId(id(10))),
        auction: AuctionId(id(10)),
        part: draft(),
    };
    let submit = Operation::SubmitApplication { package: package(), confirmation: confirmation() };
    let withdraw = Operation::WithdrawApplication { application: ApplicationId(id(30)) };
    let push = Push { ops: vec![op(1, edit), op(2, submit), op(3, withdraw)] };
    golden("push", &push);
    golden("op_hashes", &push.ops.iter().map(Op::hash).collect::<Vec<_>>());
    let signed = String::from_utf8(package().canonical()).unwrap();
    golden("application_signed_bytes", &signed);
    let faults = BTreeMap::from([("phone".to_owned(), FieldFault::Malformed)]);
    let late = application::Rejection::DeadlinePassed { tender_end: NOW };
    let verdicts = [
        Verdict::Merged { draft: draft() },
        Verdict::DraftClosed,
        Verdict::Submitted {
            application: ApplicationId(id(30)),
            received_at: NOW,
            package_hash: "cd".repeat(32),
        },
        Verdict::Withdrawn,
        Verdict::Refused(OperationRejection::Draft(DeltaFault::ForgedClock)),
        Verdict::Refused(OperationRejection::Application(late)),
        Verdict::Refused(OperationRejection::Incomplete { faults }),
        Verdict::Refused(OperationRejection::FilesMissing { sha256: vec!["ab".repeat(32)] }),
        Verdict::Refused(OperationRejection::FilesInfected { sha256: vec!["cd".repeat(32)] }),
        Verdict::Refused(OperationRejection::UnresolvedConflicts {
            fields: vec!["pin".to_owned()],
        }),
        Verdict::Refused(OperationRejection::BadSignature),
        Verdict::Refused(OperationRejection::NotFound),
        Verdict::Refused(OperationRejection::OpConflict),
        Verdict::Refused(OperationRejection::ConflictOfInterest {
            conflict: "same_organisation".to_owned(),
        }),
        Verdict::Refused(OperationRejection::SignatureRefused {
            fault: SignatureFault::AlgorithmUnsupported,
            oid: Some("1.2.643.7.1.1.3.2".to_owned()),
        }),
        Verdict::Refused(OperationRejection::SignatureRefused {
            fault: SignatureFault::Expired,
            oid: None,
        }),
    ];
    let outcome = |(op_no, verdict)| Outcome { op_no, verdict, decided_at: NOW, receipt: None };
    let outcomes = (1..).zip(verdicts).map(outcome).collect();
    golden("push_reply", &PushReply { outcomes, next_op_no: 14, server_time: NOW });
    let stored =
        BlobView { sha256: "ab".repeat(32), size_bytes: 48_213, offset: 1_024, stored: false };
    golden("blob", &stored);
}

#[test]
fn what_a_person_has_on_the_wire() {
    let deposit = Deposit {
        id: DepositId(id(40)),
        application: ApplicationId(id(30)),
        amount: tyiyn(10_000),
        status: deposit::Status::Due,
        forfeit_proposed_by: None,
    };
    let intent = Intent {
        id: IntentId(id(50)),
        deposit: deposit.id,
        channel: Channel::WalletCode,
        provider: None,
        amount: deposit.amount,
        status: IntentStatus::CodeIssued,
        code: Some("471 902".to_owned()),
        redirect_url: None,
        expires_at: NOW,
        cut_short: false,
    };
    let view = ApplicationView {
        application: application(),
        deposit: Some(deposit),
        intents: vec![intent],
        bidder_no: Some(BidderNo(1)),
        opening: None,
    };
    let open = DraftView { id: DraftId(id(80)), auction: AuctionId(id(10)), state: draft() };
    golden("application_view", &view);
    golden("draft_view", &open);
    golden(
        "begin_payment",
        &BeginPayment { id: IntentId(id(50)), channel: Channel::BranchCode, provider: None },
    );
    golden(
        "problem",
        &ProblemBody {
            kind: "urn:toruk:problem:wrong_state".to_owned(),
            title: "The auction's state does not allow it".to_owned(),
            status: 409,
            code: ProblemCode::WrongState,
            params: BTreeMap::from([("status".to_owned(), "bidding".to_owned())]),
            trace_id: None,
        },
    );
}

#[test]
fn an_unknown_field_of_a_request_is_refused() {
    let bid = json!({
        "bid": id(60), "epoch": 0, "basis": {"round": 0, "price": 1}, "amount": 2,
        "client_sent_at": 0, "signature": "", "queued": true,
    });
    assert!(serde_json::from_value::<PlaceBid>(bid).is_err());
    let op = json!({"op_no": 1, "person": id(3), "operation": {"place_bid": {}}});
    assert!(serde_json::from_value::<Op>(op).is_err(), "a bid can't be queued");
}

/// Apps translate these; the text of a removed code would never be shown.
#[test]
fn codes_on_the_wire() {
    use BidRejection as B;
    golden(
        "codes_bid_refusal",
        &vec![
            B::NotEligible,
            B::NotStarted,
            B::Suspended,
            B::DeadlinePassed,
            B::Closed,
            B::StaleBasis,
            B::AlreadyLeading,
            B::PriceLimit,
            B::RateLimited,
        ],
    );
    use Failure as F;
    let failures = vec![
        F::NoApplications,
        F::InsufficientParticipants,
        F::NoFirstOffer,
        F::WinnerDefault,
        F::ContractNotConcluded,
    ];
    golden("codes_failure", &failures);
    use Status as S;
    let statuses = vec![
        S::Draft,
        S::Review,
        S::Rectification,
        S::Tendering,
        S::Waiting,
        S::Bidding,
        S::Qualification,
        S::Awarded,
        S::Complete,
        S::Unsuccessful,
        S::Cancelled,
    ];
    golden("codes_status", &statuses);
}
