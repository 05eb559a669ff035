//! What a browser keeps of the console, and what it may do with answers.

use crate::support::access_fixture::AccessFixture;
use reqwest::header::{COOKIE, LOCATION, ORIGIN, SET_COOKIE};
use reqwest::{Method, Response};
use toruk_server::identity::Role;

const SUBMITTED: &str = "Submitted for review.";

/// The console's answer to the organiser, who reads English and has this cookie too.
async fn ask(scene: &AccessFixture, method: Method, path: &str, cookie: &str) -> Response {
    let session = &scene.staff[&Role::Organiser].token;
    let request = scene
        .ask(method, path)
        .header(COOKIE, format!("toruk_session={session}; toruk_lang=en; {cookie}"))
        .header(ORIGIN, &scene.world.origin);
    request.send().await.unwrap()
}

fn cookies(response: &Response) -> Vec<String> {
    let all = response.headers().get_all(SET_COOKIE).iter();
    all.map(|cookie| cookie.to_str().unwrap().to_owned()).collect()
}

fn location(response: &Response) -> &str {
    response.headers()[LOCATION].to_str().unwrap()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_page_says_once_what_was_done_and_never_what_a_link_says() {
    let scene = AccessFixture::new().await.unwrap();
    let page = format!("/console/auctions/{}", scene.hidden);
    for forged in ["?done=published", "?done=submitted&done=approved"] {
        let seen = ask(&scene, Method::GET, &format!("{page}{forged}"), "").await;
        assert_eq!(seen.status(), 200);
        let text = seen.text().await.unwrap();
        assert!(!text.contains("notice good"), "{forged} is believed");
    }

    let act = ask(&scene, Method::POST, &format!("{page}/submit"), "").await;
    assert_eq!((act.status().as_u16(), location(&act)), (303, page.as_str()));
    let kept = cookies(&act);
    let done = format!("toruk_done=submitted:{page}");
    assert_eq!(kept, [format!("{done}; Path=/; HttpOnly; SameSite=Lax; Max-Age=60")]);

    // What the page loads meanwhile, and other pages, leave it for the page of the act.
    for other in [format!("{page}/proposals"), "/console/auctions".to_owned()] {
        let seen = ask(&scene, Method::GET, &other, &done).await;
        assert_eq!(cookies(&seen), [""; 0], "{other}");
        assert!(!seen.text().await.unwrap().contains(SUBMITTED), "{other}");
    }
    let seen = ask(&scene, Method::GET, &page, &done).await;
    let forgotten = "toruk_done=; Path=/; HttpOnly; SameSite=Lax; Max-Age=0";
    assert_eq!(cookies(&seen), [forgotten]);
    assert!(seen.text().await.unwrap().contains(SUBMITTED));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_sign_out_empties_what_the_browser_has_kept() {
    let scene = AccessFixture::new().await.unwrap();
    let left = ask(&scene, Method::POST, "/console/sign-out", "").await;
    assert_eq!((left.status().as_u16(), location(&left)), (303, "/console/sign-in"));
    assert_eq!(left.headers()["clear-site-data"], "\"cache\", \"storage\"");
    let ended = |name| format!("{name}=; Path=/; HttpOnly; SameSite=Lax; Max-Age=0");
    assert_eq!(cookies(&left), [ended("toruk_session"), ended("toruk_done")]);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn no_answer_but_a_page_may_be_shown_as_one_and_text_names_its_charset() {
    let scene = AccessFixture::new().await.unwrap();
    let strict = "default-src 'none'; frame-ancestors 'none'";
    for path in ["/v1/time", "/v1/auctions", "/api/openapi.json", "/nowhere", "/v1/devices"] {
        let answer = scene.ask(Method::GET, path).send().await.unwrap();
        assert_eq!(answer.headers()["content-security-policy"], strict, "{path}");
    }
    let page = ask(&scene, Method::GET, "/console/sign-in", "").await;
    let policy = page.headers()["content-security-policy"].to_str().unwrap().to_owned();
    assert!(policy.contains("script-src 'self'") && policy.contains("frame-ancestors 'none'"));
    assert_eq!(page.headers()["content-type"], "text/html; charset=utf-8");
    let text = page.text().await.unwrap();
    let links = text.split('"').filter(|link| link.starts_with("/console/assets/"));
    let mut kinds: Vec<String> = Vec::new();
    for link in links {
        let answer = ask(&scene, Method::GET, link, "").await;
        assert_eq!(answer.status(), 200, "{link}");
        kinds.push(answer.headers()["content-type"].to_str().unwrap().to_owned());
    }
    kinds.sort();
    kinds.dedup();
    let of = |kind| format!("{kind}; charset=utf-8");
    assert_eq!(kinds, [of("image/svg+xml"), of("text/css"), of("text/javascript")]);
}
