//! The paths a person has pointed at, by a dialog or by dropping. The window
//! may name no others: a page that was taken over cannot reach the disk.

use std::collections::HashSet;
use std::path::{Path, PathBuf};
use std::sync::Mutex;

use node::NodeError;
use serde_json::Value;

/// The granted paths of this session.
#[derive(Default)]
pub struct Grants(Mutex<HashSet<PathBuf>>);

impl Grants {
    /// Remembers paths that the user chose.
    pub fn allow(&self, paths: impl IntoIterator<Item = PathBuf>) {
        if let Ok(mut granted) = self.0.lock() {
            granted.extend(paths);
        }
    }

    /// Grants what a command found for the user to choose from: the folders of
    /// photos on what is connected.
    pub fn allow_found(&self, command: &str, reply: &Value) {
        if command != "sources" {
            return;
        }
        let sources = reply.get("sources").and_then(Value::as_array);
        let paths = sources.into_iter().flatten();
        self.allow(paths.filter_map(|source| source.get("path")?.as_str().map(PathBuf::from)));
    }

    /// Fails unless every path in a command's payload was granted.
    pub fn check(&self, command: &str, payload: &Value) -> Result<(), NodeError> {
        let text = |key: &str| payload.get(key).and_then(Value::as_str);
        let named: Vec<&str> = match command {
            "import" => payload
                .get("paths")
                .and_then(Value::as_array)
                .map(|paths| paths.iter().filter_map(Value::as_str).collect())
                .unwrap_or_default(),
            "sources" => payload
                .get("under")
                .and_then(Value::as_array)
                .map(|folders| folders.iter().filter_map(Value::as_str).collect())
                .unwrap_or_default(),
            "asset.write" => text("to").into_iter().collect(),
            "watch.add" | "backup.place" => text("folder").into_iter().collect(),
            "sharing.set" => ["certificate", "key"]
                .into_iter()
                .filter_map(text)
                .filter(|path| !path.is_empty())
                .collect(),
            "backup.restore" => ["backup", "into", "originals"]
                .into_iter()
                .filter_map(text)
                .collect(),
            _ => return Ok(()),
        };
        let granted = self.0.lock();
        let all_granted =
            granted.is_ok_and(|granted| named.iter().all(|path| granted.contains(Path::new(path))));
        if all_granted {
            Ok(())
        } else {
            Err(NodeError::new(
                "not_granted",
                "The window may only use files you chose yourself; choose them again.",
            ))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn only_chosen_paths_may_be_named() {
        let grants = Grants::default();
        grants.allow([PathBuf::from("/photos")]);
        assert!(grants.check("status", &json!({})).is_ok());
        assert!(
            grants
                .check("import", &json!({"paths": ["/photos"]}))
                .is_ok()
        );
        for refused in [
            json!({"paths": ["/photos", "/etc"]}),
            json!({"paths": ["/"]}),
        ] {
            assert!(grants.check("import", &refused).is_err());
        }
        for (command, refused) in [
            ("asset.write", json!({"to": "/etc/passwd"})),
            ("watch.add", json!({"folder": "/etc"})),
            ("backup.place", json!({"folder": "/etc"})),
            ("sharing.set", json!({"certificate": "/etc/passwd"})),
            ("sharing.set", json!({"key": "/etc/shadow"})),
            (
                "backup.restore",
                json!({"backup": "/photos", "into": "/etc"}),
            ),
            (
                "backup.restore",
                json!({"backup": "/photos", "originals": "/etc"}),
            ),
        ] {
            assert!(grants.check(command, &refused).is_err(), "{command}");
        }
        assert!(grants.check("backup.place", &json!({"none": true})).is_ok());
        assert!(
            grants
                .check("sharing.set", &json!({"certificate": "", "key": ""}))
                .is_ok()
        );
        assert!(grants.check("sources", &json!({})).is_ok());
        assert!(
            grants
                .check("sources", &json!({"under": ["/etc"]}))
                .is_err()
        );
    }

    #[test]
    fn what_is_connected_may_be_imported() {
        let grants = Grants::default();
        let card = json!({"paths": ["/media/card/DCIM"]});
        let found = json!({"sources": [{"name": "card", "path": "/media/card/DCIM"}]});
        grants.allow_found("status", &found);
        assert!(grants.check("import", &card).is_err());
        grants.allow_found("sources", &found);
        assert!(grants.check("import", &card).is_ok());
        assert!(
            grants
                .check("import", &json!({"paths": ["/media/card"]}))
                .is_err()
        );
    }
}
