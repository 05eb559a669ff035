//! At the console, and in the name of a firm.

use super::scene::{BEKS_PIN, Prepare, Scene, Script};
use anyhow::Context as _;
use reqwest::Method;
use serde_json::json;
use toruk_server::identity::firm::TAX_REGISTER;
use toruk_server::identity::{FirmName, NewMembership, Power, Revocation, Role};
use toruk_sync::domain::form::Text;
use toruk_sync::domain::pin::Pin;
use toruk_sync::domain::time::TimeSpan;
use toruk_sync::protocol::operations::{Operation, Push};

const FIRM: &str = "01234567890123";

pub const SCRIPTS: &[Script] = &[
    ("an invitation that was used", USED_INVITATION, "410", &[]),
    ("a form of an official who was revoked", OPEN_FORM, "401", &[]),
    (
        "an application for a firm after the powers have ended",
        ENDED_POWERS,
        "200 conflict_of_interest powers_missing",
        &["conflict.found"],
    ),
];

const USED_INVITATION: Prepare = |s| {
    Box::pin(async move {
        let identity = &s.stage.world.state().identity;
        let link = identity.invite(None, Role::Auditor, None).await?.link;
        let token = link.rsplit('#').next().context("no token")?.to_owned();
        s.stage.world.enrol(&token, "Нурлан Базаров").await?;
        let body = json!({ "invitation": token, "name": "Бек", "language": "ky" });
        Ok(s.page_post("/console/enrol/start", &body))
    })
};

const OPEN_FORM: Prepare = |s| {
    Box::pin(async move {
        let staff = s.stage.world.official(Role::Sysadmin, "Тилек Асанов").await?;
        let identity = &s.stage.world.state().identity;
        identity.end_access(None, &Revocation::Official(staff.official.person)).await?;
        let cookie = format!("toruk_session={}", staff.token);
        let form = s.page_post("/console/access/code/start", &json!({}));
        Ok(form.header("cookie", cookie))
    })
};

const ENDED_POWERS: Prepare = |s| {
    Box::pin(async move {
        firm(s).await?;
        s.stage.clock.advance(TimeSpan::minutes(10));
        let application = s.bek.application(&s.stage.view().await?).await?;
        let Operation::SubmitApplication { mut package, .. } = application else {
            anyhow::bail!("no application")
        };
        for (field, answer) in [("applicant_kind", "organisation"), ("pin", FIRM)] {
            package.answers.insert(field.to_owned(), answer.to_owned());
        }
        let confirmation = s.bek.confirm(&package)?;
        let operation = Operation::SubmitApplication { package, confirmation };
        let push = Push { ops: vec![s.bek.op(s.bek.take_op_no(), operation)] };
        Ok(s.bek.request(Method::POST, "/v1/sync/push").json(&push))
    })
};

/// A firm whose representative is the thief, for ten minutes.
async fn firm(s: &Scene) -> anyhow::Result<()> {
    let admin = s.stage.world.official(Role::Sysadmin, "Айгүл Асанова").await?.official;
    let identity = &s.stage.world.state().identity;
    let name = Text { ru: Some("ОсОО «Ак-Суу»".to_owned()), ..Text::default() };
    let register = FirmName { scheme: TAX_REGISTER.to_owned(), identifier: FIRM.to_owned() };
    let id = identity.create_organisation(&admin, name, Some(register)).await?;
    let now = s.now();
    let powers = NewMembership {
        pin: Pin::parse(BEKS_PIN).map_err(|_| anyhow::anyhow!("no number"))?,
        power: Power::Representative,
        document: "a power of attorney".to_owned(),
        valid_from: now,
        valid_until: Some(now + TimeSpan::minutes(10)),
    };
    identity.give_powers(&admin, id, powers).await?;
    Ok(())
}
