//! Clients that send half of what they should, and stay.

use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpStream,
    time::timeout,
};

use crate::programs::{BACKEND, BFF, DEADLINE, Program};

#[tokio::test]
async fn a_half_sent_head_is_not_waited_for() {
    let settings = [("HEAD_TIMEOUT_MS", "200"), ("OTEL_SDK_DISABLED", "true")];
    for (program, arguments) in [(BFF, &[][..]), (BACKEND, &["user"])] {
        let program = Program::start(program, arguments, &settings).await;
        let address = program.url.strip_prefix("http://").unwrap();
        let mut client = TcpStream::connect(address).await.unwrap();
        client.write_all(b"GET / HTTP/1.1\r\n").await.unwrap();
        let end = timeout(DEADLINE, client.read_u8()).await;
        assert!(end.expect("it is held").is_err(), "it answered");
        let ended = program.stop().await;
        assert_eq!(ended.status.code(), Some(0), "{}", ended.stderr);
    }
}
