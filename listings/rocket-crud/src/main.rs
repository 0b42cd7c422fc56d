//! The program `rocket-crud`.

use std::process::ExitCode;

use rocket_crud::program;

#[rocket::main]
async fn main() -> ExitCode {
    program::exit(program::run().await)
}
