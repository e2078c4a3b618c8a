import { defineMethod, Type, ValidationError } from '@f-chat/desk'
import { formatBytes } from '../doctypes/bytes.ts'
import { MOST_FILES } from '../doctypes/chat_message/claims.ts'
import { roomFile } from '../doctypes/chat_message/file-access.ts'
import { checkUploads, requireFileRoom, uploadLimits } from '../doctypes/chat_upload/admit.ts'
import { readMedia } from '../doctypes/chat_upload/media.ts'
import { storeUploads } from '../doctypes/chat_upload/store.ts'
import { AttachmentShape } from './shapes.ts'
import { answerOf, longPath, RoomId } from './shared.ts'

const UploadedShape = Type.Object(
  {
    ...AttachmentShape.properties,
    file_type: Type.String(),
    unique_filename: Type.String(),
    file_doc_name: Type.String(),
    is_audio: Type.Boolean(),
  },
  { additionalProperties: false },
)

export const uploadChatFile = defineMethod({
  name: 'f_chat.upload_chat_file',
  summary:
    'Takes the form’s files (`file`, up to ten) for a message to the room: all of them, or none where one is refused. Until they are sent only their sender reads them; those that are not sent within a day are removed.',
  aliases: [longPath('file_upload', 'upload_chat_file')],
  writes: true,
  verbs: ['POST'],
  files: MOST_FILES,
  input: Type.Object({ room_id: RoomId }),
  output: answerOf({ files: Type.Array(UploadedShape) }),
  async admitFiles({ room_id }, ctx) {
    if (typeof room_id === 'string') await requireFileRoom(ctx, room_id)
    return await uploadLimits(ctx)
  },
  async prepare({ room_id }, ctx) {
    await requireFileRoom(ctx, room_id)
    if (ctx.uploads.length === 0)
      throw new ValidationError('Choose a file first: send it as "file" in a form (multipart/form-data).')
    await checkUploads(ctx, ctx.uploads)
    await Promise.all(ctx.uploads.map(readMedia))
  },
  async handler({ room_id }, ctx) {
    await requireFileRoom(ctx, room_id)
    await checkUploads(ctx, ctx.uploads)
    const files = await storeUploads(ctx, room_id, ctx.uploads)
    return { success: true, message: 'Files uploaded', data: { files } }
  },
})

/** What a page may show in place; everything else is downloaded. */
const SHOWN = /^(image\/(?!svg)|audio\/|video\/|application\/pdf$|text\/plain$)/

export const getChatFilePreview = defineMethod({
  name: 'f_chat.get_chat_file_preview',
  summary: 'What there is to know of a file of one of the caller’s rooms.',
  aliases: [longPath('file_upload', 'get_chat_file_preview')],
  input: Type.Object({ file_url: Type.String({ minLength: 1, maxLength: 700 }) }),
  output: answerOf({
    file_name: Type.String(),
    file_size: Type.Integer(),
    file_size_formatted: Type.String(),
    file_type: Type.Union([Type.String(), Type.Null()]),
    is_image: Type.Boolean(),
    can_preview: Type.Boolean(),
    upload_date: Type.Union([Type.String(), Type.Null()]),
    preview_url: Type.Union([Type.String(), Type.Null()]),
    thumbnail_url: Type.Union([Type.String(), Type.Null()]),
  }),
  async handler({ file_url }, ctx) {
    const file = await roomFile(ctx, file_url)
    const type = file.file_type ?? ''
    const canPreview = SHOWN.test(type)
    return {
      success: true,
      data: {
        file_name: file.file_name ?? '',
        file_size: file.file_size,
        file_size_formatted: formatBytes(file.file_size),
        file_type: file.file_type,
        is_image: type.startsWith('image/'),
        can_preview: canPreview,
        upload_date: file.uploaded_timestamp,
        preview_url: canPreview ? file_url : null,
        thumbnail_url: file.thumbnail_url,
      },
    }
  },
})
