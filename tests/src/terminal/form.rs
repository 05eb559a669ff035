//! Applying: the form, the files, the signature, the delivery. All but the delivery works without
//! a connection, every answer is kept as it is given, and any can be corrected before signing.

use super::Terminal;
use super::form_walk::{FormWalk, Said};
use super::screen::{Reply, is_yes};
use super::texts::{T, label};
use super::words;
use std::path::Path;
use std::time::Duration;
use toruk_mobile_core::CoreError;
use toruk_mobile_core::api::lots::{AuctionDetail, FormField, FormSlot};
use toruk_mobile_core::api::records::Label;
use toruk_mobile_core::api::{DraftStatus, SubmitStatus, SyncReason};
use toruk_sync::domain::phone_number::international;

/// Interval at which a waiting terminal checks that the application has left.
const LOOK_EVERY: Duration = Duration::from_secs(1);

impl Terminal {
    /// Fills in what is missing, signs, delivers; true once the server has it.
    pub async fn apply(&mut self, auction: &AuctionDetail) -> anyhow::Result<bool> {
        let id = &auction.id;
        if let Some(submit) = self.core.draft_status(id.clone())?.submit
            && submit.state != "refused"
        {
            if submit.state != "needs_reconfirm" {
                return self.delivered(id, submit).await;
            }
            self.show_changes(id).await?;
        }
        self.screen.say(format!("\n{} · {}", self.say(T::Participate), self.say(T::KeptAsTyped)));
        let mut walk = FormWalk::new(auction.fields.len() + auction.slots.len());
        loop {
            if !self.fill_in(auction, &mut walk).await? {
                return Ok(false);
            }
            self.show_answers(auction)?;
            let question =
                format!("{}; {}", self.say(T::SignApplication), self.say(T::Corrections));
            let reply = self.screen.ask(&question).await;
            if is_yes(&reply) {
                match self.core.submit(id.clone()).await {
                    Ok(submit) => return self.delivered(id, submit).await,
                    Err(error @ CoreError::Refused { .. }) => self.tell(error)?,
                    Err(error) => return Err(error.into()),
                }
                continue;
            }
            match Said::from(reply) {
                Said::Leave => return Ok(false),
                Said::Previous => {
                    walk.back(None);
                }
                Said::Answer(number) => {
                    walk.go_to(&number);
                }
                Said::Keep | Said::Clear => {}
            }
        }
    }

    /// Asks for each answer and file that is missing or wrong, and for those the person goes back
    /// to; false when the person leaves.
    async fn fill_in(
        &mut self,
        auction: &AuctionDetail,
        walk: &mut FormWalk,
    ) -> anyhow::Result<bool> {
        let items = items(auction);
        loop {
            let draft = self.core.draft_status(auction.id.clone())?;
            let lacks = |position: usize| {
                items.get(position).is_some_and(|item| draft.faults.contains_key(item.id()))
            };
            let Some((position, item)) =
                walk.next(lacks).and_then(|position| Some((position, *items.get(position)?)))
            else {
                return Ok(true);
            };
            if let Some(fault) = draft.faults.get(item.id()).filter(|fault| *fault != "missing") {
                let fault = words::fault(fault, &self.language);
                self.screen.say(format!("✘ {fault}"));
            }
            let question = self.question(item, &draft);
            let question = format!("[{}/{}] {question}", position + 1, items.len());
            let said = Said::from(self.screen.ask(&question).await);
            if said == Said::Leave {
                return Ok(false);
            }
            if said == Said::Previous {
                if !walk.back(Some(position)) {
                    self.screen.say(self.say(T::FirstQuestion));
                }
                continue;
            }
            walk.pass();
            match item {
                Item::Field(field) => self.answer(&auction.id, field, said)?,
                Item::Slot(slot) => self.file(&auction.id, slot, &draft, said)?,
            }
        }
    }

    fn answer(&mut self, auction: &str, field: &FormField, said: Said) -> anyhow::Result<()> {
        let value = match said {
            Said::Answer(line) => Some(understood(field, line)),
            Said::Clear => None,
            Said::Keep | Said::Previous | Said::Leave => return Ok(()),
        };
        if value.is_none() {
            self.screen.say(self.say(T::Cleared));
        }
        Ok(self.core.draft_set(auction.to_owned(), field.id.clone(), value)?)
    }

    fn file(
        &mut self,
        auction: &str,
        slot: &FormSlot,
        draft: &DraftStatus,
        said: Said,
    ) -> anyhow::Result<()> {
        let missing = draft.faults.contains_key(&slot.id);
        match said {
            Said::Answer(path) => self.attach(auction, &slot.id, &path),
            Said::Keep if missing => self.attach(auction, &slot.id, ""),
            Said::Clear => {
                self.screen.say(self.say(T::Cleared));
                Ok(self.core.draft_detach(auction.to_owned(), slot.id.clone())?)
            }
            Said::Keep | Said::Previous | Said::Leave => Ok(()),
        }
    }

    fn show_answers(&mut self, auction: &AuctionDetail) -> anyhow::Result<()> {
        let draft = self.core.draft_status(auction.id.clone())?;
        for (position, item) in items(auction).into_iter().enumerate() {
            let name = label(item.label(), &self.language);
            let answer = self.given(item, &draft).unwrap_or_else(|| "—".to_owned());
            self.screen.say(format!("  {}. {name}: {answer}", position + 1));
        }
        Ok(())
    }

    /// The answer or file as it is shown.
    fn given(&self, item: Item<'_>, draft: &DraftStatus) -> Option<String> {
        match item {
            Item::Field(field) => {
                let answer = draft.answers.get(&field.id)?;
                Some(words::option(answer, &self.language).to_owned())
            }
            Item::Slot(slot) => {
                let file = draft.files.iter().find(|file| file.slot == slot.id)?;
                Some(format!("{} · {} B", file.name, file.size_bytes))
            }
        }
    }

    /// Waits until the application is with the server, and says honestly while it is not.
    async fn delivered(&mut self, id: &str, mut submit: SubmitStatus) -> anyhow::Result<bool> {
        let mut said = false;
        loop {
            match submit.state.as_str() {
                "submitted" => {
                    let at = submit.received_at.map(|at| self.time(at)).unwrap_or_default();
                    self.screen.say(format!("✔ {} · {at}", self.say(T::Submitted)));
                    if let Some(outcome) = submit.outcome {
                        self.core.ack_outcome(outcome.op_no)?;
                    }
                    return Ok(true);
                }
                "refused" => {
                    let outcome = submit.outcome;
                    let code = outcome.as_ref().and_then(|outcome| outcome.code.clone());
                    let why = words::code(&code.unwrap_or_default(), &self.language);
                    self.screen.say(format!("✘ {}: {why}", self.say(T::Refused)));
                    if let Some(outcome) = outcome {
                        self.core.ack_outcome(outcome.op_no)?;
                    }
                    return Ok(false);
                }
                _ if !said => {
                    said = true;
                    let end = self.time(submit.tender_end);
                    self.screen.say(format!("⚠ {}", self.say(T::Saved)));
                    self.screen.say(format!("  {} {end} (q)", self.say(T::MustArrive)));
                }
                _ => {}
            }
            tokio::select! {
                answer = self.screen.typed() => if answer == Reply::Back { return Ok(false) },
                () = tokio::time::sleep(LOOK_EVERY) => {}
            }
            // A terminal is not told when the connection is back, as a phone is: it tries.
            if let Ok(Err(error @ CoreError::Internal { .. })) = tokio::time::timeout(
                LOOK_EVERY,
                self.core.sync_now(SyncReason::Foreground, 60_000, None),
            )
            .await
            {
                return Err(error.into());
            }
            match self.core.draft_status(id.to_owned())?.submit {
                Some(fresh) => submit = fresh,
                None => return Ok(false),
            }
        }
    }

    /// Copies a file in; what can't be read is said, and asked for again.
    fn attach(&mut self, auction: &str, slot: &str, path: &str) -> anyhow::Result<()> {
        let (name, bytes) = if path.is_empty() {
            ("sample.pdf".to_owned(), b"%PDF-1.4\ntrailer << >>\n%%EOF\n".to_vec())
        } else {
            let name = Path::new(path).file_name().unwrap_or_default();
            match std::fs::read(path) {
                Ok(bytes) => (name.to_string_lossy().into_owned(), bytes),
                Err(error) => {
                    self.screen.say(format!("✘ {path}: {error}"));
                    return Ok(());
                }
            }
        };
        // The core looks at the bytes.
        let mime = "application/octet-stream".to_owned();
        match self.core.draft_attach(auction.into(), slot.into(), name, mime, bytes) {
            Ok(()) => Ok(()),
            Err(error) => self.tell(error),
        }
    }

    /// The question with what stands there now.
    fn question(&self, item: Item<'_>, draft: &DraftStatus) -> String {
        let name = label(item.label(), &self.language);
        let question = match item {
            Item::Field(field) => match field.kind.as_str() {
                "choice" => {
                    let options = field.options.iter().enumerate();
                    let options: Vec<String> = options
                        .map(|(index, option)| {
                            format!("{} {}", index + 1, words::option(option, &self.language))
                        })
                        .collect();
                    format!("{name} ({})", options.join(", "))
                }
                "consent" => format!("{name} ({})", self.say(T::YesKey)),
                "phone" => format!("{name} (+996…)"),
                _ => name.to_owned(),
            },
            Item::Slot(slot) if draft.faults.contains_key(&slot.id) => {
                return format!("{name}. {}", self.say(T::FileFor));
            }
            Item::Slot(_) => name.to_owned(),
        };
        match self.given(item, draft) {
            Some(given) => format!("{question} = {given} ({})", self.say(T::AsItIs)),
            None if draft.faults.contains_key(item.id()) => question,
            None => format!("{question} ({})", self.say(T::AsItIs)),
        }
    }
}

/// A question of the form.
#[derive(Clone, Copy)]
enum Item<'a> {
    Field(&'a FormField),
    Slot(&'a FormSlot),
}

impl Item<'_> {
    fn id(&self) -> &str {
        match self {
            Self::Field(field) => &field.id,
            Self::Slot(slot) => &slot.id,
        }
    }

    fn label(&self) -> &Label {
        match self {
            Self::Field(field) => &field.label,
            Self::Slot(slot) => &slot.label,
        }
    }
}

/// The form's questions, then its files, in their order.
fn items(auction: &AuctionDetail) -> Vec<Item<'_>> {
    let fields = auction.fields.iter().map(Item::Field);
    fields.chain(auction.slots.iter().map(Item::Slot)).collect()
}

/// The answer that a person meant: an option by its number, a yes in any of the languages.
fn understood(field: &FormField, line: String) -> String {
    match field.kind.as_str() {
        "choice" => {
            let index = line.parse::<usize>().ok().and_then(|number| number.checked_sub(1));
            index.and_then(|index| field.options.get(index)).cloned().unwrap_or(line)
        }
        "consent" if is_yes(&Reply::Line(line.clone())) => "yes".to_owned(),
        "phone" => international(&line).unwrap_or(line),
        _ => line,
    }
}
