import type { Context } from '@f-chat/desk'
import { formatBytes } from '../bytes.ts'
import { rowsOf, type Query } from '../query.ts'

export interface StorageUsage {
  messages_with_files: number
  total_files: number
  /** Bytes. */
  total_size: number
  total_size_formatted: string
  avg_file_size: number
  avg_file_size_formatted: string
  /** Largest first. */
  file_types: { file_type: string; count: number; total_size: number; total_size_formatted: string }[]
}

interface TypeRow {
  file_type: string | null
  files: number
  bytes: number | string | null
}

/** What the files of a room's messages take; two statements. The caller has been checked. */
export async function readStorage(ctx: Context, room: string): Promise<StorageUsage> {
  const [counted] = await rowsOf<{ messages: number }>(
    filesOf(ctx, room).countDistinct({ messages: 'm.name' }),
  )
  const types = await rowsOf<TypeRow>(
    filesOf(ctx, room)
      .groupBy('a.file_type')
      .select('a.file_type')
      .count({ files: '*' })
      .sum({ bytes: 'a.file_size' }),
  )
  const total_files = types.reduce((sum, { files }) => sum + files, 0)
  const total_size = types.reduce((sum, { bytes }) => sum + Number(bytes), 0)
  const avg_file_size = total_files === 0 ? 0 : Math.round(total_size / total_files)
  return {
    messages_with_files: counted?.messages ?? 0,
    total_files,
    total_size,
    total_size_formatted: formatBytes(total_size),
    avg_file_size,
    avg_file_size_formatted: formatBytes(avg_file_size),
    file_types: types
      .map(({ file_type, files, bytes }) => ({
        file_type: file_type ?? 'unknown',
        count: files,
        total_size: Number(bytes),
        total_size_formatted: formatBytes(Number(bytes)),
      }))
      .sort((a, b) => b.total_size - a.total_size || a.file_type.localeCompare(b.file_type)),
  }
}

function filesOf(ctx: Context, room: string): Query {
  return ctx
    .db('tabChat Message as m')
    .join('tabChat Message Attachment as a', 'a.parent', 'm.name')
    .where({ 'm.chat_room': room, 'm.is_deleted': 0, 'a.parenttype': 'Chat Message' })
}
