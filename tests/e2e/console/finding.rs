//! Lists that are searched as people type, and the official's own passkeys.

use super::desks::Desks;
use anyhow::ensure;
use toruk_tests::browser::Browser;

/// Types into a list's search, and photographs what was found in each language.
async fn search(
    desks: &Desks,
    official: &Browser,
    path: &str,
    typed: &str,
) -> anyhow::Result<Vec<String>> {
    official.visit(path).await?;
    official.fill("form.search input[name=q]", typed).await?;
    official.follow("form.search button").await?;
    let found = official.texts("tbody th").await?;
    let list = path.rsplit('/').next().unwrap_or_default();
    let own = official.property("html", "lang").await?;
    for language in ["ky", "ru", "en"] {
        desks.speak(official, language).await?;
        official.visit(&format!("{path}?q={typed}")).await?;
        official.photograph(&format!("search-{list}-{language}")).await?;
    }
    desks.speak(official, &own).await?;
    Ok(found)
}

/// Officials, applications and payments are found without the letters that a keyboard lacks.
pub async fn lists_are_searched(desks: &Desks) -> anyhow::Result<()> {
    let staff = search(desks, &desks.admin, "/console/staff", "гулнара").await?;
    let cashier = &desks.cashier.name;
    ensure!(staff.len() == 1 && staff[0].contains(cashier.as_str()), "officials: {staff:?}");
    let applications = search(desks, &desks.moderator, "/console/applications", "trk").await?;
    ensure!(applications.len() == 4, "decided ones too: {applications:?}");
    let payments = search(desks, &desks.cashier, "/console/payments", "trk").await?;
    ensure!(!payments.is_empty(), "no payments");
    for (official, path) in [
        (&desks.admin, "/console/staff?q=нетакого"),
        (&desks.moderator, "/console/applications?q=нетакого"),
        (&desks.cashier, "/console/payments?q=нетакого"),
    ] {
        official.visit(path).await?;
        ensure!(official.has("section.empty a.back").await?, "{path}: no way back to all");
        ensure!(!official.has("tbody").await?, "{path}: something was found");
    }
    Ok(())
}

/// Names a passkey, and makes a one-time link for another device, confirmed by the passkey.
pub async fn a_passkey_is_named_and_the_next_device_gets_a_link(
    desks: &Desks,
) -> anyhow::Result<()> {
    let organiser = &desks.organiser;
    organiser.visit("/console/access").await?;
    organiser.fill("ul.keys input[name=name]", "Жумушчу ноутбук").await?;
    organiser.follow("ul.keys form button").await?;
    let keys = organiser.texts("ul.keys li > p").await?;
    ensure!(keys.len() == 1 && keys[0].contains("Жумушчу ноутбук"), "passkeys: {keys:?}");
    ensure!(!organiser.has("ul.keys [data-passkey]").await?, "the last passkey can be ended");
    organiser.click("#next-device button").await?;
    organiser.watch("[data-until]", |until| !until.is_empty()).await?;
    let link = organiser.property("#next-link", "value").await?;
    ensure!(link.contains("/console/link#"), "no link: {link}");
    for language in ["ky", "ru", "en"] {
        desks.speak(organiser, language).await?;
        organiser.photograph(&format!("access-keys-{language}")).await?;
    }
    organiser.visit("/console/link").await?;
    organiser.photograph("link-en").await
}
