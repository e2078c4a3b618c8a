import type { FrappeDatabase, SourceRow } from '../support/frappe-source.ts'

export const ANN = 'ann@old.example'
export const BEN = 'ben@old.example'
export const CLEO = 'cleo@old.example'
export const DORA = 'dora@old.example'

/** A moment of the source: so many minutes after it began. */
export const at = (minutes: number): string => {
  const [day, time] = new Date(Date.UTC(2024, 2, 1) + minutes * 60_000).toISOString().split('T')
  return `${day ?? ''} ${(time ?? '').slice(0, 8)}.000000`
}

/** A message in short. */
export const message = (
  name: string,
  room: string,
  sender: string,
  minutes: number,
  content: string,
  more: SourceRow = {},
): SourceRow => ({
  name,
  chat_room: room,
  sender,
  timestamp: at(minutes),
  message_content: content,
  ...more,
})

/** People, three rooms, and talk as it should be. */
export async function soundWorld(source: FrappeDatabase): Promise<void> {
  await source.insert('User', [
    {
      name: ANN,
      email: ANN,
      first_name: 'Ann',
      last_name: 'Old',
      full_name: 'Ann Old',
      user_type: 'System User',
      user_image: '/files/ann.png',
    },
    {
      name: BEN,
      email: BEN,
      first_name: 'Ben',
      full_name: 'Ben',
      user_type: 'System User',
      user_image: 'https://pictures.example/ben.png',
    },
    // Names and addresses in other cases.
    {
      name: 'Cleo@old.example',
      email: 'CLEO@old.example',
      first_name: 'Cleo',
      full_name: 'Cleo',
      user_type: 'System User',
    },
    {
      name: DORA,
      email: DORA,
      first_name: '',
      full_name: 'Dora Away',
      user_type: 'Website User',
      enabled: 0,
    },
    { name: 'nobody@old.example', email: 'nobody@old.example', first_name: 'Named nowhere' },
  ])
  await source.children('Has Role', ANN, 'roles', [
    { role: 'System Manager', parenttype: 'User' },
    { role: 'Astronaut', parenttype: 'User' },
  ])
  await source.children('Has Role', BEN, 'roles', [{ role: 'Astronaut', parenttype: 'User' }])
  await source.insert('Chat Room', [
    {
      name: 'CR-0001',
      room_name: 'Harbour',
      room_type: 'Group Chat',
      created_by: ANN,
      creation_date: at(0),
      description: 'Ships',
      max_members: 30,
    },
    {
      name: 'CR-0002',
      room_name: 'Ann, Ben',
      room_type: 'Direct Message',
      created_by: BEN,
      creation_date: at(1),
    },
    {
      name: 'CR-0003',
      room_name: 'Quiet',
      room_type: 'Announcement',
      room_status: 'Archived',
      created_by: ANN,
      creation_date: at(2),
      is_private: 1,
      allow_file_sharing: 0,
    },
  ])
  await source.children('Chat Room Member', 'CR-0001', 'members', [
    { user: ANN, role: 'Admin', is_admin: 1, joined_date: at(0), last_read_timestamp: at(30) },
    { user: BEN, role: 'Moderator', is_muted: 1, joined_date: at(0), last_read_timestamp: at(11) },
    { user: CLEO, role: 'Member', is_admin: 1, joined_date: at(3) },
  ])
  await source.children('Chat Room Member', 'CR-0002', 'members', [
    { user: BEN, role: 'Admin', last_read_timestamp: at(40) },
    { user: ANN, role: 'Member', last_read_timestamp: at(20) },
  ])
  await source.children('Chat Room Member', 'CR-0003', 'members', [{ user: DORA, role: 'Admin' }])
  await source.insert('Chat Message', [
    message('MSG-0004', 'CR-0001', ANN, 10, 'Ann Old created Harbour', { message_type: 'System' }),
    message('MSG-0005', 'CR-0001', BEN, 11, 'Good morning @Ann Old, سفينة and 船'),
    // Newer than its number says.
    message('MSG-0006', 'CR-0001', 'cleo@old.example', 14, 'the last one', {
      is_edited: 1,
      edit_timestamp: at(15),
    }),
    message('MSG-0007', 'CR-0001', ANN, 12, 'Answer', { reply_to_message: 'MSG-0005' }),
    message('MSG-0008', 'CR-0001', BEN, 13, 'This message was deleted', {
      is_deleted: 1,
      delete_timestamp: at(16),
    }),
    message('MSG-0009', 'CR-0002', BEN, 20, '<b>Hi</b> 👋🏽'),
    message('MSG-0010', 'CR-0002', ANN, 21, 'Hello; "quoted"'),
  ])
  await source.children('Chat Message Reaction', 'MSG-0005', 'reactions', [
    { user: ANN, reaction_emoji: '👍', timestamp: at(12) },
    { user: CLEO, reaction_emoji: '🇯🇵', timestamp: at(13) },
  ])
  await source.children('Chat Message Reaction', 'MSG-0008', 'reactions', [
    { user: ANN, reaction_emoji: '👍', timestamp: at(14) },
  ])
  await source.insert('Chat Call Session', [
    {
      name: 'CALL-0011',
      chat_room: 'CR-0002',
      call_type: 'Video',
      call_status: 'Ended',
      initiated_by: ANN,
      start_time: at(50),
      end_time: at(52),
      session_id: 'one',
      total_duration: 0,
    },
    // Never ended: nobody came to the first, somebody to the second.
    {
      name: 'CALL-0012',
      chat_room: 'CR-0001',
      call_status: 'Ringing',
      initiated_by: ANN,
      start_time: at(60),
      session_id: 'two',
    },
    {
      name: 'CALL-0013',
      chat_room: 'CR-0001',
      call_status: 'Connected',
      initiated_by: ANN,
      start_time: at(70),
      session_id: 'one',
      total_duration: 90,
    },
  ])
  await source.children('Chat Call Participant', 'CALL-0012', 'participants', [
    { user: ANN, status: 'Joined', joined_time: at(60) },
    { user: BEN, status: 'Ringing' },
  ])
  await source.children('Chat Call Participant', 'CALL-0013', 'participants', [
    { user: ANN, status: 'Joined', joined_time: at(70) },
    { user: BEN, status: 'Joined', joined_time: at(71) },
  ])
  await source.insert('Chat User Activity', [
    {
      name: ANN,
      user: ANN,
      chat_status: 'online',
      is_online: 1,
      active_room: 'CR-0001',
      last_seen: at(80),
      last_activity: at(81),
    },
  ])
  for (const [field, value] of Object.entries({
    enable_chat: '1',
    message_edit_time_limit: '48',
    enable_message_reactions: '0',
    max_file_size: '5242880',
  }))
    await source.sql("insert into tabSingles values ('Chat Settings', ?, ?)", [field, value])
}
