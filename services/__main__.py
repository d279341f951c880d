"""`python -m services`: all services in one process; `gateway up` is the same with friendlier output."""

from gateway.runtime.process import main
from services.all_in_one import services

if __name__ == "__main__":
    main(services())
