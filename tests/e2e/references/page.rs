//! A text by its lines.

/// Something found, with its line: what refers to nothing, or an id.
pub type Fault = (usize, String);

/// A page without its blocks of code, line for line.
pub fn without_fences(page: &str) -> String {
    let mut inside = false;
    let kept = page.lines().map(|line| {
        let is_fence = line.trim_start().starts_with("```");
        inside ^= is_fence;
        if inside || is_fence { "\n".to_owned() } else { format!("{line}\n") }
    });
    kept.collect()
}

pub fn lines(text: &str) -> impl Iterator<Item = (usize, &str)> {
    text.lines().enumerate().map(|(no, line)| (no + 1, line))
}
