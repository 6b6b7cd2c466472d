//! Coming to know each other, and everything that must not make it so.

use crate::cases;
use crate::house::{Machine, asked, pair, reached, story, until};
use library::RemoteWhich;
use sync::PairingState;

cases![
    a_machine_of_ones_own_is_the_same_person_afterwards,
    somebody_else_stays_somebody_else,
    a_no_on_either_side_shares_nothing,
    an_invitation_holds_once,
    three_wrong_secrets_end_an_invitation,
    without_an_invitation_nobody_pairs,
    a_machine_that_was_removed_is_cut_off,
    the_unknown_get_nothing_however_often_they_try,
];

fn people(machine: &Machine) -> usize {
    machine.library.peers().unwrap().len()
}

fn a_machine_of_ones_own_is_the_same_person_afterwards() {
    story(async {
        let (desk, laptop) = (Machine::new("Desk").await, Machine::new("Laptop").await);
        pair(&desk, &laptop, true).await;
        let person = |machine: &Machine| machine.library.identity().unwrap().person;
        assert_eq!(person(&desk), person(&laptop));
        assert!(desk.library.peers().unwrap()[0].is_own);
        reached(&desk, laptop.device()).await;
        reached(&laptop, desk.device()).await;
    });
}

fn somebody_else_stays_somebody_else() {
    story(async {
        let (anna, ben) = (Machine::new("Anna's").await, Machine::new("Ben's").await);
        pair(&anna, &ben, false).await;
        let known = anna.library.peers().unwrap();
        assert!(!known[0].is_own);
        assert_eq!(known[0].person_name, "Ben's's person");
        reached(&ben, anna.device()).await;
        assert!(
            ben.library
                .remote_assets(anna.device(), RemoteWhich::default(), None, 9)
                .unwrap()
                .0
                .is_empty()
        );
    });
}

fn a_no_on_either_side_shares_nothing() {
    story(async {
        let (anna, ben) = (Machine::new("Anna's").await, Machine::new("Ben's").await);
        for (anna_says, ben_says) in [(true, false), (false, true)] {
            let invitation = anna.peers.invite(false, false, false);
            let joined = ben.peers.join(&invitation.ticket).await.unwrap();
            let asked = asked(&anna).await;
            anna.peers.answer(asked.id, anna_says).unwrap();
            ben.peers.answer(joined.id, ben_says).unwrap();
            for (machine, id) in [(&anna, asked.id), (&ben, joined.id)] {
                let ended = machine.peers.ended(id).await.unwrap();
                assert!(matches!(ended.state, PairingState::Failed(_)));
            }
            assert_eq!((people(&anna), people(&ben)), (0, 0));
        }
    });
}

fn an_invitation_holds_once() {
    story(async {
        let (anna, ben, eve) = (
            Machine::new("Anna's").await,
            Machine::new("Ben's").await,
            Machine::new("Eve's").await,
        );
        let invitation = anna.peers.invite(false, false, false);
        ben.peers.join(&invitation.ticket).await.unwrap();
        assert!(anna.peers.invitation().is_none());
        let refused = eve.peers.join(&invitation.ticket).await.unwrap_err();
        assert!(
            ["wrong_invitation", "away", "broken"].contains(&refused.code()),
            "{refused}"
        );
        assert_eq!(anna.peers.pairings().len(), 1);
    });
}

/// The same ticket with another secret.
fn forged(ticket: &str) -> String {
    // Field 2 of the ticket, sixteen bytes, follows field 1, thirty-two.
    let mut letters: Vec<char> = ticket.chars().collect();
    let at = (2 + 32 + 2 + 4) * 4 / 3;
    letters[at] = if letters[at] == 'A' { 'B' } else { 'A' };
    letters.into_iter().collect()
}

fn three_wrong_secrets_end_an_invitation() {
    story(async {
        let (anna, ben) = (Machine::new("Anna's").await, Machine::new("Ben's").await);
        let invitation = anna.peers.invite(false, false, false);
        let wrong = forged(&invitation.ticket);
        for left in [2, 1, 0] {
            let refused = ben.peers.join(&wrong).await.unwrap_err();
            assert_eq!(refused.code(), "wrong_invitation");
            until("the try is counted", || {
                (anna.peers.invitation().is_some() == (left > 0)).then_some(())
            })
            .await;
        }
        assert!(
            ben.peers.join(&invitation.ticket).await.is_err(),
            "the right one comes too late"
        );
        assert_eq!(anna.peers.pairings().len(), 0);
    });
}

fn without_an_invitation_nobody_pairs() {
    story(async {
        let (anna, ben) = (Machine::new("Anna's").await, Machine::new("Ben's").await);
        let invitation = anna.peers.invite(false, false, false);
        anna.peers.uninvite();
        assert!(ben.peers.join(&invitation.ticket).await.is_err());
        assert!(anna.peers.pairings().is_empty());
        for text in ["", "12345678901", "hello"] {
            assert!(ben.peers.join(text).await.is_err(), "{text}");
        }
        let own = ben.peers.invite(false, false, false);
        let refused = ben.peers.join(&own.ticket).await.unwrap_err();
        assert!(refused.to_string().contains("this machine's own"));
    });
}

fn a_machine_that_was_removed_is_cut_off() {
    story(async {
        let (desk, laptop) = (Machine::new("Desk").await, Machine::new("Laptop").await);
        pair(&desk, &laptop, true).await;
        reached(&laptop, desk.device()).await;
        desk.library.forget(&laptop.device().to_string()).unwrap();
        until("the line is cut", || {
            laptop
                .peers
                .presence(desk.device())
                .route
                .is_none()
                .then_some(())
        })
        .await;
        desk.photo(1, 60);
        // It tries again by itself, and is refused each time.
        tokio::time::sleep(std::time::Duration::from_secs(2)).await;
        assert!(
            laptop
                .library
                .remote_assets(desk.device(), RemoteWhich::default(), None, 9)
                .unwrap()
                .0
                .is_empty()
        );
    });
}

fn the_unknown_get_nothing_however_often_they_try() {
    story(async {
        let desk = Machine::new("Desk").await;
        desk.photo(1, 60);
        let port = desk.peers.addresses()[0].port();
        let id = iroh::SecretKey::from_bytes(&desk.library.device_key()).public();
        let address =
            iroh::EndpointAddr::new(id).with_ip_addr(format!("127.0.0.1:{port}").parse().unwrap());
        let unknown = iroh::Endpoint::builder(iroh::endpoint::presets::Minimal)
            .bind()
            .await
            .unwrap();
        for _ in 0..50 {
            for protocol in [&b"albumen/1"[..], b"albumen-pairing/1", b"h3"] {
                // The handshake may stand for a moment before it is refused; nothing
                // that is asked on it is answered.
                let Ok(line) = unknown.connect(address.clone(), protocol).await else {
                    continue;
                };
                if let Ok((mut send, mut recv)) = line.open_bi().await {
                    let _ = send.write_all(&[0, 0, 0, 2, 0x0a, 0]).await;
                    assert!(!matches!(recv.read_chunk(100).await, Ok(Some(_))));
                }
            }
        }
        assert_eq!(people(&desk), 0);
        unknown.close().await;
    });
}
