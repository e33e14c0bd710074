"""What must hold, as frozen models: requirements, models, profiles, cases, verdicts. Pure: no I/O, no clock."""
