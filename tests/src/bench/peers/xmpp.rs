//! XMPP (RFC 6120, RFC 6121): two anonymous people and chat messages between them.

use std::io;
use std::net::SocketAddr;
use std::rc::Rc;

use tokio::io::{AsyncBufReadExt as _, AsyncWriteExt as _, BufReader};
use tokio::net::TcpStream;
use tokio::task::JoinSet;

use super::{DOMAIN, Pair, payload};

/// Lets one write to the other. The protocol has no answer for a message that is kept: the
/// sender goes on when the receiver has it.
pub async fn start(
    workers: &mut JoinSet<io::Result<()>>,
    address: SocketAddr,
    pair: Rc<Pair>,
) -> io::Result<()> {
    let mut sender = Person::sign_in(address).await?;
    let mut receiver = Person::sign_in(address).await?;
    let (to, sending) = (receiver.name.clone(), pair.clone());
    workers.spawn_local(async move {
        let body = payload();
        let message = format!("<message type='chat' to='{to}'><body>{body}</body></message>");
        loop {
            sending.may_send().await;
            sender.line.write_all(message.as_bytes()).await?;
        }
    });
    workers.spawn_local(async move {
        loop {
            receiver.until("</message>").await?;
            pair.arrived();
            pair.answered();
        }
    });
    Ok(())
}

struct Person {
    line: BufReader<TcpStream>,
    /// The full address, with the resource.
    name: String,
}

impl Person {
    async fn sign_in(address: SocketAddr) -> io::Result<Self> {
        let line = TcpStream::connect(address).await?;
        line.set_nodelay(true)?;
        let mut person = Self {
            line: BufReader::new(line),
            name: String::new(),
        };
        person.open_stream().await?;
        let sasl = "<auth xmlns='urn:ietf:params:xml:ns:xmpp-sasl' mechanism='ANONYMOUS'/>";
        person.say(sasl).await?;
        person.until("xmpp-sasl'/>").await?;
        person.open_stream().await?;
        let bind = "<iq type='set' id='b'><bind xmlns='urn:ietf:params:xml:ns:xmpp-bind'/></iq>";
        person.say(bind).await?;
        person.until("<jid>").await?;
        let name = person.until("</jid>").await?;
        person.name = name.trim_end_matches("</jid>").to_owned();
        person.until("</iq>").await?;
        person.say("<presence/>").await?;
        Ok(person)
    }

    async fn open_stream(&mut self) -> io::Result<()> {
        let opening = format!(
            "<stream:stream xmlns='jabber:client' xmlns:stream='http://etherx.jabber.org/streams' \
             to='{DOMAIN}' version='1.0'>"
        );
        self.say(&opening).await?;
        self.until("</stream:features>").await?;
        Ok(())
    }

    async fn say(&mut self, words: &str) -> io::Result<()> {
        self.line.write_all(words.as_bytes()).await
    }

    /// Reads up to and including the tag that ends so; gives its last piece.
    async fn until(&mut self, end: &str) -> io::Result<String> {
        loop {
            let mut piece = Vec::new();
            if self.line.read_until(b'>', &mut piece).await? == 0 {
                return Err(io::Error::other(format!("no `{end}`")));
            }
            if piece.ends_with(end.as_bytes()) {
                return Ok(String::from_utf8_lossy(&piece).into_owned());
            }
        }
    }
}
