"""`python -m services.email_ingest`: the channel as a process of its own."""

from gateway.runtime.channel import served
from gateway.runtime.process import alone, main
from services.email_ingest.wiring import opened

if __name__ == "__main__":
    main([alone("email_ingest", served(opened))])
