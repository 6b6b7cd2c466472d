//! What the dependencies are allowed to be, by deny.toml. cargo-deny checks it
//! where it is installed; the licences are checked here in any case, for
//! building cargo-deny takes longer than building Albumen.

use crate::process::{self, Done, cargo};
use std::collections::BTreeSet;

/// Checks licences, and with cargo-deny bans and sources too.
///
/// # Errors
/// A sentence that names each crate and its licence.
pub fn check() -> Done {
    let rules = process::root().join("deny.toml");
    let rules = std::fs::read_to_string(&rules)
        .map_err(|error| format!("{} cannot be read: {error}.", rules.display()))?;
    let tree = process::output(&mut cargo(&[
        "tree",
        "--workspace",
        "--locked",
        "--target",
        "all",
        "--edges",
        "normal,build",
        "--prefix",
        "none",
        "--no-dedupe",
        "--format",
        "{p}\t{l}",
    ]))?;
    // A blank line stands between the workspace's packages.
    let crates: BTreeSet<&str> = tree.lines().filter(|line| !line.is_empty()).collect();
    let problems = refused(&crates, &allowed(&rules), &banned(&rules));
    if !problems.is_empty() {
        return Err(format!(
            "dependencies outside deny.toml:\n  {}",
            problems.join("\n  ")
        ));
    }
    println!(
        "{} crates are within deny.toml's licences and bans.",
        crates.len()
    );
    if process::output(&mut cargo(&["deny", "--version"])).is_err() {
        println!("skipped: cargo-deny is not installed (`cargo install cargo-deny --locked`).");
        return Ok(());
    }
    // The advisories need a database from the network; they have a run of
    // their own where there is one.
    println!("skipped: cargo-deny's advisories, which need their database from the network.");
    process::run(&mut cargo(&[
        "deny",
        "--workspace",
        "check",
        "licenses",
        "bans",
        "sources",
    ]))
}

/// One line for each crate that is banned or whose licence does not fit.
fn refused(crates: &BTreeSet<&str>, allowed: &[&str], banned: &[&str]) -> Vec<String> {
    let mut problems = Vec::new();
    for line in crates {
        let (package, licence) = line.split_once('\t').unwrap_or((line, ""));
        let mut words = package.split(' ');
        let name = words.next().unwrap_or_default();
        if banned.contains(&name) {
            problems.push(format!("{package} is banned"));
        }
        // A crate may say `MIT/Apache-2.0`, the older spelling of OR.
        let licence = licence.trim_end_matches(" (*)").replace('/', " OR ");
        if !fits(&licence, allowed) {
            problems.push(format!("{package} is licensed `{licence}`"));
        }
    }
    problems
}

/// Whether an SPDX expression can be met with the allowed licences alone.
fn fits(expression: &str, allowed: &[&str]) -> bool {
    let spaced = expression.replace('(', " ( ").replace(')', " ) ");
    let words: Vec<&str> = spaced.split_whitespace().collect();
    let mut rest = words.as_slice();
    !words.is_empty() && either(&mut rest, allowed) && rest.is_empty()
}

/// `term (OR term)*`. Every part is read, so that the rest stands after it.
fn either(rest: &mut &[&str], allowed: &[&str]) -> bool {
    let mut good = both(rest, allowed);
    while let [word, tail @ ..] = *rest
        && *word == "OR"
    {
        *rest = tail;
        good |= both(rest, allowed);
    }
    good
}

/// `licence (AND licence)*`, where a licence may be an expression in brackets.
fn both(rest: &mut &[&str], allowed: &[&str]) -> bool {
    let mut good = one(rest, allowed);
    while let [word, tail @ ..] = *rest
        && *word == "AND"
    {
        *rest = tail;
        good &= one(rest, allowed);
    }
    good
}

fn one(rest: &mut &[&str], allowed: &[&str]) -> bool {
    match *rest {
        ["(", tail @ ..] => {
            *rest = tail;
            let good = either(rest, allowed);
            *rest = rest.get(1..).unwrap_or_default();
            good
        }
        [licence, "WITH", exception, tail @ ..] => {
            *rest = tail;
            allowed.contains(&format!("{licence} WITH {exception}").as_str())
        }
        [licence, tail @ ..] => {
            *rest = tail;
            allowed.contains(licence)
        }
        [] => false,
    }
}

/// The strings of `allow = [ … ]` under `[licenses]`.
fn allowed(rules: &str) -> Vec<&str> {
    list(rules, "[licenses]", "allow = [")
        .split('"')
        .skip(1)
        .step_by(2)
        .collect()
}

/// The crates of `deny = [ … ]` under `[bans]`.
fn banned(rules: &str) -> Vec<&str> {
    list(rules, "[bans]", "deny = [")
        .split("crate = \"")
        .skip(1)
        .filter_map(|rest| rest.split('"').next())
        .collect()
}

fn list<'a>(rules: &'a str, section: &str, opening: &str) -> &'a str {
    rules
        .split_once(section)
        .and_then(|(_, rest)| rest.split_once(opening))
        .and_then(|(_, rest)| rest.split_once("\n]"))
        .map_or("", |(inside, _)| inside)
}

#[cfg(test)]
mod tests {
    use super::*;

    const ALLOWED: &[&str] = &["MIT", "Apache-2.0", "Apache-2.0 WITH LLVM-exception"];

    #[test]
    fn an_expression_fits_when_one_way_through_it_is_allowed() {
        for good in [
            "MIT",
            "GPL-3.0 OR MIT",
            "MIT AND Apache-2.0",
            "(MIT OR GPL-3.0) AND Apache-2.0",
            "Apache-2.0 WITH LLVM-exception OR GPL-2.0",
        ] {
            assert!(fits(good, ALLOWED), "{good}");
        }
        for bad in [
            "",
            "GPL-3.0",
            "MIT AND GPL-3.0",
            "(MIT OR GPL-3.0) AND GPL-3.0",
            "MIT WITH Something",
            "MIT )",
        ] {
            assert!(!fits(bad, ALLOWED), "{bad}");
        }
    }

    #[test]
    fn the_rules_are_read_from_their_sections() {
        let rules = "[licenses]\nallow = [\n    \"MIT\", # yes\n    \"ISC\",\n]\n[bans]\ndeny = [\n    { crate = \"openssl\" },\n]\n";
        assert_eq!(allowed(rules), ["MIT", "ISC"]);
        assert_eq!(banned(rules), ["openssl"]);
    }

    #[test]
    fn a_banned_crate_and_a_strange_licence_are_named() {
        let crates = BTreeSet::from([
            "openssl v0.10.0\tMIT",
            "copied v1.0.0\tGPL-3.0",
            "fine v1.0.0\tMIT/ISC",
        ]);
        let problems = refused(&crates, &["MIT"], &["openssl"]);
        assert_eq!(problems.len(), 2, "{problems:?}");
    }
}
