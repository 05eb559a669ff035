//! What a correction has changed since the person signed, term by term.

use super::Terminal;
use super::term_words::{TermKind, term};
use super::texts::T;
use toruk_mobile_core::CoreError;
use toruk_mobile_core::api::corrections::ChangedTerm;

impl Terminal {
    /// Prints the changed terms, the signed value and the new one, before the person signs again.
    pub(super) async fn show_changes(&mut self, id: &str) -> anyhow::Result<()> {
        let changed = match self.core.changed_terms(id.to_owned()).await {
            Ok(changed) => changed,
            Err(error @ CoreError::Internal { .. }) => return Err(error.into()),
            Err(error) => return self.tell(error),
        };
        self.screen.say(format!("⚠ {}", self.say(T::TermsChanged)));
        for change in changed {
            let (name, _) = term(&change.term, &self.language);
            let (before, after) =
                (self.term_value(&change, &change.before), self.term_value(&change, &change.after));
            self.screen.say(format!("  {name}: {before} → {after}"));
        }
        Ok(())
    }

    fn term_value(&self, change: &ChangedTerm, value: &Option<String>) -> String {
        let Some(value) = value else { return "–".to_owned() };
        let number = value.parse::<i64>().ok();
        match (term(&change.term, &self.language).1, number) {
            (TermKind::Money, Some(tyiyn)) => self.money(tyiyn),
            (TermKind::Moment, Some(micros)) => self.time(micros),
            _ => value.clone(),
        }
    }
}
