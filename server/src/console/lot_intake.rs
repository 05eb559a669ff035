//! Intake of lots: an import of many, a document of one.

use super::layout::{Page, StaffPage, done, render_as};
use super::lots::{self, refused_status};
use super::refusal::Refusal;
use crate::AppState;
use crate::catalogue::{import, media_type};
use askama::Template;
use axum::extract::{Multipart, Path, State};
use axum::http::StatusCode;
use axum::response::Response;
use toruk_sync::domain::id::LotId;
use toruk_sync::domain::text::file_name;
use toruk_sync::protocol::limits::FILE_BYTES_MAX;

/// Largest import, in bytes.
pub const IMPORT_BYTES_MAX: usize = 2 * 1024 * 1024;
/// Largest upload of a document, in bytes: the file and the form around it.
pub const DOCUMENT_BODY_BYTES_MAX: usize = FILE_BYTES_MAX as usize + 64 * 1024;
/// Longest title of a document, in characters.
const TITLE_CHARS_MAX: usize = 200;
/// First bytes of a PDF, a JPEG and a PNG.
const KINDS: [&[u8]; 3] = [b"%PDF-", b"\xff\xd8\xff", b"\x89PNG\r\n\x1a\n"];
/// An example of an import, shown on the page.
const EXAMPLE: &str = include_str!("assets/import-example.json");

/// Page of the import.
#[derive(Template)]
#[template(path = "lot-import.html")]
pub struct Import {
    pub page: Page,
    /// The pasted text.
    pub pasted: String,
    pub refusal: Option<String>,
    pub example: &'static str,
}

/// `GET /console/lots/import`: the import's page.
pub async fn show_import(desk: StaffPage) -> Result<Response, Refusal> {
    desk.organiser()?;
    import_page(&desk, String::new(), None)
}

/// `POST /console/lots/import`: imports lots.
pub async fn import(
    State(state): State<AppState>,
    desk: StaffPage,
    form: Multipart,
) -> Result<Response, Refusal> {
    desk.organiser()?;
    let parts = Parts::read(form).await?;
    let text = match parts.file.filter(|file| !file.content.is_empty()) {
        Some(file) => String::from_utf8_lossy(&file.content).into_owned(),
        None => parts.text,
    };
    let outcome = match import::read(&text) {
        Ok(lots) => state.catalogue.import(&desk.official, lots).await.map_err(Refusal::from),
        Err(fault) => Err(Refusal::import(fault)),
    };
    match outcome {
        Ok(_) => Ok(done(&state, "/console/lots", "import")),
        Err(refusal) if refusal.belongs_in_form() => import_page(&desk, text, Some(refusal)),
        Err(refusal) => Err(refusal),
    }
}

/// `POST /console/lots/{id}/documents`: adds a document.
pub async fn add_document(
    State(state): State<AppState>,
    desk: StaffPage,
    Path(id): Path<LotId>,
    form: Multipart,
) -> Result<Response, Refusal> {
    desk.organiser()?;
    let parts = Parts::read(form).await?;
    let outcome = match parts.document() {
        Ok((title, content)) => {
            let (by, catalogue) = (&desk.official, &state.catalogue);
            let added = catalogue.add_document(by, id, &title, &content).await;
            added.map_err(Refusal::from)
        }
        Err(refusal) => Err(refusal),
    };
    match outcome {
        Ok(()) => Ok(done(&state, &format!("/console/lots/{id}"), "document")),
        Err(refusal) => lots::again(&state, &desk, id, refusal, None).await,
    }
}

fn import_page(
    desk: &StaffPage,
    pasted: String,
    refusal: Option<Refusal>,
) -> Result<Response, Refusal> {
    let page = desk.page.clone();
    let status = refused_status(&refusal);
    let refusal = refusal.map(|refusal| refusal.words(page.language));
    render_as(status, &Import { page, pasted, refusal, example: EXAMPLE })
}

/// The content of a form with a file.
#[derive(Default)]
pub struct Parts {
    text: String,
    title: String,
    choice: String,
    file: Option<Upload>,
}

struct Upload {
    name: String,
    content: Vec<u8>,
}

impl Parts {
    /// Reads the whole form; the route's body limit bounds it.
    ///
    /// # Errors
    /// If it is too large or malformed.
    pub async fn read(mut form: Multipart) -> Result<Self, Refusal> {
        let mut parts = Self::default();
        while let Some(field) = form.next_field().await? {
            match field.name().unwrap_or_default() {
                "text" => parts.text = field.text().await?,
                "title" => parts.title = field.text().await?,
                "choice" => parts.choice = field.text().await?,
                "file" => {
                    let name = field.file_name().unwrap_or_default().to_owned();
                    let content = field.bytes().await?.to_vec();
                    parts.file = Some(Upload { name, content });
                }
                _ => return Err(Refusal::of_status(StatusCode::BAD_REQUEST)),
            }
        }
        Ok(parts)
    }

    /// The typed text of the form.
    pub fn text(&self) -> &str {
        &self.text
    }

    /// The value of the form's radio buttons.
    pub fn choice(&self) -> &str {
        &self.choice
    }

    /// The name of the file, as the browser has it; empty without one.
    pub fn file_name(&self) -> &str {
        self.file.as_ref().map_or("", |file| file.name.as_str())
    }

    /// The bytes of the file, if one was chosen.
    pub fn content(self) -> Option<Vec<u8>> {
        self.file.map(|file| file.content).filter(|content| !content.is_empty())
    }

    /// Title and bytes of a document. Its kind comes from the bytes, not from the browser.
    fn document(self) -> Result<(String, Vec<u8>), Refusal> {
        let file = self.file.filter(|file| !file.content.is_empty());
        let file = file.ok_or_else(|| Refusal::unprocessable("document-none"))?;
        if file.content.len() as u64 > FILE_BYTES_MAX {
            return Err(Refusal::of_status(StatusCode::PAYLOAD_TOO_LARGE));
        }
        if !KINDS.iter().any(|start| file.content.starts_with(start)) {
            return Err(Refusal::unprocessable("document-kind"));
        }
        let mime = media_type(&file.content).unwrap_or_default();
        let title = Some(self.title).filter(|title| !title.trim().is_empty());
        let title = title.unwrap_or_else(|| file_name(&file.name, mime));
        let title: String = title.trim().chars().take(TITLE_CHARS_MAX).collect();
        Ok((title, file.content))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::console::language::Language;

    #[test]
    fn an_import_keeps_the_unknown_unknown_and_refuses_what_it_does_not_know() {
        let lots = import::read(EXAMPLE).unwrap();
        assert!(lots.iter().any(|lot| lot.step_bp.is_none()));
        for (text, expected) in [
            (
                r#"{"lots":[{"title":{"ru":"A"},"kind":"land","price":1}]}"#,
                [
                    "Эч нерсе кошулган жок. Лот №\u{a0}1: белгисиз талаа «price».",
                    "Ничего не добавлено. Лот №\u{a0}1: неизвестное поле «price».",
                    "Nothing was added. Lot No.\u{a0}1: unknown field “price”.",
                ],
            ),
            (
                "lots",
                [
                    "Эч нерсе кошулган жок. Файл: JSON туура эмес жазылган (1-сап, 1-белги).",
                    "Ничего не добавлено. Файл: неверный JSON (строка 1, знак 1).",
                    "Nothing was added. File: JSON is not valid (line 1, character 1).",
                ],
            ),
        ] {
            let refusal = Refusal::import(import::read(text).unwrap_err());
            assert_eq!(Language::ALL.map(|language| refusal.words(language)), expected);
        }
    }

    #[test]
    fn a_document_is_known_by_its_bytes() {
        let document = |content: &[u8]| {
            let file = Some(Upload { name: "a.pdf".to_owned(), content: content.to_vec() });
            Parts { file, ..Parts::default() }.document().is_ok()
        };
        assert!(document(b"%PDF-1.7"));
        assert!(!document(b"<script>"));
        assert!(!document(b""));
    }
}
