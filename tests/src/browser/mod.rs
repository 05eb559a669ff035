//! Real Chromium, driven as an official's hand would: chromedriver, a profile of its own and a
//! passkey authenticator for each person.
//!
//! It knows nothing of the console's pages; it clicks, types, reads, photographs, and remembers
//! what the browser complained of.

mod accessibility;
mod driver;
mod hands;
mod pictures;
mod pushes;
mod travels;

pub use driver::Driver;
pub use hands::{ENTER, TAB};

use crate::world::until;
use anyhow::{Context as _, bail, ensure};
use fantoccini::wd::WebDriverCompatibleCommand;
pub use fantoccini::wd::WindowHandle;
use fantoccini::{Client, ClientBuilder, Locator};
use hyper_util::client::legacy::connect::HttpConnector;
use reqwest::{Method, Url};
use serde_json::{Map, Value, json};
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Duration;

/// The hint of the error when a program can't be started.
const NEEDED: &str = "the console is tested in real Chromium: run tests/run, which installs \
    chromium and chromedriver, or have both on the PATH";
/// Longest time that one command may take.
const COMMAND_TIMEOUT: Duration = Duration::from_secs(20);
/// Size of a desktop's window, in CSS pixels.
const DESKTOP: (u32, u32) = (1280, 900);
/// Size of a small phone's window, in CSS pixels.
const PHONE: (u32, u32) = (390, 844);

/// One person's browser, with a profile and passkeys of its own. Dropped, it is killed.
pub struct Browser {
    /// The name of the browser's owner, for messages and photographs.
    pub name: String,
    client: Client,
    origin: String,
    process: Option<u64>,
    photographs: PathBuf,
    _profile: tempfile::TempDir,
}

impl Browser {
    /// Opens Chromium for `name` with an authenticator that holds passkeys and verifies its
    /// person. Paths are under `origin`; photographs go to the folder.
    ///
    /// # Errors
    /// When Chromium can't be started.
    pub async fn open(
        driver: &Driver,
        name: &str,
        origin: &str,
        photographs: &Path,
    ) -> anyhow::Result<Self> {
        std::fs::create_dir_all(photographs)?;
        let profile = tempfile::tempdir()?;
        let mut builder = ClientBuilder::new(HttpConnector::new());
        builder.capabilities(capabilities(profile.path()));
        let client = builder.connect(driver.url()).await.context(NEEDED)?;
        let answer = client.capabilities().and_then(|known| known.get("goog:processID"));
        let process = answer.and_then(Value::as_u64);
        let browser = Self {
            name: name.to_owned(),
            client,
            origin: origin.to_owned(),
            process,
            photographs: photographs.to_owned(),
            _profile: profile,
        };
        let authenticator = json!({
            "protocol": "ctap2", "transport": "internal", "hasResidentKey": true,
            "hasUserVerification": true, "isUserVerified": true, "isUserConsenting": true,
        });
        browser.command("webauthn/authenticator", authenticator).await?;
        Ok(browser)
    }

    /// Opens a page of the origin.
    ///
    /// # Errors
    /// When the browser fails or complains.
    pub async fn visit(&self, path: &str) -> anyhow::Result<()> {
        let path = path.strip_prefix(&self.origin).unwrap_or(path);
        self.client.goto(&format!("{}{path}", self.origin)).await?;
        self.no_complaints().await
    }

    /// The path of the page that is open, without its query.
    ///
    /// # Errors
    /// When the browser fails.
    pub async fn path(&self) -> anyhow::Result<String> {
        Ok(self.client.current_url().await?.path().to_owned())
    }

    /// Clicks what leads to another page, and waits for that page.
    ///
    /// # Errors
    /// When there is nothing to click, the page does not change, or the browser complains.
    pub async fn follow(&self, css: &str) -> anyhow::Result<()> {
        self.mark().await?;
        self.click(css).await?;
        until("another page", || async {
            let script = "return !window.isMarked && document.readyState === 'complete'";
            // Between two pages there is none that could answer.
            let there = self.client.execute(script, Vec::new()).await.ok();
            Ok(there.filter(|there| *there == Value::Bool(true)))
        })
        .await
        .with_context(|| format!("{}: {css} leads nowhere", self.name))?;
        self.no_complaints().await
    }

    /// Clicks.
    ///
    /// # Errors
    /// When there is nothing that can be clicked.
    pub async fn click(&self, css: &str) -> anyhow::Result<()> {
        self.find(css).await?.click().await.with_context(|| format!("{}: {css}", self.name))
    }

    /// Types into a field in place of what stood there; into a file's field, the file's path.
    ///
    /// # Errors
    /// When there is no such field.
    pub async fn fill(&self, css: &str, text: &str) -> anyhow::Result<()> {
        let field = self.find(css).await?;
        if field.attr("type").await?.as_deref() != Some("file") {
            field.clear().await?;
        }
        Ok(field.send_keys(text).await?)
    }

    /// Sets a field that the browser shows with controls of its own, such as a date.
    ///
    /// # Errors
    /// When there is no such field.
    pub async fn set(&self, css: &str, value: &str) -> anyhow::Result<()> {
        let field = serde_json::to_value(self.find(css).await?)?;
        let script = "arguments[0].value = arguments[1]; \
            arguments[0].dispatchEvent(new Event('change', { bubbles: true }))";
        self.client.execute(script, vec![field, Value::from(value)]).await?;
        Ok(())
    }

    /// The visible text of an element.
    ///
    /// # Errors
    /// When there is no such thing.
    pub async fn text(&self, css: &str) -> anyhow::Result<String> {
        Ok(self.find(css).await?.text().await?.replace('\u{a0}', " "))
    }

    /// The visible text of each matching element.
    ///
    /// # Errors
    /// When the browser fails.
    pub async fn texts(&self, css: &str) -> anyhow::Result<Vec<String>> {
        let script = "return [...document.querySelectorAll(arguments[0])] \
            .map((one) => one.textContent.replace(/\\s+/g, ' ').trim())";
        let texts = self.client.execute(script, vec![Value::from(css)]).await?;
        Ok(serde_json::from_value(texts)?)
    }

    /// An attribute, or a property, such as what was typed.
    ///
    /// # Errors
    /// When there is no such thing, or nothing of that name.
    pub async fn property(&self, css: &str, name: &str) -> anyhow::Result<String> {
        let value = self.find(css).await?.prop(name).await?;
        value.with_context(|| format!("{}: {css} has no {name}", self.name))
    }

    /// Returns `true` if an element is on the page.
    ///
    /// # Errors
    /// When the browser fails.
    pub async fn has(&self, css: &str) -> anyhow::Result<bool> {
        Ok(!self.client.find_all(Locator::Css(css)).await?.is_empty())
    }

    /// Reads it again and again until it is as wanted, without touching the page.
    ///
    /// # Errors
    /// When it never is.
    pub async fn watch(&self, css: &str, wanted: impl Fn(&str) -> bool) -> anyhow::Result<String> {
        let found = until(css, || async {
            // The page may be drawing it again just now.
            Ok(self.text(css).await.ok().filter(|text| wanted(text)))
        });
        match found.await {
            Ok(text) => Ok(text),
            Err(error) => {
                let last = self.text(css).await.ok();
                Err(error.context(format!("{}: {css} says {last:?}", self.name)))
            }
        }
    }

    /// Marks the page, so that [`Self::is_marked`] tells whether it was loaded again since.
    ///
    /// # Errors
    /// When the browser fails.
    pub async fn mark(&self) -> anyhow::Result<()> {
        self.client.execute("window.isMarked = true", Vec::new()).await?;
        Ok(())
    }

    /// Returns `true` if the page is still the one that was marked.
    ///
    /// # Errors
    /// When the browser fails.
    pub async fn is_marked(&self) -> anyhow::Result<bool> {
        Ok(self.client.execute("return window.isMarked === true", Vec::new()).await? == true)
    }

    /// Photographs the page on a desktop in light and on a phone in dark, whole.
    ///
    /// # Errors
    /// When the page has to be scrolled sideways on a phone, or the browser fails.
    pub async fn photograph(&self, name: &str) -> anyhow::Result<()> {
        for (look, (width, height), scheme) in
            [("desktop-light", DESKTOP, "light"), ("desktop-dark", DESKTOP, "dark")]
        {
            self.look_like(width, height, scheme).await?;
            self.shoot(&format!("{name}-{look}")).await?;
        }
        self.look_like(PHONE.0, PHONE.1, "light").await?;
        self.shoot(&format!("{name}-phone")).await?;
        let script =
            "return document.documentElement.scrollWidth - document.documentElement.clientWidth";
        let over = self.client.execute(script, Vec::new()).await?;
        ensure!(over.as_i64() <= Some(0), "{name} is {over} px too wide for a phone");
        self.look_like(DESKTOP.0, DESKTOP.1, "light").await
    }

    /// Photographs what is there now, as it is; for a failure's report.
    ///
    /// # Errors
    /// When the browser fails.
    pub async fn shoot(&self, name: &str) -> anyhow::Result<()> {
        use base64::Engine as _;
        let whole = json!({ "captureBeyondViewport": true });
        let image = self.chromium("Page.captureScreenshot", whole).await?;
        let image = image.get("data").and_then(Value::as_str).context("no image")?;
        let image = base64::engine::general_purpose::STANDARD.decode(image)?;
        Ok(std::fs::write(self.photographs.join(format!("{name}.png")), image)?)
    }

    /// That the browser has nothing to complain of: no refused script or style, no failed
    /// request, no error in a script. It also says that it emptied its stores at a sign-out.
    ///
    /// # Errors
    /// With the complaints since this was asked last.
    pub async fn no_complaints(&self) -> anyhow::Result<()> {
        let said = self.command("se/log", json!({ "type": "browser" })).await?;
        let emptied = |line: &&Value| {
            line["level"] == "INFO" && line["message"].to_string().contains("Cleared data types")
        };
        let said = said.as_array().context("no log")?;
        let said: Vec<&Value> = said.iter().filter(|line| !emptied(line)).collect();
        ensure!(said.is_empty(), "{} at {}: {said:?}", self.name, self.path().await?);
        Ok(())
    }

    /// Opens one more window of this browser, which is driven from now on.
    ///
    /// # Errors
    /// When the browser fails.
    pub async fn open_window(&self) -> anyhow::Result<WindowHandle> {
        let window = self.client.new_window(true).await?.handle;
        self.client.switch_to_window(window.clone()).await?;
        Ok(window)
    }

    /// The window that is driven.
    ///
    /// # Errors
    /// When the browser fails.
    pub async fn window(&self) -> anyhow::Result<WindowHandle> {
        Ok(self.client.window().await?)
    }

    /// Drives another window from now on.
    ///
    /// # Errors
    /// When there is no such window.
    pub async fn turn_to(&self, window: &WindowHandle) -> anyhow::Result<()> {
        Ok(self.client.switch_to_window(window.clone()).await?)
    }

    /// Closes the window that is driven; turn to another one.
    ///
    /// # Errors
    /// When the browser fails.
    pub async fn close_window(&self) -> anyhow::Result<()> {
        Ok(self.client.close_window().await?)
    }

    /// Closes the browser.
    ///
    /// # Errors
    /// When it can't be closed.
    pub async fn close(mut self) -> anyhow::Result<()> {
        self.client.clone().close().await?;
        self.process = None;
        Ok(())
    }

    async fn find(&self, css: &str) -> anyhow::Result<fantoccini::elements::Element> {
        let found = self.client.find(Locator::Css(css)).await;
        match found {
            Ok(found) => Ok(found),
            Err(error) => bail!("{} at {}: no {css}: {error}", self.name, self.path().await?),
        }
    }

    async fn look_like(&self, width: u32, height: u32, scheme: &str) -> anyhow::Result<()> {
        let size =
            json!({ "width": width, "height": height, "deviceScaleFactor": 1, "mobile": false });
        self.chromium("Emulation.setDeviceMetricsOverride", size).await?;
        self.chromium("Emulation.setScrollbarsHidden", json!({ "hidden": true })).await?;
        let features = json!([
            { "name": "prefers-color-scheme", "value": scheme },
            // A change of colours that takes time would be photographed half-way.
            { "name": "prefers-reduced-motion", "value": "reduce" },
        ]);
        self.chromium("Emulation.setEmulatedMedia", json!({ "features": features })).await?;
        Ok(())
    }

    async fn chromium(&self, cmd: &str, params: Value) -> anyhow::Result<Value> {
        self.command("goog/cdp/execute", json!({ "cmd": cmd, "params": params })).await
    }

    async fn command(&self, path: &'static str, body: Value) -> anyhow::Result<Value> {
        let command = self.client.issue_cmd(Extension { path, body });
        let answer = tokio::time::timeout(COMMAND_TIMEOUT, command).await;
        answer.context("the browser does not answer")?.with_context(|| path.to_owned())
    }
}

impl Drop for Browser {
    fn drop(&mut self) {
        // A test that failed has not closed it. Chromium outlives its driver, so it is ended by
        // its number; there is no other way without `unsafe`.
        if let Some(process) = self.process {
            let _ = Command::new("kill").arg(process.to_string()).status();
        }
    }
}

/// A command beyond WebDriver's own: WebAuthn's, and Chromium's.
#[derive(Debug)]
struct Extension {
    path: &'static str,
    body: Value,
}

impl WebDriverCompatibleCommand for Extension {
    fn endpoint(
        &self,
        base_url: &Url,
        session_id: Option<&str>,
    ) -> Result<Url, <Url as std::str::FromStr>::Err> {
        base_url.join(&format!("session/{}/{}", session_id.unwrap_or_default(), self.path))
    }

    fn method_and_body(&self, _: &Url) -> (Method, Option<String>) {
        (Method::POST, Some(self.body.to_string()))
    }
}

fn capabilities(profile: &Path) -> Map<String, Value> {
    let profile = format!("--user-data-dir={}", profile.display());
    let (width, height) = DESKTOP;
    let capabilities = json!({
        "goog:chromeOptions": { "args": [
            "--headless=new", "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage",
            "--no-first-run", "--disable-background-networking", "--disable-component-update",
            "--disable-sync", format!("--window-size={width},{height}"), profile,
        ]},
        "goog:loggingPrefs": { "browser": "ALL" },
        "timeouts": { "implicit": 0, "pageLoad": 20_000, "script": 10_000 },
    });
    match capabilities {
        Value::Object(capabilities) => capabilities,
        _ => Map::new(),
    }
}
