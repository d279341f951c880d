"""What the services share: errors, pure domain, ports with their adapters, and the runtime that drives them."""
