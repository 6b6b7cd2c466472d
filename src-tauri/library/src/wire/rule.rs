//! What the owner of an album asks of the machine that it lives on.

/// People who are to be asked into an album.
#[derive(Clone, PartialEq, prost::Message)]
pub struct Invite {
    /// The album's id.
    #[prost(bytes = "vec", tag = "1")]
    pub album: Vec<u8>,
    /// Their ids.
    #[prost(bytes = "vec", repeated, tag = "2")]
    pub people: Vec<Vec<u8>>,
    /// What they may do: 1 editor, 2 viewer.
    #[prost(uint32, tag = "3")]
    pub role: u32,
}

/// What somebody in an album may do from now on.
#[derive(Clone, PartialEq, prost::Message)]
pub struct SetRole {
    /// The album's id.
    #[prost(bytes = "vec", tag = "1")]
    pub album: Vec<u8>,
    /// Their id.
    #[prost(bytes = "vec", tag = "2")]
    pub person: Vec<u8>,
    /// 1 editor, 2 viewer.
    #[prost(uint32, tag = "3")]
    pub role: u32,
}

/// Somebody who is to be in an album no more.
#[derive(Clone, PartialEq, prost::Message)]
pub struct Part {
    /// The album's id.
    #[prost(bytes = "vec", tag = "1")]
    pub album: Vec<u8>,
    /// Their id.
    #[prost(bytes = "vec", tag = "2")]
    pub person: Vec<u8>,
    /// Whether the photos go, too, that they put there.
    #[prost(bool, tag = "3")]
    pub take: bool,
}

/// How an album is shared from now on; what is absent stays as it is.
#[derive(Clone, PartialEq, prost::Message)]
pub struct EditSharing {
    /// The album's id.
    #[prost(bytes = "vec", tag = "1")]
    pub album: Vec<u8>,
    /// What everyone of the household is in it: 1 editor, 2 viewer, 0 nothing by that.
    #[prost(uint32, optional, tag = "2")]
    pub everyone: Option<u32>,
    /// Whether viewers may have originals.
    #[prost(bool, optional, tag = "3")]
    pub originals: Option<bool>,
    /// Whether editors may make public links.
    #[prost(bool, optional, tag = "4")]
    pub linking: Option<bool>,
    /// Whether members may comment and like.
    #[prost(bool, optional, tag = "5")]
    pub talking: Option<bool>,
    /// Whether originals that members put there are kept at its home.
    #[prost(bool, optional, tag = "6")]
    pub keeping: Option<bool>,
}

/// An album that cannot come to live at the asking machine.
#[derive(Clone, PartialEq, prost::Message)]
pub struct CannotLodge {
    /// The album's id.
    #[prost(bytes = "vec", tag = "1")]
    pub album: Vec<u8>,
    /// Ids of people in it whom that machine does not know.
    #[prost(bytes = "vec", repeated, tag = "2")]
    pub people: Vec<Vec<u8>>,
}
