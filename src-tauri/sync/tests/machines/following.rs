//! Rows that are followed, and changes that are asked for, between machines of one
//! person.

use crate::cases;
use crate::house::{Machine, pair, reached, story, until};
use library::{AssetEdit, AssetId, RemoteWhich, RequestState};

cases![
    a_photo_appears_on_the_other_machine_and_changes_there,
    what_is_asked_while_the_home_is_away_is_done_when_it_is_back,
    three_machines_know_each_other_by_the_card,
];

fn seen(machine: &Machine, home: &Machine) -> Vec<(AssetId, Option<String>)> {
    let (assets, _) = machine
        .library
        .remote_assets(home.device(), RemoteWhich::default(), None, 100)
        .unwrap();
    assets
        .into_iter()
        .map(|remote| (remote.asset.id, remote.asset.title))
        .collect()
}

fn titled(title: &str) -> AssetEdit {
    AssetEdit {
        title: Some(title.to_owned()),
        ..AssetEdit::default()
    }
}

fn a_photo_appears_on_the_other_machine_and_changes_there() {
    story(async {
        let (desk, laptop) = (Machine::new("Desk").await, Machine::new("Laptop").await);
        let early = desk.photo(1, 60);
        pair(&desk, &laptop, true).await;
        until("the photo is known", || {
            (seen(&laptop, &desk) == [(early, None)]).then_some(())
        })
        .await;
        let late = desk.photo(2, 60);
        until("the new one, too", || {
            seen(&laptop, &desk)
                .iter()
                .any(|(id, _)| *id == late)
                .then_some(())
        })
        .await;
        desk.library.edit_assets(&[early], titled("Early")).unwrap();
        desk.library.trash(&[late]).unwrap();
        until("its title is, and what was thrown away is not", || {
            (seen(&laptop, &desk) == [(early, Some("Early".to_owned()))]).then_some(())
        })
        .await;
    });
}

fn what_is_asked_while_the_home_is_away_is_done_when_it_is_back() {
    story(async {
        let (desk, laptop) = (Machine::new("Desk").await, Machine::new("Laptop").await);
        let photo = desk.photo(1, 60);
        pair(&desk, &laptop, true).await;
        until("the photo is known", || {
            (!seen(&laptop, &desk).is_empty()).then_some(())
        })
        .await;
        let home = desk.device();
        desk.peers.stop().await;
        until("the desk is away", || {
            laptop.peers.presence(home).route.is_none().then_some(())
        })
        .await;
        laptop
            .library
            .ask_edit(home, &[photo], titled("Asked"))
            .unwrap();
        assert_eq!(
            seen(&laptop, &desk),
            [(photo, Some("Asked".to_owned()))],
            "at once"
        );
        assert_eq!(desk.library.asset(photo).unwrap().title, None);

        // It comes back at another address, and calls.
        let desk = desk.again().await;
        until("it is done there", || {
            (desk.library.asset(photo).unwrap().title.as_deref() == Some("Asked")).then_some(())
        })
        .await;
        until("that is told here", || {
            (laptop.library.outbox().unwrap()[0].state == RequestState::Done).then_some(())
        })
        .await;
        reached(&laptop, home).await;
        let late = desk.photo(2, 60);
        until("following goes on", || {
            seen(&laptop, &desk)
                .iter()
                .any(|(id, _)| *id == late)
                .then_some(())
        })
        .await;
    });
}

fn three_machines_know_each_other_by_the_card() {
    story(async {
        let (desk, laptop, ben) = (
            Machine::new("Desk").await,
            Machine::new("Laptop").await,
            Machine::new("Ben's").await,
        );
        pair(&desk, &ben, false).await;
        pair(&desk, &laptop, true).await;
        until("Ben knows the laptop that he never met", || {
            ben.library
                .peers()
                .unwrap()
                .iter()
                .any(|peer| peer.device == laptop.device())
                .then_some(())
        })
        .await;
        until("the laptop knows Ben", || {
            laptop
                .library
                .peers()
                .unwrap()
                .iter()
                .any(|peer| peer.device == ben.device() && !peer.is_own)
                .then_some(())
        })
        .await;
    });
}
