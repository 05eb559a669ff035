//! The terminal itself: questions, lines typed, and a panel that is drawn over and over.

use crate::output::Output;
use std::io::IsTerminal as _;
use tokio::sync::mpsc::{Receiver, channel};

/// Lines typed ahead that are kept.
const TYPED_AHEAD_MAX: usize = 64;

/// Reads lines from a terminal and prints to it.
pub struct Screen {
    lines: Receiver<String>,
    output: Output,
    question: Option<String>,
    drawn: Vec<String>,
    live: bool,
    anywhere: Anywhere,
}

/// Handles a key that works on every screen. Returns the text to print, or `None` for every other
/// line.
pub type Anywhere = Box<dyn FnMut(&str) -> Option<String> + Send>;

/// A line of input, understood.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Reply {
    /// Any line that is not a command.
    Line(String),
    /// `q`, or nobody reads or types any more.
    Back,
}

impl Screen {
    /// Opens the standard input and output of the process.
    pub fn open(anywhere: Anywhere) -> Self {
        let (typed, lines) = channel(TYPED_AHEAD_MAX);
        // A thread of its own: nothing can interrupt a read from a terminal, and nothing waits
        // for this one when the program ends.
        std::thread::spawn(move || {
            for line in std::io::stdin().lines() {
                let Ok(line) = line else { break };
                if typed.blocking_send(line.trim().to_owned()).is_err() {
                    break;
                }
            }
        });
        let live = std::io::stdout().is_terminal();
        Self { live, ..Self::new(lines, Output::stdout(), anywhere) }
    }

    /// A screen that reads `lines`; each panel is printed once.
    pub fn new(lines: Receiver<String>, output: Output, anywhere: Anywhere) -> Self {
        Self { lines, output, question: None, drawn: Vec::new(), live: false, anywhere }
    }

    /// The next line typed. The keys that work on every screen are handled at once, and a question
    /// that was asked is asked again.
    pub async fn typed(&mut self) -> Reply {
        let mut line = self.next_line().await;
        while let Some(said) = line.as_deref().and_then(|line| (self.anywhere)(line)) {
            self.say(said);
            if let Some(question) = &self.question {
                self.output.write(format_args!("{question}: "));
            }
            line = self.next_line().await;
        }
        self.drawn.clear();
        line.filter(|line| line != "q").map_or(Reply::Back, Reply::Line)
    }

    async fn next_line(&mut self) -> Option<String> {
        tokio::select! {
            biased;
            // Nobody sees what is asked any more.
            _ = self.output.lost() => None,
            line = self.lines.recv() => line,
        }
    }

    /// Prints a question. Returns the line typed.
    pub async fn ask(&mut self, question: &str) -> Reply {
        self.clear_panel();
        self.output.write(format_args!("{question}: "));
        self.question = Some(question.to_owned());
        let reply = self.typed().await;
        self.question = None;
        reply
    }

    /// Prints a line above the panel.
    pub fn say(&mut self, line: impl std::fmt::Display) {
        self.clear_panel();
        self.output.line(line);
    }

    /// Shows a panel with a prompt below, in place of the one before. Where output is not a
    /// terminal, each panel is printed once.
    pub fn draw(&mut self, panel: Vec<String>) {
        if panel == self.drawn {
            return;
        }
        let lines = panel.join("\n");
        if !self.live {
            self.output.line(lines);
        } else if self.drawn.len() == panel.len() {
            // What is being typed on the prompt's line stays as it is.
            let drawn = panel.iter().map(|line| format!("\r\x1b[2K{line}\n")).collect::<String>();
            self.output.write(format_args!("\x1b7\x1b[{}A{drawn}\x1b8", panel.len()));
        } else {
            self.clear_panel();
            self.output.write(format_args!("{lines}\n> "));
        }
        self.drawn = panel;
    }

    /// Leaves the prompt's line.
    ///
    /// # Errors
    /// When something could not be written, and not because the reader has gone.
    pub async fn close(&mut self) -> anyhow::Result<()> {
        self.say("");
        if self.output.is_lost() { self.output.lost().await } else { Ok(()) }
    }

    fn clear_panel(&mut self) {
        let lines = std::mem::take(&mut self.drawn).len();
        if self.live && lines > 0 {
            self.output.write(format_args!("\x1b[{lines}A\r\x1b[J"));
        }
    }
}

/// Returns `true` if a person said yes, in any of the languages.
pub fn is_yes(answer: &Reply) -> bool {
    let Reply::Line(line) = answer else { return false };
    ["y", "yes", "ооба", "да"].contains(&line.to_lowercase().as_str())
}
