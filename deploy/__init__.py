"""What a deployment is made of beside the program: provinces, dashboards, rules."""
