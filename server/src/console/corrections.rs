//! The form that proposes a correction of what was published of a lot.

use super::auction;
use super::layout::{StaffPage, done};
use super::refusal::Refusal;
use crate::AppState;
use crate::auction::Correction;
use axum::extract::{Multipart, Path, State};
use axum::http::StatusCode;
use axum::response::Response;
use toruk_sync::domain::id::AuctionId;

/// `POST /console/auctions/{id}/correct`: proposes it.
pub async fn correct(
    State(state): State<AppState>,
    desk: StaffPage,
    Path(id): Path<AuctionId>,
    form: Multipart,
) -> Result<Response, Refusal> {
    desk.organiser()?;
    let correction = read(form).await?;
    match state.auctions.propose_correction(&desk.official, id, correction).await {
        Ok(()) => Ok(done(&state, &format!("/console/auctions/{id}"), "proposed")),
        Err(error) => auction::overview(&state, &desk, id, Some(error.into()), String::new()).await,
    }
}

/// Reads the whole form; the route's body limit bounds it.
async fn read(mut form: Multipart) -> Result<Correction, Refusal> {
    let given = |text: String| Some(text.trim().to_owned()).filter(|text| !text.is_empty());
    let (mut correction, mut title) = (Correction::default(), String::new());
    let (mut name, mut content) = (String::new(), Vec::new());
    while let Some(field) = form.next_field().await? {
        let key = field.name().unwrap_or_default().to_owned();
        if key == "file" {
            field.file_name().unwrap_or_default().clone_into(&mut name);
            content = field.bytes().await?.to_vec();
            continue;
        }
        let text = field.text().await?;
        match key.as_str() {
            "title_ky" => correction.title.ky = given(text),
            "title_ru" => correction.title.ru = given(text),
            "title_en" => correction.title.en = given(text),
            "description_ky" => correction.description.ky = given(text),
            "description_ru" => correction.description.ru = given(text),
            "description_en" => correction.description.en = given(text),
            "drop" => correction.dropped.push(text),
            "title" => title = text.trim().to_owned(),
            _ => return Err(Refusal::of_status(StatusCode::BAD_REQUEST)),
        }
    }
    if !content.is_empty() {
        let title = if title.is_empty() { name } else { title };
        correction.added = Some((title, content));
    }
    Ok(correction)
}
