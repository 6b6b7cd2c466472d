//! Landlock alone, on a thread of its own: in a worker seccomp refuses first,
//! and would hide it if these rules held nothing.

use std::fs::File;
use std::io;
use std::net::{TcpListener, TcpStream};

use crate::worker::confinement::restrict_by_landlock;

fn refused<T>(attempt: io::Result<T>) -> Result<(), String> {
    match attempt {
        Err(error) if error.kind() == io::ErrorKind::PermissionDenied => Ok(()),
        Err(error) => Err(format!("failed for another reason: {error}")),
        Ok(_) => Err("was allowed".to_owned()),
    }
}

#[test]
fn landlock_alone_takes_paths_and_ports() {
    let folder = tempfile::tempdir().unwrap();
    let held = folder.path().join("held");
    std::fs::write(&held, "bytes").unwrap();
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap();
    let opened_before = File::open(&held).unwrap();

    let version = std::thread::spawn(move || {
        let version = restrict_by_landlock().expect("this kernel has no Landlock");
        refused(File::open(&held)).unwrap();
        refused(File::create(held.with_extension("new"))).unwrap();
        refused(std::fs::read_dir(held.parent().unwrap())).unwrap();
        refused(std::fs::remove_file(&held)).unwrap();
        if version >= 4 {
            refused(TcpStream::connect(address)).unwrap();
            refused(TcpListener::bind("127.0.0.1:0")).unwrap();
        }
        // What came by another way than a path is readable still.
        assert_eq!(io::read_to_string(opened_before).unwrap(), "bytes");
        version
    })
    .join()
    .unwrap();
    println!("Landlock {version} was in force");
    // Only that thread was locked in.
    TcpStream::connect(address).unwrap();
}
