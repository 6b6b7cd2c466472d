//! The off-site copy: every original and the catalog, sealed, at a store that learns
//! neither. Here are the facts of it: where the store is and what opens it (`place`), how
//! bytes are sealed and what they are called there (`key`, `seal`), what is copied and what
//! is not (`ledger`), which originals need not be here besides (`local`) and how one of those
//! comes back (`back`), the catalog on its way out (`snapshot`) and all of it on its way back
//! (`restoring`). Whoever speaks to the store is above.

mod back;
mod key;
mod ledger;
mod local;
mod place;
mod restoring;
mod seal;
mod snapshot;

pub use back::Returning;
pub(crate) use back::{Bytes, Spot};
pub use local::Excess;
pub(crate) use local::{arrive, held_in, note_here};

pub use key::{OffsiteKeys, RecoveryKey};
pub use ledger::{OffsiteCopy, OffsiteCounts, OffsiteFile};
pub use place::{Offsite, OffsiteLogin, OffsitePlace};
pub use restoring::{Brought, Restoring};
pub use seal::{Opening, Sealing, sealed_length};
pub use snapshot::{Snapshot, outlived, snapshot_moment};
