//! Guessing passwords: all at once, from one address, and from very many, while
//! friends look at the same link.

use super::{LEFT, PASSWORD, Siege, heard, statuses};
use crate::visitor::Visitor;
use rustix::net::{AddressFamily, SocketType, bind, connect, socket};
use std::io::Write;
use std::net::{Ipv4Addr, SocketAddr, TcpStream};
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;
use std::time::Duration;

/// Memory of one check by design.
const CHECK: u64 = 19_456 * 1024;
/// How many friends look on.
const FRIENDS: usize = 200;
/// From how many addresses the password is guessed at once.
const GUESSERS: u16 = 1_000;
/// What the allocator keeps of the checks: twice those of four threads.
const KEPT: u64 = 8 * CHECK;

/// A connection from an address of this machine's own loopback network.
fn connect_from(siege: &Siege, from: Ipv4Addr) -> TcpStream {
    let socket = socket(AddressFamily::INET, SocketType::STREAM, None).unwrap();
    bind(&socket, &SocketAddr::from((from, 0))).unwrap();
    let to: SocketAddr = siege.host().parse().unwrap();
    connect(&socket, &to).unwrap();
    let stream = TcpStream::from(socket);
    let patience = Some(Duration::from_secs(60));
    stream.set_read_timeout(patience).unwrap();
    stream
}

/// Tries a password from an address; the answer's status.
fn guess(siege: &Siege, from: Ipv4Addr, password: &str) -> u16 {
    let mut stream = connect_from(siege, from);
    let form = format!("password={}", password.replace(' ', "+"));
    let request = format!(
        "POST {}/unlock HTTP/1.1\r\nHost: {}\r\nContent-Type: \
         application/x-www-form-urlencoded\r\nContent-Length: {}\r\nConnection: \
         close\r\n\r\n{form}",
        siege.locked(),
        siege.host(),
        form.len()
    );
    stream.write_all(request.as_bytes()).unwrap();
    let statuses = statuses(&heard(&mut stream));
    assert_eq!(statuses.len(), 1);
    statuses[0]
}

fn address(number: u16) -> Ipv4Addr {
    let [high, low] = number.to_be_bytes();
    Ipv4Addr::new(127, 7, high, low)
}

#[test]
fn five_hundred_passwords_at_once_take_the_memory_of_few() {
    let siege = Siege::lay();
    let before = siege.held("VmRSS:");
    let said: Vec<u16> = thread::scope(|scope| {
        let guessing: Vec<_> = (0..500_u16)
            .map(|number| {
                let siege = &siege;
                // From five addresses, as those of more are not let through.
                scope.spawn(move || guess(siege, address(number % 5), "not the password"))
            })
            .collect();
        siege.honest();
        guessing
            .into_iter()
            .map(|one| one.join().unwrap())
            .collect()
    });
    for status in said {
        assert!([403, 429, 503].contains(&status), "{status}");
    }
    let most = siege.held("VmHWM:");
    let allowed = before + KEPT + (64 << 20);
    assert!(most <= allowed, "{before} bytes became {most}");
    siege.lifted_but(LEFT + KEPT);
}

#[test]
fn a_guesser_at_one_address_waits_alone() {
    let siege = Siege::lay();
    let guesser = address(1);
    let tries: Vec<u16> = (0..13)
        .map(|_| guess(&siege, guesser, "not this"))
        .collect();
    assert!(tries[..10].iter().all(|status| *status == 403), "{tries:?}");
    assert_eq!(tries.last(), Some(&429), "{tries:?}");
    assert_eq!(guess(&siege, guesser, PASSWORD), 429);
    assert_eq!(guess(&siege, address(2), PASSWORD), 303);
    siege.lifted_but(LEFT + KEPT);
}

#[test]
fn guessers_at_a_thousand_addresses_wait_together_and_friends_at_one_look_on() {
    let siege = Siege::lay();
    let mut friends: Vec<Visitor> = (0..FRIENDS)
        .map(|_| {
            let mut friend = Visitor::new(&format!("http://{}", siege.host()));
            assert_eq!(friend.unlock(&siege.locked(), PASSWORD).status, 303);
            friend
        })
        .collect();
    let late = address(9_999);
    assert_eq!(guess(&siege, late, "mistyped"), 403);
    let over = AtomicBool::new(false);
    // Two tries from each address: none of them is slow, all together are.
    let said: Vec<u16> = thread::scope(|scope| {
        for some in friends.chunks_mut(FRIENDS / 4) {
            let (siege, over) = (&siege, &over);
            scope.spawn(move || {
                while !over.load(Ordering::Relaxed) {
                    for friend in some.iter_mut() {
                        assert_eq!(friend.get(&siege.locked()).status, 200);
                    }
                }
            });
        }
        let guessing: Vec<_> = (0..4)
            .map(|part| {
                let siege = &siege;
                scope.spawn(move || {
                    let mine = (0..GUESSERS).filter(|number| number % 4 == part);
                    mine.flat_map(|number| [number; 2])
                        .map(|number| guess(siege, address(number), "not the password"))
                        .collect::<Vec<_>>()
                })
            })
            .collect();
        let said = guessing.into_iter().map(thread::ScopedJoinHandle::join);
        let said: Vec<_> = said.collect();
        over.store(true, Ordering::Relaxed);
        said.into_iter().flat_map(Result::unwrap).collect()
    });
    let refused = said.iter().filter(|status| **status == 429).count();
    let wrong = said.iter().filter(|status| **status == 403).count();
    assert_eq!(refused + wrong, 2 * usize::from(GUESSERS), "{said:?}");
    // A hundred in an hour, and then ten a minute of all of them.
    assert!((100..200).contains(&wrong), "{wrong} were looked at");
    assert_eq!(
        guess(&siege, address(5_000), PASSWORD),
        429,
        "newcomers wait"
    );
    assert_eq!(
        guess(&siege, late, PASSWORD),
        303,
        "who was here before does not"
    );
    for friend in &mut friends {
        assert!(friend.get(&siege.locked()).text().contains("By the sea"));
    }
    siege.lifted_but(LEFT + KEPT);
}
