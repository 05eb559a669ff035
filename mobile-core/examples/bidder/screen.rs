//! The terminal itself: questions, lines typed, and a panel that is drawn over and over.

use anyhow::Context as _;
use std::io::{IsTerminal as _, Write as _};
use tokio::sync::mpsc::{Receiver, channel};

/// Lines typed ahead that are kept.
const TYPED_AHEAD_MAX: usize = 64;

/// A terminal.
pub struct Screen {
    lines: Receiver<String>,
    drawn: Vec<String>,
    live: bool,
    network: Network,
}

/// Takes the phone's network away, or gives it back, and says which.
pub type Network = Box<dyn FnMut() -> String + Send>;

/// What a person answered.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Answer {
    /// A line.
    Line(String),
    /// `q`, or the terminal was closed.
    Back,
}

impl Screen {
    /// The process's terminal.
    pub fn open(network: Network) -> Self {
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
        Self { lines, drawn: Vec::new(), live: std::io::stdout().is_terminal(), network }
    }

    /// What was typed next; `o` is done at once, wherever the person is.
    pub async fn typed(&mut self) -> Answer {
        let mut line = self.lines.recv().await;
        while line.as_deref() == Some("o") {
            let said = (self.network)();
            self.say(said);
            line = self.lines.recv().await;
        }
        self.drawn.clear();
        line.filter(|line| line != "q").map_or(Answer::Back, Answer::Line)
    }

    /// Asks.
    ///
    /// # Errors
    /// When the terminal can't be written to.
    pub async fn ask(&mut self, question: &str) -> anyhow::Result<Answer> {
        self.clear_panel();
        print!("{question}: ");
        std::io::stdout().flush().context("the terminal")?;
        Ok(self.typed().await)
    }

    /// Prints a line above the panel.
    pub fn say(&mut self, line: impl std::fmt::Display) {
        self.clear_panel();
        println!("{line}");
    }

    /// Shows a panel with a prompt below, in place of the one before. Where output is not a
    /// terminal, each panel is printed once.
    pub fn draw(&mut self, panel: Vec<String>) {
        if panel == self.drawn {
            return;
        }
        let lines = panel.join("\n");
        if !self.live {
            println!("{lines}");
        } else if self.drawn.len() == panel.len() {
            // What is being typed on the prompt's line stays as it is.
            let drawn = panel.iter().map(|line| format!("\r\x1b[2K{line}\n")).collect::<String>();
            print!("\x1b7\x1b[{}A{drawn}\x1b8", panel.len());
        } else {
            self.clear_panel();
            print!("{lines}\n> ");
        }
        // A terminal that is gone ends the program when it is read.
        let _ = std::io::stdout().flush();
        self.drawn = panel;
    }

    fn clear_panel(&mut self) {
        let lines = std::mem::take(&mut self.drawn).len();
        if self.live && lines > 0 {
            print!("\x1b[{lines}A\r\x1b[J");
        }
    }
}

/// Whether a person said yes, in any of the languages.
pub fn is_yes(answer: &Answer) -> bool {
    let Answer::Line(line) = answer else { return false };
    ["y", "yes", "ооба", "да"].contains(&line.to_lowercase().as_str())
}
