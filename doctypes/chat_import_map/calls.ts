import { hashName, type Context } from '@f-chat/desk'
import { CALL_COLUMNS, callThere, PARTICIPANT_COLUMNS, type CallThere } from './call-values.ts'
import { childColumns, insertRows, standardColumns, type Row } from './rows.ts'
import { parts, writeBatch, type ImportRun } from './run.ts'
import type { Tally } from './tally.ts'
import { textOf, type SourceRow } from './values.ts'

const CALLS_PER_PAGE = 200
const DOCTYPE = 'Chat Call Session'

/** Brings the history of calls; none of them goes on. */
export async function importCalls(run: ImportRun): Promise<void> {
  const total = await run.source.count(DOCTYPE)
  let done = 0
  for await (const rows of run.source.pages(DOCTYPE, CALL_COLUMNS, CALLS_PER_PAGE)) {
    const names = rows.map(({ name }) => textOf(name))
    const participants = new Map<string, SourceRow[]>()
    for (const row of await run.source.rowsBy(
      'Chat Call Participant',
      'parent',
      names,
      PARTICIPANT_COLUMNS,
    )) {
      const parent = textOf(row.parent)
      participants.set(parent, [...(participants.get(parent) ?? []), row])
    }
    const known = await run.ledger.find(run.site.database.reader, DOCTYPE, names)
    const calls = rows.flatMap((row) => {
      const call = callThere(row, participants.get(textOf(row.name)) ?? [], run)
      return call ? [call] : []
    })
    const added = calls.filter(({ name }) => !known.has(name))
    for (const part of parts(added, 100)) await writeBatch(run, (ctx, tally) => add(run, ctx, part, tally))
    for (const call of calls) {
      const entry = known.get(call.name)
      if (!entry) continue
      if (entry.fingerprint === call.fingerprint) run.tally.add(DOCTYPE, 'present')
      else await writeBatch(run, (ctx, tally) => change(run, ctx, entry.target, call, tally))
    }
    done += rows.length
    run.progress('Calls', done, total)
  }
}

async function add(run: ImportRun, ctx: Context, calls: readonly CallThere[], tally: Tally): Promise<void> {
  const names = await run.names.choose(
    ctx,
    DOCTYPE,
    calls.map(({ name }) => name),
  )
  const wanted = calls.flatMap(({ session_id }) => session_id ?? [])
  const used = new Set(
    await ctx.db('tabChat Call Session').whereIn('session_id', wanted).pluck<string[]>('session_id'),
  )
  const rows = calls.map((call): Row => {
    const isFree = call.session_id !== null && !used.has(call.session_id)
    if (isFree) used.add(call.session_id ?? '')
    else if (call.session_id !== null)
      tally.list(DOCTYPE, call.name, `its session_id ${call.session_id} is another call's; brought without`)
    return {
      ...standardColumns(names.get(call.name) ?? call.name, call.initiated_by, call.start_time),
      ...call.fields,
      session_id: isFree ? call.session_id : null,
    }
  })
  await insertRows(ctx, DOCTYPE, rows)
  await insertRows(
    ctx,
    'Chat Call Participant',
    calls.flatMap((call) => participantRows(names.get(call.name) ?? call.name, call)),
  )
  await run.ledger.add(
    ctx,
    DOCTYPE,
    calls.map(({ name, fingerprint }) => ({ source: name, target: names.get(name) ?? name, fingerprint })),
  )
  tally.add(DOCTYPE, 'brought', calls.length)
}

async function change(
  run: ImportRun,
  ctx: Context,
  name: string,
  call: CallThere,
  tally: Tally,
): Promise<void> {
  await ctx.db('tabChat Call Session').where({ name }).update(call.fields)
  await ctx.db('tabChat Call Participant').where({ parent: name }).delete()
  await insertRows(ctx, 'Chat Call Participant', participantRows(name, call))
  await run.ledger.update(ctx, DOCTYPE, call.name, { fingerprint: call.fingerprint })
  tally.add(DOCTYPE, 'changed')
}

function participantRows(name: string, call: CallThere): Row[] {
  return call.participants.map((participant, i) => ({
    ...standardColumns(hashName(), call.initiated_by, call.start_time),
    ...childColumns(name, DOCTYPE, 'participants', i + 1),
    ...participant,
  }))
}
