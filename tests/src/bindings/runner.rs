//! A runner as a process: prepared by its language's script, started, killed without a word.

use anyhow::{Context as _, ensure};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, ExitStatus, Stdio};
use std::time::Duration;

/// Between two looks whether a runner still lives.
const LOOK_EVERY: Duration = Duration::from_millis(50);

/// A language the bindings are generated for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Language {
    /// On the standard library alone.
    Python,
    /// On a JVM, with coroutines.
    Kotlin,
    /// By Debian's compiler, in a folder of its own.
    Swift,
}

impl Language {
    /// Its folder beside the scenario.
    pub fn name(self) -> &'static str {
        match self {
            Self::Python => "python",
            Self::Kotlin => "kotlin",
            Self::Swift => "swift",
        }
    }
}

/// A program made from the generated bindings.
pub struct RunnerProgram {
    start: PathBuf,
}

/// It, running. Dropped, it is killed.
pub struct Runner {
    child: Child,
}

/// The path of the bindings' folder.
///
/// # Errors
/// When this was built elsewhere.
pub fn folder() -> anyhow::Result<PathBuf> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).parent().context("no workspace")?;
    Ok(root.join("mobile-core").join("bindings"))
}

impl RunnerProgram {
    /// Builds the core, generates its bindings, and makes the runner of `language`, all in the build
    /// folder, in `bound`.
    ///
    /// # Errors
    /// When a step fails; its own words are on stderr.
    pub fn prepare(language: Language) -> anyhow::Result<Self> {
        let here = std::env::current_exe()?;
        let built = here.parent().context("no build folder")?;
        let (target, bound) = (built.parent().context("no target folder")?, built.join("bound"));
        let mut build = Command::new(folder()?.join("build"));
        build.arg("bindings").arg(&bound).arg("--debug").env("CARGO_TARGET_DIR", target);
        build.stdout(Stdio::null());
        ensure!(build.status()?.success(), "the bindings can't be built");
        let script = folder()?.join(language.name()).join("prepare");
        let prepared = Command::new(&script).arg(&bound).status();
        let prepared = prepared.with_context(|| script.display().to_string())?;
        ensure!(prepared.success(), "{} failed", script.display());
        Ok(Self { start: bound.join(language.name()).join("runner") })
    }

    /// Starts it; it asks at `desk` for what to do.
    ///
    /// # Errors
    /// When it can't be started.
    pub fn start(&self, desk: &str) -> anyhow::Result<Runner> {
        Runner::start(Command::new(&self.start).arg(desk))
    }
}

impl Runner {
    /// Starts a program.
    ///
    /// # Errors
    /// When it can't be started.
    pub fn start(command: &mut Command) -> anyhow::Result<Self> {
        let child = command.spawn();
        let name = command.get_program();
        Ok(Self { child: child.with_context(|| format!("{} can't be started", name.display()))? })
    }

    /// `kill -9`.
    ///
    /// # Errors
    /// When it is dead already.
    pub fn kill(&mut self) -> anyhow::Result<()> {
        ensure!(self.child.try_wait()?.is_none(), "the runner ended by itself");
        self.child.kill()?;
        self.child.wait()?;
        Ok(())
    }

    /// Waits until it ends by itself. A process has no event to wait for.
    ///
    /// # Errors
    /// When that can't be told.
    pub async fn ended(&mut self) -> anyhow::Result<ExitStatus> {
        loop {
            if let Some(status) = self.child.try_wait()? {
                return Ok(status);
            }
            tokio::time::sleep(LOOK_EVERY).await;
        }
    }
}

impl Drop for Runner {
    fn drop(&mut self) {
        // Only fails when it is dead.
        let _ = self.kill();
    }
}
