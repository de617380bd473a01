.PHONY: init up test

# Signing keys (infra/keys) and one .env.dev per service; what exists already is kept.
init: node_modules
	npm run --silent build
	npx node dist/infra/init/main.js

# The platform on PostgreSQL, MongoDB and MinIO.
up: init
	docker compose up --build

test: node_modules
	npm test

node_modules: package-lock.json
	npm ci
	touch node_modules
