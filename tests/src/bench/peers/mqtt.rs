//! MQTT 3.1.1: a topic for each pair, QoS 1, sessions that are kept.

use std::io;
use std::net::SocketAddr;
use std::rc::Rc;

use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _, BufReader, BufWriter};
use tokio::net::TcpStream;
use tokio::net::tcp::{OwnedReadHalf, OwnedWriteHalf};
use tokio::task::JoinSet;

use super::{Pair, payload};

// First bytes of the packets (section 2.2), with the flags of QoS 1 where they have any.
const CONNECT: u8 = 0x10;
const CONNACK: u8 = 0x20;
const PUBLISH: u8 = 0x32;
const PUBACK: u8 = 0x40;
const SUBSCRIBE: u8 = 0x82;
const SUBACK: u8 = 0x90;

/// Lets one publish and the other receive; PUBACK is the answer for each.
pub async fn start(
    workers: &mut JoinSet<io::Result<()>>,
    address: SocketAddr,
    number: u32,
    pair: Rc<Pair>,
) -> io::Result<()> {
    let topic = format!("pair/{number}");
    let (mut answers, mut publishing) = connect(address, &format!("s{number}")).await?;
    let (mut arrivals, mut answering) = connect(address, &format!("r{number}")).await?;
    let subscription = [&[0, 1], &text(&topic)[..], &[1]].concat();
    write(&mut answering, SUBSCRIBE, &subscription).await?;
    answering.flush().await?;
    expect(&mut arrivals, SUBACK).await?;

    let sending = pair.clone();
    workers.spawn_local(async move {
        let body = payload();
        for id in (1..=u16::MAX).cycle() {
            sending.may_send().await;
            let message = [&text(&topic)[..], &id.to_be_bytes(), body.as_bytes()].concat();
            write(&mut publishing, PUBLISH, &message).await?;
            publishing.flush().await?;
        }
        Ok(())
    });
    let answered = pair.clone();
    workers.spawn_local(async move {
        loop {
            expect(&mut answers, PUBACK).await?;
            answered.answered();
        }
    });
    workers.spawn_local(async move {
        loop {
            let message = expect(&mut arrivals, PUBLISH).await?;
            pair.arrived();
            let topic = 2 + usize::from(u16::from_be_bytes([message[0], message[1]]));
            write(&mut answering, PUBACK, &message[topic..topic + 2]).await?;
            if arrivals.buffer().is_empty() {
                answering.flush().await?;
            }
        }
    });
    Ok(())
}

type Reading = BufReader<OwnedReadHalf>;
type Writing = BufWriter<OwnedWriteHalf>;

async fn connect(address: SocketAddr, client: &str) -> io::Result<(Reading, Writing)> {
    let line = TcpStream::connect(address).await?;
    line.set_nodelay(true)?;
    let (reading, writing) = line.into_split();
    let (mut reading, mut writing) = (BufReader::new(reading), BufWriter::new(writing));
    // Level 4, a session that is kept, no keep-alive.
    let hello = [&text("MQTT")[..], &[4, 0, 0, 0], &text(client)].concat();
    write(&mut writing, CONNECT, &hello).await?;
    writing.flush().await?;
    expect(&mut reading, CONNACK).await?;
    Ok((reading, writing))
}

/// A string with its length before it (section 1.5.3).
fn text(text: &str) -> Vec<u8> {
    let length = u16::try_from(text.len()).unwrap_or(u16::MAX);
    [&length.to_be_bytes(), text.as_bytes()].concat()
}

/// Writes a packet; the length in groups of seven bits (section 2.2.3).
async fn write(line: &mut Writing, first: u8, body: &[u8]) -> io::Result<()> {
    line.write_u8(first).await?;
    let mut length = body.len();
    loop {
        let more = if length > 0x7f { 0x80 } else { 0 };
        line.write_u8((length & 0x7f) as u8 | more).await?;
        length >>= 7;
        if length == 0 {
            break;
        }
    }
    line.write_all(body).await
}

/// Reads the next packet, which must be of this kind; its body.
async fn expect(line: &mut Reading, first: u8) -> io::Result<Vec<u8>> {
    let kind = line.read_u8().await?;
    let (mut length, mut shift) = (0, 0);
    loop {
        let byte = line.read_u8().await?;
        length |= usize::from(byte & 0x7f) << shift;
        shift += 7;
        if byte & 0x80 == 0 {
            break;
        }
    }
    let mut body = vec![0; length];
    line.read_exact(&mut body).await?;
    // The duplicate flag may be set.
    if kind & !0x08 == first {
        Ok(body)
    } else {
        Err(io::Error::other(format!("a packet {kind:#x}")))
    }
}
