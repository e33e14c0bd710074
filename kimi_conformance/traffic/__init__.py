"""Other people's traffic, read from files (HAR, vcrpy cassettes, exchanges as JSON, bare bodies) one by one."""
