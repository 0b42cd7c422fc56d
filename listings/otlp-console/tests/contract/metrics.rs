//! Metrics that are wrong.

use otlp_console::model::Instrument;

use super::{says, values::value};

#[test]
fn a_metric_that_the_registry_does_not_know() {
    says(
        |it| it.metrics[3].name = "shop.order".into(),
        &[
            "metric `shop.order` of shop is not in the registry; did you mean \
             `shop.orders`?",
        ],
    );
}

#[test]
fn a_metric_with_another_unit_or_instrument() {
    says(
        |it| it.metrics[0].unit = "ms".into(),
        &[
            "metric `http.server.request.duration` of shop has the unit `ms`; \
             metric.first_trace.http.server.request.duration says `s`",
        ],
    );
    says(
        |it| it.metrics[3].instrument = Instrument::UpDownCounter,
        &[
            "metric `shop.orders` of shop has the instrument updowncounter; \
             metric.shop.orders says counter",
        ],
    );
}

#[test]
fn a_metric_attribute_that_is_missing_or_an_id() {
    says(
        |it| it.metrics[3].points[0].attributes.clear(),
        &[
            "metric `shop.orders` of shop lacks `shop.order.outcome`, which \
             metric.shop.orders requires",
        ],
    );
    says(
        |it| {
            let attributes = &mut it.metrics[0].points[0].attributes;
            attributes.insert("http.route".into(), value("10423"));
        },
        &[
            "metric `http.server.request.duration` of shop has `10423` in \
             `http.route`: an id makes one time series for each value, so it \
             belongs on the span",
        ],
    );
}
