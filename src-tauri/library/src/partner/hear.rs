//! What others tell the owner's machine: a partner's answer and receipts, and what
//! another machine of one's own decided.

use super::offer::{close, tell_anew};
use super::{PartnerState, is_any};
use crate::catalog::Write;
use crate::notice::{NoticeKind, note_library};
use crate::share::Asker;
use crate::wire::PartnerRow;
use crate::{Change, DeviceId, LibraryError, PersonId};

/// A person to whom the library is shown accepts it, or does not, or not any more.
pub(crate) fn hear_answer(
    write: &Write<'_>,
    asker: Asker,
    accept: bool,
) -> Result<(), LibraryError> {
    let conn = write.conn();
    let is_open = conn
        .prepare_cached(
            "SELECT 1 FROM partner WHERE person = ?1 AND state IN ('asked', 'accepted') AND home IS NULL",
        )?
        .exists([asker.person])?;
    if !is_open {
        return Err(LibraryError::wrong(
            "This library is not shown to you any more.",
        ));
    }
    if !accept {
        note_library(write, NoticeKind::LibraryDeclined, asker.person)?;
        return close(write, asker.person, PartnerState::Declined);
    }
    let accepted = conn
        .prepare_cached(
            "UPDATE partner SET state = 'accepted', decided_at = ?2
          WHERE person = ?1 AND state <> 'accepted'",
        )?
        .execute((asker.person, write.now_ms))?;
    if accepted > 0 {
        note_library(write, NoticeKind::LibraryAccepted, asker.person)?;
    }
    write.announce(Change::Partners);
    Ok(())
}

/// A partner's machine says that it has nothing of the library any more.
pub(crate) fn hear_receipt(write: &Write<'_>, asker: Asker) -> Result<(), LibraryError> {
    write
        .conn()
        .prepare_cached(
            "UPDATE partner_copy SET dropped_at = ?3
              WHERE person = ?1 AND device = ?2 AND dropped_at IS NULL",
        )?
        .execute((asker.person, asker.device, write.now_ms))?;
    write.announce(Change::Partners);
    Ok(())
}

/// Takes over what another machine of one's own decided; what was decided here stands.
/// False for what cannot be.
pub(crate) fn take_rules(
    write: &Write<'_>,
    home: DeviceId,
    person: PersonId,
    body: Option<&[u8]>,
) -> Result<bool, LibraryError> {
    let conn = write.conn();
    let told = match body.map(PartnerRow::read).transpose() {
        Ok(told) => told,
        Err(_) => return Ok(false),
    };
    let Some(told) = told else {
        // What had ended was put away there; else its decisions went with it.
        let put_away = conn
            .prepare_cached(
                "DELETE FROM partner
                  WHERE person = ?1 AND home = ?2 AND state IN ('declined', 'ended')",
            )?
            .execute((person, home))?;
        let theirs = conn
            .prepare_cached("SELECT 1 FROM partner WHERE person = ?1 AND home = ?2")?
            .exists((person, home))?;
        if put_away > 0 {
            write.announce(Change::Partners);
        } else if theirs {
            close(write, person, PartnerState::Ended)?;
        }
        return Ok(true);
    };
    // What a machine passes on of a third one is told by that itself.
    if told.decides != home.bytes() {
        return Ok(true);
    }
    let here = conn
        .prepare_cached(
            "SELECT 1 FROM partner WHERE person = ?1 AND home IS NOT ?2
                AND state IN ('asked', 'accepted')",
        )?
        .exists((person, home))?;
    let is_me = conn
        .prepare_cached("SELECT 1 FROM library WHERE person = ?1")?
        .exists([person])?;
    if here || is_me {
        return Ok(true);
    }
    // Their card may come after this.
    conn.prepare_cached("INSERT INTO person (id, name) VALUES (?1, '') ON CONFLICT DO NOTHING")?
        .execute([person])?;
    let was_any = is_any(conn, person)?;
    let state = PartnerState::of_number(told.state);
    conn.prepare_cached(
        "INSERT INTO partner (person, home, state, since, captions, albums, asked_at, decided_at)
         VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)
         ON CONFLICT (person) DO UPDATE SET home = excluded.home, state = excluded.state,
             since = excluded.since, captions = excluded.captions, albums = excluded.albums,
             asked_at = excluded.asked_at, decided_at = excluded.decided_at",
    )?
    .execute((
        person,
        home,
        state.name(),
        told.since,
        told.captions,
        told.albums,
        told.asked_at,
        told.decided_at,
    ))?;
    match state {
        PartnerState::Accepted => tell_anew(write, person, true)?,
        PartnerState::Declined | PartnerState::Ended => close(write, person, state)?,
        PartnerState::Asked if was_any => {
            conn.prepare_cached("DELETE FROM partner_copy WHERE person = ?1")?
                .execute([person])?;
        }
        PartnerState::Asked => {}
    }
    write.announce(Change::Partners);
    Ok(true)
}
