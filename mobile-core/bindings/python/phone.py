"""What a phone's platform gives the core, made for tests: secrets in files, a finger that belongs to
the host of the scenario, clocks, and an ear that keeps what it heard."""

import asyncio
import hashlib
import os
import threading
import time
import urllib.request
from pathlib import Path

from toruk_mobile_core import (
    BackgroundTransfers,
    CertificateSigner,
    Clock,
    Core,
    CoreEvent,
    Logger,
    LogLevel,
    Observer,
    Passkeys,
    PlatformError,
    SecureStore,
    SignerError,
    SigningRequest,
    UploadJob,
)

# A ceremony that takes longer is as good as none.
CEREMONY_S_MAX = 60


class AppBug(Exception):
    """A mistake of the app's, of a kind the core knows nothing of."""

    def __init__(self) -> None:
        super().__init__("a bug in the app")


class FileSecrets(SecureStore):
    """Each secret in a file of its own. Only for tests: a phone has a keystore."""

    def __init__(self, folder: Path, throws: bool):
        self._folder = folder
        self._throws = throws
        folder.mkdir(parents=True, exist_ok=True)

    def get(self, name: str) -> bytes | None:
        if self._throws:
            raise AppBug()
        try:
            return self._file(name).read_bytes()
        except FileNotFoundError:
            return None

    def set(self, name: str, value: bytes) -> None:
        # Renamed, so that a killed process leaves the old one or the new one.
        new = self._file(name).with_suffix(f".{threading.get_ident()}.new")
        new.write_bytes(value)
        os.replace(new, self._file(name))

    def _file(self, name: str) -> Path:
        return self._folder / name.encode().hex()


class Finger(Passkeys):
    """The host's software passkey, and whatever can go wrong at a sensor."""

    def __init__(self, desk: str):
        self._desk = desk
        # What happens at the next touch: `cancels`, `fails`, `throws`, or nothing of it.
        self.mood: str | None = None

    async def register(self, options_json: str) -> str:
        return await self._ceremony("register", options_json)

    async def _assert(self, options_json: str) -> str:
        return await self._ceremony("assert", options_json)

    async def _ceremony(self, kind: str, options: str) -> str:
        mood, self.mood = self.mood, None
        if mood == "cancels":
            raise PlatformError.Cancelled()
        if mood == "fails":
            raise PlatformError.Failed("no sensor")
        if mood == "throws":
            raise AppBug()
        return await asyncio.to_thread(self._ask, kind, options)

    def _ask(self, kind: str, options: str) -> str:
        request = urllib.request.Request(f"{self._desk}/passkey/{kind}", options.encode())
        with urllib.request.urlopen(request, timeout=CEREMONY_S_MAX) as answer:
            return answer.read().decode()


class Token(CertificateSigner):
    """The host's certificate, and whatever can go wrong at a token."""

    def __init__(self, desk: str):
        self._desk = desk
        # What happens at the next signature: `absent`, `cancels`, `fails`, `throws`, or nothing of it.
        self.mood: str | None = None

    async def sign(self, request: SigningRequest) -> bytes:
        mood, self.mood = self.mood, None
        if mood == "absent":
            raise SignerError.Unavailable()
        if mood == "cancels":
            raise SignerError.Cancelled()
        if mood == "fails":
            raise SignerError.Failed("no battery")
        if mood == "throws" or hashlib.sha256(request.content).digest() != request.sha256:
            raise AppBug()
        return await asyncio.to_thread(self._ask, request.content)

    def _ask(self, content: bytes) -> bytes:
        request = urllib.request.Request(f"{self._desk}/certificate/sign", content)
        with urllib.request.urlopen(request, timeout=CEREMONY_S_MAX) as answer:
            return answer.read()


class PhoneClock(Clock):
    """The machine's clocks, and the hours the phone has slept, which the host writes down: a phone's
    monotonic clock goes on in its sleep."""

    def __init__(self, slept_file: Path):
        self._slept_file = slept_file
        self.broken = False

    def monotonic_us(self) -> int:
        return time.monotonic_ns() // 1_000 + self._slept_us()

    def wall_us(self) -> int:
        return time.time_ns() // 1_000 + self._slept_us()

    def _slept_us(self) -> int:
        if self.broken:
            raise AppBug()
        return int(self._slept_file.read_text())


class Ear(Observer):
    """Counts each kind of event, and numbers that were missing."""

    def __init__(self, core: Core, badly: bool):
        self._core = core
        self._badly = badly
        self._lock = threading.Lock()
        self._last: int | None = None
        self._counts: dict[str, int] = {}
        self._gaps = 0

    def on_event(self, event: CoreEvent) -> None:
        kind = type(event.what).__name__.rpartition(".")[2].lower()
        with self._lock:
            # A listener begins with a snapshot, at any number.
            expected = None if self._last is None else self._last + 1
            self._gaps += kind != "snapshot" and event.number != expected
            self._last = event.number
            self._counts[kind] = self._counts.get(kind, 0) + 1
        if self._badly:
            self._core.overview()
            raise AppBug()

    def heard(self, kind: str) -> tuple[int, int]:
        """How often, and how many gaps there were in all."""
        with self._lock:
            if kind == "any":
                return sum(self._counts.values()), self._gaps
            return self._counts.get(kind, 0), self._gaps


class Transfers(BackgroundTransfers):
    """The system's background uploads, as a list: the host carries them out."""

    def __init__(self) -> None:
        self.jobs: list[UploadJob] = []

    def enqueue(self, job: UploadJob) -> None:
        self.jobs.append(job)

    def cancel(self, id: str) -> None:
        self.jobs = [job for job in self.jobs if job.id != id]


class Log(Logger):
    """What the core tells engineers, kept."""

    def __init__(self) -> None:
        self.lines: list[str] = []

    def log(self, level: LogLevel, target: str, message: str) -> None:
        self.lines.append(f"{level.name} {target} {message}")
