"""Prints the environment of a suite on PostgreSQL + Redis; exits 1 and says why where one does not answer."""

import os
import sys

import psycopg
import redis

DATABASE = os.environ.get("TEST_DATABASE_URL", "postgres://postgres@127.0.0.1:5432/postgres")
REDIS = os.environ.get("TEST_REDIS_URL", "redis://127.0.0.1:6379")


def main() -> int:
    try:
        psycopg.connect(DATABASE, connect_timeout=5).close()
        redis.Redis.from_url(REDIS, socket_connect_timeout=5).ping()
    except (psycopg.Error, redis.RedisError) as error:
        print(f"No PostgreSQL at {DATABASE} or no Redis at {REDIS}: {error}", file=sys.stderr)
        print("Start them, or set TEST_DATABASE_URL and TEST_REDIS_URL.", file=sys.stderr)
        return 1
    print(f"DATABASE_URL={DATABASE} CACHE_URL={REDIS}/1 CELERY_BROKER_URL={REDIS}/2")
    return 0


if __name__ == "__main__":
    sys.exit(main())
