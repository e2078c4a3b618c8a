import { Value } from 'typebox/value'
import t, { type Test } from 'tap'
import { shown } from '../support/bad-input.ts'
import { contractRows, KINDS, pathsOf, Stage, type Kind, type Row } from '../support/contract.ts'
import { eachDatabase } from '../support/databases.ts'
import type { Body } from '../support/server.ts'
import type { roads } from '../support/wire.ts'

const rows = contractRows()

/** The methods of the original (f-chat-api.md §2). */
const ORIGINAL = `
  get_user_chat_rooms create_chat_room get_chat_messages send_message add_reaction edit_message delete_message
  check_room_permissions get_room_details get_user_room_role add_room_member add_member_to_room
  add_multiple_members_to_room remove_room_member update_member_role mute_unmute_member update_room_settings
  archive_room search_users_for_chat_room search_users_for_room get_team_chat_rooms join_team_room
  update_user_status get_user_status get_online_users heartbeat user_typing send_typing_indicator join_room leave_room
  join_chat_room leave_chat_room mark_room_as_read get_user_chat_status get_recent_chat_activity
  initiate_call join_call leave_call reject_call send_webrtc_signal get_active_call get_call_history
  upload_chat_file get_chat_file_preview
  search_messages get_global_chat_search get_chat_analytics export_chat_messages
  send_message_via_email send_file_via_email get_available_email_recipients
  send_broadcast_message get_broadcast_rooms get_broadcast_history
  manual_cleanup_room get_room_storage_usage get_chat_system_stats optimize_chat_database`
  .trim()
  .split(/\s+/)

const at = (value: Body, place: string): Body =>
  place === '' ? value : place.split('.').reduce((part: Body, key) => part?.[key], value)

/** Who shows what a method answers: the least of those who may. */
const SHOWS: readonly Kind[] = ['member', 'moderator', 'admin', 'manager']
const shownTo = ({ may }: Row): Kind => SHOWS.find((kind) => may[kind] === 200) ?? 'admin'

t.test('the table', (t) => {
  t.equal(ORIGINAL.length, 58)
  const methods = rows.map(({ method }) => method)
  t.same(
    ORIGINAL.filter((method) => !methods.includes(method)),
    [],
    'has every method of the original',
  )
  t.same(methods, [...new Set(methods)], 'each once')
  for (const { method, may } of rows) t.same(Object.keys(may).toSorted(), KINDS.toSorted(), method)
  t.end()
})

t.setTimeout(600_000)

await eachDatabase(t, 'the contract', async (t, db) => {
  const stage = await Stage.open(t, db)
  const app = stage.wire.site.registry.apps.find(({ definition }) => definition.name === 'f_chat')

  await t.test('has every method that the app offers, under its names', (t) => {
    const offered = app?.methods.flatMap(({ name, aliases }) => [name, ...aliases]) ?? []
    t.same(offered.toSorted(), rows.flatMap(pathsOf).toSorted())
    t.end()
  })

  for (const row of rows) {
    const method = app?.methods.find(({ name }) => name === `f_chat.${row.method}`)
    await t.test(row.method, async (t) => {
      if (!method) throw new Error('not offered')
      const kind = shownTo(row)
      let scene = await stage.scene(kind, row)
      const calls: [road: keyof typeof roads, name: string][] = [
        ...pathsOf(row).map((name) => ['json', name] as ['json', string]),
        ['form', method.name],
        ...(method.verbs.includes('GET') ? [['query', method.name] as ['query', string]] : []),
      ]
      for (const [road, name] of calls) {
        const answer = await stage.overHttp(kind, row, scene, road, name)
        t.equal(answer.status, 200, `${road} ${name}: ${shown(answer.message)}`)
        holds(t, row, scene, answer.message)
        if (method.writes) scene = await stage.scene(kind, row)
      }
      if (!row.upload) {
        const answer = await stage.overSocket(kind, row, scene)
        t.equal(answer.status, 200, `socket: ${shown(answer.message)}`)
        holds(t, row, scene, answer.message)
      }
      if (!method.verbs.includes('GET')) {
        scene = await stage.scene(kind, row)
        const before = await stage.wire.rows()
        for (const name of pathsOf(row)) {
          if (row.upload) continue
          const answer = await stage.overHttp(kind, row, scene, 'query', name)
          t.match(answer, { status: 403, exc_type: 'PermissionError' }, `${name} by GET`)
        }
        t.same(await stage.wire.rows(), before, 'and GET writes nothing')
      }
    })
  }

  /** The answer has the contract's keys, and is what the method's documentation says. */
  function holds(t: Test, row: Row, scene: Record<string, unknown>, message: Body): void {
    for (const [place, expected] of Object.entries(row.keys)) {
      const found = at(
        message,
        place.replaceAll(/\$(\w+)/g, (_, name: string) => String(scene[name])),
      )
      t.same(Object.keys(found ?? {}).toSorted(), expected.toSorted(), `${row.method} ${place}`)
    }
    const output = app?.methods.find(({ name }) => name === `f_chat.${row.method}`)?.output
    t.ok(output, `${row.method} says what it answers`)
    const problems = output ? Value.Errors(output, message) : []
    t.same(problems.map(({ instancePath, message }) => `${instancePath} ${message}`).slice(0, 5), [])
  }
})
