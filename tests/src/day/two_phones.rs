//! One person, one application, two phones: one goes offline in the middle of the form, the other
//! goes on, and both come back.

use crate::world::phone::Phone;
use crate::world::{World, until};
use anyhow::ensure;
use std::collections::HashMap;
use toruk_mobile_core::api::SyncReason;
use toruk_sync::domain::id::AuctionId;

const SHARED: &str = "address";

/// Plays it with `phone` and another phone of the same person; answers how many answers of each
/// phone reached the other.
///
/// # Errors
/// When an answer is lost, or the phones do not end with the same.
pub async fn fill_in_together(
    world: &World,
    phone: &Phone,
    auction: AuctionId,
) -> anyhow::Result<u64> {
    let other = phone.another(world, "tablet")?;
    other.core.sign_in().await?;
    let id = auction.to_string();
    for phone in [phone, &other] {
        phone.core.auction(id.clone()).await?;
    }
    let set = |phone: &Phone, field: &str, answer: &str| {
        phone.core.draft_set(id.clone(), field.to_owned(), Some(answer.to_owned()))
    };
    set(phone, "full_name", "Аида Токтогулова")?;
    agree(&[phone, &other], auction, 1).await?;

    // On a key press, the first phone has no network any more; the second has, for a while.
    phone.core.set_online(false)?;
    set(phone, SHARED, "Бишкек, Чүй пр. 1")?;
    set(phone, "phone", "+996700000001")?;
    set(&other, "purpose", "Китепкана")?;
    other.core.set_online(false)?;
    set(&other, SHARED, "Ош, Ленин көч. 2")?;
    set(&other, "applicant_kind", "person")?;

    phone.core.set_online(true)?;
    other.core.set_online(true)?;
    agree(&[phone, &other], auction, 5).await?;
    for phone in [phone, &other] {
        let beside = phone.core.draft_status(id.clone())?.conflicts;
        let both = beside.get(SHARED).map_or(0, Vec::len);
        ensure!(beside.len() == 1 && both == 2, "both addresses stand, but: {beside:?}");
    }
    // The person settles it on one of them.
    set(&other, SHARED, "Ош, Ленин көч. 2")?;
    let settled = agree(&[phone, &other], auction, 5).await?;
    let beside = phone.core.draft_status(id)?.conflicts;
    ensure!(beside.is_empty(), "settled on one phone, and still open on the other: {beside:?}");
    other.core.close();
    Ok(settled.len() as u64)
}

/// Waits until all phones show the same answers and open questions, and so many answers.
async fn agree(
    phones: &[&Phone],
    auction: AuctionId,
    count: usize,
) -> anyhow::Result<HashMap<String, String>> {
    until("two phones to agree", || async {
        let mut shown = Vec::new();
        for phone in phones {
            phone.core.sync_now(SyncReason::Foreground, 10_000, None).await?;
            let status = phone.core.draft_status(auction.to_string())?;
            let mut beside: Vec<_> = status.conflicts.into_iter().collect();
            beside.sort();
            shown.push((status.answers, beside, status.unsent));
        }
        let same = shown.iter().all(|one| Some(one) == shown.first() && one.2 == 0);
        let answers = shown.pop().map(|(answers, ..)| answers).unwrap_or_default();
        Ok((same && answers.len() == count).then_some(answers))
    })
    .await
}
