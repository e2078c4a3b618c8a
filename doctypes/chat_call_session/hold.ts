import { DoesNotExistError, ValidationError, type Context } from '@f-chat/desk'
import { lockMemberRoom, lockRoom, type LockedMember, type LockedRoom } from '../chat_room/change.ts'
import { isOver, type Call, type Instant } from './call.ts'
import { perform } from './effects.ts'
import { tellPresence } from './in-call.ts'
import { withLiveDevices } from './lives.ts'
import { step, type CallEffect, type CallEvent } from './machine.ts'
import { runningCallsOf } from './running.ts'
import { forgetPlaces } from './places.ts'
import { lockCall, roomOfCall, saveCall, type CallIdentity, type StoredCall } from './store.ts'

/** What happens to a call, at the instant at which it is held. */
export type Happening = CallEvent extends infer E ? (E extends CallEvent ? Omit<E, 'at'> : never) : never

/** A running call and its room, held until the commit: whatever is decided now holds. */
export class HeldCall {
  readonly ctx: Context
  readonly room: LockedRoom
  readonly session: CallIdentity
  readonly now: Instant
  /** As it is now, with what has happened by itself. */
  call: Call
  #stored: Call
  #effects: CallEffect[] = []

  constructor(
    ctx: Context,
    room: LockedRoom,
    { call, ...session }: StoredCall & { call: Call },
    now: Instant,
  ) {
    this.ctx = ctx
    this.room = room
    this.session = session
    this.now = now
    this.#stored = call
    this.call = withLiveDevices(ctx.site, call, now)
    this.#step({ type: 'tick', at: now })
  }

  /** Lets something happen, stores what came of it and tells it after the commit. */
  async happen(what: Happening): Promise<Call> {
    this.#step({ ...what, at: this.now })
    await this.store()
    return this.call
  }

  /** Stores what has happened by itself. */
  async store(): Promise<void> {
    if (this.call === this.#stored) return
    const { ctx, session, call } = this
    await saveCall(ctx, session, this.room, this.#stored, call)
    tellPresence(ctx, this.#stored, call)
    this.#stored = call
    forgetPlaces(ctx)
    ctx.afterCommit(() => {
      runningCallsOf(ctx.site).note(session.name, call)
    })
    await perform(ctx, this.room, session, call, this.#effects.splice(0))
  }

  #step(event: CallEvent): void {
    const [next, effects] = step(this.call, event)
    this.call = next
    this.#effects.push(...effects)
  }
}

/** A call that is not there, and one that the caller may not see: the answer is the same. */
export function callNotFound(name: string): Error {
  return new DoesNotExistError(`Chat Call Session ${name.slice(0, 140)} not found.`)
}

export const callOver = (): Error =>
  new ValidationError('This call is over. Start a new one in the room if you like.')

/**
 * A call for one of its room's members.
 * @returns `held` undefined where it is over @throws DoesNotExistError for outsiders too
 */
export async function holdForMember(
  ctx: Context,
  name: string,
): Promise<{ held: HeldCall | undefined; member: LockedMember }> {
  const id = await roomOfCall(ctx, name)
  if (id === undefined) throw callNotFound(name)
  const { room, member } = await lockMemberRoom(ctx, id).catch((error: unknown) => {
    throw error instanceof DoesNotExistError ? callNotFound(name) : error
  })
  return { held: await hold(ctx, room, { name }), member }
}

/** The same, where only a running call is of use. @throws ValidationError where it is over */
export async function holdRunning(
  ctx: Context,
  name: string,
): Promise<{ held: HeldCall; member: LockedMember }> {
  const { held, member } = await holdForMember(ctx, name)
  if (!held || isOver(held.call)) throw callOver()
  return { held, member }
}

/** A call for the server itself. @returns undefined where it is over, or its room was deleted */
export async function holdForServer(
  ctx: Context,
  name: string,
  now?: Instant,
): Promise<HeldCall | undefined> {
  const id = await roomOfCall(ctx, name)
  if (id === undefined) return undefined
  const room = await lockRoom(ctx, id).catch((error: unknown) => {
    if (error instanceof DoesNotExistError) return undefined
    throw error
  })
  return room && (await hold(ctx, room, { name }, now))
}

/** The call that runs in a room that is held already. */
export async function holdInRoom(ctx: Context, room: LockedRoom): Promise<HeldCall | undefined> {
  return await hold(ctx, room, { active_room: room.name })
}

async function hold(
  ctx: Context,
  room: LockedRoom,
  which: { name: string } | { active_room: string },
  now = Date.now(),
): Promise<HeldCall | undefined> {
  const stored = await lockCall(ctx, which)
  return stored?.call ? new HeldCall(ctx, room, { ...stored, call: stored.call }, now) : undefined
}
