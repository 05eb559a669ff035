//! The way through a form: forward to what lacks an answer, back to whatever the person wants to
//! correct. Knows questions by their position only.

use super::screen::Reply;

/// The line that goes back to the previous question.
const PREVIOUS: &str = "<";
/// The line that clears an answer.
const CLEAR: &str = "-";

/// The meaning of a line typed at a question.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Said {
    /// The person leaves the form; everything stays as it is.
    Leave,
    /// Back to the question before this one.
    Previous,
    /// The answer stays as it is.
    Keep,
    /// The answer is to be deleted.
    Clear,
    /// An answer to the question that is shown.
    Answer(String),
}

impl From<Reply> for Said {
    fn from(reply: Reply) -> Self {
        match reply {
            Reply::Back => Self::Leave,
            Reply::Line(line) => match line.as_str() {
                PREVIOUS => Self::Previous,
                CLEAR => Self::Clear,
                "" => Self::Keep,
                _ => Self::Answer(line),
            },
        }
    }
}

/// The position of a person in a form of `count` questions.
#[derive(Debug)]
pub struct FormWalk {
    count: usize,
    chosen: Option<usize>,
}

impl FormWalk {
    /// At the first question that lacks an answer.
    pub fn new(count: usize) -> Self {
        Self { count, chosen: None }
    }

    /// The question to ask now: the chosen one, else the first that lacks a good answer. `None`
    /// once there is none: the form can be signed.
    pub fn next(&self, lacks: impl Fn(usize) -> bool) -> Option<usize> {
        self.chosen.or_else(|| (0..self.count).find(|question| lacks(*question)))
    }

    /// The question was dealt with.
    pub fn pass(&mut self) {
        self.chosen = None;
    }

    /// Chooses the question before `from`, or the last one from the end of the form. Returns
    /// `false` at the first.
    pub fn back(&mut self, from: Option<usize>) -> bool {
        let previous = from.unwrap_or(self.count).checked_sub(1);
        self.chosen = previous.or(self.chosen);
        previous.is_some()
    }

    /// Chooses a question by its number, counted from 1. Returns `false` when there is none.
    pub fn go_to(&mut self, number: &str) -> bool {
        let position = number.parse::<usize>().ok().and_then(|number| number.checked_sub(1));
        let found = position.filter(|position| *position < self.count);
        self.chosen = found.or(self.chosen);
        found.is_some()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Plays lines at a form of three questions: `<`, a number at the end, an answer, `!` for a
    /// wrong one, nothing to keep. Returns the questions asked, from 1; 0 is the end of the form.
    fn asked(lines: &[&str]) -> Vec<usize> {
        let mut walk = FormWalk::new(3);
        let mut good = [false; 3];
        let mut asked = Vec::new();
        for line in lines {
            let question = walk.next(|question| !good[question]);
            asked.push(question.map_or(0, |question| question + 1));
            match (Said::from(Reply::Line((*line).to_owned())), question) {
                (Said::Previous, _) => {
                    walk.back(question);
                }
                (Said::Answer(number), None) => {
                    walk.go_to(&number);
                }
                (Said::Answer(answer), Some(question)) => {
                    good[question] = answer != "!";
                    walk.pass();
                }
                (Said::Clear, Some(question)) => {
                    good[question] = false;
                    walk.pass();
                }
                _ => walk.pass(),
            }
        }
        asked
    }

    #[test]
    fn a_person_goes_forward_to_what_is_missing_and_back_to_what_is_wrong() {
        for (lines, expected) in [
            (&["a", "b", "c", ""][..], &[1, 2, 3, 0][..]),
            // A wrong answer is asked for again.
            (&["a", "!", "b", "c", ""], &[1, 2, 2, 3, 0]),
            // Back by one, and on from where the person was.
            (&["a", "b", "<", "x", "c", ""], &[1, 2, 3, 2, 3, 0]),
            // Back by two; what is kept is not asked for twice.
            (&["a", "b", "<", "<", "x", "c", ""], &[1, 2, 3, 2, 1, 3, 0]),
            (&["a", "b", "<", "", "c", ""], &[1, 2, 3, 2, 3, 0]),
            // There is nothing before the first.
            (&["<", "<", "a", "b"], &[1, 1, 1, 2]),
            // From the end: back to the last, or to any by its number.
            (&["a", "b", "c", "<", "x", ""], &[1, 2, 3, 0, 3, 0]),
            (&["a", "b", "c", "1", "x", ""], &[1, 2, 3, 0, 1, 0]),
            (&["a", "b", "c", "9", "0", "y"], &[1, 2, 3, 0, 0, 0]),
            // A cleared answer is missing again.
            (&["a", "b", "c", "2", "-", "b", ""], &[1, 2, 3, 0, 2, 2, 0]),
        ] {
            assert_eq!(asked(lines), expected, "{lines:?}");
        }
    }

    #[test]
    fn q_or_a_closed_terminal_leaves_the_form() {
        assert_eq!(Said::from(Reply::Back), Said::Leave);
    }
}
