# Portkey's open gateway, and in front of it a router that names its config with each call.
node "$TOOLS/node_modules/@portkey-ai/gateway/build/start-server.js" --headless "--port=$GATEWAY_PORT" &
up='fetch(`http://127.0.0.1:${process.env.GATEWAY_PORT}`).then(() => process.exit(0), () => process.exit(1))'
tries=0
until node -e "$up"; do
  tries=$((tries + 1))
  [ "$tries" -lt 100 ] || exit 1
  sleep 0.1
done
exec "$PYTHON" -m uvicorn kimi_conformance.reference:app_from_env --factory --host=127.0.0.1 "--port=$PORT" \
  --loop=asyncio --http=h11 --ws=none --lifespan=on --log-level=warning --no-access-log --no-proxy-headers \
  --no-server-header --no-date-header --timeout-graceful-shutdown=1
