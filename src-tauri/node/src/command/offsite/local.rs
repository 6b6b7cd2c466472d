//! How much of this machine's disk originals may take, once the store has them.

use std::sync::Arc;

use clap::Args;
use library::size;
use serde::{Deserialize, Serialize};
use ts_rs::TS;

use super::OffsiteStatus;
use crate::command::{Command, Outcome};
use crate::offsite::needed;
use crate::{Node, NodeError};

/// Arguments of `offsite keep-local`.
#[derive(Args, Serialize, Deserialize, TS)]
pub struct KeepLocal {
    /// How much originals may take here: 500MB, 20GB, 1.5TB; or all
    size: String,
}

/// Answer to `offsite keep-local`.
#[derive(Clone, Debug, Serialize, Deserialize, TS)]
pub struct KeptLocal {
    /// Bytes that made room.
    freed: u64,
    /// How it stands now.
    status: OffsiteStatus,
    /// It was stopped before all was here.
    cancelled: bool,
}

/// Bytes as people say them, in powers of a thousand; `None` for all.
pub(super) fn bytes_of(said: &str) -> Result<Option<u64>, NodeError> {
    const UNITS: &[(&str, f64)] = &[("MB", 1e6), ("GB", 1e9), ("TB", 1e12)];
    let said = said.trim().to_uppercase();
    if said == "ALL" {
        return Ok(None);
    }
    let read = UNITS.iter().find_map(|(unit, bytes)| {
        let number = said.strip_suffix(unit)?.trim().replace(',', ".");
        let number = number.parse::<f64>().ok()?;
        // Large sizes lose their last bytes, which nobody counts.
        (0.0..1e6)
            .contains(&number)
            .then_some((number * bytes) as u64)
    });
    read.map(Some).ok_or_else(|| {
        NodeError::new(
            "wrong",
            "Say how much originals may take, as 500MB, 20GB or 1.5TB; or all.",
        )
    })
}

impl Command for KeepLocal {
    const NAME: &'static str = "offsite.keep-local";
    const ABOUT: &'static str =
        "Say how much originals may take on this machine; the others are at the store alone";
    type Reply = KeptLocal;

    fn run(self, node: &Arc<Node>) -> Result<KeptLocal, NodeError> {
        let set = needed(&node.library)?;
        let most = bytes_of(&self.size)?;
        node.library.set_keep_local(most)?;
        let (freed, cancelled) = match most {
            Some(_) => (node.make_room_now(&set)?, false),
            None => (0, !node.bring_all_back()?),
        };
        Ok(KeptLocal {
            freed,
            status: OffsiteStatus::read(node)?,
            cancelled,
        })
    }

    fn text(reply: &KeptLocal) -> String {
        let mut lines = Vec::new();
        if reply.freed > 0 {
            lines.push(format!("{} are free now.", size(reply.freed)));
        }
        lines.push(match (reply.status.local_text(), reply.cancelled) {
            (Some(text), _) => text,
            (None, _) => "All originals are on this machine.".to_owned(),
        });
        if reply.cancelled {
            lines.push(
                "It was stopped before its end; `albumen offsite keep-local all` goes on."
                    .to_owned(),
            );
        }
        lines.join("\n")
    }

    fn outcome(reply: &KeptLocal) -> Outcome {
        let lacks = reply.status.keep_local.is_none() && reply.status.away > 0;
        match lacks || reply.cancelled || reply.status.lost > 0 {
            true => Outcome::InPart,
            false => Outcome::Done,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sizes_are_read_as_people_say_them() {
        let read = |said| bytes_of(said).map_err(|error| error.code);
        assert_eq!(read("all"), Ok(None));
        assert_eq!(read("500MB"), Ok(Some(500_000_000)));
        assert_eq!(read(" 20 gb"), Ok(Some(20_000_000_000)));
        assert_eq!(read("1,5TB"), Ok(Some(1_500_000_000_000)));
        assert_eq!(read("0MB"), Ok(Some(0)));
        for wrong in ["", "20", "GB", "-1GB", "1e9TB", "20 gigabytes"] {
            assert_eq!(read(wrong), Err("wrong".to_owned()), "{wrong}");
        }
    }
}
