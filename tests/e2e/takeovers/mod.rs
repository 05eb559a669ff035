//! Attempts to take over an account, each an attacker's whole way over HTTP. Each ends in a refusal
//! by its name, decides nothing, and is in the audit trail where somebody was proven who answers for
//! it.
//!
//! What each check of its own refuses is in the server's tests; here are the ways that a person
//! would go, with what they would have in their hands.

mod by_proof;
mod by_session;
mod officials;
mod scene;

use anyhow::Context as _;
use scene::{Scene, told};

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn each_attempt_to_take_an_account_over_is_refused_by_its_name_and_decides_nothing()
-> anyhow::Result<()> {
    let scene = Scene::new().await?;
    let mut wrong = Vec::new();
    let scripts = by_session::SCRIPTS.iter().chain(by_proof::SCRIPTS).chain(officials::SCRIPTS);
    let mut count = 0;
    for (name, prepare, expected, recorded) in scripts {
        count += 1;
        scene.honest();
        let last = prepare(&scene).await.with_context(|| format!("before: {name}"))?;
        let (before, trail) = (scene.stored().await?, scene.trail().await?);
        let owned = scene.owned().await?;
        let answer = told(last.send().await?).await?;
        if answer != *expected {
            wrong.push(format!("{name}: {answer}, not {expected}"));
        }
        let after = scene.stored().await?;
        if after != before {
            wrong.push(format!("{name}: {before:?} became {after:?}"));
        }
        let now = scene.owned().await?;
        if now != owned {
            wrong.push(format!("{name}: {owned:?} became {now:?}"));
        }
        let new = scene.trail().await?.split_off(trail.len());
        if new != *recorded {
            wrong.push(format!("{name}: recorded {new:?}, not {recorded:?}"));
        }
    }
    assert!(count >= 20, "{count} scripts");
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    // The victim has lost nothing.
    assert_eq!(scene.aida.get("/v1/passkeys").await?.status, 200);
    Ok(())
}
