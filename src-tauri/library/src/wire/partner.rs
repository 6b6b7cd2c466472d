//! What partners tell each other of a library, beside its photos and albums.

use prost::Message;

/// A library that is shown to a partner.
#[derive(Clone, PartialEq, prost::Message)]
pub struct PartnerRow {
    /// 1 asked, 2 accepted, 3 declined, 4 ended.
    #[prost(uint32, tag = "1")]
    pub state: u32,
    /// Only what was taken then or later, milliseconds of wall clock since 1970;
    /// everything when absent.
    #[prost(sint64, optional, tag = "2")]
    pub since: Option<i64>,
    /// Whether titles, descriptions and tags travel.
    #[prost(bool, tag = "3")]
    pub captions: bool,
    /// Whether albums do.
    #[prost(bool, tag = "4")]
    pub albums: bool,
    /// When it was offered, milliseconds since 1970.
    #[prost(sint64, tag = "5")]
    pub asked_at: i64,
    /// How many photos it has for them.
    #[prost(uint64, tag = "6")]
    pub count: u64,
    /// Bytes of those originals.
    #[prost(uint64, tag = "7")]
    pub bytes: u64,
    /// The machine that hears their answer.
    #[prost(bytes = "vec", tag = "8")]
    pub decides: Vec<u8>,
    /// When they answered, milliseconds since 1970.
    #[prost(sint64, optional, tag = "9")]
    pub decided_at: Option<i64>,
}

impl PartnerRow {
    /// Reads and checks a row's body.
    pub(crate) fn read(body: &[u8]) -> Result<PartnerRow, &'static str> {
        let row = PartnerRow::decode(body).map_err(|_| "a library that cannot be read")?;
        let sound = matches!(row.state, 1..=4)
            && row.count < 1 << 50
            && row.bytes < 1 << 60
            && row.decides.len() == 16
            && [Some(row.asked_at), row.since, row.decided_at]
                .into_iter()
                .flatten()
                .all(|time| time.unsigned_abs() < 1 << 50);
        match sound {
            true => Ok(row),
            false => Err("a library that cannot be"),
        }
    }
}
