import { digest } from './digest.ts'
import type { ImportRun, People } from './run.ts'
import type { Tally } from './tally.ts'
import {
  cutTo,
  flagOf,
  secondsAfter,
  secondsBetween,
  textOf,
  timeOf,
  wholeOf,
  wordOf,
  type SourceRow,
} from './values.ts'

const TYPES = ['Audio', 'Video'] as const
const OVER = ['Ended', 'Failed', 'Rejected', 'Missed'] as const
const GOING_ON = ['Initiated', 'Ringing', 'Connected'] as const
const PARTICIPANT_STATUSES = ['Invited', 'Ringing', 'Joined', 'Left', 'Rejected'] as const
/** A day: no call of two people's lasts longer, but the Python app never ended some. */
const LONGEST_SECONDS = 86_400
const DATA_LENGTH = 140

export const CALL_COLUMNS = [
  ...[
    'creation',
    'modified',
    'chat_room',
    'call_type',
    'call_status',
    'initiated_by',
    'start_time',
    'end_time',
  ],
  ...['session_id', 'total_duration', 'recording_url', 'is_recorded'],
]
export const PARTICIPANT_COLUMNS = [
  'creation',
  'user',
  'status',
  'joined_time',
  'left_time',
  'duration',
  'idx',
]

export interface ParticipantThere extends Record<string, string | number | null> {
  user: string
  status: string
  joined_time: string | null
  left_time: string | null
  duration: number
}

/** A call of the source as it will be here: over. */
export interface CallThere {
  name: string
  initiated_by: string
  start_time: string
  session_id: string | null
  fields: Record<string, string | number | null>
  participants: ParticipantThere[]
  fingerprint: string
}

/** What a call will be here; null where it cannot come. What is broken is listed. */
export function callThere(row: SourceRow, rows: readonly SourceRow[], run: ImportRun): CallThere | null {
  const { tally, users, rooms } = run
  const name = textOf(row.name)
  const list = (reason: string): void => {
    tally.list('Chat Call Session', name, reason)
  }
  const room = rooms.get(textOf(row.chat_room))?.name
  const initiated_by = users.find(textOf(row.initiated_by))
  const start_time = timeOf(row.start_time) ?? timeOf(row.creation)
  if (room === undefined) list(`its chat_room "${textOf(row.chat_room)}" does not exist; not brought`)
  if (initiated_by === undefined)
    list(`its initiated_by "${textOf(row.initiated_by)}" does not exist; not brought`)
  if (start_time === null) list('has no valid start_time; not brought')
  if (room === undefined || initiated_by === undefined || start_time === null) return null
  const call_type = wordOf(row.call_type, TYPES)
  if (!call_type) list(`its call_type "${textOf(row.call_type)}" does not exist; brought as Audio`)
  const people = participantsOf(rows, users, tally)
  const ended = endOf(row, people, start_time)
  const status = statusOf(row, people, initiated_by)
  if (!wordOf(row.call_status, OVER))
    list(
      wordOf(row.call_status, GOING_ON)
        ? `was never ended (${textOf(row.call_status)}); brought as ${status}`
        : `its call_status "${textOf(row.call_status)}" does not exist; brought as ${status}`,
    )
  const fields = {
    chat_room: room,
    call_type: call_type ?? 'Audio',
    call_status: status,
    initiated_by,
    start_time,
    end_time: ended,
    total_duration: status === 'Ended' ? durationOf(row, start_time, ended) : 0,
    recording_url: webAddress(row.recording_url),
    is_recorded: flagOf(row.is_recorded),
  }
  const participants = people.map((participant) =>
    participant.status === 'Joined'
      ? { ...participant, status: 'Left', left_time: participant.left_time ?? ended }
      : participant,
  )
  const session_id = cutTo(textOf(row.session_id).trim(), DATA_LENGTH) || null
  const fingerprint = digest(JSON.stringify([fields, participants, session_id]))
  return { name, initiated_by, start_time, session_id, fields, participants, fingerprint }
}

/** Once each, in their order. */
function participantsOf(rows: readonly SourceRow[], users: People, tally: Tally): ParticipantThere[] {
  const found = new Map<string, ParticipantThere>()
  for (const row of rows) {
    const name = textOf(row.name)
    const user = users.find(textOf(row.user))
    const status = wordOf(row.status, PARTICIPANT_STATUSES)
    if (user === undefined) {
      tally.list('Chat Call Participant', name, `its user "${textOf(row.user)}" does not exist; not brought`)
      continue
    }
    if (!status)
      tally.list(
        'Chat Call Participant',
        name,
        `its status "${textOf(row.status)}" does not exist; brought as Invited`,
      )
    if (found.has(user)) {
      tally.list('Chat Call Participant', name, `${user} takes part twice; brought once`)
      continue
    }
    found.set(user, {
      user,
      status: status ?? 'Invited',
      joined_time: timeOf(row.joined_time),
      left_time: timeOf(row.left_time),
      duration: Math.min(Math.max(wholeOf(row.duration) ?? 0, 0), LONGEST_SECONDS),
    })
  }
  return [...found.values()]
}

/** One that was never ended was held if somebody besides the caller came, else missed. */
function statusOf(row: SourceRow, people: readonly ParticipantThere[], initiator: string): string {
  const over = wordOf(row.call_status, OVER)
  if (over) return over
  const came = people.some(
    ({ user, status, joined_time }) =>
      user !== initiator && (joined_time !== null || status === 'Joined' || status === 'Left'),
  )
  return came ? 'Ended' : 'Missed'
}

/** As stored; else by the duration, else when somebody last came or left, else at once. */
function endOf(row: SourceRow, people: readonly ParticipantThere[], start: string): string {
  const stored = timeOf(row.end_time)
  if (stored !== null && stored >= start) return stored
  const duration = wholeOf(row.total_duration) ?? 0
  if (duration > 0) return secondsAfter(start, Math.min(duration, LONGEST_SECONDS))
  const known = people.flatMap(({ joined_time, left_time }) => [joined_time ?? '', left_time ?? ''])
  return [start, ...known].reduce((last, at) => (at > last ? at : last))
}

/** The Python app computed the duration and did not store it. */
function durationOf(row: SourceRow, start: string, end: string): number {
  const stored = wholeOf(row.total_duration) ?? 0
  return Math.min(stored > 0 ? stored : secondsBetween(start, end), LONGEST_SECONDS)
}

function webAddress(value: unknown): string | null {
  const text = textOf(value).trim()
  return /^https?:\/\//i.test(text) && text.length <= DATA_LENGTH ? text : null
}
