//! What the store holds, read part by part: each is a request of its own, so that the length
//! of one bounds none of a long film over a slow line.

use std::io::{self, Read};
use std::sync::Arc;

use object_store::aws::AmazonS3;
use object_store::path::Path;
use object_store::{GetOptions, GetRange, ObjectStore};
use tokio::runtime::Handle;
use tokio_util::io::{StreamReader, SyncIoBridge};
use tokio_util::sync::CancellationToken;

/// Bytes of a part.
const PART: u64 = 8 << 20;

/// One of the store's bodies on its way here, from its beginning to its end.
pub(super) struct Reading {
    s3: Arc<AmazonS3>,
    path: Path,
    runtime: Handle,
    stop: CancellationToken,
    /// Of the whole body.
    length: u64,
    /// By which the further parts are known to be of the same.
    tag: Option<String>,
    /// So many bytes were read.
    at: u64,
    part: Option<Box<dyn Read + Send>>,
}

impl Reading {
    /// Asks for the first part of a body that is not empty.
    pub async fn begin(
        s3: Arc<AmazonS3>,
        path: Path,
        stop: CancellationToken,
    ) -> object_store::Result<Reading> {
        let mut reading = Reading {
            s3,
            path,
            runtime: Handle::current(),
            stop,
            length: 0,
            tag: None,
            at: 0,
            part: None,
        };
        reading.ask().await?;
        Ok(reading)
    }

    async fn ask(&mut self) -> object_store::Result<()> {
        let wanted = GetOptions {
            range: Some(GetRange::Bounded(self.at..self.at + PART)),
            if_match: self.tag.clone(),
            ..GetOptions::default()
        };
        let got = self.s3.get_opts(&self.path, wanted).await?;
        self.length = got.meta.size;
        self.tag = got.meta.e_tag.clone();
        let stream = StreamReader::new(got.into_stream());
        self.part = Some(Box::new(SyncIoBridge::new_with_handle(
            stream,
            self.runtime.clone(),
        )));
        Ok(())
    }

    /// Asks for the next part. Blocks.
    fn go_on(&mut self) -> io::Result<()> {
        let (runtime, stop) = (self.runtime.clone(), self.stop.clone());
        runtime.block_on(async {
            tokio::select! {
                asked = self.ask() => asked.map_err(io::Error::other),
                () = stop.cancelled() => Err(io::Error::new(
                    io::ErrorKind::ConnectionAborted,
                    "Albumen is being closed.",
                )),
            }
        })
    }
}

impl Read for Reading {
    fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
        if into.is_empty() {
            return Ok(0);
        }
        let mut is_new = false;
        loop {
            if let Some(part) = &mut self.part {
                let read = part.read(into)?;
                self.at += read as u64;
                if read > 0 || self.at >= self.length {
                    return Ok(read);
                }
                if is_new {
                    // Asked for more, it gave nothing.
                    return Err(io::ErrorKind::UnexpectedEof.into());
                }
            }
            self.go_on()?;
            is_new = true;
        }
    }
}
