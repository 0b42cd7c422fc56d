//! A receiver that takes everything and looks at nothing: it must not cost
//! what is to be measured.

use std::{
    io::{Read, Write},
    net::{TcpListener, TcpStream},
    thread,
};

/// Starts it. Gives its address as a URL.
pub(crate) fn start() -> String {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    thread::spawn(move || {
        for stream in listener.incoming().flatten() {
            thread::spawn(move || serve(stream));
        }
    });
    url
}

/// Answers each request with an empty message, which says that all is well.
fn serve(mut stream: TcpStream) -> Option<()> {
    let mut buffer = Vec::new();
    let mut chunk = [0; 65_536];
    loop {
        let head = loop {
            let end = buffer.windows(4).position(|four| four == b"\r\n\r\n");
            if let Some(end) = end {
                break end + 4;
            }
            let read = stream.read(&mut chunk).ok().filter(|n| *n > 0)?;
            buffer.extend_from_slice(&chunk[..read]);
        };
        let text = String::from_utf8_lossy(&buffer[..head]).to_lowercase();
        let (_, length) = text.split_once("content-length: ")?;
        let length: usize = length.lines().next()?.trim().parse().ok()?;
        while buffer.len() < head + length {
            let read = stream.read(&mut chunk).ok().filter(|n| *n > 0)?;
            buffer.extend_from_slice(&chunk[..read]);
        }
        buffer.drain(..head + length);
        let answer = "HTTP/1.1 200 OK\r\ncontent-type: \
                      application/x-protobuf\r\ncontent-length: 0\r\n\r\n";
        stream.write_all(answer.as_bytes()).ok()?;
    }
}
