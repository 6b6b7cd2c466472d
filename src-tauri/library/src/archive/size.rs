//! How much an archive of everything would be: asked by every visitor who opens the
//! page, and so found out once for all of them.

use crate::{Access, Download, LibraryError};

/// How much an archive is, roughly and before it is made.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ArchiveSize {
    /// Photos and videos.
    pub files: u64,
    /// Bytes of all of them; `None` while some are not known.
    pub bytes: Option<u64>,
}

impl Access {
    /// How much [`Access::archive`] of everything would be.
    ///
    /// # Errors
    /// [`LibraryError::Refused`] for a size that the terms do not allow.
    pub fn archive_size(&self, size: Download) -> Result<ArchiveSize, LibraryError> {
        self.check_size(size)?;
        let library = self.library();
        let (commits, of) = (library.catalog.commits(), (self.link(), size));
        if let Some(known) = library.recent.size(commits, of) {
            return Ok(known);
        }
        // Of those who come at the same time one counts, and the others wait for it.
        let turn = library.sizing.lock();
        if let Some(known) = library.recent.size(commits, of) {
            return Ok(known);
        }
        let counted = self.count_size(size)?;
        library.recent.keep_size(commits, of, counted);
        drop(turn);
        Ok(counted)
    }

    fn count_size(&self, size: Download) -> Result<ArchiveSize, LibraryError> {
        let kept = |form: &str| {
            format!(
                "(SELECT bytes FROM checksum
                   WHERE checksum.hash = asset.hash AND sha256 IS NOT NULL
                     AND form = {form} || iif(asset.turn = 0, '', '-' || asset.turn))"
            )
        };
        let clean = kept("'clean'");
        let other = kept("iif(asset.kind = 'video', 'video', 'preview')");
        let bytes = match size {
            Download::Original if self.terms().show_metadata => "asset.bytes".to_owned(),
            Download::Original => format!("coalesce({clean}, {other})"),
            _ => format!(
                "coalesce(iif(asset.kind = 'video' AND asset.plays, {clean}, NULL), {other})"
            ),
        };
        self.library().catalog.read(|conn| {
            let sql = format!(
                "SELECT count(*), count(part_bytes), coalesce(sum(part_bytes), 0)
                   FROM (SELECT {bytes} AS part_bytes {})",
                self.shown()
            );
            Ok(conn.prepare_cached(&sql)?.query_row(self.scope(), |row| {
                let (files, known): (u64, u64) = (row.get(0)?, row.get(1)?);
                let bytes = row.get(2)?;
                Ok(ArchiveSize {
                    files,
                    bytes: (known == files).then_some(bytes),
                })
            })?)
        })
    }
}
