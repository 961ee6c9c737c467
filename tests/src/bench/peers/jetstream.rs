//! NATS JetStream: a stream in files, a pushing consumer with explicit acknowledgement for
//! each pair.

use std::io;
use std::net::SocketAddr;
use std::rc::Rc;

use tokio::io::{
    AsyncBufReadExt as _, AsyncReadExt as _, AsyncWriteExt as _, BufReader, BufWriter,
};
use tokio::net::TcpStream;
use tokio::net::tcp::{OwnedReadHalf, OwnedWriteHalf};
use tokio::task::JoinSet;

use super::{Pair, payload};

const STREAM: &str = "PAIRS";
const ANSWERS: &str = "answers";

/// Makes the stream that holds all pairs' messages.
pub async fn make_stream(address: SocketAddr) -> io::Result<()> {
    let mut line = Line::open(address).await?;
    let stream =
        r#"{"name":"PAIRS","subjects":["pair.*"],"retention":"interest","storage":"file"}"#;
    line.ask(&format!("$JS.API.STREAM.CREATE.{STREAM}"), stream)
        .await?;
    Ok(())
}

/// Lets one publish and the other receive; the stream's answer tells what is kept.
pub async fn start(
    workers: &mut JoinSet<io::Result<()>>,
    address: SocketAddr,
    number: u32,
    pair: Rc<Pair>,
) -> io::Result<()> {
    let mut receiver = Line::open(address).await?;
    let (subject, arrivals) = (format!("pair.{number}"), format!("arrivals.{number}"));
    let consumer = format!(
        r#"{{"stream_name":"{STREAM}","config":{{"durable_name":"c{number}","filter_subject":"{subject}","deliver_subject":"{arrivals}","ack_policy":"explicit"}}}}"#
    );
    receiver
        .say(format!("SUB {arrivals} 2\r\n").as_bytes())
        .await?;
    let make = format!("$JS.API.CONSUMER.DURABLE.CREATE.{STREAM}.c{number}");
    receiver.ask(&make, &consumer).await?;
    let sender = Line::open(address).await?;
    let answer_to = format!("{ANSWERS}.{}", sender.id);
    let (mut answers, mut publishing) = (sender.reading, sender.writing);

    let sending = pair.clone();
    workers.spawn_local(async move {
        let body = payload();
        let message = format!("PUB {subject} {answer_to} {}\r\n{body}\r\n", body.len());
        loop {
            sending.may_send().await;
            publishing.write_all(message.as_bytes()).await?;
            publishing.flush().await?;
        }
    });
    let answered = pair.clone();
    workers.spawn_local(async move {
        loop {
            let answer = next(&mut answers).await?;
            kept(&answer)?;
            answered.answered();
        }
    });
    workers.spawn_local(async move {
        loop {
            let message = next(&mut receiver.reading).await?;
            pair.arrived();
            let acknowledgement = format!("PUB {} 0\r\n\r\n", message.answer_to);
            receiver
                .writing
                .write_all(acknowledgement.as_bytes())
                .await?;
            if receiver.reading.buffer().is_empty() {
                receiver.writing.flush().await?;
            }
        }
    });
    Ok(())
}

struct Line {
    reading: BufReader<OwnedReadHalf>,
    writing: BufWriter<OwnedWriteHalf>,
    /// Answers come to a subject with this port in it.
    id: u16,
}

struct Message {
    answer_to: String,
    body: Vec<u8>,
}

impl Line {
    async fn open(address: SocketAddr) -> io::Result<Self> {
        let line = TcpStream::connect(address).await?;
        line.set_nodelay(true)?;
        let id = line.local_addr()?.port();
        let (reading, writing) = line.into_split();
        let mut line = Self {
            reading: BufReader::new(reading),
            writing: BufWriter::new(writing),
            id,
        };
        let hello = format!("CONNECT {{\"verbose\":false}}\r\nSUB {ANSWERS}.{id} 1\r\n");
        line.say(hello.as_bytes()).await?;
        Ok(line)
    }

    async fn say(&mut self, words: &[u8]) -> io::Result<()> {
        self.writing.write_all(words).await?;
        self.writing.flush().await
    }

    /// Asks the server for something of JetStream's own.
    async fn ask(&mut self, subject: &str, body: &str) -> io::Result<()> {
        let length = body.len();
        let question = format!("PUB {subject} {ANSWERS}.{} {length}\r\n{body}\r\n", self.id);
        self.say(question.as_bytes()).await?;
        kept(&next(&mut self.reading).await?)
    }
}

/// Whether an answer is not a refusal.
fn kept(answer: &Message) -> io::Result<()> {
    let text = String::from_utf8_lossy(&answer.body);
    if text.contains("\"error\"") {
        return Err(io::Error::other(text.into_owned()));
    }
    Ok(())
}

/// The next message; what else the server says is passed over.
async fn next(line: &mut BufReader<OwnedReadHalf>) -> io::Result<Message> {
    loop {
        let mut head = String::new();
        if line.read_line(&mut head).await? == 0 || head.starts_with("-ERR") {
            return Err(io::Error::other(head));
        }
        let words: Vec<&str> = head.split_whitespace().collect();
        let (answer_to, length) = match words[..] {
            ["MSG", _, _, length] => ("", length),
            ["MSG", _, _, answer_to, length] => (answer_to, length),
            _ => continue,
        };
        let length: usize = (length.parse()).map_err(io::Error::other)?;
        let mut body = vec![0; length + 2];
        line.read_exact(&mut body).await?;
        return Ok(Message {
            answer_to: answer_to.to_owned(),
            body,
        });
    }
}
