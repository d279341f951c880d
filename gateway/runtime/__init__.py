"""What drives the services: settings, histories, guard, scheduler, HTTP, logs and metrics."""
