//! `toruk admin list` and `toruk admin revoke`: who may do something in the console, and its end.

use crate::config::write_secret;
use crate::identity::{Revocation, Role, StaffAccess};
use crate::state::AppState;
use clap::Subcommand;
use toruk_sync::domain::id::PersonId;
use uuid::Uuid;

/// The part of an official's access that `toruk admin revoke` ends.
#[derive(Subcommand)]
pub enum Revoke {
    /// All of an official's roles, sessions, passkeys and open invitations.
    Official {
        /// Id from the list.
        id: Uuid,
    },
    /// One role; with the last one, the sessions.
    Role {
        /// Id from the list.
        id: Uuid,
        /// Role: organiser, moderator, finance, auditor or sysadmin.
        role: Role,
    },
    /// One console session.
    Session {
        /// Id from the list.
        id: String,
    },
    /// One passkey, and the sessions of its official.
    Passkey {
        /// Id from the list.
        id: String,
    },
    /// The sign-in of an official by eID, and their sessions.
    Eid {
        /// Id of the official from the list.
        id: Uuid,
    },
    /// One invitation that was not used.
    Invitation {
        /// Id from the list.
        id: String,
    },
}

impl Revoke {
    /// The same as the service takes it.
    pub fn revocation(self) -> Revocation {
        match self {
            Self::Official { id } => Revocation::Official(PersonId(id)),
            Self::Role { id, role } => Revocation::Role(PersonId(id), role),
            Self::Session { id } => Revocation::Session(id),
            Self::Passkey { id } => Revocation::Passkey(id),
            Self::Eid { id } => Revocation::Eid(PersonId(id)),
            Self::Invitation { id } => Revocation::Invitation(id),
        }
    }
}

/// The officials as text: one line each, followed by a line for each part of their access.
pub fn staff_list(access: &StaffAccess) -> String {
    use std::fmt::Write as _;
    let by_whom = |who: &Option<(PersonId, String)>| match who {
        Some((person, name)) => format!("{name} ({person})"),
        None => "the operator".to_owned(),
    };
    let mut text = String::new();
    // Writing to a `String` can't fail.
    for official in &access.staff {
        let roles: Vec<&str> = official.roles.iter().map(|role| role.key()).collect();
        let organisations: Vec<&str> =
            official.organisations.iter().map(|name| name.get("en")).collect();
        let (roles, organisations) = (roles.join(","), organisations.join(", "));
        let _ = writeln!(
            text,
            "official {} {} roles=[{roles}] organisations=[{organisations}] since {} invited by {}",
            official.person,
            official.name,
            official.since.bishkek(),
            by_whom(&official.invited_by)
        );
        for session in &official.sessions {
            let _ = writeln!(text, "  session {} since {}", session.id, session.since.bishkek());
        }
        for passkey in &official.passkeys {
            let _ = writeln!(text, "  passkey {} since {}", passkey.id, passkey.since.bishkek());
        }
        if let Some(eid) = &official.eid {
            let _ = writeln!(text, "  eid since {}", eid.since.bishkek());
        }
    }
    for open in &access.invitations {
        let (role, by, until) = (open.role, by_whom(&open.invited_by), open.expires_at.bishkek());
        let _ = writeln!(text, "invitation {} role={role} by {by} until {until}", open.id);
    }
    text
}

/// Prints the one-time link for the first administrator, at the first start.
///
/// # Errors
/// If it can't be made or written.
pub async fn welcome(state: &AppState) -> anyhow::Result<()> {
    if !state.identity.is_unclaimed().await? {
        return Ok(());
    }
    let invitation = state.identity.invite(None, Role::Sysadmin, None).await?;
    match &state.context.config.invite_file {
        Some(file) => write_secret(file, &invitation.link)?,
        None => println!(
            "This server has no administrator yet. Open this link within 30 minutes:\n{}",
            invitation.link
        ),
    }
    Ok(())
}
