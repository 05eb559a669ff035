//! A PDF as this program writes it, read as other programs read it.

use flate2::read::ZlibDecoder;
use std::collections::BTreeMap;
use std::io::Read as _;

/// The numbered objects of a PDF as this program writes it.
fn objects(pdf: &[u8]) -> BTreeMap<usize, &[u8]> {
    let find = |from: usize, what: &[u8]| {
        pdf[from..].windows(what.len()).position(|window| window == what).map(|at| from + at)
    };
    let (mut found, mut from) = (BTreeMap::new(), 0);
    while let Some(at) = find(from, b" 0 obj\n") {
        let start = pdf[..at].iter().rposition(|byte| !byte.is_ascii_digit()).unwrap() + 1;
        let number = std::str::from_utf8(&pdf[start..at]).unwrap().parse().unwrap();
        let end = find(at, b"\nendobj").unwrap();
        found.insert(number, &pdf[at + 7..end]);
        from = end;
    }
    found
}

fn dictionary(object: &[u8]) -> String {
    let text = String::from_utf8_lossy(object);
    text.split("stream\n").next().unwrap_or_default().to_owned()
}

fn stream(object: &[u8]) -> Vec<u8> {
    let marker = b"stream\n";
    let start = object.windows(7).position(|window| window == marker).unwrap() + 7;
    let end = object.windows(10).rposition(|window| window == b"\nendstream").unwrap();
    let mut content = Vec::new();
    match dictionary(object).contains("/Filter") {
        true => drop(ZlibDecoder::new(&object[start..end]).read_to_end(&mut content).unwrap()),
        false => content.extend_from_slice(&object[start..end]),
    }
    content
}

/// The number in `key N 0 R`.
fn reference(dictionary: &str, key: &str) -> Option<usize> {
    dictionary.split_once(key)?.1.split_whitespace().next()?.parse().ok()
}

/// The letters by their numbers in a font.
fn letters(cmap: &str) -> BTreeMap<u16, String> {
    let hex = |text: &str| u16::from_str_radix(text, 16).unwrap();
    let letter = |line: &str| {
        let (id, units) = line.strip_prefix('<')?.strip_suffix('>')?.split_once("> <")?;
        let units: Vec<u16> =
            (0..units.len() / 4).map(|at| hex(&units[at * 4..at * 4 + 4])).collect();
        (id.len() == 4).then(|| (hex(id), String::from_utf16(&units).unwrap()))
    };
    cmap.lines().filter_map(letter).collect()
}

/// The bytes of the strings in an array, hexadecimal or literal.
fn shown(array: &str) -> Vec<u8> {
    let (mut bytes, mut depth, mut rest) = (Vec::new(), 0, array.bytes().peekable());
    while let Some(byte) = rest.next() {
        match (byte, depth) {
            (b'<', 0) => {
                let hex: Vec<u8> = rest.by_ref().take_while(|byte| *byte != b'>').collect();
                bytes.extend(hex::decode(hex).unwrap());
            }
            (b'(', 0) => depth = 1,
            (b')', 1) => depth = 0,
            (_, 0) => {}
            (b'\\', _) => match rest.next().unwrap() {
                b'n' => bytes.push(b'\n'),
                b'r' => bytes.push(b'\r'),
                b't' => bytes.push(b'\t'),
                b'b' => bytes.push(8),
                b'f' => bytes.push(12),
                digit @ b'0'..=b'7' => {
                    let mut value = u16::from(digit - b'0');
                    for _ in 0..2 {
                        let next = rest.next_if(|byte| (b'0'..=b'7').contains(byte));
                        value = next.map_or(value, |digit| value * 8 + u16::from(digit - b'0'));
                    }
                    bytes.push(u8::try_from(value).unwrap());
                }
                escaped => bytes.push(escaped),
            },
            (byte, _) => {
                depth += i32::from(byte == b'(') - i32::from(byte == b')');
                bytes.push(byte);
            }
        }
    }
    bytes
}

/// The text of all pages by the fonts' own tables, as other programs extract it; a space for each
/// end of a line.
pub fn extracted(pdf: &[u8]) -> String {
    let objects = objects(pdf);
    let mut text = String::new();
    for page in objects.values().map(|object| dictionary(object)) {
        if !page.contains("/Type/Page/") {
            continue;
        }
        let resources = dictionary(objects[&reference(&page, "/Resources ").unwrap()]);
        let font = |name: &str| {
            let font = dictionary(objects[&reference(&resources, &format!("/{name} ")).unwrap()]);
            let cmap = stream(objects[&reference(&font, "/ToUnicode ").unwrap()]);
            letters(&String::from_utf8(cmap).unwrap())
        };
        let fonts =
            ["f0", "f1"].map(|name| resources.contains(&format!("/{name} ")).then(|| font(name)));
        let content = stream(objects[&reference(&page, "/Contents ").unwrap()]);
        let content = String::from_utf8_lossy(&content).into_owned();
        for line in content.lines().filter(|line| line.ends_with("]TJ")) {
            let font = fonts[usize::from(line.contains("/f1 "))].as_ref().unwrap();
            let ids = shown(line.split_once("Tm[").unwrap().1);
            for id in ids.chunks(2) {
                text.push_str(&font[&u16::from_be_bytes([id[0], id[1]])]);
            }
            text.push(' ');
        }
    }
    text
}

/// The content of the attached file.
pub fn attached(pdf: &[u8]) -> String {
    let objects = objects(pdf);
    let file = objects.values().find(|object| dictionary(object).contains("/EmbeddedFile"));
    String::from_utf8(stream(file.unwrap())).unwrap()
}
