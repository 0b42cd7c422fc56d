//! A proxy between the bank and PostgreSQL. It understands as much of the
//! protocol as it takes to stop at the worst moment there is: when the events
//! are committed, and the bank does not know it.

use std::{
    collections::HashSet,
    future::pending,
    io,
    sync::{
        Arc, Mutex,
        atomic::{AtomicBool, Ordering},
    },
};

use tokio::{
    io::{
        AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt, BufReader, copy,
        sink,
    },
    net::{TcpListener, TcpStream},
    sync::oneshot,
    task::JoinSet,
};

/// What the proxy holds back.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Hold {
    /// The statement that writes events.
    Append,
    /// The COMMIT of the transaction that has written them.
    Commit,
    /// The answer, when all is committed.
    Answer,
}

/// What to hold back, once, and whom to tell.
type Trap = Mutex<Option<(Hold, oneshot::Sender<()>)>>;

/// A running proxy.
pub(crate) struct Proxy {
    /// The URL of the database, by way of this proxy.
    pub(crate) url: String,
    trap: Arc<Trap>,
    /// Connections, and who accepts them. All end when this is dropped.
    _tasks: JoinSet<()>,
}

impl Proxy {
    /// Before the database with this URL, which is over TCP.
    pub(crate) async fn start(database: &str) -> Self {
        let server = database.split(['/', '@']).nth(3).unwrap().to_owned();
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap().to_string();
        let url = database.replace(&server, &address);
        let trap = Arc::new(Trap::default());
        let mut tasks = JoinSet::new();
        tasks.spawn(accept(listener, server, Arc::clone(&trap)));
        Self {
            url: format!("{url}?sslmode=disable"),
            trap,
            _tasks: tasks,
        }
    }

    /// Holds back the next one of these. Tells when it has.
    pub(crate) fn arm(&self, hold: Hold) -> oneshot::Receiver<()> {
        let (told, tells) = oneshot::channel();
        *self.trap.lock().unwrap() = Some((hold, told));
        tells
    }
}

async fn accept(listener: TcpListener, server: String, trap: Arc<Trap>) {
    let mut wires = JoinSet::new();
    loop {
        let (client, _) = listener.accept().await.unwrap();
        let (server, trap) = (server.clone(), Arc::clone(&trap));
        wires.spawn(async move {
            // Whichever end goes first, the other one is let go, too.
            let server = TcpStream::connect(server).await?;
            Wire::new(&trap).carry(client, server).await
        });
    }
}

/// A message of the protocol as it came, however many packets it came in.
struct Message(Vec<u8>);

impl Message {
    /// The first message of a client has no tag, only a length.
    async fn first(from: &mut (impl AsyncRead + Unpin)) -> io::Result<Self> {
        Self::read(from, Vec::new()).await
    }

    async fn next(from: &mut (impl AsyncRead + Unpin)) -> io::Result<Self> {
        let tag = from.read_u8().await?;
        Self::read(from, vec![tag]).await
    }

    async fn read(
        from: &mut (impl AsyncRead + Unpin),
        mut bytes: Vec<u8>,
    ) -> io::Result<Self> {
        // The length counts itself: four bytes.
        let length = from.read_u32().await?;
        bytes.extend(length.to_be_bytes());
        let rest = u64::from(length).saturating_sub(4);
        let read = from.take(rest).read_to_end(&mut bytes).await?;
        match read as u64 == rest {
            true => Ok(Self(bytes)),
            false => Err(io::ErrorKind::UnexpectedEof.into()),
        }
    }

    fn tag(&self) -> u8 {
        self.0[0]
    }

    /// The text number `index`; texts end with a zero.
    fn text(&self, index: usize) -> &[u8] {
        self.0[5..].split(|byte| *byte == 0).nth(index).unwrap()
    }

    /// Whether a statement's text says that it writes events.
    fn is_append(&self) -> bool {
        let wanted = b"INSERT INTO events";
        self.0.windows(wanted.len()).any(|part| part == wanted)
    }

    fn is_commit(&self) -> bool {
        self.text(0) == b"COMMIT"
    }

    /// Whether the server is ready, and no transaction is open.
    fn is_idle(&self) -> bool {
        self.tag() == b'Z' && self.0[5] == b'I'
    }
}

/// A connection through the proxy.
struct Wire<'a> {
    trap: &'a Trap,
    /// Whether events have been written and not been answered for yet.
    writes: AtomicBool,
}

impl<'a> Wire<'a> {
    fn new(trap: &'a Trap) -> Self {
        Self {
            trap,
            writes: AtomicBool::new(false),
        }
    }

    async fn carry(
        &self,
        client: TcpStream,
        server: TcpStream,
    ) -> io::Result<()> {
        client.set_nodelay(true)?;
        server.set_nodelay(true)?;
        let (from_client, to_client) = client.into_split();
        let (from_server, to_server) = server.into_split();
        tokio::select! {
            end = self.requests(BufReader::new(from_client), to_server) => end,
            end = self.answers(BufReader::new(from_server), to_client) => end,
        }
    }

    /// Whether this is what should be held back. Once.
    fn springs(&self, at: Hold) -> bool {
        let mut trap = self.trap.lock().unwrap();
        let sprung = trap.take_if(|(hold, _)| *hold == at);
        sprung.is_some_and(|(_, told)| told.send(()).is_ok())
    }
}

impl Wire<'_> {
    /// Client to server.
    async fn requests(
        &self,
        mut from: impl AsyncRead + Unpin,
        mut to: impl AsyncWrite + Unpin,
    ) -> io::Result<()> {
        let mut appends = HashSet::new();
        let mut message = Message::first(&mut from).await?;
        loop {
            to.write_all(&message.0).await?;
            message = Message::next(&mut from).await?;
            let hold = match message.tag() {
                // Parse: a name for a statement.
                b'P' if message.is_append() => {
                    appends.insert(message.text(0).to_owned());
                    continue;
                }
                // Bind: a portal, and the name of what it executes.
                b'B' if appends.contains(message.text(1)) => Hold::Append,
                // Query.
                b'Q' if message.is_commit() && self.is_writing() => {
                    Hold::Commit
                }
                _ => continue,
            };
            if self.springs(hold) {
                // Nothing gets to the server any more, until the bank is gone.
                copy(&mut from, &mut sink()).await?;
                return Ok(());
            }
            self.writes.store(true, Ordering::SeqCst);
        }
    }

    fn is_writing(&self) -> bool {
        self.writes.load(Ordering::SeqCst)
    }
}

// ANCHOR: hold-the-answer
impl Wire<'_> {
    /// Server to client. What comes after a statement that writes events is
    /// kept until the server is ready for the next one, and passed on then.
    ///
    /// `INSERT 0 1` is no proof: the server writes it before the commit and
    /// sends it after. That it is ready, with no transaction open, is.
    async fn answers(
        &self,
        mut from: impl AsyncRead + Unpin,
        mut to: impl AsyncWrite + Unpin,
    ) -> io::Result<()> {
        let mut answer = Vec::new();
        loop {
            let message = Message::next(&mut from).await?;
            answer.extend_from_slice(&message.0);
            if self.is_writing() {
                if message.is_idle() {
                    self.writes.store(false, Ordering::SeqCst);
                    if self.springs(Hold::Answer) {
                        // It is done, and the bank will never know.
                        pending::<()>().await;
                    }
                } else if message.tag() != b'Z' {
                    continue;
                }
            }
            to.write_all(&answer).await?;
            answer.clear();
        }
    }
}
// ANCHOR_END: hold-the-answer
