//! Applying: the form, the files, the signature, the delivery. All but the delivery works without
//! a connection, and every answer is kept as it is given.

use super::Terminal;
use super::screen::{Answer, is_yes};
use super::texts::{T, label};
use super::words;
use std::path::Path;
use std::time::Duration;
use toruk_mobile_core::CoreError;
use toruk_mobile_core::api::SubmitStatus;
use toruk_mobile_core::api::SyncReason;
use toruk_mobile_core::api::lots::{AuctionDetail, FormField};

/// How often a waiting terminal looks whether the application has left.
const LOOK_EVERY: Duration = Duration::from_secs(1);

impl Terminal {
    /// Fills in what is missing, signs, delivers; true once the server has it.
    pub async fn apply(&mut self, auction: &AuctionDetail) -> anyhow::Result<bool> {
        let id = &auction.id;
        if let Some(submit) = self.core.draft_status(id.clone())?.submit
            && submit.state != "refused"
        {
            return self.delivered(id, submit).await;
        }
        self.screen.say(format!("\n{} · {}", self.say(T::Participate), self.say(T::KeptAsTyped)));
        loop {
            if !self.fill_in(auction).await? {
                return Ok(false);
            }
            self.show_answers(auction)?;
            let answer = self.screen.ask(self.say(T::SignApplication)).await?;
            if !is_yes(&answer) {
                return Ok(false);
            }
            match self.core.submit(id.clone()).await {
                Ok(submit) => return self.delivered(id, submit).await,
                Err(CoreError::Refused { code, .. }) if code == "incomplete" => {}
                Err(error) => return Err(error.into()),
            }
        }
    }

    /// Asks for each answer and file that is missing or wrong; false when the person leaves.
    async fn fill_in(&mut self, auction: &AuctionDetail) -> anyhow::Result<bool> {
        let id = &auction.id;
        loop {
            let faults = self.core.draft_status(id.clone())?.faults;
            let missing_field = auction.fields.iter().find(|field| faults.contains_key(&field.id));
            if let Some(field) = missing_field {
                let fault = faults.get(&field.id).filter(|fault| *fault != "missing");
                if let Some(fault) = fault {
                    let fault = words::fault(fault, &self.language);
                    self.screen.say(format!("✘ {fault}"));
                }
                let question = self.question(field);
                let Answer::Line(line) = self.screen.ask(&question).await? else {
                    return Ok(false);
                };
                let value = if line.is_empty() { None } else { Some(understood(field, line)) };
                self.core.draft_set(id.clone(), field.id.clone(), value)?;
                continue;
            }
            let Some(slot) = auction.slots.iter().find(|slot| faults.contains_key(&slot.id)) else {
                return Ok(true);
            };
            let name = label(&slot.label, &self.language).to_owned();
            let question = format!("{name}. {}", self.say(T::FileFor));
            let Answer::Line(path) = self.screen.ask(&question).await? else { return Ok(false) };
            self.attach(id, &slot.id, &path)?;
        }
    }

    fn show_answers(&mut self, auction: &AuctionDetail) -> anyhow::Result<()> {
        let draft = self.core.draft_status(auction.id.clone())?;
        for field in &auction.fields {
            if let Some(answer) = draft.answers.get(&field.id) {
                let name = label(&field.label, &self.language);
                let answer = words::option(answer, &self.language);
                self.screen.say(format!("  {name}: {answer}"));
            }
        }
        for file in &draft.files {
            self.screen.say(format!("  {} · {} B", file.name, file.size_bytes));
        }
        Ok(())
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
                answer = self.screen.typed() => if answer == Answer::Back { return Ok(false) },
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
        let mime = match name.rsplit('.').next().map(str::to_lowercase).as_deref() {
            Some("pdf") => "application/pdf",
            Some("png") => "image/png",
            Some("jpg" | "jpeg") => "image/jpeg",
            _ => "application/octet-stream",
        };
        match self.core.draft_attach(auction.into(), slot.into(), name, mime.into(), bytes) {
            Ok(()) => Ok(()),
            Err(error) => self.tell(error),
        }
    }

    fn question(&self, field: &FormField) -> String {
        let name = label(&field.label, &self.language);
        match field.kind.as_str() {
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
        }
    }
}

/// What a person meant: an option by its number, a yes in his language.
fn understood(field: &FormField, line: String) -> String {
    match field.kind.as_str() {
        "choice" => {
            let index = line.parse::<usize>().ok().and_then(|number| number.checked_sub(1));
            index.and_then(|index| field.options.get(index)).cloned().unwrap_or(line)
        }
        "consent" if is_yes(&Answer::Line(line.clone())) => "yes".to_owned(),
        "phone" => line.chars().filter(|letter| !" -()".contains(*letter)).collect(),
        _ => line,
    }
}
