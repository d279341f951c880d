"""The dashboards as code, for Grafana 11: `python -m deploy.grafana` writes `generated/`, which Grafana is given.

`overview` is the screen on the wall, `channels` is for one channel at a time, `pipeline` for what lies between. A panel
says in Vietnamese what it shows, and points to the runbook; it turns red at the number of the alert it belongs to.
"""
