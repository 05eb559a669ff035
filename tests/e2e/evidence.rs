//! Evidence of signatures by certificate, as officials download it. `tests/run --deep evidence` has
//! a validator of others judge the same containers.

use toruk_server::identity::Role;
use toruk_tests::proof::evidence;

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
