//! Mappings asked of routers of the test's own, each on an address of the loopback.

use std::sync::Mutex;

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream, UdpSocket};
use tokio_util::task::AbortOnDropHandle;

use super::*;

const OUTSIDE: Ipv4Addr = Ipv4Addr::new(9, 8, 7, 6);

/// What a router was asked for, in order: port and seconds; none are «back».
type Heard = Arc<Mutex<Vec<(u16, u32)>>>;

#[derive(Clone, Copy, PartialEq)]
enum Kind {
    Pcp,
    NatPmp,
    /// Knows PCP, and refuses.
    Closed,
}

struct Router {
    whereabouts: Whereabouts,
    heard: Heard,
    _task: AbortOnDropHandle<()>,
}

impl Router {
    /// One that speaks PCP or NAT-PMP, at an address of the loopback of its own.
    async fn direct(host: u8, kind: Kind, outside: Ipv4Addr) -> Router {
        let gateway = Ipv4Addr::new(127, 0, 0, host);
        let socket = UdpSocket::bind((gateway, crab_nat::GATEWAY_PORT))
            .await
            .unwrap();
        let heard = Heard::default();
        let told = Arc::clone(&heard);
        let task = tokio::spawn(async move {
            let mut buffer = [0; 1_100];
            while let Ok((length, from)) = socket.recv_from(&mut buffer).await {
                let answer = answered(&buffer[..length], kind, outside, &told);
                socket.send_to(&answer, from).await.unwrap();
            }
        });
        Router {
            whereabouts: Whereabouts {
                gateway: Some(gateway),
                search: (gateway, 9).into(),
                from: Ipv4Addr::LOCALHOST,
            },
            heard,
            _task: AbortOnDropHandle::new(task),
        }
    }

    /// One that speaks UPnP, and answers a wish for a port with `fault` where it has one.
    async fn upnp(fault: Option<u16>) -> Router {
        let pages = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let search = UdpSocket::bind("127.0.0.1:0").await.unwrap();
        // Nothing there answers to PCP or NAT-PMP.
        let whereabouts = Whereabouts {
            gateway: Some(Ipv4Addr::LOCALHOST),
            search: search.local_addr().unwrap(),
            from: Ipv4Addr::LOCALHOST,
        };
        let location = format!("http://{}/root.xml", pages.local_addr().unwrap());
        let heard = Heard::default();
        let told = Arc::clone(&heard);
        let task = tokio::spawn(async move {
            let mut buffer = [0; 1_100];
            loop {
                tokio::select! {
                    asked = search.recv_from(&mut buffer) => {
                        let answer = format!("HTTP/1.1 200 OK\r\nLocation: {location}\r\n\r\n");
                        let (_, from) = asked.unwrap();
                        search.send_to(answer.as_bytes(), from).await.unwrap();
                    }
                    visit = pages.accept() => page(visit.unwrap().0, fault, &told).await,
                }
            }
        });
        Router {
            whereabouts,
            heard,
            _task: AbortOnDropHandle::new(task),
        }
    }

    fn heard(&self) -> Vec<(u16, u32)> {
        self.heard.lock().unwrap().clone()
    }
}

/// A router's answer to one datagram.
fn answered(asked: &[u8], kind: Kind, outside: Ipv4Addr, heard: &Heard) -> Vec<u8> {
    let number = |at: usize| u32::from_be_bytes(asked[at..at + 4].try_into().unwrap());
    let port = |at: usize| u16::from_be_bytes(asked[at..at + 2].try_into().unwrap());
    let epoch = 7_u32.to_be_bytes();
    let note = |port, seconds| heard.lock().unwrap().push((port, seconds));
    match (asked[0], asked[1], kind) {
        (2, _, Kind::NatPmp) => [&[0, 0x81, 0, 1][..], &epoch].concat(),
        (2, 1, _) => {
            let result = u8::from(kind == Kind::Closed) * 2;
            note(port(40), number(4));
            let mut answer = vec![2, 0x81, 0, result];
            answer.extend([&asked[4..8], &epoch, &[0; 12], &asked[24..42]].concat());
            // Never the port that was wished.
            answer.extend(4_711_u16.to_be_bytes());
            answer.extend(outside.to_ipv6_mapped().octets());
            answer
        }
        (0, 0, _) => [&[0, 128, 0, 0][..], &epoch, &outside.octets()].concat(),
        (0, 2, _) => {
            note(port(4), number(8));
            let granted = number(8).min(120).to_be_bytes();
            let outer = if number(8) == 0 {
                [0, 0]
            } else {
                4_711_u16.to_be_bytes()
            };
            [&[0, 130, 0, 0][..], &epoch, &asked[4..6], &outer, &granted].concat()
        }
        other => panic!("asked {:?}", (other.0, other.1)),
    }
}

/// A page of a router that speaks UPnP.
async fn page(mut stream: TcpStream, fault: Option<u16>, heard: &Heard) {
    let mut asked = String::new();
    let whole = |asked: &str| {
        let length = asked
            .to_lowercase()
            .split("content-length: ")
            .nth(1)?
            .split('\r')
            .next()?
            .parse::<usize>()
            .ok();
        let (_, body) = asked.split_once("\r\n\r\n")?;
        Some(body.len() >= length.unwrap_or(0))
    };
    while !(asked.ends_with("\r\n\r\n") && asked.starts_with("GET")) && whole(&asked) != Some(true)
    {
        let mut piece = [0; 4_096];
        let length = stream.read(&mut piece).await.unwrap();
        assert!(length > 0, "{asked}");
        asked.push_str(std::str::from_utf8(&piece[..length]).unwrap());
    }
    let kind = "urn:schemas-upnp-org:service:WANIPConnection:1";
    let field = |name: &str| {
        let rest = asked.split(&format!("<{name}")).nth(1)?.split_once('>')?.1;
        rest.split('<').next()?.parse::<u32>().ok()
    };
    let action = [
        "AddPortMapping",
        "DeletePortMapping",
        "GetExternalIPAddress",
    ]
    .into_iter()
    .find(|action| {
        asked
            .to_lowercase()
            .contains(&format!("#{}\"", action.to_lowercase()))
    });
    let (status, body) = match (asked.split(' ').nth(1).unwrap(), action) {
        ("/root.xml", _) => (
            "200 OK",
            format!(
                "<root xmlns=\"urn:schemas-upnp-org:device-1-0\"><device>\
             <deviceType>urn:schemas-upnp-org:device:InternetGatewayDevice:1</deviceType>\
             <serviceList><service><serviceType>{kind}</serviceType><controlURL>/ctl</controlURL>\
             <SCPDURL>/scpd.xml</SCPDURL></service></serviceList></device></root>"
            ),
        ),
        ("/scpd.xml", _) => {
            let arguments = [
                ("GetExternalIPAddress", vec![]),
                (
                    "DeletePortMapping",
                    vec!["NewRemoteHost", "NewExternalPort", "NewProtocol"],
                ),
                (
                    "AddPortMapping",
                    vec![
                        "NewRemoteHost",
                        "NewExternalPort",
                        "NewProtocol",
                        "NewInternalPort",
                        "NewInternalClient",
                        "NewEnabled",
                        "NewPortMappingDescription",
                        "NewLeaseDuration",
                    ],
                ),
            ]
            .map(|(name, arguments)| {
                let list: String = arguments
                    .iter()
                    .map(|one| {
                        format!("<argument><name>{one}</name><direction>in</direction></argument>")
                    })
                    .collect();
                format!("<action><name>{name}</name><argumentList>{list}</argumentList></action>")
            })
            .concat();
            (
                "200 OK",
                format!("<scpd><actionList>{arguments}</actionList></scpd>"),
            )
        }
        ("/ctl", Some("AddPortMapping")) => {
            let port = u16::try_from(field("NewExternalPort").unwrap()).unwrap();
            heard
                .lock()
                .unwrap()
                .push((port, field("NewLeaseDuration").unwrap()));
            match fault {
                None => ("200 OK", soap("<u:AddPortMappingResponse xmlns:u=\"u\"/>")),
                Some(code) => (
                    "500 Internal Server Error",
                    soap(&format!(
                        "<s:Fault><faultcode>s:Client</faultcode><faultstring>UPnPError</faultstring>\
                     <detail><UPnPError><errorCode>{code}</errorCode>\
                     <errorDescription>no</errorDescription></UPnPError></detail></s:Fault>"
                    )),
                ),
            }
        }
        ("/ctl", Some("DeletePortMapping")) => {
            let port = u16::try_from(field("NewExternalPort").unwrap()).unwrap();
            heard.lock().unwrap().push((port, 0));
            (
                "200 OK",
                soap("<u:DeletePortMappingResponse xmlns:u=\"u\"/>"),
            )
        }
        ("/ctl", Some("GetExternalIPAddress")) => (
            "200 OK",
            soap(&format!(
                "<u:GetExternalIPAddressResponse xmlns:u=\"u\"><NewExternalIPAddress>{OUTSIDE}\
             </NewExternalIPAddress></u:GetExternalIPAddressResponse>"
            )),
        ),
        _ => panic!("{asked}"),
    };
    let answer = format!(
        "HTTP/1.1 {status}\r\nContent-Type: text/xml\r\nConnection: close\r\n\
         Content-Length: {}\r\n\r\n{body}",
        body.len()
    );
    stream.write_all(answer.as_bytes()).await.unwrap();
}

fn soap(body: &str) -> String {
    format!(
        "<?xml version=\"1.0\"?><s:Envelope \
         xmlns:s=\"http://schemas.xmlsoap.org/soap/envelope/\"><s:Body>{body}</s:Body></s:Envelope>"
    )
}

fn listener() -> SocketAddr {
    SocketAddr::from(([0, 0, 0, 0], 8_477))
}

/// Lets a mapper ask `router`, hears what it tells until `done`, and stops it.
async fn told(router: &Router, done: impl FnMut(&Mapping) -> bool) -> Mapping {
    let (tell, mut hear) = watch::channel(Mapping::default());
    let whereabouts = router.whereabouts;
    let mapper = Mapper::begin(listener(), move || whereabouts, tell);
    let told = hear.wait_for(done).await.unwrap().clone();
    mapper.stop().await;
    assert_eq!(hear.borrow().state, MappingState::Off);
    told
}

fn settled(mapping: &Mapping) -> bool {
    !matches!(mapping.state, MappingState::Off | MappingState::Asking)
}

#[tokio::test]
async fn a_port_is_had_by_pcp_and_given_back() {
    let router = Router::direct(61, Kind::Pcp, OUTSIDE).await;
    let held = told(&router, settled).await;
    assert_eq!(held.state, MappingState::Held, "{held:?}");
    assert_eq!(held.by.as_deref(), Some("PCP"));
    assert_eq!(held.outside.as_deref(), Some("9.8.7.6:4711"));
    assert_eq!(router.heard(), [(8_477, LEASE), (8_477, 0)]);
}

#[tokio::test]
async fn a_router_without_pcp_is_asked_by_nat_pmp() {
    let router = Router::direct(62, Kind::NatPmp, OUTSIDE).await;
    let held = told(&router, settled).await;
    assert_eq!(held.state, MappingState::Held, "{held:?}");
    assert_eq!(held.by.as_deref(), Some("NAT-PMP"));
    assert_eq!(held.outside.as_deref(), Some("9.8.7.6:4711"));
    assert_eq!(router.heard(), [(8_477, LEASE), (8_477, 0)]);
}

#[tokio::test]
async fn a_port_is_had_by_upnp_and_given_back() {
    let router = Router::upnp(None).await;
    let held = told(&router, settled).await;
    assert_eq!(held.state, MappingState::Held, "{held:?}");
    assert_eq!(held.by.as_deref(), Some("UPnP"));
    assert_eq!(held.outside.as_deref(), Some("9.8.7.6:8477"));
    assert_eq!(router.heard(), [(8_477, LEASE), (8_477, 0)]);
}

#[tokio::test]
async fn a_lease_is_renewed_by_the_way_it_was_had() {
    let pcp = Router::direct(63, Kind::Pcp, OUTSIDE).await;
    let old = Router::direct(64, Kind::NatPmp, OUTSIDE).await;
    let upnp = Router::upnp(None).await;
    for (router, lasts) in [(pcp, LEASE), (old, 120), (upnp, LEASE)] {
        let lease = take(&router.whereabouts, listener()).await.ok().unwrap();
        assert_eq!(lease.lasts, Duration::from_secs(lasts.into()));
        let outside = lease.outside;
        let lease = lease.renewed().await.ok().unwrap();
        assert_eq!(lease.outside, outside);
        lease.give_back().await;
        let heard = router.heard();
        assert_eq!(heard.len(), 3, "{heard:?}");
        assert!(
            heard[..2]
                .iter()
                .all(|(_, seconds)| (1..=LEASE).contains(seconds))
        );
        assert_eq!(heard[2].1, 0);
    }
}

#[tokio::test]
async fn another_network_asks_anew() {
    let router = Router::direct(65, Kind::Pcp, OUTSIDE).await;
    let (tell, mut hear) = watch::channel(Mapping::default());
    let whereabouts = router.whereabouts;
    let mapper = Mapper::begin(listener(), move || whereabouts, tell);
    hear.wait_for(settled).await.unwrap();
    hear.mark_unchanged();
    mapper.wake();
    hear.wait_for(|mapping| mapping.state == MappingState::Asking)
        .await
        .unwrap();
    hear.wait_for(settled).await.unwrap();
    mapper.stop().await;
    let seconds: Vec<u32> = router.heard().iter().map(|heard| heard.1).collect();
    assert_eq!(seconds, [LEASE, 0, LEASE, 0]);
}

#[tokio::test]
async fn what_a_router_refuses_is_said() {
    let closed = Router::direct(66, Kind::Closed, OUTSIDE).await;
    let forbidden = Router::upnp(Some(606)).await;
    let for_good = Router::upnp(Some(725)).await;
    for (router, words) in [
        (closed, "does not let programs ask for ports"),
        (forbidden, "does not let programs ask for ports"),
        (for_good, "only for good"),
    ] {
        let refused = told(&router, settled).await;
        assert_eq!(refused.state, MappingState::Refused, "{refused:?}");
        let problem = refused.problem.unwrap();
        assert!(
            problem.contains(words) && problem.contains("8477"),
            "{problem}"
        );
        assert_eq!(refused.outside, None);
    }
}

#[tokio::test]
async fn a_router_behind_another_is_told_of() {
    let router = Router::direct(67, Kind::Pcp, Ipv4Addr::new(100, 64, 3, 9)).await;
    let shared = told(&router, settled).await;
    assert_eq!(shared.state, MappingState::Shared);
    assert!(
        shared
            .problem
            .unwrap()
            .contains("100.64.3.9, is not one of the internet")
    );
}

#[tokio::test]
async fn no_router_is_said() {
    let silent = UdpSocket::bind("127.0.0.1:0").await.unwrap();
    let nowhere = Whereabouts {
        gateway: None,
        search: silent.local_addr().unwrap(),
        from: Ipv4Addr::LOCALHOST,
    };
    let absent = take(&nowhere, listener()).await.err().unwrap();
    assert_eq!(absent, Refusal::Absent);
    let told = absent.told(8_477);
    assert_eq!(told.state, MappingState::Absent);
    assert!(told.problem.unwrap().starts_with("No router answered"));
}
