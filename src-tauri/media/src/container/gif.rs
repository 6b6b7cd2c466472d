//! A GIF as a row of blocks (GIF89a specification, appendix A).

/// One block.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Block<'a> {
    /// What it is.
    pub(crate) kind: BlockKind<'a>,
    /// Where its first byte is in the file.
    pub(crate) start: usize,
    /// Where it ends, its terminator included.
    pub(crate) end: usize,
}

/// What a block is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum BlockKind<'a> {
    /// A picture with its own colours and its compressed pixels.
    Picture,
    /// How long and how the next picture is shown.
    Control,
    /// An application's own: the eleven bytes that name it, then its first
    /// sub-block.
    Application(&'a [u8], &'a [u8]),
    /// A comment, a text, or another extension.
    Other,
    /// The end.
    Trailer,
}

/// Where the blocks begin: after the header, the screen's size and its colours.
pub(crate) fn blocks_start(bytes: &[u8]) -> Option<usize> {
    if !bytes.starts_with(b"GIF87a") && !bytes.starts_with(b"GIF89a") {
        return None;
    }
    Some(13 + colours(*bytes.get(10)?))
}

/// The block at `at`, or `None` when it does not fit into the file.
pub(crate) fn block_at(bytes: &[u8], at: usize) -> Option<Block<'_>> {
    let (kind, end) = match bytes.get(at)? {
        0x3b => (BlockKind::Trailer, at + 1),
        0x2c => {
            let pixels = at + 11 + colours(*bytes.get(at + 9)?);
            (BlockKind::Picture, sub_blocks_end(bytes, pixels)?)
        }
        0x21 => {
            let first = sub_block(bytes, at + 2)?;
            let kind = match (bytes.get(at + 1)?, first.len()) {
                (0xf9, 4) => BlockKind::Control,
                (0xff, 11) => BlockKind::Application(first, sub_block(bytes, at + 14)?),
                _ => BlockKind::Other,
            };
            (kind, sub_blocks_end(bytes, at + 2)?)
        }
        _ => return None,
    };
    Some(Block {
        kind,
        start: at,
        end,
    })
}

/// The bytes of the colour table that a packed field announces.
fn colours(packed: u8) -> usize {
    if packed & 0x80 == 0 {
        0
    } else {
        3 << ((packed & 7) + 1)
    }
}

fn sub_block(bytes: &[u8], at: usize) -> Option<&[u8]> {
    let length = usize::from(*bytes.get(at)?);
    bytes.get(at + 1..at + 1 + length)
}

/// Where the sub-blocks that begin at `at` end, the empty last one included.
fn sub_blocks_end(bytes: &[u8], mut at: usize) -> Option<usize> {
    loop {
        let length = sub_block(bytes, at)?.len();
        at += length + 1;
        if length == 0 {
            return Some(at);
        }
    }
}
