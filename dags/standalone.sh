#!/usr/bin/env bash
# Airflow on this machine, on loopback, with coalwatch's DAGs and the demonstration month already in the landing folder.
#
#   dags/standalone.sh [FOLDER]      FOLDER keeps Airflow's database and logs, and a coalwatch home (default: coalwatch-airflow)
#
# As `airflow standalone`, but every port is on loopback only (its log server would listen on all addresses). For trying
# out; docs/schedule/deploying.md is for real use. Ctrl-C ends it; the next start goes on from there.
set -euo pipefail

root=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
mkdir -p "${1:-coalwatch-airflow}"
folder=$(cd "${1:-coalwatch-airflow}" && pwd)
port=${COALWATCH_AIRFLOW_PORT:-8080}

export COALWATCH_HOME=$folder/home
export COALWATCH_DESK_URL=http://127.0.0.1:$port/coalwatch
export AIRFLOW_HOME=$folder/airflow
export AIRFLOW__CORE__DAGS_FOLDER=$root/dags
export AIRFLOW__CORE__PLUGINS_FOLDER=$root/dags/plugins
export AIRFLOW__CORE__LOAD_EXAMPLES=false
export AIRFLOW__CORE__EXECUTOR=LocalExecutor
export AIRFLOW__CORE__PARALLELISM=4
export AIRFLOW__CORE__SIMPLE_AUTH_MANAGER_ALL_ADMINS=true
export AIRFLOW__CORE__EXECUTION_API_SERVER_URL=http://127.0.0.1:$port/execution/
export AIRFLOW__DATABASE__SQL_ALCHEMY_CONN=sqlite:///$folder/airflow/airflow.db
export AIRFLOW__API__HOST=127.0.0.1
export AIRFLOW__API__PORT=$port
export AIRFLOW__API__WORKERS=1
export AIRFLOW__API__BASE_URL=http://127.0.0.1:$port
export AIRFLOW__API__INSTANCE_NAME=coalwatch
export AIRFLOW__LOGGING__LOGGING_LEVEL=WARNING
export AIRFLOW__SCHEDULER__ENABLE_HEALTH_CHECK=false
export PYTHONPATH=$root${PYTHONPATH:+:$PYTHONPATH}

mkdir -p "$AIRFLOW_HOME"
log=$folder/airflow.log
if [ ! -f "$folder/secret" ]; then
    (umask 077 && python -c 'import secrets; print(secrets.token_hex(64))' >"$folder/secret")
fi
AIRFLOW__API_AUTH__JWT_SECRET=$(cat "$folder/secret")
export AIRFLOW__API_AUTH__JWT_SECRET

quietly() { "$@" >>"$log" 2>&1 || { echo "failed: $*; see $log" >&2; exit 1; }; }

echo "Preparing Airflow's database in $folder …"
quietly airflow db migrate
quietly airflow pools import "$root/dags/pools.json"
quietly airflow dags reserialize

pids=()
stop() {
    trap - EXIT INT TERM
    [ ${#pids[@]} -eq 0 ] || kill "${pids[@]}" 2>/dev/null || true
    wait
}
trap stop EXIT
trap 'exit 0' INT TERM
for part in "api-server" "scheduler --skip-serve-logs" "dag-processor" "triggerer --skip-serve-logs"; do
    # shellcheck disable=SC2086
    airflow $part >>"$log" 2>&1 &
    pids+=($!)
done
for _ in $(seq 120); do
    python -c "import urllib.request as r; r.urlopen('http://127.0.0.1:$port/api/v2/version')" 2>/dev/null && break
    kill -0 "${pids[@]}" 2>/dev/null || { echo "Airflow did not start; see $log" >&2; exit 1; }
    sleep 1
done

if [ ! -d "$COALWATCH_HOME" ]; then
    echo "Writing the demonstration month (synthetic) to $COALWATCH_HOME/landing/demo, and queuing its thirty days …"
    quietly coalwatch demo --files-only "$COALWATCH_HOME/landing/demo"
    for dag in land_positions_demo watch_coal review_alerts; do quietly airflow dags unpause --yes "$dag"; done
    quietly airflow backfill create --dag-id land_positions_demo --from-date 2018-06-01 --to-date 2018-06-30 \
        --max-active-runs 3
fi

cat <<EOF
Airflow is at http://127.0.0.1:$port (no password; this machine only). Ctrl-C ends it.

  land_positions_demo   thirty days of June 2018 come in (synthetic)
  watch_coal            each changed day: derive, quality gate, publish, notify
  review_alerts         asks you about each new strong alert: Browse, Required Actions

The warehouse: coalwatch alerts list --home $COALWATCH_HOME
EOF
wait -n "${pids[@]}" || true
echo "a part of Airflow ended; see $log" >&2
exit 1
