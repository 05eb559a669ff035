//! The recorder behind `/metrics`.

use metrics_exporter_prometheus::{PrometheusBuilder, PrometheusHandle};
use std::sync::OnceLock;

/// The process's one recorder, however many servers tests start in it. Counts from its first call
/// on: what is counted before is lost.
pub fn recorder() -> &'static PrometheusHandle {
    static RECORDER: OnceLock<PrometheusHandle> = OnceLock::new();
    RECORDER.get_or_init(|| {
        let builder = PrometheusBuilder::new();
        builder.install_recorder().unwrap_or_else(|error| panic!("no metrics: {error}"))
    })
}
