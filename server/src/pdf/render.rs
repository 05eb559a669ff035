//! Writes a paper as PDF/A-3a and PDF/UA-1.

use super::face::{Faces, faces};
use super::layout::{
    self, Block, Cell, CellRole, Element, FOOT, Ink, LEFT, Mark, PAGE_HEIGHT, PAGE_WIDTH, Pages,
    RIGHT,
};
use super::{PaperError, PaperLanguage};
use krilla::color::luma;
use krilla::configure::{Accessibility, Archival, ConfigurationBuilder};
use krilla::destination::XyzDestination;
use krilla::embed::{AssociationKind, EmbeddedFile, MimeType};
use krilla::geom::{PathBuilder, Point, Rect};
use krilla::metadata::{DateTime, Metadata};
use krilla::outline::{Outline, OutlineNode};
use krilla::page::PageSettings;
use krilla::paint::Fill;
use krilla::surface::Surface;
use krilla::tagging::{
    Artifact, ArtifactType, ContentTag, Identifier, Node, SpanTag, TableHeaderScope, Tag, TagGroup,
    TagTree,
};
use krilla::{Document, SerializeSettings};
use sha2::{Digest as _, Sha256};
use std::num::NonZeroU16;
use toruk_sync::domain::time::Timestamp;

/// The size of the foot.
const FOOT_SIZE: f32 = 8.5;
/// Shades, from 0 (black) to 255.
const BLACK: u8 = 0;
/// Dark enough beside white for WCAG's 4.5 : 1.
const GREY: u8 = 90;
const RULE: u8 = 200;

/// A paper before it is written.
#[derive(Debug)]
pub struct Sheet {
    pub language: PaperLanguage,
    pub title: String,
    /// Stands at the foot of each page.
    pub foot: String,
    /// The moment of the data.
    pub at: Timestamp,
    pub blocks: Vec<Block>,
    pub attached: Option<Attached>,
}

/// The data of a paper for programs.
#[derive(Debug)]
pub struct Attached {
    pub name: &'static str,
    pub description: String,
    pub json: Vec<u8>,
}

impl Sheet {
    /// The bytes of the PDF; the same for the same paper.
    ///
    /// # Errors
    /// [`PaperError`].
    pub fn write(&self) -> Result<Vec<u8>, PaperError> {
        let faces = faces()?;
        let Pages { pages, parts, leaves } = layout::paginate(&self.blocks, faces)?;
        let configuration = ConfigurationBuilder::new()
            .with_archival_validator(Archival::A3_A)
            .with_accessibility_validator(Accessibility::UA1)
            .finish()
            .map_err(|error| PaperError::Document(format!("{error:?}")))?;
        let settings = SerializeSettings { configuration, ..SerializeSettings::default() };
        let mut document = Document::new_with(settings);
        let mut identifiers: Vec<Option<Identifier>> = (0..leaves).map(|_| None).collect();
        for (index, marks) in pages.iter().enumerate() {
            let size = PageSettings::from_wh(PAGE_WIDTH, PAGE_HEIGHT)
                .ok_or_else(|| PaperError::Document("the page has no size".to_owned()))?;
            let mut page = document.start_page_with(size);
            let mut surface = page.surface();
            for mark in marks {
                draw(&mut surface, faces, mark, &mut identifiers);
            }
            let number = format!("{} / {}", index + 1, pages.len());
            self.draw_foot(&mut surface, faces, &number);
            surface.finish();
            page.finish();
        }
        let printed = |text: &str| faces.regular.printable(text).replace('\n', " ");
        document.set_outline(outline(&parts));
        document.set_tag_tree(tree(self.language, parts, &mut identifiers));
        let created = date(self.at);
        if let Some(Attached { name, description, json }) = &self.attached {
            let file = EmbeddedFile {
                path: (*name).to_owned(),
                mime_type: MimeType::new("application/json"),
                description: Some(description.clone()),
                association_kind: AssociationKind::Data,
                data: json.clone().into(),
                modification_date: Some(created),
                compress: None,
                location: None,
            };
            document
                .embed_file(file)
                .ok_or_else(|| PaperError::Document("two files of one name".to_owned()))?;
        }
        let metadata = Metadata::new()
            .title(printed(&self.title))
            .language(self.language.tag().to_owned())
            .producer("Toruk".to_owned())
            .creation_date(created)
            .document_id(self.id());
        document.set_metadata(metadata);
        let mut bytes =
            document.finish().map_err(|error| PaperError::Document(format!("{error:?}")))?;
        // An increment, such as a signature, begins on a line of its own.
        if bytes.last() != Some(&b'\n') {
            bytes.push(b'\n');
        }
        Ok(bytes)
    }

    /// A hash of all that the paper says.
    fn id(&self) -> String {
        hex::encode(Sha256::digest(format!("{self:?}")))
    }

    fn draw_foot(&self, surface: &mut Surface<'_>, faces: &Faces, number: &str) {
        let face = &faces.regular;
        surface.start_tagged(ContentTag::Artifact(Artifact::with_kind(ArtifactType::Footer)));
        let foot = face.printable(&self.foot).replace('\n', " ");
        write(surface, faces, (LEFT, FOOT), &foot, (FOOT_SIZE, false, GREY));
        let x = RIGHT - face.width(number, FOOT_SIZE);
        write(surface, faces, (x, FOOT), number, (FOOT_SIZE, false, GREY));
        surface.end_tagged();
    }
}

fn draw(
    surface: &mut Surface<'_>,
    faces: &Faces,
    mark: &Mark,
    identifiers: &mut [Option<Identifier>],
) {
    let tag = match (mark.leaf, &mark.ink) {
        (Some(_), Ink::Text { .. }) => ContentTag::Span(SpanTag::empty()),
        (Some(_), _) => ContentTag::Other,
        (None, _) => ContentTag::Artifact(Artifact::with_kind(ArtifactType::Layout)),
    };
    let identifier = surface.start_tagged(tag);
    if let Some(place) = mark.leaf.and_then(|leaf| identifiers.get_mut(leaf)) {
        *place = Some(identifier);
    }
    match &mark.ink {
        Ink::Text { text, size, bold, muted } => {
            let shade = if *muted { GREY } else { BLACK };
            write(surface, faces, (mark.x, mark.y), text, (*size, *bold, shade));
        }
        Ink::Rule { width } => {
            fill(surface, RULE, [Rect::from_xywh(mark.x, mark.y, *width, 0.5)]);
        }
        Ink::Modules { dark, side, size } => {
            let squares = dark.iter().enumerate().filter(|(_, dark)| **dark).map(|(index, _)| {
                let (column, row) = ((index % side) as f32, (index / side) as f32);
                Rect::from_xywh(mark.x + column * size, mark.y + row * size, *size, *size)
            });
            fill(surface, BLACK, squares);
        }
    }
    surface.end_tagged();
}

fn write(
    surface: &mut Surface<'_>,
    faces: &Faces,
    (x, y): (f32, f32),
    text: &str,
    (size, bold, shade): (f32, bool, u8),
) {
    let face = if bold { &faces.bold } else { &faces.regular };
    surface.set_fill(Some(Fill { paint: luma::Color::new(shade).into(), ..Fill::default() }));
    let (glyphs, font) = (face.glyphs(text), face.font.clone());
    surface.draw_glyphs(Point::from_xy(x, y), &glyphs, font, text, size, false);
}

fn fill(surface: &mut Surface<'_>, shade: u8, areas: impl IntoIterator<Item = Option<Rect>>) {
    let mut path = PathBuilder::new();
    areas.into_iter().flatten().for_each(|area| path.push_rect(area));
    surface.set_fill(Some(Fill { paint: luma::Color::new(shade).into(), ..Fill::default() }));
    if let Some(path) = path.finish() {
        surface.draw_path(&path);
    }
}

fn outline(parts: &[Element]) -> Outline {
    let mut outline = Outline::new();
    for part in parts {
        if let Element::Heading { text, page, y, .. } = part {
            let place = XyzDestination::new(*page, Point::from_xy(LEFT, *y));
            outline.push_child(OutlineNode::new(text.clone(), place));
        }
    }
    outline
}

fn tree(
    language: PaperLanguage,
    parts: Vec<Element>,
    identifiers: &mut [Option<Identifier>],
) -> TagTree {
    let mut tree = TagTree::new().with_lang(Some(language.tag().to_owned()));
    let mut nodes = |leaves: Vec<usize>| -> Vec<Node> {
        let taken = leaves.into_iter().filter_map(|leaf| identifiers.get_mut(leaf)?.take());
        taken.map(Node::Leaf).collect()
    };
    for part in parts {
        let group = match part {
            Element::Heading { level, text, leaves, .. } => {
                let level = NonZeroU16::new(level).unwrap_or(NonZeroU16::MIN);
                TagGroup::with_children(Tag::Hn(level, Some(text)), nodes(leaves))
            }
            Element::Paragraph(leaves) => TagGroup::with_children(Tag::P, nodes(leaves)),
            Element::Figure { alt, leaf } => {
                TagGroup::with_children(Tag::Figure(Some(alt)), nodes(vec![leaf]))
            }
            Element::Table(rows) => {
                let mut table = TagGroup::new(Tag::Table);
                for row in rows {
                    let mut group = TagGroup::new(Tag::TR);
                    for Cell { role, leaves } in row {
                        let content = TagGroup::with_children(Tag::P, nodes(leaves));
                        group.push(cell(role, content));
                    }
                    table.push(group);
                }
                table
            }
        };
        tree.push(group);
    }
    tree
}

fn cell(role: CellRole, content: TagGroup) -> TagGroup {
    let content = vec![content.into()];
    match role {
        CellRole::NamesColumn => {
            TagGroup::with_children(Tag::TH(TableHeaderScope::Column), content)
        }
        CellRole::NamesRow => TagGroup::with_children(Tag::TH(TableHeaderScope::Row), content),
        CellRole::Value => TagGroup::with_children(Tag::TD, content),
    }
}

/// A moment in UTC, as PDF writes it.
fn date(at: Timestamp) -> DateTime {
    let text = at.rfc3339();
    let number = |from: usize, to: usize| text.get(from..to).and_then(|part| part.parse().ok());
    let part = |from, to| number(from, to).unwrap_or_default();
    DateTime::new(number(0, 4).unwrap_or_default())
        .month(part(5, 7) as u8)
        .day(part(8, 10) as u8)
        .hour(part(11, 13) as u8)
        .minute(part(14, 16) as u8)
        .second(part(17, 19) as u8)
        .utc_offset_hour(0)
        .utc_offset_minute(0)
}
