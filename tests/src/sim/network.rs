//! The network between a story's phones and its server.

use super::scenario::{Scenario, Stats};
use super::server::SimAnswer;
use super::strangers::Stranger;
use anyhow::Context as _;
use toruk_mobile_core::engine::answers::AnswerHead;
use toruk_mobile_core::engine::clock::Mono;
use toruk_mobile_core::engine::{Effect, Failure, Input};
use toruk_mobile_core::store::Store as _;
use toruk_sync::protocol::problem::{PROBLEM_TYPE, ProblemBody, ProblemCode};
use toruk_sync::protocol::pull::{PROTOCOL, PROTOCOL_HEADER};

/// The fate of a request.
pub(super) enum Delivery {
    Arrives,
    NeverLeft,
    Lost,
    AnswerLost,
    AnswerCut,
    Doubled,
    /// The phone hears nothing, and the request arrives later.
    Late,
    Overloaded,
    /// Somebody else answers.
    Intercepted(Stranger),
}

/// The server's own answer when it is overloaded.
fn overloaded(retry_after_s: u64) -> anyhow::Result<SimAnswer> {
    let code = ProblemCode::Busy;
    let (kind, title) = ("urn:toruk:problem:busy".to_owned(), String::new());
    let (params, trace_id) = Default::default();
    let problem = ProblemBody { kind, title, status: 503, code, params, trace_id };
    let retry_after = retry_after_s.to_string();
    let protocol = PROTOCOL.to_string();
    let headers = [
        ("content-type", PROBLEM_TYPE),
        (PROTOCOL_HEADER, &*protocol),
        ("retry-after", &*retry_after),
    ];
    let head = AnswerHead::new(503, headers.into_iter());
    Ok(SimAnswer { head, body: serde_json::to_vec(&problem)? })
}

impl Scenario<'_> {
    pub(super) async fn exchange(&mut self, which: usize, tally: &mut Stats) -> anyhow::Result<()> {
        let waiting = self.phones[which].asked.len() as u64;
        if waiting == 0 {
            return Ok(());
        }
        let place = usize::try_from(self.chance.below(waiting))?;
        if let Some(stranger) = self.behind[which] {
            return self.carry(which, place, Delivery::Intercepted(stranger), tally).await;
        }
        let fate = match self.chance.below(18) {
            0 => Delivery::NeverLeft,
            1 => Delivery::Lost,
            2 | 3 => Delivery::AnswerLost,
            4 => Delivery::AnswerCut,
            5 => Delivery::Doubled,
            6 => Delivery::Late,
            7 => Delivery::Overloaded,
            8 | 9 => Delivery::Intercepted(Stranger::any(&mut self.chance)),
            _ => Delivery::Arrives,
        };
        self.carry(which, place, fate, tally).await
    }

    pub(super) async fn carry(
        &mut self,
        which: usize,
        place: usize,
        fate: Delivery,
        tally: &mut Stats,
    ) -> anyhow::Result<()> {
        let effect = self.phones[which].asked.remove(place).context("nothing asked")?;
        let now = self.passed;
        let Some(ask) = self.phones[which].request(&effect)? else {
            return self.decline(which, effect, now);
        };
        tally.requests += 1;
        let answer = match fate {
            _ if !self.phones[which].engine.is_online() => Err(Failure::Lost),
            Delivery::Arrives => Ok(self.yard.ask(&ask).await?),
            Delivery::NeverLeft => Err(Failure::NotSent),
            Delivery::Lost => Err(Failure::Lost),
            Delivery::AnswerLost => {
                tally.lost += 1;
                self.yard.ask(&ask).await?;
                Err(Failure::Lost)
            }
            Delivery::AnswerCut => {
                tally.cut += 1;
                let mut answer = self.yard.ask(&ask).await?;
                let kept = self.chance.below(answer.body.len() as u64);
                answer.body.truncate(usize::try_from(kept)?);
                // A client that was promised more bytes knows; a proxy may hide it.
                match self.chance.below(2) {
                    0 if ask.method != http::Method::PATCH => Ok(answer),
                    _ => Err(Failure::Lost),
                }
            }
            Delivery::Doubled => {
                tally.doubled += 1;
                self.yard.ask(&ask).await?;
                Ok(self.yard.ask(&ask).await?)
            }
            Delivery::Late => {
                tally.late += 1;
                self.late.push(ask);
                Err(Failure::Lost)
            }
            Delivery::Overloaded => {
                let retry_after_s = 1 + self.chance.below(5);
                Ok(overloaded(retry_after_s)?)
            }
            Delivery::Intercepted(stranger) => {
                tally.intercepted += 1;
                if stranger.passes_on(&mut self.chance) {
                    self.yard.ask(&ask).await?;
                }
                Ok(stranger.answer(&mut self.chance))
            }
        };
        self.phones[which].answered(effect, answer, now)
    }

    /// Answers to effects that a story has no server for: clocks, streams, bids.
    pub(super) fn decline(
        &mut self,
        which: usize,
        effect: Effect,
        now: Mono,
    ) -> anyhow::Result<()> {
        match effect {
            Effect::SampleClock => {
                let answer = Err(Failure::Lost);
                let input = Input::Time { sent: now, received: now, answer };
                self.phones[which].feed(input, now)
            }
            Effect::CountCards => {
                let count = self.phones[which].disk.count_cards()?;
                self.phones[which].feed(Input::CardsCounted(count), now)
            }
            other => anyhow::bail!("a story has nothing for {other:?}"),
        }
    }
}
