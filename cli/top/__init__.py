"""`gateway top`: the overview in a terminal, for where there is no Grafana: it reads what the services export."""
