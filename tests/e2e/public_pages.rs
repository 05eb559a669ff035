//! The public pages as a search engine, a slow phone and a reader meet them.

use anyhow::{Context as _, ensure};
use reqwest::header::{ACCEPT_ENCODING, ACCEPT_LANGUAGE, IF_NONE_MATCH};
use reqwest::{Client, Response};
use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use toruk_sync::domain::auction::Status;
use toruk_sync::domain::time::TimeSpan;
use toruk_tests::browser::{Browser, Driver};
use toruk_tests::world::api_client::ApiClient;
use toruk_tests::world::clock::Clock as _;
use toruk_tests::world::open_auction::OpenAuction;

/// A page with its styles and scripts, as it travels.
const FIRST_LOAD_BYTES_MAX: usize = 60 * 1024;
/// Environment variable that names a folder for photographs; they stay there after the test.
const PHOTOGRAPHS: &str = "TORUK_PHOTOGRAPHS";
const LANGUAGES: [&str; 3] = ["ky", "ru", "en"];

struct Reader {
    http: Client,
    origin: String,
}

impl Reader {
    fn of(stage: &OpenAuction) -> anyhow::Result<Self> {
        Ok(Self { http: stage.world.http()?, origin: stage.world.origin.clone() })
    }

    async fn get(&self, path: &str) -> anyhow::Result<Response> {
        Ok(self.http.get(format!("{}{path}", self.origin)).send().await?)
    }

    async fn text(&self, path: &str) -> anyhow::Result<String> {
        let answer = self.get(path).await?;
        ensure!(answer.status() == 200, "{path}: {}", answer.status());
        Ok(answer.text().await?)
    }

    /// Bytes of a file as it travels to a browser.
    async fn weight(&self, path: &str) -> anyhow::Result<usize> {
        let asked = self.http.get(format!("{}{path}", self.origin));
        let answer = asked.header(ACCEPT_ENCODING, "gzip").send().await?;
        ensure!(answer.status() == 200, "{path}: {}", answer.status());
        Ok(answer.bytes().await?.len())
    }
}

fn paths(stage: &OpenAuction) -> [String; 4] {
    let id = stage.auction;
    [
        "/".to_owned(),
        format!("/auctions/{id}"),
        format!("/auctions/{id}/check"),
        format!("/watch/{id}"),
    ]
}

/// Two raises, so that there is a price line.
async fn raised_twice() -> anyhow::Result<(OpenAuction, Vec<ApiClient>)> {
    let (stage, clients) = OpenAuction::open(2).await?;
    for client in &clients {
        let view = stage.view().await?;
        client.bid(&view, &client.raise(&view)?).await?;
        stage.clock.set(stage.clock.now() + TimeSpan::seconds(40));
    }
    Ok((stage, clients))
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_search_engine_finds_each_page_in_three_languages() -> anyhow::Result<()> {
    let (stage, _) = raised_twice().await?;
    let reader = Reader::of(&stage)?;
    for path in paths(&stage) {
        let own = if path == "/" { "" } else { path.as_str() };
        for language in LANGUAGES {
            let page = reader.text(&format!("/{language}{own}")).await?;
            ensure!(page.contains(&format!("<html lang=\"{language}\">")), "{language}{own}");
            let canonical = format!("rel=\"canonical\" href=\"{}/{language}{own}\"", reader.origin);
            ensure!(page.contains(&canonical), "{canonical}");
            ensure!(page.matches(" hreflang=\"").count() >= 7, "{language}{own}");
            ensure!(page.contains("<meta name=\"description\" content=\""), "{language}{own}");
            ensure!(page.contains("href=\"/console\""), "officials find their way");
        }
        // Without a language in the address it is the browser's, and caches are told so.
        let asked = reader.http.get(format!("{}{path}", reader.origin));
        let answer = asked.header(ACCEPT_LANGUAGE, "ru-RU,en;q=0.5").send().await?;
        ensure!(answer.headers()["vary"].to_str()?.contains("accept-language"), "{path}");
        ensure!(answer.text().await?.contains("<html lang=\"ru\">"), "{path}");
    }
    let watched = reader.text(&format!("/en/watch/{}", stage.auction)).await?;
    ensure!(watched.contains("noindex"), "what changes each second is not kept");
    let map = reader.text("/sitemap.xml").await?;
    ensure!(map.contains(&format!("/ky/auctions/{}</loc>", stage.auction)), "{map}");
    let robots = reader.text("/robots.txt").await?;
    for line in ["/sitemap.xml", "Disallow: /watch/", "Disallow: /ky/watch/", "Disallow: /b/"] {
        ensure!(robots.contains(line), "{line}: {robots}");
    }
    Ok(())
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_page_is_asked_for_again_by_its_tag_and_runs_only_our_files() -> anyhow::Result<()> {
    let stage = OpenAuction::published().await?;
    let reader = Reader::of(&stage)?;
    let path = format!("/en/auctions/{}", stage.auction);
    for path in ["/en", path.as_str()] {
        let answer = reader.get(path).await?;
        let headers = answer.headers().clone();
        ensure!(headers["cache-control"] == "public, no-cache", "{path}");
        let policy = headers["content-security-policy"].to_str()?;
        ensure!(policy.contains("script-src 'self'"), "{policy}");
        ensure!(
            !policy.contains("unsafe") && policy.contains("frame-ancestors 'none'"),
            "{policy}"
        );
        let again = reader.http.get(format!("{}{path}", reader.origin));
        let again = again.header(IF_NONE_MATCH, headers["etag"].clone()).send().await?;
        ensure!(again.status() == 304 && again.bytes().await?.is_empty(), "{path}");
    }
    for (path, status) in [
        (format!("/ru/auctions/{}", uuid::Uuid::nil()), 404),
        ("/ru/auctions/none".to_owned(), 404),
        (format!("/ru/watch/{}", uuid::Uuid::nil()), 404),
    ] {
        let answer = reader.get(&path).await?;
        ensure!(answer.status() == status, "{path}: {}", answer.status());
        ensure!(answer.text().await?.contains("<html lang=\"ru\">"), "{path}");
    }
    Ok(())
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_lot_is_found_as_people_type_and_a_page_of_another_question_begins_again()
-> anyhow::Result<()> {
    let stage = OpenAuction::published().await?;
    let reader = Reader::of(&stage)?;
    let title = stage.view().await?.lot.title.get("ky").to_lowercase();
    // A keyboard without Kyrgyz letters.
    let typed = title.replace('ө', "о").replace('ү', "у").replace('ң', "н");
    let link = format!("/en/auctions/{}\"", stage.auction);
    for (query, found) in [
        (format!("q={typed}"), true),
        ("q=zzzzzz".to_owned(), false),
        ("state=open&sort=price-asc".to_owned(), true),
        ("state=live".to_owned(), false),
        ("price_from=999999999".to_owned(), false),
        ("after=AAAA&q=".to_owned(), true),
        ("state=nonsense&price_to=much&unknown=1".to_owned(), true),
    ] {
        let page = reader.text(&format!("/en?{query}")).await?;
        ensure!(page.contains(&link) == found, "{query}");
        ensure!(page.contains("noindex"), "a search is no page of a search engine");
    }
    Ok(())
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_first_load_of_each_page_is_light() -> anyhow::Result<()> {
    let (stage, _) = raised_twice().await?;
    let reader = Reader::of(&stage)?;
    for path in paths(&stage) {
        let page = reader.text(&path).await?;
        let mut files: BTreeSet<String> = page
            .split('"')
            .filter(|part| part.starts_with("/assets/"))
            .map(str::to_owned)
            .collect();
        let scripts: Vec<String> =
            files.iter().filter(|file| file.ends_with(".js")).cloned().collect();
        for script in scripts {
            let folder = script.rsplit_once('/').context("a folder")?.0.to_owned();
            let text = reader.text(&script).await?;
            let imported =
                text.split("from \"./").skip(1).filter_map(|rest| rest.split('"').next());
            files.extend(imported.map(|name| format!("{folder}/{name}")));
        }
        let mut weight = reader.weight(&path).await?;
        for file in &files {
            weight += reader.weight(file).await?;
        }
        println!("{path}: {weight} bytes in {} files", files.len() + 1);
        ensure!(weight <= FIRST_LOAD_BYTES_MAX, "{path}: {weight} bytes");
    }
    Ok(())
}

#[tokio::test(flavor = "multi_thread", worker_threads = 3)]
async fn everybody_reads_watches_and_checks_an_auction_in_chromium() {
    let kept = std::env::var_os(PHOTOGRAPHS).map(PathBuf::from);
    let folder = tempfile::tempdir().unwrap();
    let photographs = kept.clone().unwrap_or_else(|| folder.path().join("photographs"));
    if let Err(error) = reads(&photographs).await {
        let photographs = if kept.is_some() { photographs } else { folder.keep() };
        panic!("{error:#}\nphotographs are under {}", photographs.display());
    }
}

async fn reads(photographs: &Path) -> anyhow::Result<()> {
    let (stage, clients) = raised_twice().await?;
    let driver = Driver::start().await?;
    let browser = Browser::open(&driver, "a reader", &stage.world.origin, photographs).await?;
    let pages = ["catalogue", "lot", "check", "watch"];
    for (name, path) in pages.into_iter().zip(paths(&stage)) {
        for (language, width, scheme) in
            [("ky", 360, "light"), ("ru", 360, "dark"), ("en", 1440, "light"), ("ky", 1440, "dark")]
        {
            let own = if path == "/" { "" } else { path.as_str() };
            browser.visit(&format!("/{language}{own}")).await?;
            let name = format!("public-{name}-{language}");
            if path.starts_with("/watch") {
                browser
                    .watch("[data-link='live'] [data-link-text]", |said| !said.is_empty())
                    .await?;
            }
            browser.photograph_at(&name, width, scheme).await?;
            browser.is_accessible(&name).await?;
        }
    }
    let id = stage.auction;
    browser.visit(&format!("/en/auctions/{id}/check")).await?;
    browser.click("[data-run]").await?;
    browser.watch("[data-said]", |said| said.contains("holds")).await?;
    browser.visit(&format!("/en/watch/{id}?screen=big")).await?;
    browser.watch("[data-link-text]", |said| said == "Live").await?;
    browser.mark().await?;
    let before = browser.text("[data-price]").await?;
    let third = stage.view().await?;
    ensure!(third.auction.status == Status::Bidding, "{:?}", third.auction.status);
    browser.photograph_at("public-big-screen", 1440, "dark").await?;
    clients[0].bid(&third, &clients[0].raise(&third)?).await?;
    browser.watch("[data-price]", |price| price != before).await?;
    ensure!(browser.is_marked().await?, "the page was loaded again");
    browser.no_complaints().await?;
    browser.close().await
}
