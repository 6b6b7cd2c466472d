//! What a program that was started as `ffmpeg` is cannot do. The shell and its
//! kin stand for an `ffmpeg` that a video has taken over.

use media::video::Tools;

use crate::Case;

#[cfg(not(target_os = "linux"))]
pub(crate) const CASES: &[Case] = &[("nothing_is_promised_elsewhere", |tools: &Tools| {
    assert!(!tools.is_confined());
})];

#[cfg(target_os = "linux")]
pub(crate) use linux::CASES;

#[cfg(target_os = "linux")]
mod linux {
    use std::fs::File;
    use std::io::ErrorKind;
    use std::net::TcpListener;
    use std::os::unix::fs::PermissionsExt;
    use std::os::unix::process::ExitStatusExt;
    use std::process::{Command, Output, Stdio};
    use std::time::{Duration, Instant};

    use super::*;
    use crate::films::Films;
    use crate::this_program;

    pub(crate) const CASES: &[Case] = &[
        ("this_system_confines", this_system_confines),
        ("only_the_open_file_is_read", only_the_open_file_is_read),
        (
            "nothing_is_written_but_the_output",
            nothing_is_written_but_the_output,
        ),
        ("nothing_is_connected", nothing_is_connected),
        ("nothing_else_is_run", nothing_else_is_run),
        (
            "time_memory_and_length_are_bounded",
            time_memory_and_length_are_bounded,
        ),
    ];

    /// Runs `program` as the launcher would run `ffmpeg`.
    fn confined(program: &str, arguments: &[&str]) -> Command {
        let mut command = Command::new(this_program());
        let limits = ["1", "1073741824", "1048576"];
        command.args(["video-worker", "enforced"]).args(limits);
        command.arg(program).args(arguments).stdin(Stdio::null());
        command
    }

    fn shell(script: &str) -> Output {
        confined("/bin/bash", &["-c", script]).output().unwrap()
    }

    /// CI must fail where confinement is not enforced.
    fn this_system_confines(tools: &Tools) {
        assert!(
            tools.is_confined(),
            "this kernel has no Landlock, or no seccomp"
        );
        let output = shell("echo alive");
        assert_eq!(output.stdout, b"alive\n", "{output:?}");
    }

    fn only_the_open_file_is_read(_tools: &Tools) {
        let films = Films::new();
        let secret = films.path("secret");
        std::fs::write(&secret, "secret").unwrap();
        let secret_name = secret.to_str().unwrap();
        let home = std::env::var("HOME").unwrap_or_else(|_| "/root".into());
        for path in [
            secret_name,
            "/etc/passwd",
            "/etc/hostname",
            "/proc/self/environ",
            "/proc/1/cmdline",
            &home,
        ] {
            let output = confined("/bin/cat", &[path]).output().unwrap();
            assert!(
                !output.status.success() && output.stdout.is_empty(),
                "{path}: {output:?}"
            );
            let said = String::from_utf8_lossy(&output.stderr);
            assert!(
                said.contains("denied") || said.contains("directory"),
                "{path}: {said}"
            );
        }
        let listed = confined("/bin/ls", &[&home]).output().unwrap();
        assert!(
            !listed.status.success() && listed.stdout.is_empty(),
            "{listed:?}"
        );
        let mut open = confined("/bin/cat", &["/proc/self/fd/0"]);
        let output = open.stdin(File::open(&secret).unwrap()).output().unwrap();
        assert_eq!(output.stdout, b"secret", "{output:?}");
    }

    fn nothing_is_written_but_the_output(_tools: &Tools) {
        let films = Films::new();
        let original = films.path("original");
        std::fs::write(&original, "original").unwrap();
        let name = original.to_str().unwrap();
        let fresh = films.path("fresh");
        let tries = [
            confined(
                "/bin/bash",
                &["-c", &format!("echo evil > {}", fresh.display())],
            ),
            confined("/bin/bash", &["-c", &format!("echo evil >> {name}")]),
            confined("/bin/bash", &["-c", "echo evil > /proc/self/fd/0"]),
            confined("/bin/rm", &[name]),
            confined("/bin/mv", &[name, fresh.to_str().unwrap()]),
            confined("/bin/chmod", &["777", name]),
            confined("/bin/chmod", &["777", "/proc/self/fd/0"]),
            confined("/bin/touch", &["-d", "2001-01-01", name]),
            confined("/usr/bin/truncate", &["-s", "0", name]),
        ];
        for mut attempt in tries {
            // Even when it is the very file that is open for reading.
            let output = attempt
                .stdin(File::open(&original).unwrap())
                .output()
                .unwrap();
            assert!(!output.status.success(), "{attempt:?}: {output:?}");
        }
        assert_eq!(std::fs::read(&original).unwrap(), b"original");
        let metadata = original.metadata().unwrap();
        assert_ne!(metadata.permissions().mode() & 0o777, 0o777);
        assert!(metadata.modified().unwrap().elapsed().unwrap() < Duration::from_secs(3600));
        assert!(!fresh.exists());

        let output = File::create_new(films.path("output")).unwrap();
        let script = "echo one >&1; echo two > /proc/self/fd/1";
        let status = confined("/bin/bash", &["-c", script])
            .stdout(output)
            .status()
            .unwrap();
        assert!(status.success());
        assert_eq!(std::fs::read(films.path("output")).unwrap(), b"two\n");
    }

    fn nothing_is_connected(_tools: &Tools) {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        listener.set_nonblocking(true).unwrap();
        let port = listener.local_addr().unwrap().port();
        let script = format!("exec 3<>/dev/tcp/127.0.0.1/{port}");
        let free = Command::new("/bin/bash")
            .args(["-c", &script])
            .output()
            .unwrap();
        assert!(
            free.status.success(),
            "the way is open for others: {free:?}"
        );
        listener.accept().unwrap();
        for script in [script, format!("exec 3<>/dev/udp/127.0.0.1/{port}")] {
            let output = shell(&script);
            assert!(!output.status.success(), "{output:?}");
        }
        let waiting = listener.accept();
        assert_eq!(waiting.unwrap_err().kind(), ErrorKind::WouldBlock);
    }

    fn nothing_else_is_run(_tools: &Tools) {
        for script in ["exec /bin/echo ran", "/bin/echo ran; true", "(echo ran)"] {
            let output = shell(script);
            assert!(output.stdout.is_empty(), "{script}: {output:?}");
        }
    }

    fn time_memory_and_length_are_bounded(_tools: &Tools) {
        let begun = Instant::now();
        let busy = shell("while :; do :; done");
        assert_eq!(busy.status.signal(), Some(9), "{busy:?}");
        assert!(
            begun.elapsed() < Duration::from_secs(90),
            "{:?}",
            begun.elapsed()
        );

        let greedy = shell("printf -v much '%*s' 1500000000 x; echo had");
        assert!(greedy.stdout.is_empty(), "{:?}", greedy.status);

        let films = Films::new();
        let output = File::create_new(films.path("long")).unwrap();
        let script = "printf '%*s' 3000000 x; echo more";
        let long = confined("/bin/bash", &["-c", script])
            .stdout(output)
            .status()
            .unwrap();
        assert!(!long.success(), "{long:?}");
        assert!(films.path("long").metadata().unwrap().len() <= 1 << 20);
    }
}
