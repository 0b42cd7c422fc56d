//! Clients that send half of what they should, and stay.

use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpStream,
    time::timeout,
};

use crate::program::{DEADLINE, Program};

#[tokio::test]
async fn a_half_sent_head_is_not_waited_for() {
    let folder = tempfile::tempdir().unwrap();
    let settings = [("HEAD_TIMEOUT_MS", "200")];
    let program = Program::with(folder, &[], &settings).await;
    let address = program.url.strip_prefix("http://").unwrap();
    let mut client = TcpStream::connect(address).await.unwrap();
    client.write_all(b"GET / HTTP/1.1\r\n").await.unwrap();
    let end = timeout(DEADLINE, client.read_u8()).await;
    assert!(end.expect("it is held").is_err(), "it answered");
    program.stop().await;
}
