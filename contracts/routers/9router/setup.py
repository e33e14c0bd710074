"""Sets up a running 9router and prints a key for clients; the arguments are named below."""

import http.cookiejar
import json
import sys
import urllib.request

ROUTER, PASSWORD, KIMI, KIMI_KEY, ANTHROPIC, ANTHROPIC_KEY = sys.argv[1:]
WITH_COOKIES = urllib.request.build_opener(urllib.request.HTTPCookieProcessor(http.cookiejar.CookieJar()))


def post(path, members):
    """The answer to a POST."""
    request = urllib.request.Request(ROUTER + path, json.dumps(members).encode(), {"Content-Type": "application/json"})
    with WITH_COOKIES.open(request, timeout=20) as answer:
        return json.load(answer)


post("/api/auth/login", {"password": PASSWORD})
for name, prefix, kind, base, key in (
    ("kimi", "ms", "openai-compatible", KIMI, KIMI_KEY),
    ("anthropic", "ant", "anthropic-compatible", ANTHROPIC, ANTHROPIC_KEY),
):
    node = post(
        "/api/provider-nodes", {"name": name, "prefix": prefix, "apiType": "chat", "type": kind, "baseUrl": base}
    )
    post("/api/providers", {"provider": node["node"]["id"], "name": name, "apiKey": key, "priority": 1})
made = post("/api/keys", {"name": "conformance"})
print(json.dumps({"key": made.get("key") or made.get("apiKey") or made["data"]["key"]}))
