//! Officials sign in to the console by eID, in real Chromium: the provider's page is another site, to
//! which the tab goes and from which it comes back.

use crate::support::officials_browser::{enrolled, photographs};
use toruk_server::identity::Role;
use toruk_tests::browser::{Browser, Driver};
use toruk_tests::world::eid::{dastan, eid_person};
use toruk_tests::world::open_auction::OpenAuction;

const ACCESS: &str = "/console/access";
const SIGN_IN: &str = "form[action='/console/sign-in/eid'] button";
const LINK: &str = "form[data-finish='/console/access/eid/confirm'] button";

#[tokio::test(flavor = "multi_thread")]
async fn an_official_links_eid_and_signs_in_by_it_with_scripts_and_without() -> anyhow::Result<()> {
    let mut stage = OpenAuction::published().await?;
    let provider = stage.world.with_eid().await?;
    provider.knows(eid_person("nurgul", "22004198554321", "Асанова", "Нургүл"));
    provider.knows(dastan());
    let world = &stage.world;
    let folder = tempfile::tempdir()?;
    let (photographs, driver) = (photographs(folder.path()), Driver::start().await?);
    let who = (Role::Organiser, "Нургүл Асанова-Бекова");
    let own = enrolled(&driver, world, who, &photographs).await?;
    own.visit(ACCESS).await?;
    for language in ["ru", "en", "ky"] {
        own.follow(&format!(".languages button[value={language}]")).await?;
        own.photograph(&format!("eid-access-{language}")).await?;
    }
    // Turned back at eID: nothing is linked, and the way leads to where it began.
    own.click(LINK).await?;
    choose(&own, "").await?;
    own.arrive("/eid/callback").await?;
    own.watch(".lead", |told| told.contains("макулдук берген жоксуз")).await?;
    own.photograph("eid-cancelled-ky").await?;
    own.no_complaints().await.ok();
    own.follow("a[role=button]").await?;
    own.arrive(ACCESS).await?;

    own.click(LINK).await?;
    choose(&own, "nurgul").await?;
    own.arrive(ACCESS).await?;
    own.watch(".notice.good", |told| told.contains("байланыштырылды")).await?;
    own.photograph("eid-linked-ky").await?;
    own.no_complaints().await?;

    let other = Browser::open(&driver, "another computer", &world.origin, &photographs).await?;
    other.visit("/console/sign-in").await?;
    for language in ["ky", "en", "ru"] {
        other.follow(&format!(".languages button[value={language}]")).await?;
        other.photograph(&format!("eid-sign-in-{language}")).await?;
    }
    // Somebody who is no official has nothing here.
    other.click(SIGN_IN).await?;
    choose(&other, "dastan").await?;
    other.arrive("/console/sign-in/eid/finish").await?;
    other.watch(".lead", |told| told.contains("не привязан")).await?;
    other.photograph("eid-stranger-ru").await?;
    other.no_complaints().await.ok();
    other.visit("/console/sign-in").await?;
    other.click(SIGN_IN).await?;
    choose(&other, "nurgul").await?;
    other.arrive("/console").await?;
    assert!(other.text(".who").await?.contains("Нургүл Асанова-Бекова"));
    other.no_complaints().await?;
    other.follow(".who button").await?;

    other.switch_scripts_off().await?;
    other.visit("/console/sign-in").await?;
    other.click(SIGN_IN).await?;
    choose(&other, "nurgul").await?;
    // The provider's page has a button for those without scripts, as this server's has.
    other.click("button").await?;
    other.arrive("/eid/callback").await?;
    other.photograph("eid-onward-ru").await?;
    other.click("form[data-onward] button").await?;
    other.arrive("/console").await?;
    assert!(other.text(".who").await?.contains("Нургүл Асанова-Бекова"));

    // What eID has opened ends within a second, when its owner unlinks it.
    own.visit(ACCESS).await?;
    own.follow("form:has(input[name=eid]) button").await?;
    assert!(own.has(LINK).await?, "it may be linked again");
    other.visit("/console/lots").await?;
    other.arrive("/console/sign-in").await?;
    own.close().await?;
    other.close().await
}

/// Waits for the provider's page, and chooses a person; nobody to turn back.
async fn choose(browser: &Browser, sub: &str) -> anyhow::Result<()> {
    browser.arrive("/connect/authorize").await?;
    browser.watch("form", |buttons| buttons.contains("Cancel")).await?;
    browser.click(&format!("button[value='{sub}']")).await
}
