//! Where photos may come from: cards, cameras and phones, as systems mount them.
//! By a rule of theirs (DCF, JEITA CP-3461) all keep their photos in a folder
//! named `DCIM`; that folder is the source, and nothing else on the device.

use std::fs;
use std::path::{Path, PathBuf};

use percent_encoding::percent_decode_str;

/// The folder of photos on a card, a camera or a phone.
const PHOTOS: &str = "DCIM";

/// What a source is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SourceKind {
    /// A card or a drive.
    Card,
    /// A camera on a cable.
    Camera,
    /// A phone or a tablet on a cable.
    Phone,
}

/// A card, a camera or a phone with photos.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Source {
    /// What a person calls it.
    pub name: String,
    /// What it is.
    pub kind: SourceKind,
    /// Its folder of photos.
    pub path: PathBuf,
}

/// The cards, cameras and phones that this system has mounted now.
pub fn sources() -> Vec<Source> {
    among(mounted())
}

/// Those in folders that hold mounts as `/run/media` does: right inside, or one
/// folder deeper.
pub fn sources_under(folders: &[PathBuf]) -> Vec<Source> {
    let near: Vec<PathBuf> = folders.iter().flat_map(|folder| inside(folder)).collect();
    let far: Vec<PathBuf> = near.iter().flat_map(|folder| inside(folder)).collect();
    among(near.into_iter().chain(far).collect())
}

/// Those of the folders that are sources, by name.
fn among(folders: Vec<PathBuf>) -> Vec<Source> {
    let mut found: Vec<Source> = Vec::new();
    for folder in folders {
        for source in look(&folder) {
            // A mount may be seen by two paths.
            let known = |other: &Source| same(&other.path, &source.path);
            if !found.iter().any(known) {
                found.push(source);
            }
        }
    }
    found.sort_by(|a, b| (&a.name, &a.path).cmp(&(&b.name, &b.path)));
    found
}

fn same(a: &Path, b: &Path) -> bool {
    a == b || matches!((fs::canonicalize(a), fs::canonicalize(b)), (Ok(a), Ok(b)) if a == b)
}

/// The sources of one mount: one, or one for each memory of a phone.
fn look(mount: &Path) -> Vec<Source> {
    let own = mount
        .file_name()
        .map(|name| name.to_string_lossy().into_owned());
    let own = own.unwrap_or_else(|| mount.display().to_string());
    let Some((kind, name)) = device(&own) else {
        let card = |path| Source {
            name: own.clone(),
            kind: SourceKind::Card,
            path,
        };
        return photos(mount).map(card).into_iter().collect();
    };
    if let Some(path) = photos(mount) {
        return vec![Source { name, kind, path }];
    }
    let memories: Vec<(String, PathBuf)> = inside(mount)
        .into_iter()
        .filter_map(|memory| {
            let own = memory.file_name()?.to_string_lossy().into_owned();
            Some((own, photos(&memory)?))
        })
        .collect();
    let many = memories.len() > 1;
    let source = |(memory, path): (String, PathBuf)| Source {
        name: if many {
            format!("{name} ({memory})")
        } else {
            name.clone()
        },
        kind,
        path,
    };
    memories.into_iter().map(source).collect()
}

/// The folder of photos in a folder.
fn photos(folder: &Path) -> Option<PathBuf> {
    inside(folder).into_iter().find(|path| {
        path.file_name()
            .is_some_and(|name| name.eq_ignore_ascii_case(PHOTOS))
    })
}

/// The folders in a folder; none where it cannot be listed.
fn inside(folder: &Path) -> Vec<PathBuf> {
    let entries = fs::read_dir(folder).into_iter().flatten().flatten();
    let mut folders: Vec<PathBuf> = entries
        .map(|entry| entry.path())
        .filter(|path| path.is_dir() && !path.is_symlink())
        .collect();
    folders.sort();
    folders
}

/// What a mount's name says of a device, where gvfs wrote it:
/// `mtp:host=Google_Pixel_7_2B231FDH2003XY`.
fn device(mount: &str) -> Option<(SourceKind, String)> {
    let (protocol, host) = mount.split_once(":host=")?;
    let (kind, plain) = match protocol {
        "mtp" => (SourceKind::Phone, "Phone"),
        "afc" => (SourceKind::Phone, "iPhone or iPad"),
        "gphoto2" => (SourceKind::Camera, "Camera"),
        _ => return None,
    };
    let host = percent_decode_str(host).decode_utf8_lossy().into_owned();
    let mut words: Vec<&str> = host
        .split([',', '_'])
        .filter(|word| !word.is_empty())
        .collect();
    let serial = |word: &&str| {
        word.len() >= 8
            && word.chars().any(|c| c.is_ascii_digit())
            && word
                .chars()
                .all(|c| c.is_ascii_digit() || c.is_ascii_uppercase())
    };
    if words.last().is_some_and(serial) {
        words.pop();
    }
    // An iPhone's is an address and no name, and so is `[usb:001,005]`.
    let name = if protocol == "afc" || host.starts_with('[') || words.is_empty() {
        plain.to_owned()
    } else {
        words.join(" ")
    };
    Some((kind, name))
}

/// Where this system has mounted drives and devices.
#[cfg(target_os = "linux")]
fn mounted() -> Vec<PathBuf> {
    let mut mounts = match fs::read_to_string("/proc/self/mountinfo") {
        Ok(table) => of_drives(&table),
        Err(_) => ["/run/media", "/media", "/mnt"]
            .iter()
            .flat_map(|root| inside(Path::new(root)))
            .flat_map(|folder| [inside(&folder), vec![folder]].concat())
            .collect(),
    };
    if let Some(own) = std::env::var_os("XDG_RUNTIME_DIR") {
        mounts.extend(inside(&Path::new(&own).join("gvfs")));
    }
    mounts
}

/// The mount points of drives in a table as proc_pid_mountinfo(5) tells. Not
/// those of networks, which may hang, nor the system's own.
#[cfg(any(target_os = "linux", test))]
fn of_drives(table: &str) -> Vec<PathBuf> {
    table
        .lines()
        .filter_map(|line| {
            let (before, after) = line.split_once(" - ")?;
            let mount = before.split(' ').nth(4)?;
            let mut after = after.split(' ');
            let (kind, device) = (after.next()?, after.next()?);
            let phone =
                kind.starts_with("fuse.") && (kind.contains("mtp") || kind.contains("ifuse"));
            let system = mount == "/" || mount.starts_with("/boot") || mount.starts_with("/snap/");
            ((device.starts_with("/dev/") || phone) && !system).then(|| {
                let spaces = mount.replace("\\040", " ").replace("\\011", "\t");
                PathBuf::from(spaces.replace("\\012", "\n").replace("\\134", "\\"))
            })
        })
        .collect()
}

#[cfg(target_os = "macos")]
fn mounted() -> Vec<PathBuf> {
    inside(Path::new("/Volumes"))
}

#[cfg(windows)]
fn mounted() -> Vec<PathBuf> {
    ('A'..='Z')
        .map(|letter| PathBuf::from(format!("{letter}:\\")))
        .filter(|drive| drive.is_dir())
        .collect()
}

#[cfg(not(any(target_os = "linux", target_os = "macos", windows)))]
fn mounted() -> Vec<PathBuf> {
    inside(Path::new("/media"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn cards_cameras_and_phones_are_found_by_their_folder() {
        let root = tempfile::tempdir().unwrap();
        let put = |path: &str| fs::create_dir_all(root.path().join(path)).unwrap();
        put("mira/EOS_DIGITAL/DCIM/100CANON");
        put("mira/Backup drive/Documents");
        put("STICK/dcim");
        put("gvfs/mtp:host=Google_Pixel_7_2B231FDH2003XY/Internal shared storage/DCIM/Camera");
        put("gvfs/mtp:host=Google_Pixel_7_2B231FDH2003XY/SD card/DCIM");
        put("gvfs/mtp:host=SAMSUNG_SAMSUNG_Android_R58M12ABCDE/Phone/Music");
        put("gvfs/gphoto2:host=Nikon_Corporation_NIKON_D750/store_00010001/DCIM");
        put("gvfs/afc:host=00008030001A2B3C4D5E802E/DCIM/100APPLE");
        put("gvfs/smb-share:server=nas,share=photos/Trips");
        fs::write(root.path().join("mira/DCIM"), b"no folder").unwrap();
        let found = sources_under(&[root.path().to_owned()]);
        let told: Vec<(&str, SourceKind)> = found
            .iter()
            .map(|source| (source.name.as_str(), source.kind))
            .collect();
        assert_eq!(
            told,
            [
                ("EOS_DIGITAL", SourceKind::Card),
                (
                    "Google Pixel 7 (Internal shared storage)",
                    SourceKind::Phone
                ),
                ("Google Pixel 7 (SD card)", SourceKind::Phone),
                ("Nikon Corporation NIKON D750", SourceKind::Camera),
                ("STICK", SourceKind::Card),
                ("iPhone or iPad", SourceKind::Phone),
            ]
        );
        assert!(found.iter().all(|source| source.path.is_dir()));
        assert_eq!(sources_under(&[root.path().join("nowhere")]), []);
    }

    #[test]
    fn only_drives_are_looked_at() {
        let table = "\
22 1 8:1 / / rw,relatime shared:1 - ext4 /dev/sda1 rw
30 22 8:2 / /boot/efi rw - vfat /dev/sda2 rw
31 22 0:5 / /proc rw - proc proc rw
90 22 8:17 / /run/media/mira/EOS\\040DIGITAL rw,nosuid shared:50 master:1 - exfat /dev/sdb1 rw
91 22 0:60 / /mnt/nas rw - nfs4 nas:/photos rw
92 22 0:61 / /home/mira/phone rw - fuse.jmtpfs jmtpfs rw";
        assert_eq!(
            of_drives(table),
            [
                PathBuf::from("/run/media/mira/EOS DIGITAL"),
                PathBuf::from("/home/mira/phone")
            ]
        );
    }
}
