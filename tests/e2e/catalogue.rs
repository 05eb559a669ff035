//! The list of auctions over HTTP: what it refuses, and that a bid moves its auction by price.

use crate::support::access_fixture::problem;
use reqwest::{Method, RequestBuilder, StatusCode};
use toruk_sync::protocol::catalogue::AuctionPage;
use toruk_sync::protocol::problem::ProblemCode;
use toruk_tests::world::answer::read;
use toruk_tests::world::open_auction::OpenAuction;

fn asked(stage: &OpenAuction, query: &str) -> RequestBuilder {
    let url = format!("{}/v1/auctions?{query}", stage.world.origin);
    stage.world.http().unwrap().get(url)
}

async fn page(stage: &OpenAuction, query: &str) -> AuctionPage {
    read(asked(stage, query)).await.unwrap()
}

#[tokio::test]
async fn a_question_that_the_catalogue_does_not_know_is_a_typed_problem() {
    let stage = OpenAuction::published().await.unwrap();
    let start = stage.view().await.unwrap().auction.birth.offer.start;
    let [lot, _] = stage.officials.import_lots(&stage.world, 9).await.unwrap();
    stage.officials.publish(&stage.world, lot, start).await.unwrap();
    let first = page(&stage, "limit=1&sort=price_asc").await;
    let next = first.next.unwrap();
    let long = "%D3%A9".repeat(201);
    for (query, fault) in [
        ("statuses=tendering".to_owned(), None),
        ("status=sold".to_owned(), None),
        ("kind=castle".to_owned(), None),
        ("sort=cheapest".to_owned(), None),
        ("sort=newest&sort=price_asc".to_owned(), None),
        ("price_from=-1".to_owned(), None),
        ("price_to=9000000000001".to_owned(), None),
        ("price_to=1.5".to_owned(), None),
        ("start_from=tomorrow".to_owned(), None),
        ("start_to=9223372036854775808".to_owned(), None),
        ("limit=-1".to_owned(), None),
        (format!("text={long}"), Some("text_too_long")),
        (format!("region={long}"), Some("text_too_long")),
        ("after=AAAA".to_owned(), Some("unknown_page")),
        (format!("after={}", stage.auction), Some("unknown_page")),
        (format!("after={next}"), Some("page_of_other_sort")),
        (format!("after={next}&sort=price_asc&kind=land"), Some("page_of_other_filters")),
    ] {
        let refused = asked(&stage, &query).send().await.unwrap();
        assert_eq!(refused.status(), StatusCode::BAD_REQUEST, "{query}");
        let refused = problem(refused, &query).await;
        assert_eq!(refused.code, ProblemCode::Malformed, "{query}");
        assert_eq!(refused.params.get("fault").map(String::as_str), fault, "{query}");
        assert!(!refused.params["detail"].is_empty(), "{query}");
    }
    let rest = page(&stage, &format!("after={next}&sort=price_asc")).await;
    assert_eq!((rest.items.len(), rest.next), (1, None));
    assert_ne!(rest.items, first.items);
    let both = page(&stage, "status=bidding&status=rectification&status=tendering").await;
    assert_eq!(both.items.len(), 2);
}

#[tokio::test]
async fn a_bid_moves_its_auction_in_the_order_of_prices() -> anyhow::Result<()> {
    let (stage, clients) = OpenAuction::open(2).await?;
    let view = stage.view().await?;
    let old = view.auction.price();
    let found = |query: String| {
        let request = clients[0].request(Method::GET, &format!("/v1/auctions?{query}"));
        async move { anyhow::Ok(read::<AuctionPage>(request).await?.items) }
    };
    assert_eq!(found(format!("price_to={}", old.get())).await?.len(), 1);
    let winner = &clients[1];
    let raise = winner.raise(&view)?;
    let new = raise.amount;
    winner.bid(&view, &raise).await?;
    let (below, from) =
        (format!("price_to={}", new.get() - 1), format!("price_from={}", new.get()));
    assert!(found(below).await?.is_empty());
    let items = found(from).await?;
    assert_eq!(items.iter().map(|card| card.price).collect::<Vec<_>>(), [new]);
    let catalogue = &stage.world.state().catalogue;
    let round = catalogue.complete_entries().await?;
    assert_eq!(round.written, 0, "each entry is of its auction's last state");
    Ok(())
}
