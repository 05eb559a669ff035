//! Evidence of signatures by certificate, as officials download it. `tests/run --deep evidence` has
//! a validator of others judge the same containers.

use anyhow::ensure;
use toruk_server::auction::OfficialAction;
use toruk_server::identity::Role;
use toruk_sync::domain::auction::{ContractFault, Status};
use toruk_sync::protocol::bid::AnswerAward;
use toruk_tests::proof::evidence::{self, CertificateDay};

const FILE: &[u8] = b"%PDF-1.7 another contract";

#[tokio::test]
async fn applications_an_award_and_a_contract_are_exported_with_their_evidence_and_on_record()
-> anyhow::Result<()> {
    let folder = tempfile::tempdir()?;
    let stage = evidence::export(folder.path()).await?.stage;
    for name in ["application-list", "application-ocsp", "award", "contract"] {
        let container = std::fs::read(folder.path().join(format!("{name}.asics")))?;
        assert_eq!(&container[30..38], b"mimetype", "{name}");
        assert_eq!(&container[38..69], b"application/vnd.etsi.asic-s+zip", "{name}");
        let has = |part: &str| container.windows(part.len()).any(|at| at == part.as_bytes());
        assert!(has("META-INF/signature.p7s") && has("META-INF/as-sent.p7s"), "{name}");
        assert_eq!(has("META-INF/revocation/1.ors"), name == "application-ocsp");
    }
    let auditor = stage.world.official(Role::Auditor, "Нурлан Базаров").await?.official;
    let trail = stage.world.state().audit.page(&auditor, None).await?;
    let count = |action: &str| trail.iter().filter(|row| row.action == action).count();
    assert_eq!((count("application.evidence"), count("auction.evidence")), (2, 2));
    Ok(())
}

/// An award passes on only until it is confirmed: there is one winner who has signed, and what they
/// have signed stays, also when no contract comes of it.
#[tokio::test]
async fn only_the_winner_who_has_confirmed_has_evidence_and_a_contract() -> anyhow::Result<()> {
    let (day, bidders) = CertificateDay::begin(None).await?;
    let [(aida, signs), (bek, _)] = &bidders[..] else { panic!("two bidders") };
    let (stage, folder) = (&day.stage, tempfile::tempdir()?);
    let path = format!("/v1/auctions/{}", stage.auction);
    evidence::close_after(stage, &[bek, aida, bek]).await?;
    let refused = bek.post(&format!("{path}/award"), &AnswerAward::Refuse {}).await?;
    ensure!(refused.status == 204, "the refusal: {refused:?}");
    evidence::conclude(stage, aida, signs).await?;
    let former = bek.get(&format!("{path}/contract")).await?;
    assert_eq!(former.problem()?.0, 403, "the former winner reads the contract");
    let console = format!("auctions/{}", stage.auction);
    let kept = async |when: &str| {
        let mut files = Vec::new();
        for act in ["award", "contract"] {
            let name = format!("{act}-{when}");
            evidence::keep(stage, folder.path(), &format!("{console}/{act}"), &name).await?;
            files.push(std::fs::read(folder.path().join(format!("{name}.asics")))?);
        }
        anyhow::Ok(files)
    };
    let signed = kept("signed").await?;

    let (auctions, organiser) =
        (&stage.world.state().auctions, &stage.officials.organiser.official);
    let fault = ContractFault::Bidder;
    auctions.act(organiser, stage.auction, OfficialAction::FailContract { fault }).await?;
    assert_eq!(stage.view().await?.auction.status, Status::Unsuccessful);
    for bidder in [aida, bek] {
        let asked = bidder.get(&format!("{path}/protocol")).await?;
        ensure!(asked.status == 409, "somebody follows a winner who has confirmed: {asked:?}");
    }
    let another = auctions.upload_contract(organiser, stage.auction, "Договор", FILE).await;
    assert!(another.is_err(), "a second contract");
    assert_eq!(kept("failed").await?, signed, "what was signed has changed");
    Ok(())
}
