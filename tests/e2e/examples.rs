//! The examples of the API's description, sent as they stand: the server understands each of them.

use crate::support::access_fixture::AccessFixture;
use serde_json::Value;

/// What a request is answered that the server does not understand.
const NOT_UNDERSTOOD: [u16; 4] = [400, 405, 413, 415];

#[tokio::test(flavor = "multi_thread")]
async fn each_body_has_an_example_that_the_server_understands() -> anyhow::Result<()> {
    let scene = AccessFixture::new().await?;
    let bidder = &scene.participant;
    let document: Value = bidder.get("/api/openapi.json").await?.json()?;
    let mut sent = 0;
    for (path, item) in document["paths"].as_object().unwrap() {
        for (method, operation) in item.as_object().unwrap() {
            let Some(content) = operation.pointer("/requestBody/content/application~1json") else {
                continue;
            };
            let what = operation["operationId"].as_str().unwrap();
            let example = content.get("example").unwrap_or_else(|| panic!("{what}: no example"));
            let path = filled(path);
            let request = bidder.request(method.to_uppercase().parse()?, &path).json(example);
            let answer = request.send().await?;
            let (status, told) = (answer.status().as_u16(), answer.text().await?);
            let understood = !NOT_UNDERSTOOD.contains(&status) && status < 500;
            assert!(understood, "{what}: {status} {told}");
            sent += 1;
        }
    }
    assert!(sent > 20, "{sent} examples");
    Ok(())
}

/// A path whose parameters name something that is not there.
fn filled(path: &str) -> String {
    let parts = path.split('/').map(|part| match part {
        "{id}" | "{bid}" if path.contains("/passkeys/") => "Y3JlZA",
        "{id}" | "{bid}" => "00000000-0000-7000-8000-000000000001",
        part => part,
    });
    parts.collect::<Vec<_>>().join("/")
}
