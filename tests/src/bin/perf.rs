//! `cargo perf <name>`: benchmarks that print JSON lines on stdout and a table on stderr.

use clap::{Args, Parser, Subcommand};
use std::path::PathBuf;
use std::time::Duration;
use toruk_tests::perf::phone;
use toruk_tests::perf::{bids, curves, fanout, files, neighbours, reads, server, sync};

/// Benchmarks of Toruk on this machine.
#[derive(Parser)]
struct Arguments {
    #[command(subcommand)]
    what: What,
}

#[derive(Subcommand)]
enum What {
    /// One change of one auction to many watchers.
    Fanout {
        /// Numbers of watchers; one round for each.
        #[arg(long, value_delimiter = ',', default_value = "1000,5000,10000")]
        watchers: Vec<usize>,
        /// Changes in each round.
        #[arg(long, default_value_t = 30, value_parser = clap::value_parser!(u32).range(20..))]
        changes: u32,
    },
    /// Bids a second on one hot auction and on many, beside the usual ways to take a bid.
    Bids(Bids),
    /// The first offers of many auctions at the same moment.
    FirstOffers {
        /// Number of auctions.
        #[arg(long, default_value_t = 300)]
        auctions: usize,
        /// Participants of each; no fewer than auctions.
        #[arg(long, default_value_t = 300)]
        participants: usize,
        /// From the first offer to the last, in milliseconds.
        #[arg(long, default_value_t = 1_000)]
        spread_ms: u64,
        /// Rounds, each on a new server.
        #[arg(long, default_value_t = 3)]
        rounds: u32,
    },
    /// Pairs of bids a known time apart, while a crowd bids: the order of their stamps.
    Stamps {
        /// Number of pairs.
        #[arg(long, default_value_t = 100_000)]
        pairs: usize,
        /// Clients that bid meanwhile as fast as they are answered.
        #[arg(long, default_value_t = 64)]
        crowd: usize,
    },
    /// Bidders beside rude neighbours behind the same address.
    Neighbours {
        /// Number of bidders.
        #[arg(long, default_value_t = 16)]
        bidders: usize,
        /// Bids a second of all bidders together.
        #[arg(long, default_value_t = 8)]
        bids_per_s: u32,
        /// Pairs of rounds.
        #[arg(long, default_value_t = 3)]
        rounds: u32,
        /// Seconds of a round.
        #[arg(long, default_value_t = 15)]
        seconds: u64,
        /// Kinds of neighbours that stay away.
        #[arg(long, value_enum, value_delimiter = ',')]
        without: Vec<neighbours::Neighbour>,
    },
    /// Public reads: plain, compressed, and not modified.
    Reads {
        /// Published auctions.
        #[arg(long, default_value_t = 1_000)]
        auctions: usize,
        /// Rounds of all kinds of answers.
        #[arg(long, default_value_t = 5)]
        rounds: u32,
        /// Answers of each kind in a round.
        #[arg(long, default_value_t = 1_000)]
        answers: u32,
    },
    /// Data exchanged between phones and the server, beside other ways to synchronise.
    Sync {
        #[command(subcommand)]
        what: Sync,
    },
    /// Costs of the core on a phone: start, memory, an answer, a day on which nothing happens.
    Phone {
        /// Auctions in the catalogue.
        #[arg(long, default_value_t = 10_000)]
        auctions: usize,
        /// Number of processes that start, one after the other.
        #[arg(long, default_value_t = 100, value_parser = clap::value_parser!(u32).range(1..))]
        starts: u32,
        /// Answers that are typed.
        #[arg(long, default_value_t = 1_000, value_parser = clap::value_parser!(u32).range(1..))]
        edits: u32,
        /// Seconds that a process does nothing, and that a live screen is watched.
        #[arg(long, default_value_t = 20)]
        idle_s: u64,
    },
    /// A phone of a benchmark, in a process of its own.
    #[command(hide = true)]
    PhoneStarts {
        /// Folder with the phone's data.
        #[arg(long)]
        folder: PathBuf,
        /// Idle time after the start, in milliseconds.
        #[arg(long)]
        idle_ms: u64,
    },
    /// Draws a benchmark's lines of JSON as curves, in SVG.
    Curves {
        /// File with the lines.
        #[arg(long)]
        lines: PathBuf,
        /// Where the picture is written.
        #[arg(long)]
        picture: PathBuf,
        /// The figure along the bottom.
        #[arg(long, default_value = "clients")]
        x: String,
        /// The figure that is measured.
        #[arg(long, default_value = "decided_per_s")]
        y: String,
        /// What tells the curves apart.
        #[arg(long, default_value = "way")]
        by: String,
        /// What the lines must have, as `name=value`.
        #[arg(long, value_delimiter = ',')]
        only: Vec<String>,
    },
    /// A way to take bids, in a process of its own.
    #[command(hide = true)]
    ServeWay {
        /// What it serves.
        #[arg(long)]
        plan: PathBuf,
    },
    /// The server of a benchmark, in a process of its own.
    #[command(hide = true)]
    Serve {
        /// Folder with the server's data.
        #[arg(long)]
        data: PathBuf,
        /// Its port on loopback.
        #[arg(long)]
        port: u16,
        /// With the limits of an address that are shipped.
        #[arg(long)]
        as_shipped: bool,
    },
}

/// What bids, and how.
#[derive(Args)]
struct Bids {
    /// Numbers of clients that bid; one round for each.
    #[arg(long, value_delimiter = ',', default_value = "1,16,64,256")]
    clients: Vec<usize>,
    /// Numbers of auctions they are spread over.
    #[arg(long, value_delimiter = ',', default_value = "1,100")]
    auctions: Vec<usize>,
    /// Rounds of each way.
    #[arg(long, default_value_t = 3)]
    rounds: u32,
    /// Seconds of a round.
    #[arg(long, default_value_t = 3)]
    seconds: u64,
    /// Bids a second of all clients together, instead of as many as are answered.
    #[arg(long)]
    bids_per_s: Option<u32>,
    /// Our server alone, without and with so many watchers.
    #[arg(long, default_value_t = 0)]
    watchers: usize,
    /// The ways that take part; one of ours comes first.
    #[arg(
        long,
        value_enum,
        value_delimiter = ',',
        default_value = "toruk-sqlite,toruk-postgres,sqlite-transaction,postgres-row-lock,\
            postgres-function,none,echo"
    )]
    ways: Vec<bids::way::Way>,
    /// Another build of this program, for the ways that are named after it.
    #[arg(long)]
    other: Option<PathBuf>,
}

impl From<Bids> for bids::BidWorkload {
    fn from(bids: Bids) -> Self {
        let Bids { clients, auctions, rounds, seconds, bids_per_s, watchers, ways, other } = bids;
        let span = Duration::from_secs(seconds);
        Self { clients, auctions, rounds, span, bids_per_s, watchers, ways, other }
    }
}

#[derive(Subcommand)]
enum Sync {
    /// Drafts of 40 fields that three phones fill at the same time (W6).
    Drafts {
        /// Drafts of a round.
        #[arg(long, default_value_t = 1_000, value_parser = clap::value_parser!(u64).range(1..))]
        drafts: u64,
        /// Rounds of each way.
        #[arg(long, default_value_t = 5)]
        rounds: u32,
    },
    /// One phone: a first pull (W1), a catch-up (W3), nothing new (W7), a queue that drains (W4).
    Exchange {
        /// Cards in the catalogue.
        #[arg(long, value_delimiter = ',', default_value = "1000,10000,100000")]
        rows: Vec<usize>,
        /// Numbers of operations that wait in the queue; one round for each.
        #[arg(long, value_delimiter = ',', default_value = "100,1000,10000")]
        ops: Vec<u64>,
        /// Rounds of each measurement; the median is reported.
        #[arg(long, default_value_t = 3)]
        rounds: usize,
        /// RxDB and PouchDB take turns with us; npm installs them.
        #[arg(long)]
        peers: bool,
    },
    /// Many phones connect at once, and then send a change a second each (W5).
    Crowd {
        /// Numbers of phones that connect; one round for each.
        #[arg(long, value_delimiter = ',', default_value = "1,100,1000,5000")]
        clients: Vec<usize>,
        /// Changes of each phone.
        #[arg(long, default_value_t = 10)]
        changes: u32,
    },
}

fn main() -> anyhow::Result<()> {
    let arguments = Arguments::parse();
    if let What::PhoneStarts { folder, idle_ms } = &arguments.what {
        // As an app: no runtime of anybody else's.
        return phone::child::run(folder, Duration::from_millis(*idle_ms));
    }
    files::raise_limit()?;
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build()?;
    // Boxed: a whole server within a benchmark within a program is too deep a type to compile.
    runtime.block_on(async {
        match arguments.what {
            What::Fanout { watchers, changes } => Box::pin(fanout::run(&watchers, changes)).await,
            What::Bids(workload) => Box::pin(bids::run(&workload.into())).await,
            What::Curves { lines, picture, x, y, by, only } => {
                curves::draw(&curves::Curves { lines, picture, x, y, by, only })
            }
            What::ServeWay { plan } => Box::pin(bids::contest::serve(&plan)).await,
            What::FirstOffers { auctions, participants, spread_ms, rounds } => {
                let spread = Duration::from_millis(spread_ms);
                Box::pin(bids::first_offers::run(auctions, participants, spread, rounds)).await
            }
            What::Stamps { pairs, crowd } => Box::pin(bids::stamps::run(pairs, crowd)).await,
            What::Reads { auctions, rounds, answers } => {
                Box::pin(reads::run(&reads::ReadWorkload { auctions, rounds, answers })).await
            }
            What::Neighbours { bidders, bids_per_s, rounds, seconds, without } => {
                let span = Duration::from_secs(seconds);
                let workload =
                    neighbours::NeighboursWorkload { bidders, bids_per_s, rounds, span, without };
                Box::pin(neighbours::run(&workload)).await
            }
            What::Sync { what: Sync::Drafts { drafts, rounds } } => {
                sync::drafts::run(&sync::drafts::DraftWorkload { drafts, rounds })
            }
            What::Sync { what: Sync::Exchange { rows, ops, rounds, peers } } => {
                let workload = sync::exchange::ExchangeWorkload { rows, ops, rounds, peers };
                Box::pin(sync::exchange::run(&workload)).await
            }
            What::Sync { what: Sync::Crowd { clients, changes } } => {
                Box::pin(sync::crowd::run(&clients, changes)).await
            }
            What::Phone { auctions, starts, edits, idle_s } => {
                let idle = Duration::from_secs(idle_s);
                let workload = phone::PhoneWorkload { auctions, starts, edits, idle };
                Box::pin(phone::run(&workload)).await
            }
            What::PhoneStarts { .. } => Ok(()),
            What::Serve { data, port, as_shipped } => {
                Box::pin(server::serve(&data, port, as_shipped)).await
            }
        }
    })
}
