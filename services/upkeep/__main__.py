"""`python -m services.upkeep`: the service as a process of its own."""

from gateway.runtime.process import main
from services.upkeep.wiring import opened

if __name__ == "__main__":
    main([opened])
