"""One profile for every property: no deadline, a fixed seed, and the blob that repeats a failure printed with it."""

from hypothesis import HealthCheck, settings

settings.register_profile(
    "mindhaven",
    deadline=None,
    derandomize=True,
    print_blob=True,
    database=None,
    max_examples=100,
    suppress_health_check=[HealthCheck.too_slow],
)
settings.load_profile("mindhaven")
