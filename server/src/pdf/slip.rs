//! The slip to take to a bank's branch with a payment code.

use super::layout::Block;
use super::render::Sheet;
use super::{PaperError, PaperLanguage, in_figures, in_words, texts};
use toruk_sync::domain::form::Text;
use toruk_sync::domain::money::Tyiyn;
use toruk_sync::domain::time::Timestamp;
use toruk_sync::protocol::deposit::BankAccount;

/// What a payment slip says.
#[derive(Debug, Clone)]
pub struct PaymentSlip {
    /// The auction's public number.
    pub number: String,
    /// The lot's title.
    pub lot: Text,
    /// The code that the cashier types.
    pub code: String,
    /// The amount to pay.
    pub amount: Tyiyn,
    /// The beginning of the attempt to pay.
    pub begun_at: Timestamp,
    /// The moment at which the code expires, exclusive.
    pub valid_until: Timestamp,
    /// The account to pay to, for a bank transfer; the code is its reference then.
    pub account: Option<BankAccount>,
}

impl PaymentSlip {
    /// The slip as PDF.
    ///
    /// # Errors
    /// [`PaperError`].
    pub fn write(&self, language: PaperLanguage) -> Result<Vec<u8>, PaperError> {
        let text = |words| language.pick(words).to_owned();
        let lot = self.lot.get(language.tag()).to_owned();
        if let Some(account) = &self.account {
            return self.write_transfer(language, account);
        }
        let label = text(texts::PAYMENT_CODE);
        let facts = vec![
            (text(texts::AMOUNT), in_figures(self.amount, language)),
            (text(texts::IN_WORDS), in_words(self.amount, language)),
            (text(texts::VALID_UNTIL), self.valid_until.bishkek()),
            (text(texts::PURPOSE), text(texts::SLIP_PURPOSE)),
            (text(texts::NUMBER), self.number.clone()),
            (text(texts::LOT), lot),
            (text(texts::SYSTEM), text(texts::PAYMENT_SYSTEM)),
        ];
        let blocks = vec![
            Block::Title(text(texts::SLIP)),
            Block::Paragraph(text(texts::PAYMENT_SYSTEM)),
            Block::Heading(label.clone()),
            Block::Code(self.code.clone()),
            Block::Qr { content: self.code.clone(), alt: format!("{label}: {}", self.code) },
            Block::Facts(facts),
            Block::Paragraph(text(texts::SLIP_HOW)),
            Block::Statement(text(texts::SLIP_EXPIRY)),
        ];
        Sheet {
            language,
            title: format!("{} {}", text(texts::SLIP), self.number),
            foot: format!("{} · {}", self.number, text(texts::BISHKEK)),
            at: self.begun_at,
            blocks,
            attached: None,
        }
        .write()
    }

    /// The details of a bank transfer, with the reference that the payer has to quote.
    fn write_transfer(
        &self,
        language: PaperLanguage,
        account: &BankAccount,
    ) -> Result<Vec<u8>, PaperError> {
        let text = |words| language.pick(words).to_owned();
        let label = text(texts::TRANSFER_REFERENCE);
        let purpose = format!("{} {} {}", text(texts::SLIP_PURPOSE), self.number, self.code);
        let facts = vec![
            (text(texts::RECEIVER), account.holder.clone()),
            (text(texts::TAX_NUMBER), account.tax_number.clone()),
            (text(texts::BANK), account.bank.clone()),
            (text(texts::BIC), account.bic.clone()),
            (text(texts::ACCOUNT), account.account.clone()),
            (text(texts::AMOUNT), in_figures(self.amount, language)),
            (text(texts::IN_WORDS), in_words(self.amount, language)),
            (text(texts::PURPOSE), purpose),
            (text(texts::VALID_UNTIL), self.valid_until.bishkek()),
            (text(texts::NUMBER), self.number.clone()),
            (text(texts::LOT), self.lot.get(language.tag()).to_owned()),
        ];
        let blocks = vec![
            Block::Title(text(texts::TRANSFER_SLIP)),
            Block::Heading(label.clone()),
            Block::Code(self.code.clone()),
            Block::Qr { content: self.code.clone(), alt: format!("{label}: {}", self.code) },
            Block::Facts(facts),
            Block::Paragraph(text(texts::TRANSFER_HOW)),
            Block::Statement(text(texts::TRANSFER_EXPIRY)),
        ];
        Sheet {
            language,
            title: format!("{} {}", text(texts::TRANSFER_SLIP), self.number),
            foot: format!("{} · {}", self.number, text(texts::BISHKEK)),
            at: self.begun_at,
            blocks,
            attached: None,
        }
        .write()
    }
}
