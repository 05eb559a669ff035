//! Every kind of request that the core sends.

/// The form of a success.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum AnswerForm {
    /// A JSON document.
    Json,
    /// Headers; a body, if there is one, is not read.
    Headers,
    /// Server-sent events.
    Stream,
    /// A file, or a part of one: PDF, JPEG or PNG.
    Document,
}

macro_rules! request_kinds {
    ($($(#[$doc:meta])* $kind:ident($method:literal, $form:ident),)*) => {
        /// A kind of request to the server's API.
        #[derive(Debug, Clone, Copy, PartialEq, Eq)]
        pub enum RequestKind { $($(#[$doc])* $kind,)* }

        impl RequestKind {
            /// All kinds, in the order of a bidder's way.
            pub const ALL: &[Self] = &[$(Self::$kind),*];

            /// The HTTP method, in capitals.
            pub fn method(self) -> &'static str {
                match self { $(Self::$kind => $method),* }
            }

            /// The form of its successful answer.
            pub fn form(self) -> AnswerForm {
                match self { $(Self::$kind => AnswerForm::$form),* }
            }
        }
    };
}

request_kinds! {
    /// Begin to create an account.
    StartRegistration("POST", Json),
    /// Create an account with a new passkey.
    FinishRegistration("POST", Json),
    /// Begin to join an account by another phone's code.
    StartByCode("POST", Json),
    /// Join an account with a new passkey.
    FinishByCode("POST", Json),
    /// Begin to sign in, or to recover the account, by eID.
    StartEid("POST", Json),
    /// Sign in by the answer of eID.
    FinishEid("POST", Json),
    /// Begin to sign in, or to recover the account, by a certificate.
    StartCertificate("POST", Json),
    /// Sign in by a certificate.
    FinishCertificate("POST", Json),
    /// Begin to recover the account by the answer of eID, or by a certificate.
    StartRecovery("POST", Json),
    /// Recover the account with a new passkey.
    FinishRecovery("POST", Json),
    /// Begin to sign in.
    StartSignIn("POST", Json),
    /// Sign in with a passkey.
    FinishSignIn("POST", Json),
    /// End the session.
    SignOut("DELETE", Headers),
    /// Keep or remove the address for push messages.
    SetPushToken("PUT", Headers),
    /// List the person's passkeys.
    ReadPasskeys("GET", Json),
    /// Give a passkey a name.
    NamePasskey("PUT", Headers),
    /// Begin to end a passkey.
    StartPasskeyEnd("POST", Json),
    /// End one of the passkeys.
    FinishPasskeyEnd("POST", Headers),
    /// List the person's phones.
    ReadDevices("GET", Json),
    /// Give a phone a name.
    NameDevice("PUT", Headers),
    /// Begin to end another phone.
    StartDeviceEnd("POST", Json),
    /// End another phone.
    FinishDeviceEnd("POST", Json),
    /// Begin to make a code for the next phone.
    StartCode("POST", Json),
    /// Make a code for the next phone.
    FinishCode("POST", Json),
    /// One page of the published auctions.
    ReadAuctions("GET", Json),
    /// One published auction.
    ReadAuction("GET", Json),
    /// The documents that were published with an auction.
    ReadPapers("GET", Json),
    /// A part of such a document.
    ReadPaper("GET", Document),
    /// Exchange clocks.
    ReadTime("GET", Json),
    /// Follow auctions.
    OpenStream("GET", Stream),
    /// Deliver operations.
    Push("POST", Json),
    /// Fetch changes.
    Pull("POST", Json),
    /// Announce a file.
    CreateUpload("POST", Headers),
    /// Send bytes of a file.
    SendUpload("PATCH", Headers),
    /// Ask how many bytes of a file have arrived.
    ReadUpload("HEAD", Headers),
    /// Records of an auction's log, when its terms were corrected.
    ReadLog("GET", Json),
    /// Read the ways to pay.
    ReadPaymentWays("GET", Json),
    /// Begin to pay a guarantee.
    BeginPayment("POST", Json),
    /// Place a bid.
    PlaceBid("POST", Json),
    /// Ask for the outcome of a bid.
    ReadBid("GET", Json),
    /// The result of an auction, to be signed.
    ReadProtocol("GET", Json),
    /// Begin to confirm an act by eID.
    StartEidConfirmation("POST", Json),
    /// Confirm the act by the answer of eID.
    FinishEidConfirmation("POST", Json),
    /// Sign the result of an auction.
    ConfirmAward("POST", Headers),
    /// Refuse the award.
    RefuseAward("POST", Headers),
    /// The contract that both sides sign.
    ReadContract("GET", Json),
    /// The contract's file.
    ReadContractFile("GET", Document),
    /// Sign the contract.
    SignContract("POST", Headers),
}
