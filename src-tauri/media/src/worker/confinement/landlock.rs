//! Landlock: a ruleset that handles every access there is and grants none.

use ::landlock::{
    ABI, Access, AccessFs, AccessNet, LandlockStatus, RestrictionStatus, Ruleset, RulesetAttr,
    RulesetError, RulesetStatus, Scope,
};

/// The newest version the rules are written for; older kernels do what they can.
const NEWEST: ABI = ABI::V10;

/// Takes every path, port and foreign process from this thread and those it
/// starts, and answers with the version of Landlock that does it.
///
/// Descriptors that are open already, or that arrive by a socket, stay usable.
pub(crate) fn restrict() -> Option<u8> {
    let status = grant_nothing().ok()?;
    match (status.ruleset, status.landlock) {
        (RulesetStatus::NotEnforced, _) => None,
        (_, LandlockStatus::Available { effective_abi, .. }) => {
            u8::try_from(effective_abi as i32).ok()
        }
        _ => None,
    }
}

/// Sets "no new privileges" too, so that no program could win rights back.
fn grant_nothing() -> Result<RestrictionStatus, RulesetError> {
    Ruleset::default()
        .handle_access(AccessFs::from_all(NEWEST))?
        .handle_access(AccessNet::from_all(NEWEST))?
        .scope(Scope::from_all(NEWEST))?
        .create()?
        .restrict_self()
}
