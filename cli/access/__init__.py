"""Says who may do what on a Kafka cluster, out of the registry of topics and the names that the adapter uses."""
