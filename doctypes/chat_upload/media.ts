import type { Upload } from '@f-chat/desk'
import { readPicture } from './picture.ts'
import { readRecording } from './recording.ts'

/** What was found out about a file's content. */
export interface Media {
  /** MIME type: a container that turned out to hold sound only is sound. */
  type: string
  thumbnail: Uint8Array | null
  width: number | null
  height: number | null
  /** Seconds. */
  duration: number | null
  waveform: number[] | null
}

/** Found out once, before the transaction that stores the file, which may be tried several times. */
const known = new WeakMap<Upload, Media>()

const nothing = (type: string): Media => ({
  type,
  thumbnail: null,
  width: null,
  height: null,
  duration: null,
  waveform: null,
})

export const mediaOf = (upload: Upload): Media => known.get(upload) ?? nothing(upload.contentType)

/** Looks into pictures, sound and video. */
export async function readMedia(upload: Upload): Promise<void> {
  const { contentType: type, received } = upload
  const media = nothing(type)
  if (type.startsWith('image/')) Object.assign(media, await readPicture(received.path, type))
  else if (/^(audio|video)\//.test(type)) {
    const { hasVideo, ...tracks } = await readRecording(received.path, type)
    Object.assign(media, tracks, { type: hasVideo === null ? type : typeBy(type, hasVideo) })
  }
  known.set(upload, media)
}

/** WebM and MP4 hold sound alone as well as pictures with it. */
function typeBy(type: string, hasVideo: boolean): string {
  return /\/(webm|mp4|ogg)$/.test(type) ? `${hasVideo ? 'video' : 'audio'}/${type.split('/')[1] ?? ''}` : type
}
