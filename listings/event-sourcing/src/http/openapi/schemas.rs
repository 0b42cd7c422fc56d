//! The shapes of values that know nothing of HTTP.

use std::borrow::Cow;

use utoipa::{
    PartialSchema, ToSchema,
    openapi::{
        KnownFormat, RefOr, Schema, SchemaFormat,
        schema::{Object, ObjectBuilder, Ref, Type},
    },
};

use crate::{
    bank::Receipt,
    domain::{Currency, Money, Settlement},
};

macro_rules! named {
    ($($type:ident: $schema:expr;)*) => {
        $(
            impl PartialSchema for $type {
                fn schema() -> RefOr<Schema> {
                    $schema.into()
                }
            }

            impl ToSchema for $type {
                fn name() -> Cow<'static, str> {
                    stringify!($type).into()
                }

                fn schemas(schemas: &mut Vec<(String, RefOr<Schema>)>) {
                    schemas.extend(below(stringify!($type)));
                }
            }
        )*
    };
}

named! {
    Currency: text()
        .description(Some("Three capital letters, as in ISO 4217."))
        .pattern(Some("^[A-Z]{3}$"))
        .examples(["EUR"])
        .build();
    Settlement: text()
        .description(Some("When the money of a transfer arrives."))
        .enum_values(Some(["immediate", "eventual"]))
        .build();
    Money: object()
        .description(Some("An amount in the smallest unit of its currency."))
        .property("minor", whole())
        .required("minor")
        .property("currency", Ref::from_schema_name("Currency"))
        .required("currency")
        .build();
    Receipt: object()
        .description(Some("What the bank hands out for a command."))
        .property("account_id", uuid("The account."))
        .required("account_id")
        .property("version", whole())
        .required("version")
        .property("balance", Ref::from_schema_name("Money"))
        .property("subject_id", uuid("Whose account was opened."))
        .property("transfer_id", uuid("The transfer, if there was one."))
        .build();
}

/// The schemas that the one of this name refers to.
fn below(name: &str) -> Vec<(String, RefOr<Schema>)> {
    let currency = ("Currency".to_owned(), Currency::schema());
    let money = ("Money".to_owned(), Money::schema());
    match name {
        "Money" => vec![currency],
        "Receipt" => vec![currency, money],
        _ => Vec::new(),
    }
}

fn text() -> ObjectBuilder {
    ObjectBuilder::new().schema_type(Type::String)
}

fn object() -> ObjectBuilder {
    ObjectBuilder::new().schema_type(Type::Object)
}

fn whole() -> Object {
    ObjectBuilder::new()
        .schema_type(Type::Integer)
        .format(Some(SchemaFormat::KnownFormat(KnownFormat::Int64)))
        .build()
}

fn uuid(description: &str) -> Object {
    text()
        .format(Some(SchemaFormat::KnownFormat(KnownFormat::Uuid)))
        .description(Some(description))
        .build()
}
