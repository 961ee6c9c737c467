//! A line between a relay and another machine that can be cut and mended.

use std::net::SocketAddr;
use std::sync::Arc;

use tokio::net::{TcpListener, TcpStream};
use tokio::sync::watch;

/// A port of loopback that leads elsewhere while the line is whole.
pub struct Line {
    pub address: SocketAddr,
    whole: Arc<watch::Sender<bool>>,
}

impl Line {
    /// A whole line to this address.
    pub async fn to(target: SocketAddr) -> Self {
        let listener = TcpListener::bind(("127.0.0.1", 0)).await.expect("a port");
        let address = listener.local_addr().expect("bound");
        let whole = Arc::new(watch::Sender::new(true));
        let state = whole.clone();
        tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                // While it is cut a connection ends as soon as it is there.
                if *state.borrow() {
                    tokio::spawn(carry(stream, target, state.subscribe()));
                }
            }
        });
        Self { address, whole }
    }

    /// Ends every connection, and every one that comes.
    pub fn cut(&self) {
        self.whole.send_replace(false);
    }

    /// Lets connections through again.
    pub fn mend(&self) {
        self.whole.send_replace(true);
    }
}

async fn carry(mut here: TcpStream, target: SocketAddr, mut whole: watch::Receiver<bool>) {
    let carrying = async {
        let mut there = TcpStream::connect(target).await?;
        tokio::io::copy_bidirectional(&mut here, &mut there).await
    };
    tokio::select! {
        // Whoever hung up first has a reason of its own.
        ended = carrying => drop(ended),
        cut = whole.wait_for(|whole| !whole) => drop(cut),
    }
}
