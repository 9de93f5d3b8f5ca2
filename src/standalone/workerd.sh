#!/bin/sh
# Runs workerd ($PARLANCE_WORKERD) so that it never outlives the server that started it, not even one that was killed
# outright: an orphan would hold the port and the data. Leaves its process id in $PARLANCE_WORKERD_PID_FILE.
set -eu
echo $$ >"$PARLANCE_WORKERD_PID_FILE"
if setpriv --pdeathsig KILL true 2>/dev/null; then
  exec setpriv --pdeathsig KILL "$PARLANCE_WORKERD" "$@"
fi
# Without setpriv (macOS): file descriptor 3 is a pipe to the server and ends with it.
(
  cat <&3 >/dev/null
  case "$(ps -o command= -p $$)" in *workerd*) kill -9 $$ ;; esac
) </dev/null >/dev/null 2>&1 &
exec "$PARLANCE_WORKERD" "$@"
