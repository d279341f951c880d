"""Every metric the gateway exports, in one typed place, a file per area: name, kind, labels, and what it tells.

No label ever holds a citizen's data: labels are stages, topics, channels, agencies and codes out of closed sets. What
appears only in trouble is shown as 0 from the start by whoever counts it, so that a query for it is never empty.
"""

from prometheus_client import CollectorRegistry

from gateway.runtime.metrics.attachments import AttachmentMetrics
from gateway.runtime.metrics.decisions import DecisionMetrics
from gateway.runtime.metrics.edge import EdgeMetrics
from gateway.runtime.metrics.process import ProcessMetrics
from gateway.runtime.metrics.sending import SendingMetrics
from gateway.runtime.metrics.stages import StageMetrics


class Metrics(EdgeMetrics, StageMetrics, DecisionMetrics, SendingMetrics, AttachmentMetrics, ProcessMetrics):
    """The catalogue; one instance per process, on a registry of its own."""

    def __init__(self) -> None:
        """Create every metric once."""
        self.registry = CollectorRegistry()
        EdgeMetrics.__init__(self, self.registry)
        StageMetrics.__init__(self, self.registry)
        DecisionMetrics.__init__(self, self.registry)
        SendingMetrics.__init__(self, self.registry)
        AttachmentMetrics.__init__(self, self.registry)
        ProcessMetrics.__init__(self, self.registry)
