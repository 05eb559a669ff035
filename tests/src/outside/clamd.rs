//! A `clamd` for tests: speaks PING and INSTREAM over TCP as ClamAV's daemon does, knows one piece
//! of malware (EICAR's test file), keeps to a limit, and misbehaves on demand.
//!
//! # Why
//! The daemon with its signatures takes a gigabyte; what our adapter must get right is the
//! protocol, and what a daemon does when it is not well.

use crate::outside::listening::any_port;
use std::collections::VecDeque;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;
use tokio::task::{AbortHandle, JoinSet};

/// EICAR's test file, which every scanner takes for malware. In two parts, so that this program is
/// not taken for it.
pub fn eicar() -> String {
    ["X5O!P%@AP[4\\PZX54(P^)7CC)7}$EICAR", "-STANDARD-ANTIVIRUS-TEST-FILE!$H+H*"].concat()
}

/// Most bytes of a command that are read before its end must have come.
const COMMAND_BYTES_MAX: usize = 64;
/// As `StreamMaxLength` is set in the server's guide.
const STREAM_BYTES_MAX: usize = 30 * 1024 * 1024;

/// The outcome of one scan.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Fault {
    /// The connection is closed after the first piece.
    ClosesInTheMiddle,
    /// The whole file is read, and there is no answer.
    Hangs,
    /// The answer means nothing.
    Garbage,
    /// The answer is cut off.
    HalfAnAnswer,
    /// The file is longer than it takes.
    SizeLimit,
}

#[derive(Default)]
struct ClamdPlan {
    faults: VecDeque<Fault>,
    /// Every scan does this, after the planned ones.
    always: Option<Fault>,
    scans: usize,
}

/// The daemon. Dropped, it is gone, and so are its connections.
pub struct ClamDaemon {
    /// The scanner's address, `tcp://127.0.0.1:…`, as the server's configuration wants it.
    pub address: String,
    plan: Arc<Mutex<ClamdPlan>>,
    accepting: AbortHandle,
}

impl ClamDaemon {
    /// Starts on any free port of this machine.
    ///
    /// # Errors
    /// When no port is free.
    pub async fn start() -> anyhow::Result<Self> {
        let listener = any_port().await?;
        let address = format!("tcp://{}", listener.local_addr()?);
        let plan = Arc::<Mutex<ClamdPlan>>::default();
        let shared = Arc::clone(&plan);
        let accepting = tokio::spawn(async move {
            let mut connections = JoinSet::new();
            while let Ok((connection, _)) = listener.accept().await {
                connections.spawn(serve(connection, Arc::clone(&shared)));
                while connections.try_join_next().is_some() {}
            }
        });
        Ok(Self { address, plan, accepting: accepting.abort_handle() })
    }

    /// Lets the next scans fail, the first one first; those after them are well.
    pub fn fail_next(&self, faults: &[Fault]) {
        lock(&self.plan).faults.extend(faults);
    }

    /// Lets every scan fail from now on, or none.
    pub fn fail_always(&self, fault: Option<Fault>) {
        lock(&self.plan).always = fault;
    }

    /// Scans that were begun.
    pub fn scans(&self) -> usize {
        lock(&self.plan).scans
    }
}

impl Drop for ClamDaemon {
    fn drop(&mut self) {
        self.accepting.abort();
    }
}

/// One connection, one command. Whatever fails here is a client that hung up.
async fn serve(mut connection: TcpStream, plan: Arc<Mutex<ClamdPlan>>) {
    let Some(command) = command(&mut connection).await else { return };
    // `z` has the answer end with NUL, `n` with a new line.
    let end = if command.starts_with('z') { "\0" } else { "\n" };
    let answer = match command.get(1..) {
        Some("PING") => Some("PONG".to_owned()),
        Some("INSTREAM") => scan(&mut connection, &plan).await,
        _ => Some("UNKNOWN COMMAND".to_owned()),
    };
    if let Some(answer) = answer {
        let _ = connection.write_all(format!("{answer}{end}").as_bytes()).await;
        let _ = connection.shutdown().await;
        // Closed with bytes unread, the socket would take the answer back.
        let _ = tokio::io::copy(&mut connection, &mut tokio::io::sink()).await;
    }
}

async fn command(connection: &mut TcpStream) -> Option<String> {
    let mut read = Vec::new();
    while read.len() < COMMAND_BYTES_MAX {
        match connection.read_u8().await.ok()? {
            0 | b'\n' => return String::from_utf8(read).ok(),
            byte => read.push(byte),
        }
    }
    None
}

/// The answer to a stream; `None` when the connection just ends.
async fn scan(connection: &mut TcpStream, plan: &Mutex<ClamdPlan>) -> Option<String> {
    let fault = {
        let mut plan = lock(plan);
        plan.scans += 1;
        plan.faults.pop_front().or(plan.always)
    };
    let mut content = Vec::new();
    loop {
        let length = usize::try_from(connection.read_u32().await.ok()?).ok()?;
        if length == 0 {
            break;
        }
        if content.len() + length > STREAM_BYTES_MAX || fault == Some(Fault::SizeLimit) {
            return Some("INSTREAM size limit exceeded. ERROR".to_owned());
        }
        let from = content.len();
        content.resize(from + length, 0);
        connection.read_exact(&mut content[from..]).await.ok()?;
        if fault == Some(Fault::ClosesInTheMiddle) {
            return None;
        }
    }
    match fault {
        Some(Fault::Hangs) => std::future::pending().await,
        Some(Fault::Garbage) => return Some("\u{fffd}\u{1}{}<html>".to_owned()),
        Some(Fault::HalfAnAnswer) => return Some("stream: ".to_owned()),
        _ => {}
    }
    let malware = eicar();
    let is_infected = content.windows(malware.len()).any(|part| part == malware.as_bytes());
    let verdict = if is_infected { "Eicar-Test-Signature FOUND" } else { "OK" };
    Some(format!("stream: {verdict}"))
}

fn lock(plan: &Mutex<ClamdPlan>) -> MutexGuard<'_, ClamdPlan> {
    plan.lock().unwrap_or_else(PoisonError::into_inner)
}
