//! The lines of a request's head as they come, before HTTP has read them.

/// Bytes of a head's beginning that are remembered: the longest of the usual methods, and a space.
const OPENING_BYTES: usize = 8;

/// The ends of a head's lines, as they come. What is read may begin in the middle of a head, or of a
/// body, when requests come one behind the other; so the head is known by its method.
#[derive(Debug, Default)]
pub struct HeadLines {
    is_over: bool,
    line_bytes: u64,
    follows_return: bool,
    has_bare_feed: bool,
    /// The beginning of the first line that is not empty.
    opening: Vec<u8>,
    has_line: bool,
}

impl HeadLines {
    /// Reads on, until the empty line at the head's end.
    pub fn read(&mut self, bytes: &[u8]) {
        for byte in bytes {
            if self.is_over {
                return;
            }
            match byte {
                b'\n' => {
                    let line = self.line_bytes - u64::from(self.follows_return);
                    // Empty lines before a request are passed over (RFC 9112, section 2.2).
                    self.has_bare_feed |= self.has_line | (line > 0) && !self.follows_return;
                    self.is_over = line == 0 && self.has_line;
                    self.has_line |= line > 0;
                    (self.line_bytes, self.follows_return) = (0, false);
                }
                byte => {
                    if !self.has_line && self.opening.len() < OPENING_BYTES && *byte != b'\r' {
                        self.opening.push(*byte);
                    }
                    self.line_bytes += 1;
                    self.follows_return = *byte == b'\r';
                }
            }
        }
    }

    /// `true` if a line of the head of a request by `method` ended in a line feed alone.
    pub fn has_bare_feed(&self, method: &str) -> bool {
        let opening = [method.as_bytes(), b" "].concat();
        let known = opening.len().min(OPENING_BYTES);
        self.has_bare_feed && self.opening.get(..known) == opening.get(..known)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_feed_alone_is_seen_in_the_head_and_nowhere_else() {
        for (pieces, is_bare) in [
            (vec!["GET / HTTP/1.1\r\nHost: a\r\n\r\n"], false),
            (vec!["GET / HTTP/1.1\r", "\nHost: a\r\n\r", "\n"], false),
            (vec!["GET / HTTP/1.1\nHost: a\n\n"], true),
            (vec!["GET / HTTP/1.1\r\nHost: a\nX: b\r\n\r\n"], true),
            (vec!["GET / HTTP/1.1\r\nHost: a\r\n", "\n"], true),
            // An empty line before the request hides nothing.
            (vec!["\r\nGET / HTTP/1.1\nHost: a\n\n"], true),
            (vec!["\r\nGET / HTTP/1.1\r\nHost: a\r\n\r\n"], false),
            // What is read begins in the middle of a head: between its first line and its feed, in a
            // line, before its end.
            (vec!["\nHost: a\r\n\r\n"], false),
            (vec!["t: a\r\nX: b\n\r\n"], false),
            (vec!["\r\n{\"a\":\n1}"], false),
            (vec!["\n{\"a\":\n1}"], false),
            // The body may hold what it likes.
            (vec!["POST / HTTP/1.1\r\nHost: a\r\n\r\na\nb\n\n"], false),
            (vec!["PROPFIND / HTTP/1.1\nHost: a\n\n"], true),
        ] {
            let mut lines = HeadLines::default();
            pieces.iter().for_each(|piece| lines.read(piece.as_bytes()));
            let whole = pieces.concat();
            let method = whole.split_whitespace().next().unwrap_or_default();
            let method = if method.starts_with(char::is_uppercase) { method } else { "GET" };
            assert_eq!(lines.has_bare_feed(method), is_bare, "{pieces:?}");
        }
    }
}
