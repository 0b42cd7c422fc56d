//! What the stand-ins know. All of it is computed, so that it is the same
//! everywhere and needs no file.

use crate::model::{Money, Order, Product, User};

/// Who can sign in.
pub const PERSONS: [(&str, &str); 3] =
    [("ada", "Ada"), ("grace", "Grace"), ("edsger", "Edsger")];

/// How many orders each person has placed.
pub(super) const ORDERS: u32 = 60;

/// How many products there are.
pub(super) const PRODUCTS: u32 = 200;

const THINGS: [&str; 8] = [
    "teapot", "lamp", "notebook", "kettle", "chair", "clock", "scarf", "pen",
];
const LOOKS: [&str; 5] = ["Blue", "Oak", "Small", "Enamel", "Travel"];

/// The person with this name. There are as many as anybody needs who measures:
/// `ada-17` is another Ada.
pub(super) fn user(id: &str) -> Option<User> {
    let first = match id.rsplit_once('-') {
        Some((first, number)) => number.parse::<u32>().is_ok().then_some(first),
        None => Some(id),
    };
    let (_, name) = PERSONS
        .into_iter()
        .find(|(known, _)| Some(*known) == first)?;
    Some(User {
        id: id.to_owned(),
        display_name: name.to_owned(),
        email: format!("{id}@example.com"),
        address: format!("{name}, 1 Analytical Way, 12345 Example Town"),
        tier: "gold".to_owned(),
        member_since: "2019-12-10".to_owned(),
        avatar_url: format!("https://images.example.com/persons/{id}.jpg"),
    })
}

/// The person's order with this number, from 1, the oldest.
pub(super) fn order(user: &str, number: u32) -> Option<Order> {
    if !(1..=ORDERS).contains(&number) {
        return None;
    }
    let product = product(number * 7 % PRODUCTS + 1)?;
    let quantity = number % 3 + 1;
    let status = match number {
        60 => "placed",
        58..60 => "shipped",
        _ => "delivered",
    };
    Some(Order {
        id: format!("o-{user}-{number}"),
        placed_at: format!(
            "2026-{:02}-{:02}T10:00:00Z",
            (number - 1) / 6 + 1,
            (number - 1) % 6 * 4 + 1
        ),
        status: status.to_owned(),
        product_id: product.id,
        product_title: product.title,
        quantity,
        total: Money {
            minor: product.price.minor * i64::from(quantity),
            currency: product.price.currency,
        },
    })
}

/// The product with this number, from 1.
pub(super) fn product(number: u32) -> Option<Product> {
    if !(1..=PRODUCTS).contains(&number) {
        return None;
    }
    let thing = THINGS[number as usize % THINGS.len()];
    let look = LOOKS[number as usize % LOOKS.len()];
    let image = format!("https://images.example.com/products/{number}");
    Some(Product {
        id: format!("p-{number}"),
        title: format!("{look} {thing}"),
        description: format!(
            "This {thing} was made with care, by people who like what they \
             do, and will outlast the fashion of the year in which it was \
             bought. It comes in a box that is worth keeping. Should it break \
             all the same, we mend it."
        ),
        price: Money {
            minor: i64::from(number) * 37 % 9_000 + 490,
            currency: "EUR".to_owned(),
        },
        thumbnail_url: format!("{image}/small.jpg"),
        picture_urls: ["front", "side", "back", "in-use"]
            .map(|view| format!("{image}/{view}-large.jpg"))
            .into(),
        in_stock: number * 13 % 50,
    })
}

/// The number in `p-17` or `o-ada-17`.
pub(super) fn number(id: &str, prefix: &str) -> Option<u32> {
    id.strip_prefix(prefix)?.parse().ok()
}
