import type { StreamName } from '@spawnpoint/contracts'

/**
 * What makes JetStream store again that refused with these words. Source of the words: nats-server's server/errors.json and
 * server/stream.go, 2.9 to 2.12.
 */
export function mendOf(error: string, stream: StreamName): string {
  return (
    mends.find(([words]) => words.test(error))?.[1](stream) ??
    `nats stream info ${stream}, and the log of nats-server`
  )
}

type Mend = [words: RegExp, mend: (stream: StreamName) => string]

const mends: Mend[] = [
  [
    /maximum bytes exceeded/i,
    (stream) =>
      `raise STREAM_MAX_BYTES and restart the service, or undo a limit set by hand: nats stream edit ${stream} --max-bytes=…`,
  ],
  [/maximum messages/i, (stream) => `nats stream edit ${stream} --max-msgs=-1 --max-msgs-per-subject=-1`],
  [
    /insufficient (?:storage|memory|resources)|resource limits exceeded|storage resources|no space left/i,
    () =>
      "free disk where nats-server stores its streams, or raise max_file_store (or the account's max_file) and reload it",
  ],
  [
    /message size exceeds/i,
    (stream) => `nats stream edit ${stream} --max-msg-size=1048576, and max_payload of nats-server`,
  ],
  [/sealed|deny/i, (stream) => `nats stream info ${stream}: its configuration forbids storing; set it back`],
  [
    /No stream (?:accepts|acknowledged)|no responders|timeout|unavailable|offline|no leader/i,
    (stream) =>
      `see whether JetStream stores: nats stream info ${stream} and the log of nats-server; restart it, or bring back its cluster's nodes`,
  ],
  [
    /permission|authorization/i,
    () => 'give NATS_URL the user of this service (infra/nats), and restart the service',
  ],
]
