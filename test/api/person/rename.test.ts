import t from 'tap'
import { presenceOf } from '../../../realtime/presence.ts'
import { openDevice } from '../../support/calls.ts'
import { eachDatabase } from '../../support/databases.ts'
import { ANN, BEN, CLEO, OUTSIDER, refusal } from '../../support/site.ts'
import { overSocket, wireSite, type Wire } from '../../support/wire.ts'

const ANNA = 'anna@test.example'

async function rename(wire: Wire, from: string, to: string, merge = false): Promise<void> {
  await wire.site.call(
    'frappe.client.rename_doc',
    { doctype: 'User', old_name: from, new_name: to, merge },
    { user: 'Administrator' },
  )
}

await eachDatabase(t, 'users who get another name', async (t, db) => {
  await t.test('the chat goes on: rooms, rights, what was said, calls and presence', async (t) => {
    const wire = await wireSite(t, db)
    const { reader } = wire.site.database
    const group = await wire.room(ANN, [BEN, CLEO])
    const direct = await wire.room(ANN, [BEN], 'Direct Message')
    const { message_id } = await wire.send(ANN, group, 'hello')
    await wire.send(BEN, group, 'hello @Ann')
    const ben = await openDevice(t, wire, BEN)
    const ann = await openDevice(t, wire, ANN)
    const synced = await ben.call('sync', { rooms: { [group]: 0 } })
    const known = { [group]: synced.message.rooms[group].change_seq }
    const started = await ben.call('initiate_call', { room_id: group })
    const about = { call_session_id: started.message.data.call_session_id as string }
    await ann.call('join_call', about)
    await ann.call('heartbeat')
    await presenceOf(wire.site).flush()
    await wire.site.asAdministrator((ctx) =>
      ctx
        .db('tabChat Room')
        .where({ name: group })
        .update({ team_left: `${OUTSIDER}\n${ANN}` }),
    )

    await rename(wire, ANN, ANNA)

    t.equal((await ann.socket.closed).code, 4401)
    t.equal((await presenceOf(wire.site).shown([ANN])).size, 0)
    t.same(await reader('tabChat User Activity').whereIn('name', [ANN, ANNA]).select('name', 'user'), [
      { name: ANNA, user: ANNA },
    ])
    t.match(await reader('tabChat Room').where({ name: group }).first(), {
      team_left: `${OUTSIDER}\n${ANNA}`,
      created_by: ANNA,
    })
    t.equal(
      (await reader('tabChat Room').where({ name: direct }).first()).direct_key,
      [ANNA, BEN].sort().join('\n'),
    )
    const behind = await ben.call('sync', { rooms: known })
    t.match(behind.message.rooms[group], { reset: true, members: [{ user: ANNA }, {}, {}] })

    const anna = await openDevice(t, wire, ANNA)
    await ben.call('send_message', { room_id: group, message_content: 'still here?' })
    await anna.socket.event('chat_new_message')
    const history = await anna.call('get_chat_messages', { room_id: group, page_size: 50 })
    t.match(
      history.message.data.messages.find(({ name }: { name: string }) => name === message_id),
      { sender: ANNA, sender_info: { full_name: 'Ann' } },
    )
    t.equal(
      (await anna.call('edit_message', { message_id, new_content: 'mine still' })).status,
      200,
      'what they wrote is theirs',
    )
    t.equal(
      (await anna.call('update_room_settings', { room_id: group, settings: { room_name: 'New' } })).status,
      200,
    )
    t.equal((await anna.call('join_call', about)).status, 200, 'the call takes them in again')
    t.equal((await anna.call('leave_call', about)).status, 200)
    const again = await anna.call('create_chat_room', {
      room_name: '',
      room_type: 'Direct Message',
      members: [BEN],
    })
    t.equal(again.message.data.room_id, direct, 'the same conversation')
    const mentioned = await anna.call('get_user_chat_rooms', {})
    t.equal(mentioned.status, 200)
    await anna.call('heartbeat')
    await presenceOf(wire.site).flush()
    t.equal((await reader('tabChat User Activity').where({ user: ANNA })).length, 1)
    t.notMatch(JSON.stringify(await reader('tabChat Call Session').select()), ANN)
  })

  await t.test('two users who become one have the rights of both, and each conversation once', async (t) => {
    const wire = await wireSite(t, db)
    const { reader } = wire.site.database
    const both = await wire.room(ANN, [BEN, CLEO])
    const between = await wire.room(ANN, [BEN], 'Direct Message')
    const annCleo = await wire.room(ANN, [CLEO], 'Direct Message')
    const benCleo = await wire.room(BEN, [CLEO], 'Direct Message')
    await wire.send(ANN, both, 'by Ann')
    await wire.send(BEN, both, 'by Ben')
    for (const user of [ANN, BEN]) await overSocket(await wire.page(user), 'f_chat.heartbeat', {})
    await presenceOf(wire.site).flush()
    await rename(wire, ANN, BEN, true)
    t.same(
      await reader('tabChat Room Member').where({ parent: both }).orderBy('idx').select('user', 'role'),
      [
        { user: BEN, role: 'Admin' },
        { user: CLEO, role: 'Member' },
      ],
    )
    const keys = await reader('tabChat Room')
      .whereIn('name', [between, annCleo, benCleo])
      .orderBy('name')
      .select('name', 'direct_key')
    t.same(keys, [
      { name: between, direct_key: null },
      { name: annCleo, direct_key: null },
      { name: benCleo, direct_key: `${BEN}\n${CLEO}` },
    ])
    t.equal(await reader('tabUser').where({ name: ANN }).first(), undefined)
    const ben = await openDevice(t, wire, BEN)
    for (const room of [both, annCleo, benCleo])
      t.equal((await ben.call('send_message', { room_id: room, message_content: 'here' })).status, 200)
  })

  await t.test('a user who never said anything can be deleted, others not', async (t) => {
    const wire = await wireSite(t, db)
    const { site } = wire
    const room = await wire.room(ANN, [BEN, CLEO])
    await wire.send(BEN, room, 'I was here')
    const remove = (user: string): Promise<unknown> =>
      site.call('frappe.client.delete', { doctype: 'User', name: user }, { user: 'Administrator' })
    await t.rejects(remove(BEN), refusal(417, /erase-user-data/))
    await t.rejects(remove(ANN), refusal(417, /Disable the user/))
    const page = await wire.page(ANN)
    wire.published()
    await remove(CLEO)
    t.match(await page.event('chat_member_changed'), { message: { user: CLEO, action: 'removed' } })
    t.equal(await site.database.reader('tabUser').where({ name: CLEO }).first(), undefined)
    t.same(await site.database.reader('tabChat Room Member').where({ user: CLEO }).select(), [])
    await wire.send(BEN, room, 'we go on')
  })
})
