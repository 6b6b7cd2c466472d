//! From how far links can be opened, as the command tells it.

use crate::desk::{Desk, text};

#[test]
fn a_probe_tells_why_nobody_can_open_a_link() {
    let desk = Desk::new();
    desk.put("one.jpg", b"no picture, but a file");
    assert_eq!(desk.tell(&["link", "probe"])["finding"], "off");

    let serving = desk.serve();
    let told = desk.tell(&["link", "probe"]);
    assert_eq!(told["finding"], "alone", "{told}");
    assert_eq!(told["outcome"], "unreachable");
    assert_eq!(text(&told["address"]), serving.url());
    let shown = desk.tell(&["sharing", "show"]);
    assert_eq!(text(&shown["addresses"][0]["url"]), serving.url());
    assert_eq!(shown["addresses"][0]["scope"], "this machine");
    assert_eq!(shown["mapping"]["wanted"], false, "off unless turned on");
    assert_eq!(shown["mapping"]["state"], "off");
}

#[test]
fn what_cannot_be_set_is_refused_and_changes_nothing() {
    let desk = Desk::new();
    let missing = desk.path().join("none.pem");
    let missing = missing.to_str().unwrap();
    for (words, code) in [
        (
            vec!["--certificate", missing, "--key", missing],
            "certificate",
        ),
        (vec!["--certificate", missing], "certificate"),
        (vec!["--trusted-proxies", "127.0.0.1, the proxy"], "proxy"),
        (vec!["--trusted-proxies", "10.0.0.0/40"], "proxy"),
    ] {
        let words: Vec<&str> = ["sharing", "set"].into_iter().chain(words).collect();
        let refused = desk.ask(&words);
        assert_eq!(refused.error()["code"], code, "{words:?}: {refused:?}");
    }
    let shown = desk.tell(&["sharing", "show"]);
    for kept in ["certificate", "key", "trusted_proxies"] {
        assert!(shown[kept].is_null(), "{shown}");
    }
    let list = "127.0.0.1, 172.16.0.0/12";
    desk.tell(&["sharing", "set", "--trusted-proxies", list]);
    desk.tell(&["sharing", "set", "--port-mapping", "on"]);
    let shown = desk.tell(&["sharing", "show"]);
    assert_eq!(text(&shown["trusted_proxies"]), list);
    assert_eq!(shown["mapping"]["wanted"], true);
}
