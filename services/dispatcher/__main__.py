"""`python -m services.dispatcher`: the service as a process of its own."""

from gateway.runtime.process import main
from services.dispatcher.wiring import opened

if __name__ == "__main__":
    main([opened])
