//! Evidence in a file that programs of others read.

use crate::signature::ASIC_S;

const ZIP: &str = "application/zip";

/// A file with evidence.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum EvidenceFile {
    /// A container with a signature (ASiC-S).
    Asic(Vec<u8>),
    /// A zip file.
    Zip(Vec<u8>),
}

impl EvidenceFile {
    /// The media type.
    pub fn media_type(&self) -> &'static str {
        match self {
            Self::Asic(_) => ASIC_S,
            Self::Zip(_) => ZIP,
        }
    }

    /// The content and the ending of the file's name.
    pub fn into_parts(self) -> (Vec<u8>, &'static str) {
        match self {
            Self::Asic(content) => (content, "asics"),
            Self::Zip(content) => (content, "zip"),
        }
    }
}
