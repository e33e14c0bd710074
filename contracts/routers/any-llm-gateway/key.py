"""Makes a virtual key and prints it: key.py GATEWAY MASTER_KEY."""

import json
import sys
import urllib.request

request = urllib.request.Request(
    f"{sys.argv[1]}/v1/keys",
    json.dumps({"key_name": "conformance"}).encode(),
    {"Content-Type": "application/json", "X-AnyLLM-Key": f"Bearer {sys.argv[2]}"},
)
with urllib.request.urlopen(request, timeout=20) as answer:
    print(json.dumps({"key": json.load(answer)["key"]}))
