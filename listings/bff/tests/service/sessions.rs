//! Who is signed in, and who is not.

mod flow;
