//! What of pairing is open on this machine: its invitation, and those who are being
//! compared with, until their people have answered.

use tokio::sync::{oneshot, watch};

use crate::gate::Inviting;
use crate::pairing::{self, Open};
use crate::{Inner, Invitation, Pairing, PairingState, Peers, SyncError, locked, nearby};

/// How many pairings are shown, the last ones.
const PAIRINGS: usize = 20;

impl Peers {
    /// Invites another machine; an earlier invitation ends.
    pub fn invite(&self, is_own: bool, code: bool, unasked: bool) -> Invitation {
        let inner = &self.inner;
        let (address, relay) = (inner.endpoint.addr(), inner.detour.told());
        let invitation = Invitation::new(&address, relay.as_ref(), is_own, code, unasked);
        inner.set_invitation(Some(invitation.clone()));
        invitation
    }

    /// The invitation that is open.
    pub fn invitation(&self) -> Option<Invitation> {
        self.inner.invitation()
    }

    /// Ends the invitation that is open.
    pub fn uninvite(&self) {
        self.inner.set_invitation(None);
    }

    /// Goes to the machine that invited; answers with the pairing, whose words both
    /// people now compare.
    ///
    /// # Errors
    /// When it is no invitation, or does not hold, or the machine is not reached.
    pub async fn join(&self, invitation: &str) -> Result<Pairing, SyncError> {
        let id = pairing::join(&self.inner, invitation).await?;
        self.pairing(id)
    }

    /// The person here says whether both screens show the same words.
    ///
    /// # Errors
    /// [`SyncError::NoPairing`].
    pub fn answer(&self, id: u64, yes: bool) -> Result<Pairing, SyncError> {
        self.inner.answer_pairing(id, yes)?;
        self.pairing(id)
    }

    /// Waits until a pairing has come to an end.
    ///
    /// # Errors
    /// [`SyncError::NoPairing`].
    pub async fn ended(&self, id: u64) -> Result<Pairing, SyncError> {
        let mut shown = locked(&self.inner.pairings)
            .get(&id)
            .map(|open| open.shown.subscribe())
            .ok_or(SyncError::NoPairing)?;
        let ended = shown
            .wait_for(|pairing| {
                matches!(pairing.state, PairingState::Done | PairingState::Failed(_))
            })
            .await;
        ended
            .map(|pairing| pairing.clone())
            .map_err(|_| SyncError::NoPairing)
    }

    /// The pairings of late, oldest first.
    pub fn pairings(&self) -> Vec<Pairing> {
        let pairings = locked(&self.inner.pairings);
        pairings
            .values()
            .map(|open| open.shown.borrow().clone())
            .collect()
    }

    fn pairing(&self, id: u64) -> Result<Pairing, SyncError> {
        locked(&self.inner.pairings)
            .get(&id)
            .map(|open| open.shown.borrow().clone())
            .ok_or(SyncError::NoPairing)
    }
}

impl Inner {
    fn set_invitation(&self, invitation: Option<Invitation>) {
        self.gate.invite(invitation.as_ref().map(|open| Inviting {
            token: open.relay_token(),
            ends: open.ends,
        }));
        let number = invitation.as_ref().and_then(Invitation::number);
        self.endpoint
            .set_user_data_for_address_lookup(number.and_then(nearby::told));
        *locked(&self.invitation) = invitation;
        self.tell();
    }

    /// The invitation that is open.
    pub(crate) fn invitation(&self) -> Option<Invitation> {
        let open = locked(&self.invitation).clone()?;
        if open.is_over() {
            self.set_invitation(None);
            return None;
        }
        Some(open)
    }

    /// Uses the invitation of this secret up.
    pub(crate) fn take_invitation(&self, secret: &[u8], by_code: bool) -> Option<Invitation> {
        let open = self.invitation()?;
        if open.secret(by_code).as_deref() != Some(secret) {
            return None;
        }
        self.set_invitation(None);
        Some(open)
    }

    pub(crate) fn count_wrong_try(&self) {
        let goes_on = locked(&self.invitation)
            .as_mut()
            .is_none_or(Invitation::goes_on);
        if !goes_on {
            self.set_invitation(None);
        }
    }

    /// Shows a pairing to the person here.
    pub(crate) fn open_pairing(
        &self,
        mut pairing: Pairing,
        answer: oneshot::Sender<bool>,
    ) -> (u64, watch::Sender<Pairing>) {
        let mut pairings = locked(&self.pairings);
        let id = pairings.last_key_value().map_or(1, |(last, _)| last + 1);
        pairing.id = id;
        let shown = watch::Sender::new(pairing);
        pairings.insert(
            id,
            Open {
                shown: shown.clone(),
                answer: Some(answer),
            },
        );
        while pairings.len() > PAIRINGS {
            pairings.pop_first();
        }
        drop(pairings);
        self.tell();
        (id, shown)
    }

    pub(crate) fn answer_pairing(&self, id: u64, yes: bool) -> Result<(), SyncError> {
        locked(&self.pairings)
            .get_mut(&id)
            .and_then(|open| open.answer.take())
            .and_then(|answer| answer.send(yes).ok())
            .ok_or(SyncError::NoPairing)
    }
}
