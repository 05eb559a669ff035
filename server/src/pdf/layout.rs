//! Breaks blocks of text into lines and pages.
//!
//! All lengths are in points (1/72 inch), from the top left corner of the page.

use super::PaperError;
use super::face::{Face, Faces};
use qrcode::{EcLevel, QrCode};

/// A4.
pub const PAGE_WIDTH: f32 = 595.28;
pub const PAGE_HEIGHT: f32 = 841.89;
/// Left and right; the left one leaves room for a binder.
pub const LEFT: f32 = 64.0;
pub const RIGHT: f32 = PAGE_WIDTH - 48.0;
const TOP: f32 = 56.0;
const BOTTOM: f32 = PAGE_HEIGHT - 72.0;
/// The baseline of the foot.
pub const FOOT: f32 = PAGE_HEIGHT - 40.0;
/// The size of plain text.
pub const TEXT_SIZE: f32 = 10.5;
/// The smallest size of a text.
const SIZE_MIN: f32 = 8.0;
/// The distance of two baselines, in parts of the size.
const LEADING: f32 = 1.32;
/// The part of the width that labels of facts take.
const LABELS: f32 = 0.34;
/// The distance of two columns.
const GUTTER: f32 = 10.0;
/// The height up to which a row is not broken between two pages.
const WHOLE_ROW_MAX: f32 = 120.0;
/// The room under a table.
const AFTER_TABLE: f32 = 9.0;
/// The side of a QR code with its quiet zone.
const QR_SIDE: f32 = 150.0;
/// Light modules around a QR code, as ISO/IEC 18004 demands.
const QUIET: usize = 4;

/// A part of a paper.
#[derive(Debug, Clone)]
pub enum Block {
    /// The name of the paper.
    Title(String),
    /// The name of a section.
    Heading(String),
    /// A sentence that stands out.
    Statement(String),
    /// Plain text.
    Paragraph(String),
    /// Labels, each with its value.
    Facts(Vec<(String, String)>),
    /// Rows under a row of names; `widths` are parts of the whole width.
    Table { head: Vec<String>, widths: Vec<f32>, rows: Vec<Vec<String>> },
    /// Large signs, such as a code to dictate.
    Code(String),
    /// A QR code, and a text for those who do not see it.
    Qr { content: String, alt: String },
}

/// Something drawn on a page.
#[derive(Debug)]
pub struct Mark {
    pub x: f32,
    /// The baseline, or the top of what is no text.
    pub y: f32,
    pub ink: Ink,
    /// Its number in the structure; `None` for what only decorates.
    pub leaf: Option<usize>,
}

/// What is drawn.
#[derive(Debug)]
pub enum Ink {
    Text { text: String, size: f32, bold: bool, muted: bool },
    Rule { width: f32 },
    Modules { dark: Vec<bool>, side: usize, size: f32 },
}

/// The structure of the paper, for readers that do not see it.
#[derive(Debug)]
pub enum Element {
    /// A heading of a level, from 1; its text is in the outline too.
    Heading {
        level: u16,
        text: String,
        page: usize,
        y: f32,
        leaves: Vec<usize>,
    },
    Paragraph(Vec<usize>),
    Table(Vec<Vec<Cell>>),
    Figure {
        alt: String,
        leaf: usize,
    },
}

/// A cell of a table.
#[derive(Debug)]
pub struct Cell {
    pub role: CellRole,
    pub leaves: Vec<usize>,
}

/// What a cell is to the others.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum CellRole {
    NamesColumn,
    NamesRow,
    Value,
}

/// A paper in pages.
#[derive(Debug, Default)]
pub struct Pages {
    pub pages: Vec<Vec<Mark>>,
    pub parts: Vec<Element>,
    pub leaves: usize,
}

/// Breaks a paper into pages.
///
/// # Errors
/// [`PaperError::Qr`].
pub fn paginate(blocks: &[Block], faces: &Faces) -> Result<Pages, PaperError> {
    let mut composer = Composer { faces, pages: Pages::default(), y: BOTTOM };
    composer.new_page();
    for block in blocks {
        composer.block(block)?;
    }
    Ok(composer.pages)
}

struct Composer<'a> {
    faces: &'a Faces,
    pages: Pages,
    /// The lower end of what is set.
    y: f32,
}

/// How a text is set.
#[derive(Debug, Clone, Copy)]
struct Style {
    size: f32,
    bold: bool,
    muted: bool,
}

const PLAIN: Style = Style { size: TEXT_SIZE, bold: false, muted: false };
const BOLD: Style = Style { bold: true, ..PLAIN };
const LABEL: Style = Style { muted: true, ..PLAIN };

/// A column of a row, ready to be set.
struct Column {
    x: f32,
    style: Style,
    role: CellRole,
    lines: Vec<String>,
}

impl Composer<'_> {
    fn block(&mut self, block: &Block) -> Result<(), PaperError> {
        match block {
            Block::Title(text) => self.heading(1, text, Style { size: 17.0, ..BOLD }, 0.0),
            Block::Heading(text) => self.heading(2, text, Style { size: 12.5, ..BOLD }, 16.0),
            Block::Statement(text) => self.paragraph(text, Style { size: 12.0, ..BOLD }),
            Block::Paragraph(text) => self.paragraph(text, PLAIN),
            Block::Code(text) => self.paragraph(text, Style { size: 30.0, ..BOLD }),
            Block::Facts(facts) => self.facts(facts),
            Block::Table { head, widths, rows } => self.table(head, widths, rows),
            Block::Qr { content, alt } => self.qr(content, alt)?,
        }
        Ok(())
    }

    fn face(&self, style: Style) -> &Face {
        if style.bold { &self.faces.bold } else { &self.faces.regular }
    }

    fn new_page(&mut self) {
        self.pages.pages.push(Vec::new());
        self.y = TOP;
    }

    /// Begins a page if there is less room than `height`; returns `true` if it did.
    fn make_room(&mut self, height: f32) -> bool {
        let is_full = self.y + height > BOTTOM && self.y > TOP;
        if is_full {
            self.new_page();
        }
        is_full
    }

    fn skip(&mut self, height: f32) {
        if self.y > TOP {
            self.y += height;
        }
    }

    fn put(&mut self, x: f32, y: f32, ink: Ink, leaf: Option<usize>) {
        if let Some(page) = self.pages.pages.last_mut() {
            page.push(Mark { x, y, ink, leaf });
        }
    }

    fn leaf(&mut self) -> usize {
        self.pages.leaves += 1;
        self.pages.leaves - 1
    }

    /// Sets a line whose baseline is `below` the current height, which stays.
    fn line(&mut self, (x, below): (f32, f32), text: String, style: Style, leaf: Option<usize>) {
        let Style { size, bold, muted } = style;
        self.put(x, self.y + below, Ink::Text { text, size, bold, muted }, leaf);
    }

    fn lines(&mut self, text: &str, style: Style) -> Vec<usize> {
        let lines = wrap(self.face(style), text, style.size, RIGHT - LEFT);
        let mut leaves = Vec::with_capacity(lines.len());
        for line in lines {
            self.make_room(style.size * LEADING);
            let leaf = self.leaf();
            self.line((LEFT, style.size), line, style, Some(leaf));
            self.y += style.size * LEADING;
            leaves.push(leaf);
        }
        leaves
    }

    fn heading(&mut self, level: u16, text: &str, style: Style, above: f32) {
        self.skip(above);
        // A heading is not the last thing on a page.
        self.make_room(style.size * LEADING * 2.0 + TEXT_SIZE * LEADING * 2.0);
        let (page, y) = (self.pages.pages.len() - 1, self.y);
        let leaves = self.lines(text, style);
        self.y += 5.0;
        let text = self.face(style).printable(text).replace('\n', " ");
        self.pages.parts.push(Element::Heading { level, text, page, y, leaves });
    }

    fn paragraph(&mut self, text: &str, style: Style) {
        let leaves = self.lines(text, style);
        self.y += 5.0;
        self.pages.parts.push(Element::Paragraph(leaves));
    }

    fn facts(&mut self, facts: &[(String, String)]) {
        let middle = LEFT + (RIGHT - LEFT) * LABELS;
        let mut rows = Vec::with_capacity(facts.len());
        for (label, value) in facts {
            let label = self.column(label, LEFT, middle - GUTTER, LABEL, CellRole::NamesRow);
            let value = self.column(value, middle, RIGHT, PLAIN, CellRole::Value);
            rows.push(self.row(vec![label, value], None));
        }
        self.y += AFTER_TABLE;
        self.pages.parts.push(Element::Table(rows));
    }

    fn table(&mut self, head: &[String], widths: &[f32], rows: &[Vec<String>]) {
        let mut x = LEFT;
        let edges: Vec<(f32, f32)> = widths
            .iter()
            .map(|part| {
                let left = x;
                x += (RIGHT - LEFT) * part;
                (left, x - GUTTER)
            })
            .collect();
        let small = |style: Style| Style { size: 9.5, ..style };
        let columns =
            |composer: &Self, texts: &[String], style: Style, role: CellRole| -> Vec<Column> {
                let set = |(text, (left, right)): (&String, &(f32, f32))| {
                    composer.column(text, *left, *right, small(style), role)
                };
                texts.iter().zip(&edges).map(set).collect()
            };
        let mut set = Vec::with_capacity(rows.len() + 1);
        let names = columns(self, head, BOLD, CellRole::NamesColumn);
        set.push(self.row(names, None));
        for row in rows {
            let cells = columns(self, row, PLAIN, CellRole::Value);
            set.push(self.row(cells, Some(columns(self, head, BOLD, CellRole::NamesColumn))));
        }
        self.y += AFTER_TABLE;
        self.pages.parts.push(Element::Table(set));
    }

    /// A single word that is a little too wide, such as a hash, is set smaller and not broken.
    fn column(&self, text: &str, left: f32, right: f32, style: Style, role: CellRole) -> Column {
        let width = self.face(style).width(text, style.size);
        let fitting = style.size * (right - left) / width.max(1.0);
        let is_word = !text.contains(char::is_whitespace);
        let style = match is_word && (SIZE_MIN..style.size).contains(&fitting) {
            true => Style { size: fitting, ..style },
            false => style,
        };
        let lines = wrap(self.face(style), text, style.size, right - left);
        Column { x: left, style, role, lines }
    }

    /// Sets a row with a rule under it, line by line where it is longer than a page. On a new page
    /// `head` comes first; it is in the structure already.
    fn row(&mut self, columns: Vec<Column>, head: Option<Vec<Column>>) -> Vec<Cell> {
        let height = |columns: &[Column]| -> f32 {
            let size = columns.first().map_or(TEXT_SIZE, |column| column.style.size);
            let lines = columns.iter().map(|column| column.lines.len()).max().unwrap_or(0);
            (0..lines).map(|_| size * LEADING).sum()
        };
        if self.make_room(height(&columns).min(WHOLE_ROW_MAX) + 4.0) {
            self.again(head);
        }
        self.y += 2.0;
        let mut leaves: Vec<Vec<usize>> = columns.iter().map(|_| Vec::new()).collect();
        let depth = columns.iter().map(|column| column.lines.len()).max().unwrap_or(0);
        let size = columns.first().map_or(TEXT_SIZE, |column| column.style.size);
        let step = size * LEADING;
        for index in 0..depth {
            self.make_room(step);
            for (column, leaves) in columns.iter().zip(&mut leaves) {
                if let Some(text) = column.lines.get(index) {
                    let leaf = self.leaf();
                    self.line((column.x, size), text.clone(), column.style, Some(leaf));
                    leaves.push(leaf);
                }
            }
            self.y += step;
        }
        self.y += 1.0;
        self.put(LEFT, self.y, Ink::Rule { width: RIGHT - LEFT }, None);
        let cells = columns.iter().zip(leaves);
        cells.map(|(column, leaves)| Cell { role: column.role, leaves }).collect()
    }

    fn again(&mut self, head: Option<Vec<Column>>) {
        let Some(head) = head else { return };
        let step = TEXT_SIZE * LEADING;
        for column in head {
            if let Some(text) = column.lines.into_iter().next() {
                self.line((column.x, column.style.size), text, column.style, None);
            }
        }
        self.y += step;
        self.put(LEFT, self.y, Ink::Rule { width: RIGHT - LEFT }, None);
    }

    fn qr(&mut self, content: &str, alt: &str) -> Result<(), PaperError> {
        let code = QrCode::with_error_correction_level(content, EcLevel::M)?;
        self.make_room(QR_SIDE);
        let (side, leaf) = (code.width(), self.leaf());
        let module = QR_SIDE / (side + 2 * QUIET) as f32;
        let quiet = module * QUIET as f32;
        let dark = code.into_colors().into_iter().map(|color| color == qrcode::Color::Dark);
        let ink = Ink::Modules { dark: dark.collect(), side, size: module };
        let y = self.y + quiet;
        self.put(LEFT, y, ink, Some(leaf));
        self.y += QR_SIDE;
        self.pages.parts.push(Element::Figure { alt: self.faces.regular.printable(alt), leaf });
        Ok(())
    }
}

/// The lines of a text in a column of this width. Words that are wider are broken; each line but a
/// paragraph's last ends with the space at which it was broken, so that copied text has it.
fn wrap(face: &Face, text: &str, size: f32, width: f32) -> Vec<String> {
    let text = face.printable(text);
    let mut lines = Vec::new();
    for paragraph in text.split('\n') {
        let mut line = String::new();
        for word in paragraph.split_inclusive(' ') {
            let fits = |line: &str, word: &str| {
                face.width(line, size) + face.width(word.trim_end(), size) <= width
            };
            if !line.is_empty() && !fits(&line, word) {
                lines.push(std::mem::take(&mut line));
            }
            if fits("", word) {
                line.push_str(word);
                continue;
            }
            for letter in word.chars() {
                if !line.is_empty() && !fits(&line, letter.encode_utf8(&mut [0; 4])) {
                    lines.push(std::mem::take(&mut line));
                }
                line.push(letter);
            }
        }
        lines.push(line);
    }
    // A cell is never without a line: an empty one still has its place in the structure.
    lines.into_iter().map(|line| if line.is_empty() { " ".to_owned() } else { line }).collect()
}
