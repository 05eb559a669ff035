//! Files on disk: `{data_dir}/blobs/{person}/{sha256}`, with `.part` while they arrive.
//!
//! Paths consist of a person's id and a checked hash, so that no name from outside becomes a path.

use sha2::{Digest as _, Sha256};
use std::io::{self, BufReader, Read as _};
use std::path::{Path, PathBuf};
use tokio::fs::{self, File, OpenOptions};
use tokio::io::{AsyncSeekExt as _, AsyncWriteExt as _};
use toruk_sync::domain::file::FileKind;
use toruk_sync::domain::file::picture::{PictureFault, check_sides};
use toruk_sync::domain::id::PersonId;

/// The properties of a complete file.
pub struct Found {
    /// SHA-256 of its content, in hex.
    pub sha256: String,
    /// Its kind by its first bytes, if that is accepted.
    pub kind: Option<FileKind>,
    /// The fault of a picture that nobody should open.
    pub picture: Option<PictureFault>,
}

/// The folder of all files.
#[derive(Clone)]
pub struct Files {
    folder: PathBuf,
}

/// A file that is still arriving.
pub struct Part {
    file: File,
    written: u64,
}

impl Part {
    /// The number of bytes in it.
    pub fn written(&self) -> u64 {
        self.written
    }

    /// Appends bytes to the file.
    pub async fn write(&mut self, bytes: &[u8]) -> io::Result<()> {
        self.file.write_all(bytes).await?;
        self.written += u64::try_from(bytes.len()).unwrap_or(u64::MAX);
        Ok(())
    }

    /// Returns when the bytes are on disk.
    pub async fn sync(&mut self) -> io::Result<()> {
        self.file.flush().await?;
        self.file.sync_data().await
    }
}

impl Files {
    /// Uses the folder `blobs` of a data folder.
    pub fn in_folder(data_dir: &Path) -> Self {
        Self { folder: data_dir.join("blobs") }
    }

    /// Opens a file to continue at `offset`, and truncates what follows; the file may turn out to
    /// be shorter.
    pub async fn part(&self, person: PersonId, sha256: &str, offset: u64) -> io::Result<Part> {
        let path = self.part_path(person, sha256);
        if let Some(folder) = path.parent() {
            fs::create_dir_all(folder).await?;
        }
        // It was complete, but the database had not recorded it yet: the rest is sent again.
        let whole = self.path(person, sha256);
        if !fs::try_exists(&path).await? && fs::try_exists(&whole).await? {
            fs::rename(&whole, &path).await?;
        }
        let mut options = OpenOptions::new();
        options.create(true).truncate(false).write(true);
        let mut file = options.open(path).await?;
        let written = file.metadata().await?.len().min(offset);
        file.set_len(written).await?;
        file.seek(io::SeekFrom::Start(written)).await?;
        Ok(Part { file, written })
    }

    /// Hashes a complete part and reads its first bytes.
    pub async fn examine(&self, person: PersonId, sha256: &str) -> io::Result<Found> {
        let path = self.part_path(person, sha256);
        tokio::task::spawn_blocking(move || examine(&path)).await.map_err(io::Error::other)?
    }

    /// Gives a complete part its final name.
    pub async fn keep(&self, person: PersonId, sha256: &str) -> io::Result<()> {
        let path = self.path(person, sha256);
        fs::rename(self.part_path(person, sha256), &path).await?;
        if let Some(folder) = path.parent() {
            // A name is on disk once its folder is synced.
            File::open(folder).await?.sync_all().await?;
        }
        Ok(())
    }

    /// Removes a file, complete or partial, if it exists.
    pub async fn remove(&self, person: PersonId, sha256: &str) -> io::Result<()> {
        for path in [self.part_path(person, sha256), self.path(person, sha256)] {
            match fs::remove_file(path).await {
                Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(error),
                _ => {}
            }
        }
        Ok(())
    }

    /// Opens a complete file for reading.
    pub async fn open(&self, person: PersonId, sha256: &str) -> io::Result<File> {
        File::open(self.path(person, sha256)).await
    }

    /// The content of a complete file.
    pub async fn content(&self, person: PersonId, sha256: &str) -> io::Result<Vec<u8>> {
        fs::read(self.path(person, sha256)).await
    }

    fn path(&self, person: PersonId, sha256: &str) -> PathBuf {
        self.folder.join(person.to_string()).join(sha256)
    }

    fn part_path(&self, person: PersonId, sha256: &str) -> PathBuf {
        self.folder.join(person.to_string()).join(format!("{sha256}.part"))
    }
}

fn examine(path: &Path) -> io::Result<Found> {
    const READ_BYTES: usize = 64 * 1024;
    let mut file = std::fs::File::open(path)?;
    let mut hasher = Sha256::new();
    let mut buffer = vec![0; READ_BYTES];
    let mut kind = None;
    let mut first = true;
    loop {
        let count = file.read(&mut buffer)?;
        if count == 0 {
            break;
        }
        if first {
            kind = FileKind::of_bytes(&buffer[..count]);
            first = false;
        }
        hasher.update(&buffer[..count]);
    }
    let mut failed = None;
    let bytes = BufReader::new(std::fs::File::open(path)?).bytes();
    let bytes = bytes.map_while(|byte| byte.map_err(|error| failed = Some(error)).ok());
    let picture = check_sides(bytes).err();
    if let Some(error) = failed {
        return Err(error);
    }
    Ok(Found { sha256: hex::encode(hasher.finalize()), kind, picture })
}
