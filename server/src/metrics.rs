//! The Prometheus recorder behind `/metrics`.

use metrics_exporter_prometheus::{PrometheusBuilder, PrometheusHandle};
use std::sync::OnceLock;

/// The one recorder of the process, even if tests start several servers in it. It counts from the
/// first call of this function; earlier counts are lost.
pub fn recorder() -> &'static PrometheusHandle {
    static RECORDER: OnceLock<PrometheusHandle> = OnceLock::new();
    RECORDER.get_or_init(|| {
        let builder = PrometheusBuilder::new();
        builder.install_recorder().unwrap_or_else(|error| panic!("no metrics: {error}"))
    })
}
