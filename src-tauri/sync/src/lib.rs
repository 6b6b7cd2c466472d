//! Peers of a household: pairing, following feeds, moving bytes. Nothing speaks
//! to a peer yet; the crate stands so that no other layer grows into its place.
