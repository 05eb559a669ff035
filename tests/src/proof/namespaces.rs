//! Machines of their own on one machine: network namespaces, each with a cable to the clients and
//! one to the database, which can be cut. Needs root, and a network namespace around everything, so
//! that nothing reaches the machine's own network.

use anyhow::{Context as _, ensure};
use std::net::Ipv4Addr;
use std::process::Command;

/// The port of the database.
pub const DATABASE_PORT: u16 = 5_432;
/// The addresses of all cables: a range for tests of networks (RFC 2544).
pub const ADDRESSES: &str = "198.18.0.0/15";

/// A namespace for one node.
pub struct NodeSpace {
    name: String,
    number: u8,
}

impl NodeSpace {
    /// Makes the namespace with this number, below 100, and its two cables.
    ///
    /// # Errors
    /// When the system does not allow it.
    pub fn new(number: u8) -> anyhow::Result<Self> {
        let name = format!("toruk-{}-{number}", std::process::id());
        ip(&["netns", "add", &name])?;
        let space = Self { name, number };
        space.inside(&["link", "set", "lo", "up"])?;
        for (cable, inner, network) in [
            (space.clients_cable(), "clients", number),
            (space.database_cable(), "database", 100 + number),
        ] {
            ip(&["link", "add", &cable, "type", "veth", "peer", inner, "netns", &space.name])?;
            ip(&["address", "add", &format!("198.18.{network}.1/24"), "dev", &cable])?;
            space.inside(&["address", "add", &format!("198.18.{network}.2/24"), "dev", inner])?;
            ip(&["link", "set", &cable, "up"])?;
            space.inside(&["link", "set", inner, "up"])?;
        }
        Ok(space)
    }

    /// The node's address for clients.
    pub fn host(&self) -> Ipv4Addr {
        Ipv4Addr::new(198, 18, self.number, 2)
    }

    /// The database's address on this node's cable.
    pub fn database_host(&self) -> Ipv4Addr {
        Ipv4Addr::new(198, 18, 100 + self.number, 1)
    }

    /// The database as this node reaches it.
    pub fn database_url(&self) -> String {
        let host = self.database_host();
        format!("postgres://postgres@{host}:{DATABASE_PORT}/postgres?sslmode=disable")
    }

    /// The program, with its arguments, that starts another one in the namespace.
    pub fn launcher(&self) -> Vec<String> {
        ["ip", "netns", "exec", &self.name].map(str::to_owned).to_vec()
    }

    /// Cuts the cable to the database: what is sent is lost, without a word.
    ///
    /// # Errors
    /// When the system does not allow it.
    pub fn cut(&self) -> anyhow::Result<()> {
        ip(&["link", "set", &self.database_cable(), "down"])
    }

    /// Repairs the cable to the database.
    ///
    /// # Errors
    /// When the system does not allow it.
    pub fn heal(&self) -> anyhow::Result<()> {
        ip(&["link", "set", &self.database_cable(), "up"])
    }

    fn inside(&self, arguments: &[&str]) -> anyhow::Result<()> {
        ip(&[&["-n", &self.name], arguments].concat())
    }

    fn clients_cable(&self) -> String {
        format!("clients{}", self.number)
    }

    fn database_cable(&self) -> String {
        format!("database{}", self.number)
    }
}

impl Drop for NodeSpace {
    fn drop(&mut self) {
        // The cables would go with the namespace, but some time later, and the next round's have
        // the same names. Each fails only when it is gone.
        for cable in [self.clients_cable(), self.database_cable()] {
            let _ = ip(&["link", "delete", &cable]);
        }
        let _ = ip(&["netns", "delete", &self.name]);
    }
}

/// Checks that this process has a network of its own, and brings its loopback up.
///
/// # Errors
/// When it has the machine's, or may not make one.
pub fn require_own_network() -> anyhow::Result<()> {
    let links = Command::new("ip").args(["-o", "link", "show"]).output().context("no `ip`")?;
    let links = String::from_utf8_lossy(&links.stdout).into_owned();
    let own = |line: &str| line.contains(": lo:");
    ensure!(
        links.lines().all(own),
        "run it in a network of its own, as root: `unshare --net --mount prove partitions`"
    );
    ip(&["link", "set", "lo", "up"])
}

fn ip(arguments: &[&str]) -> anyhow::Result<()> {
    let done = Command::new("ip").args(arguments).output().context("there is no `ip`")?;
    let said = String::from_utf8_lossy(&done.stderr).into_owned();
    ensure!(done.status.success(), "ip {}: {said}", arguments.join(" "));
    Ok(())
}
