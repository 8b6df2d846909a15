exec node "$CASE/server.mjs"
