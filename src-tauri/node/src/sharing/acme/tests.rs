//! What is read of settings, and when a certificate is due.

use super::*;

#[test]
fn names_are_read_and_what_is_none_is_said() {
    let names = read_names("Anna.example.org., ben.example.org anna.example.org").unwrap();
    assert_eq!(names, ["anna.example.org", "ben.example.org"]);
    assert!(read_names("").unwrap().is_empty());
    for bad in [
        "https://a.example",
        "a.example:443",
        "*.example.org",
        "192.0.2.1",
        "[::1]",
        "nas",
        "-a.example",
        "ä.example",
        "a..example",
    ] {
        let said = read_names(bad).unwrap_err().message;
        assert!(said.contains("write it like"), "{bad}: {said}");
    }
    let many = (0..30).map(|n| format!("n{n}.example")).collect::<Vec<_>>();
    assert!(read_names(&many.join(",")).is_err());
}

#[test]
fn contacts_and_directories_are_checked() {
    for good in ["", "anna@example.org"] {
        check_contact(good).unwrap();
    }
    for bad in ["anna", "@example.org", "a@b", "a@example.org,b@example.org"] {
        assert!(check_contact(bad).is_err(), "{bad}");
    }
    check_directory(USUAL).unwrap();
    check_directory("").unwrap();
    for bad in ["acme.example", "http://acme.example/dir", "https://"] {
        assert!(check_directory(bad).is_err(), "{bad}");
    }
}

#[test]
fn a_certificate_is_due_when_the_authority_or_its_age_says_so() {
    let keyring = Keyring::new(vec!["anna.example.org".to_owned()]);
    let mut line = Line::new("anna.example.org");
    assert_eq!(line.due(&keyring), UNIX_EPOCH, "there is none");
    let later = SystemTime::now() + Duration::from_secs(60);
    line.pause = Some(later);
    assert_eq!(line.due(&keyring), later, "not before the pause ends");

    let made = rcgen::generate_simple_self_signed(["anna.example.org".to_owned()]).unwrap();
    let pem = made.signing_key.serialize_pem() + &made.cert.pem();
    let path = "kept".as_ref();
    let validity = keyring
        .put("anna.example.org", pem.as_bytes(), path)
        .unwrap();
    line.pause = None;
    assert_eq!(line.due(&keyring), validity.due());
    line.advice = Some(later);
    assert_eq!(line.due(&keyring), later);
    line.advice = Some(validity.until + Duration::from_secs(9));
    assert_eq!(
        line.due(&keyring),
        validity.latest(),
        "before it ends, whatever is said"
    );
}
