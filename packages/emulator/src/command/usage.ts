/** What `instellix-emulator --help` prints. */
export const USAGE = `A local instellix to develop and test against.

  instellix-emulator [start] [options]            start one and show its requests
  instellix-emulator exec [options] -- COMMAND    start one, run COMMAND with the INSTELLIX_ variables, stop it
  instellix-emulator --version | --help

Options of start and exec
  --port NUMBER            the port; left out: a free one
  --host ADDRESS           the IP address to listen on; left out: 127.0.0.1
  --allow-remote           let other machines in; they need INSTELLIX_EMULATOR_TOKEN to steer
  --allow-host NAME        a name by which requests may call this machine, for containers; may be repeated
  --database FILE          keep everything in FILE over restarts; left out: in memory
  --seed FILE              credentials, portal users and customers to begin with; a JSON file
  --clock INSTANT          freeze the clock there, such as 2026-01-31T12:00:00Z; left out: real time
  --token-ttl SECONDS      the lifetime of a token; left out: 300
  --throttle-window MS     how long a client is refused another token; 0: never; left out: 5000
  --profile NAME           vendor, rfc or lenient: whose rules count where they differ; left out: vendor
  --json                   (start) one JSON object first, then one JSON line per request

An emulator that runs is steered with
  instellix-emulator credentials list | create --role ROLE... | rotate ID | deactivate ID | reactivate ID | revoke ID
  instellix-emulator clock [advance DURATION]     a DURATION is such as 90s, 5m, 1h, or milliseconds
  instellix-emulator faults list | add --on token|'GET /path' ... | remove ID | clear
  instellix-emulator requests tail                the requests from now on; --all: also those before
  instellix-emulator seed export                  the present state as a seed, without secrets
  instellix-emulator reset                        back to the seed

Options of all of these
  --url URL                where it is; left out: INSTELLIX_EMULATOR_URL, or INSTELLIX_API_URL when that is http
  --json                   the answer as JSON
Options of credentials create
  --role ROLE              reader, writer, none; for --kind portal also admin, auditor; may be repeated
  --realm, --kind, --name, --client-id
Options of credentials rotate
  --overlap DURATION       how long the secret before still works; left out: 1m
Options of faults add
  --on, --client-id, --nth, --times, --delay DURATION, --status, --header 'Name: value' (repeatable), --body,
  --socket reset|hang|truncate

INSTELLIX_EMULATOR_TOKEN   the adminToken of an emulator that lets other machines in, to start and to steer it

Exit status: 0 done, also when ended by SIGTERM or SIGINT; 1 failed; 2 the command line is wrong; exec: that of COMMAND.`;
