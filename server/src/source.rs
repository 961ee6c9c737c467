//! Where a connection comes from, as far as limits need it. Never logged, never stored.

use std::collections::HashMap;
use std::net::IpAddr;
use std::sync::{Arc, Mutex, PoisonError};

/// An IPv4 address or an IPv6 /64: what one household or office shares.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub struct Source([u8; 8]);

impl From<IpAddr> for Source {
    fn from(address: IpAddr) -> Self {
        let mut bucket = [0; 8];
        match address.to_canonical() {
            IpAddr::V4(v4) => bucket[4..].copy_from_slice(&v4.octets()),
            IpAddr::V6(v6) => bucket.copy_from_slice(&v6.octets()[..8]),
        }
        Self(bucket)
    }
}

impl std::fmt::Debug for Source {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Source(..)")
    }
}

/// Counts connections, in all and per source.
#[derive(Debug)]
pub struct Connections {
    most: u32,
    most_per_source: u32,
    open: Mutex<Open>,
}

#[derive(Debug, Default)]
struct Open {
    all: u32,
    by_source: HashMap<Source, u32>,
}

/// One counted connection; gives its place back when dropped.
#[derive(Debug)]
pub struct Place {
    source: Source,
    connections: Arc<Connections>,
}

impl Connections {
    /// Nobody is connected yet.
    pub fn new(most: u32, most_per_source: u32) -> Arc<Self> {
        Arc::new(Self {
            most,
            most_per_source,
            open: Mutex::default(),
        })
    }

    /// A place for one more connection, if there is one.
    pub fn take(self: &Arc<Self>, source: Source) -> Option<Place> {
        let mut open = self.open.lock().unwrap_or_else(PoisonError::into_inner);
        let here = open.by_source.get(&source).copied().unwrap_or(0);
        if open.all >= self.most || here >= self.most_per_source {
            return None;
        }
        open.all += 1;
        open.by_source.insert(source, here + 1);
        Some(Place {
            source,
            connections: self.clone(),
        })
    }

    /// Connections open now.
    pub fn open(&self) -> u32 {
        self.open.lock().unwrap_or_else(PoisonError::into_inner).all
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        let mut open = (self.connections.open.lock()).unwrap_or_else(PoisonError::into_inner);
        open.all -= 1;
        if let Some(count) = open.by_source.get_mut(&self.source) {
            *count -= 1;
            if *count == 0 {
                open.by_source.remove(&self.source);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_source_cannot_take_all_places() {
        let connections = Connections::new(3, 2);
        let v6 = |text: &str| Source::from(text.parse::<IpAddr>().expect("address"));
        let places: Vec<Place> = ["2001:db8::1", "2001:db8::2"]
            .iter()
            .filter_map(|text| connections.take(v6(text)))
            .collect();
        assert_eq!(places.len(), 2);
        assert!(connections.take(v6("2001:db8::3")).is_none(), "same /64");
        let other = connections
            .take(v6("2001:db8:0:1::1"))
            .expect("another /64");
        assert!(
            connections.take(v6("10.0.0.1")).is_none(),
            "all places taken"
        );
        drop((places, other));
        assert_eq!(connections.open(), 0);
    }
}
