//! An official in a browser of their own.

use std::path::{Path, PathBuf};
use toruk_server::identity::Role;
use toruk_tests::browser::{Browser, Driver};
use toruk_tests::world::World;

/// The folder for photographs: the one that is asked for, or this one.
pub fn photographs(otherwise: &Path) -> PathBuf {
    std::env::var_os("TORUK_PHOTOGRAPHS").map_or_else(|| otherwise.to_owned(), PathBuf::from)
}

/// A browser in which a new official has enrolled by a one-time link.
pub async fn enrolled(
    driver: &Driver,
    world: &World,
    (role, name): (Role, &str),
    photographs: &Path,
) -> anyhow::Result<Browser> {
    let browser = Browser::open(driver, name, &world.origin, photographs).await?;
    let link = world.state().identity.invite(None, role, None).await?.link;
    browser.visit(&link).await?;
    browser.watch("[data-role]", |role| !role.is_empty()).await?;
    browser.fill("#name", name).await?;
    browser.follow("form[data-passkey] button").await?;
    Ok(browser)
}
