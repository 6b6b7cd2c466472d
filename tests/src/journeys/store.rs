//! A store that speaks S3, for as long as a test runs: s3s-fs, which keeps each object as a
//! file. It can be made slow, so that something can be struck in the middle, and be away for a
//! while.

use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use hyper::body::Incoming;
use hyper::service::{Service, service_fn};
use hyper_util::rt::{TokioExecutor, TokioIo};
use hyper_util::server::conn::auto::Builder;
use s3s::auth::SimpleAuth;
use s3s::service::S3ServiceBuilder;
use s3s_fs::FileSystem;

use crate::desk::Desk;
use crate::invariant::files;

pub const ACCESS_KEY: &str = "albumen-test";
pub const SECRET_KEY: &str = "not a secret";
pub const BUCKET: &str = "photos";

pub struct Store {
    folder: tempfile::TempDir,
    address: SocketAddr,
    /// Milliseconds that each request waits first.
    delay: Arc<AtomicU64>,
    /// Nobody is heard.
    away: Arc<AtomicBool>,
    connections: Arc<Mutex<Vec<tokio::task::AbortHandle>>>,
    /// Answers until it is dropped.
    _runtime: tokio::runtime::Runtime,
}

impl Store {
    pub fn new() -> Store {
        let folder = tempfile::tempdir().unwrap();
        std::fs::create_dir(folder.path().join(BUCKET)).unwrap();
        let service = {
            let mut builder = S3ServiceBuilder::new(FileSystem::new(folder.path()).unwrap());
            builder.set_auth(SimpleAuth::from_single(ACCESS_KEY, SECRET_KEY));
            builder.build()
        };
        let runtime = tokio::runtime::Runtime::new().unwrap();
        let listener = runtime
            .block_on(tokio::net::TcpListener::bind("127.0.0.1:0"))
            .unwrap();
        let address = listener.local_addr().unwrap();
        let delay = Arc::new(AtomicU64::new(0));
        let waits = Arc::clone(&delay);
        let (away, connections) = (Arc::<AtomicBool>::default(), Arc::default());
        let (is_away, all) = (Arc::clone(&away), Arc::<Mutex<Vec<_>>>::clone(&connections));
        runtime.spawn(async move {
            while let Ok((socket, _)) = listener.accept().await {
                if is_away.load(Ordering::Relaxed) {
                    continue;
                }
                let (service, waits) = (service.clone(), Arc::clone(&waits));
                let answer = service_fn(move |request: hyper::Request<Incoming>| {
                    let (service, waits) = (service.clone(), Arc::clone(&waits));
                    async move {
                        let delay = Duration::from_millis(waits.load(Ordering::Relaxed));
                        tokio::time::sleep(delay).await;
                        Service::call(&service, request).await
                    }
                });
                let connection = tokio::spawn(async move {
                    let http = Builder::new(TokioExecutor::new());
                    // A connection that breaks off is the other side's doing.
                    let _ = http.serve_connection(TokioIo::new(socket), answer).await;
                });
                all.lock().unwrap().push(connection.abort_handle());
            }
        });
        Store {
            folder,
            address,
            delay,
            away,
            connections,
            _runtime: runtime,
        }
    }

    pub fn url(&self) -> String {
        format!("http://{}", self.address)
    }

    pub fn delay(&self, milliseconds: u64) {
        self.delay.store(milliseconds, Ordering::Relaxed);
    }

    /// Hears nobody any more, or again; who is connected is cut off.
    pub fn be_away(&self, away: bool) {
        self.away.store(away, Ordering::Relaxed);
        for connection in self.connections.lock().unwrap().drain(..) {
            connection.abort();
        }
    }

    pub fn folder(&self) -> &Path {
        self.folder.path()
    }

    /// Every object whose name begins so below the library's folder.
    pub fn held(&self, beginning: &str) -> Vec<PathBuf> {
        let bucket = self.folder.path().join(BUCKET);
        let within = |path: &PathBuf| {
            let name = path.strip_prefix(&bucket).unwrap().to_str().unwrap();
            name.split_once('/')
                .is_some_and(|(_, name)| name.starts_with(beginning))
        };
        let mut held: Vec<PathBuf> = files(&bucket).into_iter().filter(within).collect();
        held.sort();
        held
    }

    /// The words of a command with the store's keys in its environment.
    pub fn command(&self, desk: &Desk, words: &[&str]) -> std::process::Command {
        let mut command = desk.command(words);
        command.env("ALBUMEN_S3_ACCESS_KEY", ACCESS_KEY);
        command.env("ALBUMEN_S3_SECRET_KEY", SECRET_KEY);
        command
    }
}
