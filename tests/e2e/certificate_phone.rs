//! A person does everything by certificate (ЭЦП) on the phone: a real core, whose platform has a
//! token that signs, is cancelled, is missing or breaks.

use anyhow::Context as _;
use std::collections::BTreeSet;
use std::sync::Arc;
use toruk_mobile_core::CoreError;
use toruk_mobile_core::api::records::PaymentChannel;
use toruk_mobile_core::platform::SigningPurpose;
use toruk_sync::domain::rules::{Admission, ConfirmationMethod, RuleProfile};
use toruk_sync::domain::time::{TimeSpan, Timestamp};
use toruk_tests::day::paper;
use toruk_tests::outside::certificates::authority::{Template, root};
use toruk_tests::world::World;
use toruk_tests::world::api_client::ANSWERS;
use toruk_tests::world::certificates::{Authority, PhoneToken, Signatory, TokenMood};
use toruk_tests::world::open_auction::{OpenAuction, UNTIL_START};
use toruk_tests::world::phone::Phone;
use toruk_tests::world::until;

const MORNING: &str = "2026-11-24T09:00:00+06:00";
const NUMBER: &str = "21503199077777";

async fn stage() -> anyhow::Result<(OpenAuction, Authority)> {
    let both = BTreeSet::from([ConfirmationMethod::Passkey, ConfirmationMethod::Eds]);
    let rules = RuleProfile {
        admission: Admission::Auto,
        application_confirmation: both.clone(),
        award_confirmation: both,
        ..RuleProfile::sandbox(1)
    };
    let now = Timestamp::parse(MORNING).context("a date")?;
    let mut stage = OpenAuction::begun(rules, now).await?;
    let authority = stage.world.with_certificates().await?;
    Ok((stage, authority))
}

fn is_refused<T>(outcome: &Result<T, CoreError>, with: &str) -> bool {
    matches!(outcome, Err(CoreError::Refused { code, .. }) if code == with)
}

/// Writes an application that lacks nothing but the signature.
fn write(phone: &Phone, auction: &str) -> anyhow::Result<()> {
    for (field, answer) in ANSWERS {
        let answer = if field == "pin" { NUMBER } else { answer };
        phone.core.draft_set(auction.to_owned(), field.to_owned(), Some(answer.to_owned()))?;
    }
    let (slot, name) = ("identity_document".to_owned(), "паспорт.pdf".to_owned());
    let mime = "application/pdf".to_owned();
    Ok(phone.core.draft_attach(auction.to_owned(), slot, name, mime, paper("Айгүл"))?)
}

#[tokio::test]
async fn a_person_with_a_token_enters_applies_wins_and_signs_the_contract() -> anyhow::Result<()> {
    let (stage, authority) = stage().await?;
    let world = &stage.world;
    let mut phone = world.phone("Айгүл")?;
    let missing = phone.core.sign_in_by_certificate().await;
    assert!(is_refused(&missing, "signer_missing"), "{missing:?}");
    let who = authority.by_list(world, "Асанова Айгүл", NUMBER, 10);
    let token = PhoneToken::new(world, who);
    phone.reopen_with_token(token.clone())?;
    for (mood, code) in [
        (TokenMood::Cancels, "cancelled"),
        (TokenMood::Absent, "signer_unavailable"),
        (TokenMood::Breaks, "signer_failed"),
        (TokenMood::Nothing, "signer_failed"),
    ] {
        token.set(mood);
        let told = phone.core.sign_in_by_certificate().await;
        assert!(is_refused(&told, code), "{mood:?}: {told:?}");
        assert!(phone.core.account().is_none());
    }
    token.set(TokenMood::Signs);
    let account = phone.core.sign_in_by_certificate().await?;
    assert_eq!((&*account.name, account.signed_in), ("Асанова Айгүл", true));
    assert!(phone.core.passkeys().await?.is_empty());

    let auction = stage.auction.to_string();
    phone.core.auction(auction.clone()).await?;
    write(&phone, &auction)?;
    let no_passkey = phone.core.submit(auction.clone()).await;
    assert!(is_refused(&no_passkey, "passkey_missing"), "{no_passkey:?}");
    token.set(TokenMood::Cancels);
    let cancelled = phone.core.submit_by_certificate(auction.clone()).await;
    assert!(is_refused(&cancelled, "cancelled"), "{cancelled:?}");
    token.set(TokenMood::Signs);
    // A token needs no connection.
    phone.core.set_online(false)?;
    let queued = phone.core.submit_by_certificate(auction.clone()).await?;
    assert_ne!(queued.state, "submitted");
    phone.core.set_online(true)?;
    until("the application", || async {
        let submit = phone.core.draft_status(auction.clone())?.submit;
        Ok(submit.filter(|submit| submit.state == "submitted"))
    })
    .await?;
    win(&stage, &phone).await?;

    let shown = phone.core.protocol(auction.clone()).await?;
    assert!(shown.price > 0);
    phone.core.confirm_award_by_certificate(auction.clone()).await?;
    let organiser = &stage.officials.organiser.official;
    let content = b"%PDF-1.7 the contract of sale";
    world.state().auctions.upload_contract(organiser, stage.auction, "Договор", content).await?;
    let unread = phone.core.sign_contract_by_certificate(auction.clone()).await;
    assert!(is_refused(&unread, "contract_changed"), "{unread:?}");
    phone.core.contract_file(auction.clone()).await?;
    phone.core.sign_contract_by_certificate(auction.clone()).await?;
    assert!(phone.core.contract(auction).await?.winner_signed_at.is_some());
    use SigningPurpose::{Application, Award, Contract, SignIn};
    let acts = [SignIn, Application, Application, Award, Contract];
    assert_eq!(token.asked()[4..], acts);
    Ok(())
}

/// Pays, and bids without a rival's answer until the window is over.
async fn win(stage: &OpenAuction, phone: &Phone) -> anyhow::Result<()> {
    let (core, auction) = (&phone.core, stage.auction.to_string());
    core.my_auctions().await?;
    let paying = core.begin_payment(auction.clone(), PaymentChannel::WalletCode).await?;
    stage.world.payments.pay_code(&paying.code.context("no code")?, paying.amount)?;
    stage.eligible("Бек").await?;
    until("a paid deposit", || async {
        let mine = core.my_auctions().await?.items;
        Ok(mine.iter().any(|mine| mine.status == "eligible").then_some(()))
    })
    .await?;
    core.watch(auction.clone())?;
    let morning = Timestamp::parse(MORNING).context("a date")?;
    stage.play_until(morning + UNTIL_START).await?;
    until("the button", || async {
        // Hours in a moment look to a phone like a stream that fell silent.
        stage.clock.advance(TimeSpan::milliseconds(100));
        let live = core.live_state(auction.clone())?;
        Ok((live.button == "can_first_offer").then_some(()))
    })
    .await?;
    core.place_bid(core.quote(auction)?).await?;
    let open = stage.view().await?.auction;
    let deadline = open.round.context("no round")?.deadline;
    stage.play_until(deadline + open.birth.rules.drain).await
}

#[tokio::test]
async fn a_certificate_brings_a_passkey_to_an_account_and_another_persons_does_not()
-> anyhow::Result<()> {
    let (stage, authority) = stage().await?;
    let world = &stage.world;
    let aida = authority.by_list(world, "Асанова Айгүл", NUMBER, 10);
    let token = PhoneToken::new(world, aida);
    let mut phone = world.phone("Айгүл")?;
    phone.reopen_with_token(token.clone())?;
    let nobody = phone.core.recover_by_certificate().await;
    assert!(is_refused(&nobody, "forbidden"), "{nobody:?}");
    let account = phone.core.sign_in_by_certificate().await?;
    let again = phone.core.recover_by_certificate().await?;
    assert_eq!(again.person, account.person);
    assert_eq!(phone.core.passkeys().await?.len(), 1);
    assert_eq!(token.asked().last(), Some(&SigningPurpose::Recovery));

    let bek = authority.by_list(world, "Бек Уулу", "11503199012345", 11);
    phone.reopen_with_token(PhoneToken::new(world, bek))?;
    let other = phone.core.sign_in_by_certificate().await;
    assert!(is_refused(&other, "another_account"), "{other:?}");
    assert_eq!(phone.core.account().context("nobody")?.person, account.person);
    // Under another authority's root nobody is anybody.
    phone.reopen_with_token(foreign_token(world))?;
    let foreign = phone.core.sign_in_by_certificate().await;
    assert!(is_refused(&foreign, "signature_refused"), "{foreign:?}");
    Ok(())
}

/// A token of a person whom an authority of their own has certified.
fn foreign_token(world: &World) -> Arc<PhoneToken> {
    let own = root(&Template::authority("Чужой УЦ", 77, world.clock.now()));
    let template = Template::person("Асанова Айгүл", NUMBER, 78, world.clock.now());
    let (holder, pin) = (own.certify(&template), NUMBER.to_owned());
    PhoneToken::new(world, Signatory { holder, pin, between: Vec::new() })
}
