"""`python -m services.facebook_ingest`: the channel as a process of its own."""

from gateway.runtime.channel import served
from gateway.runtime.process import alone, main
from services.facebook_ingest.wiring import opened

if __name__ == "__main__":
    main([alone("facebook_ingest", served(opened))])
