"""Tells a URL of MongoDB from others, without the driver, which only a deployment on MongoDB needs."""

SCHEMES = ("mongodb://", "mongodb+srv://")


def is_mongo(url: str) -> bool:
    """Whether a URL names a database on MongoDB."""
    return url.startswith(SCHEMES)
