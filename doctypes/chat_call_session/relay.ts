import { PermissionError, ValidationError, type Context, type Site } from '@f-chat/desk'
import { publishToDevice } from '../../realtime/events.ts'
import { liveDevicesOf } from '../../realtime/devices.ts'
import { memberRoom } from '../chat_room/membership.ts'
import { callNotFound, callOver } from './hold.ts'
import { conflict } from './own.ts'
import { placesOf, type Places } from './places.ts'
import { Attempts, checkSignal, type SignalType } from './signal.ts'
import { roomOfCall } from './store.ts'

export interface Signal {
  call: string
  type: SignalType
  data: Record<string, unknown>
  /** May be left out where there is only one other. */
  to: string | undefined
  /** One for each pair and attempt. */
  connection: string | undefined
}

/** Pairs whose attempts a process remembers; past them the oldest are forgotten. */
const MOST_PAIRS = 10_000

/** What of signals is kept, in memory only: whose turn it is, and which attempts are past. */
class Wires {
  readonly #turns = new Map<string, Promise<void>>()
  readonly #attempts = new Map<string, Attempts>()

  /** Waits for those of this sender that came before. @returns what lets the next one go */
  async turn(sender: string): Promise<() => void> {
    const before = this.#turns.get(sender)
    let release = (): void => undefined
    const over = new Promise<void>((resolve) => {
      release = resolve
    })
    const tail = (before ?? Promise.resolve()).then(() => over)
    this.#turns.set(sender, tail)
    void tail.then(() => {
      if (this.#turns.get(sender) === tail) this.#turns.delete(sender)
    })
    await before
    return release
  }

  attempts(pair: string): Attempts {
    const known = this.#attempts.get(pair) ?? new Attempts()
    this.#attempts.delete(pair)
    this.#attempts.set(pair, known)
    if (this.#attempts.size > MOST_PAIRS) {
      for (const oldest of this.#attempts.keys()) {
        this.#attempts.delete(oldest)
        break
      }
    }
    return known
  }
}

const bySite = new WeakMap<Site, Wires>()

function wiresOf(site: Site): Wires {
  let wires = bySite.get(site)
  if (!wires) bySite.set(site, (wires = new Wires()))
  return wires
}

/**
 * Passes a signal from one device in a call to another, and to no one else. Those of one sender arrive in the order in
 * which they were sent; none is stored.
 * @returns the device that it went to
 * @throws DoesNotExistError (outsiders too), PermissionError, ValidationError, DuplicateEntryError for a past attempt
 */
export async function relaySignal(
  ctx: Context,
  signal: Signal,
): Promise<{ target_user: string; to_device: string }> {
  const wires = wiresOf(ctx.site)
  const release = await wires.turn(`${signal.call}\n${ctx.user}\n${ctx.device ?? ''}`)
  try {
    const sent = await relay(ctx, wires, signal)
    // Only now that this one is on its way.
    ctx.afterCommit(release)
    return sent
  } catch (error) {
    release()
    throw error
  }
}

async function relay(
  ctx: Context,
  wires: Wires,
  signal: Signal,
): Promise<{ target_user: string; to_device: string }> {
  const places = await placesOf(ctx, signal.call)
  const held = places?.devices.get(ctx.user)
  if (!places || held === undefined) throw await refusal(ctx, signal.call, places)
  if (ctx.device !== undefined && ctx.device !== held && ctx.sessionDevice !== held) {
    throw new PermissionError('You are in this call on another device: signals come from there.')
  }
  const to = target(ctx, places, signal.to)
  checkSignal(signal.type, signal.data)
  const { call, connection } = signal
  if (
    connection !== undefined &&
    !wires.attempts(`${call}\n${ctx.user}\n${to.user}`).take(`${held}\n${to.device}\n${connection}`)
  ) {
    throw conflict('This signal is of an attempt that is past. Connect anew.', { connection_id: connection })
  }
  if (!liveDevicesOf(ctx.site).hasSocket(ctx.user, held)) {
    liveDevicesOf(ctx.site).heard(ctx.user, held, Date.now())
  }
  publishToDevice(ctx, to, 'webrtc_signal', {
    call_session_id: call,
    session_id: places.session_id,
    signal_type: signal.type,
    signal_data: signal.data,
    from_user: ctx.user,
    to_user: to.user,
    room_id: places.room,
    from_device: held,
    to_device: to.device,
    connection_id: connection ?? null,
  })
  return { target_user: to.user, to_device: to.device }
}

function target(
  ctx: Context,
  { devices }: Places,
  wanted: string | undefined,
): { user: string; device: string } {
  const others = [...devices].filter(([user]) => user !== ctx.user)
  if (wanted === undefined && others.length > 1) {
    throw new ValidationError('Say for whom the signal is: target_user.')
  }
  const [found] = wanted === undefined ? others : others.filter(([user]) => user === wanted)
  if (!found) throw new ValidationError('The target is not in this call. Wait until they have joined.')
  const [user, device] = found
  return { user, device }
}

/** Why the caller cannot signal: only now is anything asked of the database that costs. */
async function refusal(ctx: Context, call: string, places: Places | null): Promise<Error> {
  const room = places?.room ?? (await roomOfCall(ctx, call))
  if (room === undefined) return callNotFound(call)
  const isMember = await memberRoom(ctx, room).then(
    () => true,
    () => false,
  )
  if (!isMember) return callNotFound(call)
  if (!places) return callOver()
  return new PermissionError('You are not in this call. Join it first.')
}
