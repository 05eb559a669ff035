//! The ways to pay: banks and wallets that the payment system names, and the operator's account for
//! transfers.

use crate::ground::sale::Sale;
use toruk_server::db::StoreError;
use toruk_server::deposit::Error;
use toruk_server::pdf::PaperLanguage;
use toruk_sync::domain::deposit::Channel;
use toruk_sync::domain::form::Text;
use toruk_sync::domain::id::IntentId;
use toruk_sync::domain::time::TimeSpan;
use toruk_sync::protocol::deposit::{BankAccount, BeginPayment, PaymentProvider};
use uuid::Uuid;

fn provider(id: &str, channel: Channel) -> PaymentProvider {
    PaymentProvider { id: id.to_owned(), channel, name: Text::all(id, id, id) }
}

fn account() -> BankAccount {
    let text = |text: &str| text.to_owned();
    BankAccount {
        holder: text("Мамлекеттик мүлк фонду"),
        tax_number: text("01234567890123"),
        bank: text("РСК Банк"),
        bic: text("129001"),
        account: text("1290010000000042"),
    }
}

fn ids(providers: &[PaymentProvider]) -> Vec<&str> {
    providers.iter().map(|provider| provider.id.as_str()).collect()
}

#[tokio::test]
async fn without_a_list_the_payment_system_judges_a_choice_itself() {
    let mut sale = Sale::new().await;
    let application = sale.apply().await;
    let (id, provider) = (IntentId(Uuid::from_u128(1)), Some("elsom".to_owned()));
    let request = BeginPayment { id, channel: Channel::WalletCode, provider };
    let begun = sale.state().deposits.begin(&sale.bidder, application, request).await.unwrap();
    assert_eq!(begun.provider.as_deref(), Some("elsom"));
    let ordered = sale.gateway.orders.lock().unwrap().pop().unwrap();
    assert_eq!(ordered.provider.as_deref(), Some("elsom"));
    for odd in ["", "ELSOM", "a b", &"x".repeat(33)] {
        let (id, provider) = (IntentId(Uuid::from_u128(2)), Some(odd.to_owned()));
        let request = BeginPayment { id, channel: Channel::BranchCode, provider };
        let refused = sale.state().deposits.begin(&sale.bidder, application, request).await;
        assert!(matches!(refused, Err(Error::UnknownProvider)), "{odd}: {refused:?}");
    }
}

#[tokio::test]
async fn a_payer_chooses_among_what_the_payment_system_names() {
    let mut sale = Sale::new().await;
    let application = sale.apply().await;
    let deposits = &sale.state().deposits;
    // A payment system without a list: there is nothing to choose from.
    assert_eq!(deposits.ways().await.providers, []);
    let begin = |id: u128, channel, provider: Option<&str>| {
        let (id, provider) = (IntentId(Uuid::from_u128(id)), provider.map(str::to_owned));
        deposits.begin(&sale.bidder, application, BeginPayment { id, channel, provider })
    };
    let offered = [provider("elsom", Channel::WalletCode), provider("rsk", Channel::BranchCode)];
    sale.gateway.providers.lock().unwrap().extend(offered.clone());
    assert_eq!(deposits.ways().await.providers, [], "asked again at once");
    sale.clock().pass(TimeSpan::minutes(10));
    assert_eq!(ids(&deposits.ways().await.providers), ["elsom", "rsk"]);
    for (channel, chosen) in [
        (Channel::BranchCode, "elsom"),
        (Channel::WalletCode, "rsk"),
        (Channel::BankTransfer, "rsk"),
        (Channel::WalletCode, ""),
        (Channel::WalletCode, "Elsom"),
    ] {
        let refused = begin(1, channel, Some(chosen)).await;
        assert!(matches!(refused, Err(Error::UnknownProvider)), "{chosen}: {refused:?}");
    }
    let begun = begin(2, Channel::WalletCode, Some("elsom")).await.unwrap();
    assert_eq!(begun.provider.as_deref(), Some("elsom"));
    let any = begin(3, Channel::BranchCode, None).await.unwrap();
    assert_eq!(any.provider, None);
    let ordered: Vec<_> = {
        let orders = sale.gateway.orders.lock().unwrap();
        orders.iter().map(|order| (order.channel, order.provider.clone())).collect()
    };
    let elsom = Some("elsom".to_owned());
    assert_eq!(ordered, [(Channel::WalletCode, elsom), (Channel::BranchCode, None)]);
    // The one of the channel that lives is given again, whatever is chosen.
    let again = begin(4, Channel::WalletCode, None).await.unwrap();
    assert_eq!((again.id, again.provider), (begun.id, begun.provider));

    // A payment system that is silent keeps what was known.
    *sale.gateway.down.lock().unwrap() = true;
    sale.clock().pass(TimeSpan::minutes(10));
    assert_eq!(ids(&deposits.ways().await.providers), ["elsom", "rsk"]);
}

#[tokio::test]
async fn a_transfer_has_a_slip_with_the_account_and_the_reference() {
    let mut sale = Sale::with_config(|config| config.bank_account = Some(account())).await;
    let application = sale.apply().await;
    let deposits = &sale.state().deposits;
    assert_eq!(deposits.ways().await.account, Some(account()));
    let id = IntentId(Uuid::from_u128(1));
    let request = BeginPayment { id, channel: Channel::BankTransfer, provider: None };
    let begun = deposits.begin(&sale.bidder, application, request).await.unwrap();
    let slip = deposits.payment_slip(&sale.bidder, application, id).await.unwrap();
    assert_eq!((Some(slip.code.clone()), slip.account.clone()), (begun.code, Some(account())));
    for language in PaperLanguage::ALL {
        let pdf = slip.write(language).unwrap();
        if let Ok(folder) = std::env::var("TORUK_PAPERS") {
            std::fs::write(format!("{folder}/transfer-{}.pdf", language.tag()), &pdf).unwrap();
        }
        assert!(pdf.starts_with(b"%PDF-1.7"));
    }
    let other = IntentId(Uuid::from_u128(2));
    let missing = deposits.payment_slip(&sale.bidder, application, other).await;
    assert!(matches!(missing, Err(Error::Store(StoreError::NotFound))), "{missing:?}");
}
