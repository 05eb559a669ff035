//! One step of an upload, one request. The rest of a file is sent in one request and read from the
//! store piece by piece as the connection takes it: a file is never in memory as a whole.

use super::EffectTask;
use super::http::{ApiRequest, Content};
use crate::engine::request_kind::RequestKind;
use crate::engine::uploads::{CHUNK_BYTES, Upload, UploadReply, UploadStep, chunk_key};
use crate::engine::{Input, answers};
use crate::store::Table;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use std::io;

const TUS: (&str, &str) = ("tus-resumable", "1.0.0");

impl EffectTask {
    pub(super) async fn upload(self, step: UploadStep) {
        let sha256 = match &step {
            UploadStep::Create(upload) | UploadStep::Ask(upload) | UploadStep::Send(upload, _) => {
                upload.sha256.clone()
            }
        };
        let reply = match self.upload_ask(&step) {
            None => UploadReply::Refused("file_unusable".to_owned()),
            Some((path, ask)) => {
                let ask = ApiRequest { path: &path, ..ask };
                let answer = self.driver.http.ask(ask.of(self.token.clone())).await;
                self.check_session(&answer);
                answers::uploaded(answer.as_ref().map(|answer| &answer.head).map_err(Clone::clone))
            }
        };
        self.report(Input::Uploaded { sha256, reply });
    }

    /// The request for one step; `None` if the file's content is lost.
    pub(super) fn upload_ask(&self, step: &UploadStep) -> Option<(String, ApiRequest<'static>)> {
        let tus = (TUS.0, TUS.1.to_owned());
        Some(match step {
            UploadStep::Create(upload) => {
                let hash = STANDARD.encode(&upload.sha256);
                let mime = STANDARD.encode(&upload.mime);
                let headers = vec![
                    tus,
                    ("upload-length", upload.size_bytes.to_string()),
                    ("upload-metadata", format!("sha256 {hash},mime {mime}")),
                ];
                let ask = ApiRequest::new(RequestKind::CreateUpload, "");
                let ask = ApiRequest { headers, ..ask };
                ("/v1/blobs".to_owned(), ask)
            }
            UploadStep::Ask(upload) => {
                let ask = ApiRequest::new(RequestKind::ReadUpload, "");
                let ask = ApiRequest { headers: vec![tus], ..ask };
                (format!("/v1/blobs/{}", upload.sha256), ask)
            }
            UploadStep::Send(upload, offset) => {
                let first = self.piece(&upload.sha256, *offset)?;
                let headers = vec![
                    tus,
                    ("upload-offset", offset.to_string()),
                    ("content-type", "application/offset+octet-stream".to_owned()),
                ];
                let content = Some(self.remainder(upload, *offset, first));
                let ask = ApiRequest::new(RequestKind::SendUpload, "");
                let ask = ApiRequest { headers, content, ..ask };
                (format!("/v1/blobs/{}", upload.sha256), ask)
            }
        })
    }

    /// The content from `offset` to the end, of which `first` was read already.
    fn remainder(&self, upload: &Upload, offset: u64, first: Vec<u8>) -> Content {
        let task = self.clone();
        let (sha256, size_bytes) = (upload.sha256.clone(), upload.size_bytes);
        let (mut at, mut first) = (offset, Some(first));
        let pieces = std::iter::from_fn(move || {
            // Asked for more: the connection has taken everything before.
            if at > offset && at < size_bytes {
                let (sha256, reply) = (sha256.clone(), UploadReply::Sent(at));
                task.report(Input::Uploaded { sha256, reply });
            }
            if at >= size_bytes {
                return None;
            }
            let piece = first.take().or_else(|| task.piece(&sha256, at));
            at += piece.as_ref().map_or(0, Vec::len) as u64;
            Some(piece.ok_or_else(|| io::Error::from(io::ErrorKind::NotFound)))
        });
        Content::stream(size_bytes.saturating_sub(offset), pieces)
    }

    /// The stored piece that contains `offset`, from there on.
    pub(super) fn piece(&self, sha256: &str, offset: u64) -> Option<Vec<u8>> {
        let key = chunk_key(sha256, offset / CHUNK_BYTES);
        let chunk =
            self.driver.read_store(|store| store.get(Table::Content, &key)).ok().flatten()?;
        let from = usize::try_from(offset % CHUNK_BYTES).ok()?;
        Some(chunk.get(from..).filter(|piece| !piece.is_empty())?.to_vec())
    }
}
