//! A machine between a phone and the server that answers requests of a chosen kind in the server's
//! place, as sign-in pages, filters and proxies do.

use async_trait::async_trait;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use toruk_mobile_core::engine::request_kind::RequestKind;
use toruk_mobile_core::transport::{
    Builtin, HttpBody, HttpHeader, HttpRequest, HttpResponse, ResponseBody, Transport,
    TransportError,
};

/// A way to the server with such a machine on it.
pub struct Portal {
    inner: Builtin,
    plan: Mutex<PortalPlan>,
}

#[derive(Default)]
struct PortalPlan {
    /// The kinds of requests that are answered here, and the answer.
    obstructed: Option<(Vec<RequestKind>, PortalAnswer)>,
    /// Requests that were answered here.
    caught: Vec<RequestKind>,
}

/// An answer that is not the server's.
#[derive(Debug, Clone)]
pub struct PortalAnswer {
    pub status: u16,
    /// Names and values.
    pub headers: Vec<(&'static str, &'static str)>,
    pub body: &'static [u8],
    /// `true` if the connection breaks after the body.
    pub breaks: bool,
    /// `true` if the request reaches the server all the same: only the server's answer is replaced.
    pub replaces: bool,
}

impl Portal {
    /// A way with nothing on it yet.
    ///
    /// # Errors
    /// When there is no TLS on this machine.
    pub fn new() -> anyhow::Result<Arc<Self>> {
        Ok(Arc::new(Self { inner: Builtin::new()?, plan: Mutex::default() }))
    }

    /// Answers requests of these kinds from now on.
    pub fn obstruct(&self, kinds: &[RequestKind], answer: PortalAnswer) {
        let obstructed = Some((kinds.to_vec(), answer));
        *lock(&self.plan) = PortalPlan { obstructed, caught: Vec::new() };
    }

    /// The number of requests of this kind that were answered here since then.
    pub fn caught(&self, kind: RequestKind) -> usize {
        lock(&self.plan).caught.iter().filter(|caught| **caught == kind).count()
    }

    /// Lets everything through again.
    pub fn clear(&self) {
        *lock(&self.plan) = PortalPlan::default();
    }
}

#[async_trait]
impl Transport for Portal {
    async fn send(&self, request: HttpRequest) -> Result<HttpResponse, TransportError> {
        let answer = {
            let mut plan = lock(&self.plan);
            let obstructed = kind_of(&request).zip(plan.obstructed.clone());
            let obstructed = obstructed.filter(|(kind, (kinds, _))| kinds.contains(kind));
            plan.caught.extend(obstructed.iter().map(|(kind, _)| *kind));
            obstructed.map(|(_, (_, answer))| answer)
        };
        let Some(answer) = answer else { return self.inner.send(request).await };
        if answer.replaces {
            let replaced = self.inner.send(request).await?;
            while replaced.body.next().await?.is_some() {}
        }
        let header = |(name, value): (&str, &str)| HttpHeader {
            name: name.to_owned(),
            value: value.to_owned(),
        };
        Ok(HttpResponse {
            status: answer.status,
            headers: answer.headers.into_iter().map(header).collect(),
            body: Arc::new(PortalBody(Mutex::new((answer.body.to_vec(), answer.breaks)))),
        })
    }
}

struct PortalBody(Mutex<(Vec<u8>, bool)>);

#[async_trait]
impl ResponseBody for PortalBody {
    async fn next(&self) -> Result<Option<Vec<u8>>, TransportError> {
        let mut rest = lock(&self.0);
        match (std::mem::take(&mut rest.0), rest.1) {
            (bytes, _) if !bytes.is_empty() => Ok(Some(bytes)),
            (_, true) => Err(TransportError::Lost { reason: "cut off".to_owned() }),
            _ => Ok(None),
        }
    }

    fn close(&self) {}
}

/// The kind of a request, by its path, and for answers to an award by its body; `None` for what no core sends.
fn kind_of(request: &HttpRequest) -> Option<RequestKind> {
    let path = request.url.splitn(4, '/').nth(3)?.split('?').next()?;
    let parts: Vec<&str> = path.split('/').skip(1).collect();
    let kind = match (request.method.as_str(), parts.as_slice()) {
        ("POST", ["registrations"]) => RequestKind::StartRegistration,
        ("POST", ["registrations", "finish"]) => RequestKind::FinishRegistration,
        ("POST", ["registrations", "by-code"]) => RequestKind::StartByCode,
        ("POST", ["registrations", "by-code", "finish"]) => RequestKind::FinishByCode,
        ("POST", ["registrations", "by-eid"]) => RequestKind::StartRecovery,
        ("POST", ["registrations", "by-eid", "finish"]) => RequestKind::FinishRecovery,
        ("POST", ["registrations", "by-certificate"]) => RequestKind::StartRecovery,
        ("POST", ["registrations", "by-certificate", "finish"]) => RequestKind::FinishRecovery,
        (
            "POST",
            ["sessions", "certificate"] | ["registrations", "by-certificate", "challenge"],
        ) => RequestKind::StartCertificate,
        ("POST", ["sessions", "certificate", "finish"]) => RequestKind::FinishCertificate,
        ("POST", ["sessions", "eid"]) => RequestKind::StartEid,
        ("POST", ["sessions", "eid", "finish"]) => RequestKind::FinishEid,
        ("POST", ["confirmations", "eid"]) => RequestKind::StartEidConfirmation,
        ("POST", ["confirmations", "eid", "finish"]) => RequestKind::FinishEidConfirmation,
        ("GET", ["passkeys"]) => RequestKind::ReadPasskeys,
        ("PUT", ["passkeys", _, "name"]) => RequestKind::NamePasskey,
        ("POST", ["passkeys", _, "revocation"]) => RequestKind::StartPasskeyEnd,
        ("POST", ["passkeys", _, "revocation", "finish"]) => RequestKind::FinishPasskeyEnd,
        ("GET", ["devices"]) => RequestKind::ReadDevices,
        ("PUT", ["devices", _, "name"]) => RequestKind::NameDevice,
        ("POST", ["devices", _, "revocation"]) => RequestKind::StartDeviceEnd,
        ("POST", ["devices", _, "revocation", "finish"]) => RequestKind::FinishDeviceEnd,
        ("POST", ["passkey-codes"]) => RequestKind::StartCode,
        ("POST", ["passkey-codes", "finish"]) => RequestKind::FinishCode,
        ("POST", ["sessions"]) => RequestKind::StartSignIn,
        ("POST", ["sessions", "finish"]) => RequestKind::FinishSignIn,
        ("DELETE", ["sessions", "current"]) => RequestKind::SignOut,
        ("PUT", ["devices", "current", "push-token"]) => RequestKind::SetPushToken,
        ("GET", ["time"]) => RequestKind::ReadTime,
        ("GET", ["auctions"]) => RequestKind::ReadAuctions,
        ("GET", ["auctions", _]) => RequestKind::ReadAuction,
        ("GET", ["auctions", _, "protocol"]) => RequestKind::ReadProtocol,
        ("POST", ["auctions", _, "award"]) => match &request.body {
            HttpBody::Bytes { bytes } if bytes.starts_with(b"{\"refuse\"") => {
                RequestKind::RefuseAward
            }
            _ => RequestKind::ConfirmAward,
        },
        ("GET", ["auctions", _, "documents"]) => RequestKind::ReadPapers,
        ("GET", ["auctions", _, "documents", _]) => RequestKind::ReadPaper,
        ("GET", ["auctions", _, "log"]) => RequestKind::ReadLog,
        ("GET", ["auctions", _, "contract"]) => RequestKind::ReadContract,
        ("GET", ["auctions", _, "contract", "document"]) => RequestKind::ReadContractFile,
        ("POST", ["auctions", _, "contract"]) => RequestKind::SignContract,
        ("GET", ["payments", "ways"]) => RequestKind::ReadPaymentWays,
        ("POST", ["applications", _, "payments"]) => RequestKind::BeginPayment,
        ("POST", ["sync", "push"]) => RequestKind::Push,
        ("POST", ["sync", "pull"]) => RequestKind::Pull,
        ("POST", ["blobs"]) => RequestKind::CreateUpload,
        ("HEAD", ["blobs", _]) => RequestKind::ReadUpload,
        ("PATCH", ["blobs", _]) => RequestKind::SendUpload,
        ("POST", ["auctions", _, "bids"]) => RequestKind::PlaceBid,
        ("GET", ["bids", _]) => RequestKind::ReadBid,
        ("GET", ["live"]) => RequestKind::OpenStream,
        _ => return None,
    };
    Some(kind)
}

fn lock<T>(value: &Mutex<T>) -> MutexGuard<'_, T> {
    value.lock().unwrap_or_else(PoisonError::into_inner)
}
