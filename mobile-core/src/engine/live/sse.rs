//! Server-sent events, as far as the live stream uses them: `data:` lines up to an empty one.

/// The longest event, bytes; a snapshot of a large auction is far below.
const EVENT_BYTES_MAX: usize = 4 * 1024 * 1024;

/// An event is longer than any of this protocol.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("an event is longer than {EVENT_BYTES_MAX} bytes")]
pub struct TooLong;

/// Splits a stream of bytes into events, wherever the bytes were cut on the way.
#[derive(Debug, Default)]
pub struct Events {
    line: Vec<u8>,
    data: String,
}

impl Events {
    /// Takes in bytes; returns the data of the events that are now complete.
    ///
    /// # Errors
    /// [`TooLong`]; close the stream.
    pub fn feed(&mut self, bytes: &[u8]) -> Result<Vec<String>, TooLong> {
        let mut complete = Vec::new();
        for byte in bytes {
            if *byte != b'\n' {
                self.line.push(*byte);
                if self.line.len() + self.data.len() > EVENT_BYTES_MAX {
                    return Err(TooLong);
                }
                continue;
            }
            let line = std::mem::take(&mut self.line);
            let line = String::from_utf8_lossy(&line);
            let line = line.trim_end_matches('\r');
            if let Some(data) = line.strip_prefix("data:") {
                if !self.data.is_empty() {
                    self.data.push('\n');
                }
                self.data.push_str(data.strip_prefix(' ').unwrap_or(data));
            } else if line.is_empty() && !self.data.is_empty() {
                complete.push(std::mem::take(&mut self.data));
            }
        }
        Ok(complete)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn events_are_found_wherever_the_bytes_were_cut() {
        let stream =
            ": hello\n\nid: 7\nevent: record\ndata: {\"a\":\ndata: \"ң\"}\r\n\r\ndata:x\n\n";
        for size in 1..stream.len() {
            let mut events = Events::default();
            let chunks = stream.as_bytes().chunks(size);
            let found: Vec<_> = chunks.flat_map(|chunk| events.feed(chunk).unwrap()).collect();
            assert_eq!(found, ["{\"a\":\n\"ң\"}", "x"], "cut every {size} bytes");
        }
    }

    #[test]
    fn an_event_without_end_is_given_up() {
        let mut events = Events::default();
        events.feed(b"data: ").unwrap();
        assert_eq!(events.feed(&vec![b'a'; EVENT_BYTES_MAX]), Err(TooLong));
    }
}
