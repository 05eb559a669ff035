//! The lines of a request's head as they come, before HTTP has read them.

/// The ends of a head's lines, as they come.
#[derive(Debug, Default)]
pub struct HeadLines {
    is_over: bool,
    line_bytes: u64,
    follows_return: bool,
    has_bare_feed: bool,
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
                    self.has_bare_feed |= !self.follows_return;
                    let line = self.line_bytes - u64::from(self.follows_return);
                    self.is_over = line == 0;
                    (self.line_bytes, self.follows_return) = (0, false);
                }
                byte => {
                    self.line_bytes += 1;
                    self.follows_return = *byte == b'\r';
                }
            }
        }
    }

    /// `true` if a line of the head ended in a line feed alone.
    pub fn has_bare_feed(&self) -> bool {
        self.has_bare_feed
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
            // The body may hold what it likes.
            (vec!["POST / HTTP/1.1\r\nHost: a\r\n\r\na\nb\n\n"], false),
        ] {
            let mut lines = HeadLines::default();
            pieces.iter().for_each(|piece| lines.read(piece.as_bytes()));
            assert_eq!(lines.has_bare_feed(), is_bare, "{pieces:?}");
        }
    }
}
