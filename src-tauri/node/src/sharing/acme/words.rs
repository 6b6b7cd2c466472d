//! What is said when an authority gives no certificate, and what to do about it.

use instant_acme::Problem;

use super::order::Refused;

/// Sentences: what is wrong with the certificate of `name`, and what to do. `directory` is
/// the authority's, `port` the listener's.
pub(super) fn of(refused: &Refused, name: &str, directory: &str, port: u16) -> String {
    let authority = authority(directory);
    match refused {
        Refused::Here(why) => format!(
            "There is no new certificate of {name}: {}.",
            why.trim_end_matches('.')
        ),
        Refused::Silent(why) => format!(
            "{authority} gave no certificate of {name}: {why}. Check that this machine reaches \
             the internet, and that {directory} is right."
        ),
        Refused::Problem(problem) => {
            let (what, advice) = told(problem, name, port);
            let detail = detail(problem);
            format!("{authority} gave no certificate of {name}: {what}{detail}. {advice}")
        }
    }
}

/// The authority as people know it: by its host.
fn authority(directory: &str) -> String {
    if directory == super::USUAL {
        return "Let’s Encrypt".to_owned();
    }
    let url = reqwest::Url::parse(directory).ok();
    let host = url.as_ref().and_then(reqwest::Url::host_str);
    host.unwrap_or("The authority").to_owned()
}

/// What it said itself, shortened.
fn detail(problem: &Problem) -> String {
    let words = problem.detail.as_deref().unwrap_or_default();
    let words: String = words
        .chars()
        .filter(|one| !one.is_control())
        .take(300)
        .collect();
    match words.trim_end_matches('.') {
        "" => String::new(),
        words => format!(" («{words}»)"),
    }
}

/// What its kind of problem is (RFC 8555, section 6.7), and what to do.
fn told(problem: &Problem, name: &str, port: u16) -> (&'static str, String) {
    let kind = problem.r#type.as_deref().unwrap_or_default();
    let lead = match port {
        443 => "443/tcp of this machine".to_owned(),
        port => format!("port 443 from outside to {port}/tcp of this machine"),
    };
    let kind = kind.rsplit(':').next().unwrap_or_default();
    // Not every authority keeps these two apart.
    let detail = problem.detail.as_deref().unwrap_or_default();
    let kind = match kind {
        "unauthorized" if detail.contains("ailed to connect") => "connection",
        kind => kind,
    };
    match kind {
        "dns" => (
            "the name has no address",
            format!(
                "Let the A or AAAA record of {name} be the address of this machine or its \
                     router."
            ),
        ),
        "connection" => (
            "nothing answered at port 443 of the name",
            format!("Let the router and the firewall lead {lead}, and {name} to this machine."),
        ),
        "unauthorized" | "incorrectResponse" | "tls" => (
            "something else answers at port 443 of the name",
            format!(
                "Let {name} lead to this machine alone, and let no proxy end HTTPS before it; \
                 behind one, let the proxy get the certificate."
            ),
        ),
        "caa" => (
            "the name allows other authorities only",
            format!("Add this authority to the CAA record of {name}."),
        ),
        "rejectedIdentifier" | "malformed" => (
            "it does not certify this name",
            "Check how it is written, and that it is a name of the internet.".to_owned(),
        ),
        "rateLimited" => (
            "it was asked too often",
            "It is asked again by itself; until then an own certificate can be set.".to_owned(),
        ),
        "externalAccountRequired" => (
            "it wants an account that was opened with it before",
            "Albumen cannot use such accounts; choose another authority.".to_owned(),
        ),
        "invalidContact" | "unsupportedContact" => (
            "it does not take the mail address",
            "Set another by --acme-contact, or none.".to_owned(),
        ),
        "userActionRequired" => (
            "it has new terms",
            "Read them, and accept them by --accept-acme-terms.".to_owned(),
        ),
        _ => (
            "it refused",
            "It is asked again by itself; if it keeps refusing, choose another authority or set \
             an own certificate."
                .to_owned(),
        ),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_problem_says_what_to_do() {
        let unreached: Problem = serde_json::from_str(
            r#"{"type":"urn:ietf:params:acme:error:unauthorized","detail":"Failed to connect"}"#,
        )
        .unwrap();
        let unreached = Refused::Problem(Box::new(unreached));
        let said = of(&unreached, "anna.example.org", super::super::USUAL, 443);
        assert!(said.contains("nothing answered"), "{said}");

        let said = |kind: &str, port| {
            let problem = format!(
                r#"{{"type":"urn:ietf:params:acme:error:{kind}","detail":"Because.","status":400}}"#
            );
            let problem: Problem = serde_json::from_str(&problem).unwrap();
            let refused = Refused::Problem(Box::new(problem));
            of(&refused, "anna.example.org", super::super::USUAL, port)
        };
        assert_eq!(
            said("connection", 8477),
            "Let’s Encrypt gave no certificate of anna.example.org: nothing answered at port 443 \
             of the name («Because»). Let the router and the firewall lead port 443 from outside \
             to 8477/tcp of this machine, and anna.example.org to this machine."
        );
        assert!(said("dns", 443).contains("A or AAAA record of anna.example.org"));
        assert!(said("unauthorized", 443).contains("something else answers"));
        assert!(said("nothingKnown", 443).contains("asked again by itself"));
        let silent = Refused::Silent("no route to host".to_owned());
        let said = of(
            &silent,
            "anna.example.org",
            "https://ca.example:14000/dir",
            443,
        );
        assert!(said.starts_with("ca.example gave no certificate"), "{said}");
        assert!(said.contains("no route to host. Check that"), "{said}");
    }
}
