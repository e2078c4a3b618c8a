import t from 'tap'
import {
  addMultipleMembersToRoom,
  checkRoomPermissions,
  getRoomDetails,
  getUserRoomRole,
} from '../../../api/members.ts'
import { createChatRoom, getUserChatRooms } from '../../../api/rooms.ts'
import { getTeamChatRooms } from '../../../api/team-rooms.ts'
import { searchUsersForRoom } from '../../../api/users.ts'
import { eachDatabase } from '../../support/databases.ts'
import { ANN, BEN, chatSite, CLEO, OUTSIDER, refusal } from '../../support/site.ts'

await eachDatabase(t, 'get_room_details', async (t, db) => {
  const chat = await chatSite(t, db)
  const { call, statements, site } = chat
  const room = await chat.room(ANN, [BEN])

  await t.test('the room, its members, and what the caller may do', async (t) => {
    const { room: found, user_permissions } = await call(BEN, getRoomDetails, { room_id: room })
    t.match(found, {
      ...{ name: room, room_name: 'Room', room_type: 'Group Chat', room_status: 'Active', member_count: 2 },
      ...{ created_by: ANN, creation_date: /^\d{4}-/, team_master: null, description: null },
    })
    t.match(found.members, [
      { user: ANN, role: 'Admin', user_full_name: 'Ann', user_email: ANN, user_image: null, enabled: 1 },
      { user: BEN, role: 'Member', is_muted: 0, employee_info: { designation: null, department: null } },
    ])
    t.match(user_permissions, { is_member: true, role: 'Member', can_send_messages: true, can_export: false })
    const { room_id } = await call(ANN, createChatRoom, { room_type: 'Direct Message', members: [BEN] })
    t.equal((await call(ANN, getRoomDetails, { room_id })).room.room_name, 'Ben')
    t.equal((await call(BEN, getRoomDetails, { room_id })).room.room_name, 'Ann')
    for (const user of [OUTSIDER, 'Administrator'])
      await t.rejects(call(user, getRoomDetails, { room_id: room }), refusal(404))
    await t.rejects(call('Guest', getRoomDetails, { room_id: room }), refusal(403))
  })

  await t.test('costs the same, whatever the size', async (t) => {
    const costs = async (): Promise<number[]> => {
      const works = [
        () => call(ANN, getRoomDetails, { room_id: room }),
        () => call(ANN, checkRoomPermissions, { room_id: room, user_id: BEN }),
        () => call(ANN, getUserRoomRole, { room_id: room }),
        () => call(ANN, searchUsersForRoom, { room_id: room }),
        () => call(ANN, getTeamChatRooms),
        () => call(ANN, getUserChatRooms, { page_size: 100 }),
      ]
      const counted: number[] = []
      for (const work of works) counted.push((await statements(work)).length)
      return counted
    }
    const small = await costs()
    const users: string[] = []
    await site.asAdministrator(async (ctx) => {
      for (let i = 0; i < 60; i++) {
        const email = `p${String(i)}@test.example`
        users.push((await ctx.insert('User', { email, first_name: `P${String(i)}` })).name)
      }
      await ctx.db('tabChat Room').where({ name: room }).update({ max_members: 100 })
    })
    const added = await statements(() =>
      call(ANN, addMultipleMembersToRoom, { room_id: room, user_list: users }),
    )
    t.ok(added.length < 20, `60 members are added in ${String(added.length)} statements`)
    for (let i = 0; i < 20; i++) await chat.room(ANN, [BEN, CLEO], i % 2 ? 'Team Chat' : 'Group Chat')
    t.same(await costs(), small)
    t.ok(small.every((count) => count <= 4))
    t.equal((await call(ANN, getRoomDetails, { room_id: room })).room.member_count, 62)
  })
})
