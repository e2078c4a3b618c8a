import { existsSync, readdirSync } from 'node:fs'
import path from 'node:path'
import type { Test } from 'tap'
import type { UploadedFile } from '../../doctypes/chat_upload/store.ts'
import type { TestDatabase } from './databases.ts'
import type { Answer, Client } from './server.ts'
import type { SiteOptions } from './site.ts'
import { wireSite, type Wire } from './wire.ts'

export interface NamedContent {
  name: string
  content: string | Uint8Array
  /** What the client claims. */
  type?: string
}

/** A chat with people who send files. */
export interface FileWire extends Wire {
  /** One browser of each user. */
  as: (user: string) => Promise<Client>
  upload: (user: string, room: string, ...files: NamedContent[]) => Promise<Answer>
  /** What must be accepted. */
  uploaded: (user: string, room: string, ...files: NamedContent[]) => Promise<UploadedFile[]>
  post: (user: string, method: string, args: Record<string, unknown>) => Promise<Answer>
  /** Sends these in a message; answers its name. */
  sendFiles: (
    user: string,
    room: string,
    files: readonly object[],
    args?: Record<string, unknown>,
  ) => Promise<string>
  settings: (values: Record<string, unknown>) => Promise<void>
  /** Names of contents in the site's folders. */
  stored: () => { public: string[]; private: string[]; temporary: string[] }
  /** The same, once the temporary ones have gone. */
  settled: () => Promise<ReturnType<FileWire['stored']>>
  /** How many rows there are of File (folders aside), of waiting uploads and of attachments. */
  counts: () => Promise<{ files: number; waiting: number; attached: number }>
}

export const UPLOAD = '/api/method/f_chat.upload_chat_file'

export const blob = ({ content, type }: NamedContent): Blob =>
  new Blob([typeof content === 'string' ? content : Uint8Array.from(content)], type ? { type } : {})

/** The form of an upload; the room comes first unless told otherwise. */
export function uploadForm(room: string, files: readonly NamedContent[], roomLast = false): FormData {
  const form = new FormData()
  if (!roomLast) form.append('room_id', room)
  for (const file of files) form.append('file', blob(file), file.name)
  if (roomLast) form.append('room_id', room)
  return form
}

export async function fileWire(t: Test, db: TestDatabase, options?: SiteOptions): Promise<FileWire> {
  const wire = await wireSite(t, db, options)
  const clients = new Map<string, Client>()
  const as = async (user: string): Promise<Client> => {
    const client = clients.get(user) ?? (await wire.browser(user))
    clients.set(user, client)
    return client
  }
  const upload: FileWire['upload'] = async (user, room, ...files) =>
    (await as(user)).request('POST', UPLOAD, { body: uploadForm(room, files) })
  const post: FileWire['post'] = async (user, method, args) =>
    (await as(user)).post(`/api/method/${method}`, args)
  const stored: FileWire['stored'] = () => {
    const list = (...parts: string[]): string[] => {
      const folder = path.join(wire.site.path, ...parts)
      return existsSync(folder) ? readdirSync(folder).sort() : []
    }
    return {
      public: list('public', 'files'),
      private: list('private', 'files'),
      temporary: list('private', '.uploads'),
    }
  }
  return {
    ...wire,
    as,
    upload,
    post,
    async uploaded(user, room, ...files) {
      const answer = await upload(user, room, ...files)
      if (answer.status !== 200) throw new Error(`upload: ${String(answer.status)} ${answer.text}`)
      return answer.body.message.data.files
    },
    async sendFiles(user, room, attachments, args = {}) {
      const answer = await post(user, 'f_chat.send_message', {
        room_id: room,
        message_content: '',
        message_type: 'File',
        attachments,
        ...args,
      })
      if (answer.status !== 200) throw new Error(`send: ${String(answer.status)} ${answer.text}`)
      return answer.body.message.data.message_id
    },
    async settings(values) {
      await wire.site.asAdministrator(async (ctx) => {
        const doc = await ctx.getDoc('Chat Settings', 'Chat Settings')
        for (const [field, value] of Object.entries(values)) doc.set(field, value)
        await doc.save({ ignorePermissions: true })
      })
    },
    stored,
    // What is temporary goes when the answer has been sent.
    async settled() {
      while (stored().temporary.length > 0) await new Promise((resolve) => setImmediate(resolve))
      return stored()
    },
    async counts() {
      const count = async (table: string, which: Record<string, unknown> = {}): Promise<number> => {
        const [row] = await wire.site.database.reader(table).where(which).count({ n: '*' })
        return Number(row?.n)
      }
      return {
        files: await count('tabFile', { is_folder: 0 }),
        waiting: await count('tabChat Upload'),
        attached: await count('tabChat Message Attachment'),
      }
    },
  }
}

/** A WAV file of 16 bits, one channel, 8,000 samples a second; `loudness` from 0 to 1 by the second. */
export function wave(seconds: number, loudness: (second: number) => number = () => 0.5): Buffer {
  const rate = 8000
  const samples = Math.round(seconds * rate)
  const sound = Buffer.alloc(44 + samples * 2)
  sound.write('RIFF', 0, 'latin1')
  sound.writeUInt32LE(36 + samples * 2, 4)
  sound.write('WAVEfmt ', 8, 'latin1')
  sound.writeUInt32LE(16, 16)
  sound.writeUInt16LE(1, 20)
  sound.writeUInt16LE(1, 22)
  sound.writeUInt32LE(rate, 24)
  sound.writeUInt32LE(rate * 2, 28)
  sound.writeUInt16LE(2, 32)
  sound.writeUInt16LE(16, 34)
  sound.write('data', 36, 'latin1')
  sound.writeUInt32LE(samples * 2, 40)
  for (let i = 0; i < samples; i++) {
    const value = Math.sin(i / 4) * Math.min(1, Math.max(0, loudness(i / rate)))
    sound.writeInt16LE(Math.round(value * 32_767), 44 + i * 2)
  }
  return sound
}

/** What a browser records: Chromium's MediaRecorder, 0.8 seconds of a tone. */
export const RECORDED = {
  webm: () => Buffer.from(WEBM, 'base64'),
  mp4: () => Buffer.from(MP4, 'base64'),
  video: () => Buffer.from(VIDEO, 'base64'),
} as const

const WEBM =
  'GkXfo59ChoEBQveBAULygQRC84EIQoKEd2VibUKHgQRChYECGFOAZwH/////////FUmpZpkq17GDD0JATYCGQ2hyb21lV0GGQ2hyb21lFlSua7+uvdeBAXPFh17hy5s4PBWDgQKGhkFfT1BVU2Oik09wdXNIZWFkAQIAAIC7AAAAAADhjbWERzuAAJ+BAmJkgSAfQ7Z1Af/////////ngQCjtoEAAIAY4VOfSYE9NCZP0YZ2SsKGDDdODfTLbVmKjfYUh/Hp5ws21mO66CqiDC+Xq5mKxsg0hKO6gQBFgBjtgVBFNPL6Ly7UN/lKyPV/oRb2BDzZ0jQvtIIYi2/3j3Wb1/fDijcNSFVHchEgsWsLH0doUqOxgQCAgBjtgVBFNPL6McyEKDSR72ecPLP2GE+F/KojDcyESN0NVDB53uzbk8eykvaJYKO3gQC0gBjtgVBFNNp9P/Go0g94tqxN+j7njdLR5iIz13SBC+4cgyngXe9wv1xmyTAQ7si7VQQpwB9DtnUB/////////+eB+aOygQAAgBjtfc24npGtWSNSxiJvNWCC3j7iCwWAtPRJzsvZEn2Lu3e/r3VzdoakY7woKb6jvIEAO4AY7YFQRTTy+i2P5EHEz575kDu+jcduHVmB19n/fhMpsY4fD4nvaoGAz6G8YDmJeEbzIIA3tv/2gKO+gQBvgBjtgVBFNPL6a+5KV82pRYEyEbCoWSjJ9qd2on+LIpxRLyMpjsK6Evzij05i1SnjfZEE0mQhCsxGcDqjtIEAtIAY7YFQRTTy+faguf/+xCy/EJXXgPt4fyjfr/foD06F6P5JaB8ilk6j5M4SQnwH3BUfQ7Z1Af/////////nggHoo7iBAACAGO1/n0C+/iVzyvq44lRwNj9r+yKiPKOOr3DsUYl0jEjXNfLUgg2HQVqwYx9YKskg09vXgKO/gQA0gBjtf59Avv40f0m4yipehVBamexJ6UV4G8a/eB5MiR/iK/rt94YPtEPhY/yCDgtrsEedQwk+BjGxAv6Ao7aBAHmAGO19zXXcKUQ4QDTyjqR59uy5LtzK53szUcHKZCcvcP3DCpnp1jSbMymm6uQDLOlr5ICjvYEAtIAY7X+fQL7+JR9wT9eLlHb5lX0mDvwwQmwym1sgVbhqDE8sM3dvx9CJhe7NQKXXvrJ41bicWKKmTUQfQ7Z1Af/////////nggLQo7OBAACAGO1/n0BTBh6N+oCU91691M/0YsEdqzZSmnRhXoqgVvXWPVHSKachsQ1shra7C6A='
const MP4 =
  'AAAAJGZ0eXBpc29tAAACAGlzb21pc282aXNvMnZwMDltcDQxAAACXW1vb3YAAAB4bXZoZAEAAAAAAAAA5ymZ7QAAAADnKZntAAAD6AAAAAAAAAAAAAEAAAEAAAAAAAAAAAAAAAABAAAAAAAAAAAAAAAAAAAAAQAAAAAAAAAAAAAAAAAAQAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAG1dHJhawAAAGh0a2hkAQAAAwAAAADnKZntAAAAAOcpme0AAAABAAAAAAAAAAAAAAEEAAAAAAAAAAAAAAAAAQAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAABRW1kaWEAAAAsbWRoZAEAAAAAAAAA5ymZ7QAAAADnKZntAAC7gAAAAAAAAAEEVcQAAAAAAC1oZGxyAAAAAAAAAABzb3VuAAAAAAAAAAAAAAAAU291bmRIYW5kbGVyAAAAAORtaW5mAAAAEHNtaGQAAAAAAAAAAAAAACVkaW5mAAAAHWRyZWYAAAAAAAAAAQAAAA11cmwgAAAAAQAAAACnc3RibAAAABBzdHNjAAAAAAAAAAAAAAAQc3R0cwAAAAAAAAAAAAAAFHN0c3oAAAAAAAAAAAAAAAAAAAAQc3RjbwAAAAAAAAAAAAAAW3N0c2QAAAAAAAAAAQAAAEtPcHVzAAAAAAAAAAEAAAAAAAAAAAACABAAAAAAu4AAAAAAABRidHJ0AAAAAAAAAAAAAAAAAAAAE2RPcHMAAg8AAAC7gAAAAAAAAChtdmV4AAAAIHRyZXgAAAAAAAAAAQAAAAEAAAAAAAAAAAAAAAAAAACEbW9vZgAAABBtZmhkAAAAAAAAAAEAAABsdHJhZgAAABR0ZmhkAAIAIAAAAAECAAAAAAAAFHRmZHQBAAAAAAAAAAAAAAAAAAA8dHJ1bgEAAwEAAAAFAAAAjAAACxEAAAAyAAAM8QAAADYAAAm9AAAALQAACxIAAAAzAAAD8AAAAC4AAAD+bWRhdBjhU59JgT00Jk/RhnZKwoYMN04N9MttWYqN9hSH8ennCzbWY7roKqIML5ermYrGyDSEGO2BUEU08vovLtQ3+UrI9X+hFvYEPNnSNC+0ghiLb/ePdZvX98OKNw1IVUdyESCxawsfR2hSGO2BUEU08voxzIQoNJHvZ5w8s/YYT4X8qiMNzIRI3Q1UMHne7NuTx7KS9olgGO2BUEU02n0/8ajSD3i2rE36PueN0tHmIjPXdIEL7hyDKeBd73C/XGbJMBDuyLtVBCnAGO19zbieka1ZI1LGIm81YILePuILBYC09EnOy9kSfYu7d7+vdXN2hqRjvCgpvgAAAHxtb29mAAAAEG1maGQAAAAAAAAAAgAAAGR0cmFmAAAAFHRmaGQAAgAgAAAAAQIAAAAAAAAUdGZkdAEAAAAAAAAAAAA5xQAAADR0cnVuAQADAQAAAAQAAACEAAAJvAAAADgAAAsRAAAAOgAADPMAAAAwAAAD8AAAADQAAADebWRhdBjtgVBFNPL6LY/kQcTPnvmQO76Nx24dWYHX2f9+Eymxjh8Pie9qgYDPobxgOYl4RvMggDe2//aAGO2BUEU08vpr7kpXzalFgTIRsKhZKMn2p3aif4sinFEvIymOwroS/OKPTmLVKeN9kQTSZCEKzEZwOhjtgVBFNPL59qC5//7ELL8QldeA+3h/KN+v9+gPToXo/kloHyKWTqPkzhJCfAfcFRjtf59Avv4lc8r6uOJUcDY/a/siojyjjq9w7FGJdIxI1zXy1IINh0FasGMfWCrJINPb14AAAAB8bW9vZgAAABBtZmhkAAAAAAAAAAMAAABkdHJhZgAAABR0ZmhkAAIAIAAAAAECAAAAAAAAFHRmZHQBAAAAAAAAAAAAZUQAAAA0dHJ1bgEAAwEAAAAEAAAAhAAACxIAAAA7AAAM8QAAADIAAAm9AAAAOQAAA/AAAAAvAAAA3W1kYXQY7X+fQL7+NH9JuMoqXoVQWpnsSelFeBvGv3geTIkf4iv67feGD7RD4WP8gg4La7BHnUMJPgYxsQL+gBjtfc113ClEOEA08o6kefbsuS7cyud7M1HBymQnL3D9wwqZ6dY0mzMppurkAyzpa+SAGO1/n0C+/iUfcE/Xi5R2+ZV9Jg78MEJsMptbIFW4agxPLDN3b8fQiYXuzUCl176yeNW4nFiipk1EGO1/n0BTBh6N+oCU91691M/0YsEdqzZSmnRhXoqgVvXWPVHSKachsQ1shra7C6A='
const VIDEO =
  'GkXfo59ChoEBQveBAULygQRC84EIQoKEd2VibUKHgQRChYECGFOAZwH/////////FUmpZpkq17GDD0JATYCGQ2hyb21lV0GGQ2hyb21lFlSua/uuvdeBAXPFh+6cyqFoxb6DgQKGhkFfT1BVU2Oik09wdXNIZWFkAQIAAIC7AAAAAADhjbWERzuAAJ+BAmJkgSCuuteBAnPFhwOX+Tq1BLKDgQFV7oEBhoVWX1ZQOOCdsIFAuoEwU8CBAVWwkFWxgQFVuYECVbqBDVW7gQEfQ7Z1Af/////////ngQCjtoEAAIAY4VOfSYE9NCZP0YZ2SsKGDDdODfTLbVmKjfYUh/Hp5ws21mO66CqiDC+Xq5mKxsg0hKBAlKGpggAKANACAJ0BKkAAMAAABwiFhYiZhIgBJBAANHJ+ZjzfisAA/v+6/0B1oeam5O6BAaXfsAMAnQEqQAAwAAAHCIWFiJmEiAEkEAB1Dn4wOvBefeWSlmNnizvg/v3Y//660X/v///9H5v94v/9D0//65jdP//zLX/3///wJ3/+t0Ij4X9GDh+MgHWJtxj/9H4EoACjuoEAO4AY7YFQRTTy+i8u1Df5Ssj1f6EW9gQ82dI0L7SCGItv9491m9f3w4o3DUhVR3IRILFrCx9HaFKgQNChloIAbgDRAQAAEAkgAMAAwsF/oABEYAB1oUCxpkCu7oEBpUCocQUAABAJIADY4D+AMMA9oH+A3IH+OagD/H/6NwgI1gH+A/g4A1hWHngAvYXdJP76dz//0Of//nwL/2gnv//uQH/qxv6AMNQZ0VpW8nf/8295mSX//vwCoTzf//3VyOo6f7t7zLdgAuoZFayN3Acz//6jKFn//5sdto7/9rn/+a7E64yhgf/nL/SPP/BOYjf/0p/2t3Z85/90cRNYlM6Lz9uW/r17tPuA+4EKo7GBAICAGO2BUEU08voxzIQoNJHvZ5w8s/YYT4X8qiMNzIRI3Q1UMHne7NuTx7KS9olgo7eBALSAGO2BUEU02n0/8ajSD3i2rE36PueN0tHmIjPXdIEL7hyDKeBd73C/XGbJMBDuyLtVBCnAoEC6oZaCANIA0QEAABAJIADAAMLBf6AARGAAdaFAm6ZAmO6BAaVAkpECAAAQCSAAwIJmAcMC/0AAuJZ/Bda4/vGMf/qmf/7Vn/8huJ//LsP+tMS/dLfGAzkz//NveQIR//+IVEqaX/xHvV8h//+IVEqaXr//q8rif//nZTtZ/+1h//51t9P5U4kf/eT5Zsn/y1qbhrynoyFgVa9bhNn9/4nr12n5h/yMcF3H7YAmRmhSu8UcPaEMINAQ+4FuH0O2dQH/////////54Hvo7KBAACAGO19zbieka1ZI1LGIm81YILePuILBYC09EnOy9kSfYu7d7+vdXN2hqRjvCgpvqO8gQBFgBjtgVBFNPL6LY/kQcTPnvmQO76Nx24dWYHX2f9+Eymxjh8Pie9qgYDPobxgOYl4RvMggDe2//aAoMKhloIARwDRAQAAEAkgAMAAwsF/oABEYAB1oaSmou6BAaWd8QEAABAJIADAAOGBf6AABM+wx7qLfExaCnp71MD7gdKjvoEAeYAY7YFQRTTy+mvuSlfNqUWBMhGwqFkoyfandqJ/iyKcUS8jKY7CuhL84o9OYtUp432RBNJkIQrMRnA6oPKhloIAqwDRAQAAEAkgAMAAwsF/oABEYAB1odOm0e6BAaXMMQIAABAJIADAAOGBf6AAS0TTFQD+g/5+eP/7R/N/83dL+//9k5cf//n2mCf2ZPF2//8+0wT6JWLt/v0oMDOcrw/VFm5iZhmyk0MgAPuCATYfQ7Z1Af/////////nggGjo7SBAACAGO2BUEU08vn2oLn//sQsvxCV14D7eH8o36/36A9Ohej+SWgfIpZOo+TOEkJ8B9wVo7iBAEWAGO1/n0C+/iVzyvq44lRwNj9r+yKiPKOOr3DsUYl0jEjXNfLUgg2HQVqwYx9YKskg09vXgKDkoZaCAFsA0QEAABAJIADAAMLBf6AARGAAdaHFpsPugQGlvjECAAAQCSAAwADhgX+gADiFX+0A/mftlqvyu97CeH8LUzqq0Q1fIC8yNe75Xt2QSmf/+5Fthx+/VXmt54GA+4IBmqO/gQB5gBjtf59Avv40f0m4yipehVBamexJ6UV4G8a/eB5MiR/iK/rt94YPtEPhY/yCDgtrsEedQwk+BjGxAv6Ao7aBALSAGO19zXXcKUQ4QDTyjqR59uy5LtzK53szUcHKZCcvcP3DCpnp1jSbMymm6uQDLOlr5ICgvaGWggC/ANEBAAAQCSAAwADCwX+gAERgAHWhnqac7oEBpZfxAQAAEAkgAMAA4YF/oAAEz7DH12EWYPuCAf6jvYEA+YAY7X+fQL7+JR9wT9eLlHb5lX0mDvwwQmwym1sgVbhqDE8sM3dvx9CJhe7NQKXXvrJ41bicWKKmTUSgvaGWggEjANEBAAAQCSCjAAMLBf6AARGAAHWhnqac7oEBpZfxAQAAEAkgowADhgX+gAATPsDH12EWYPuCAmIfQ7Z1Af/////////nggLQo7OBAACAGO1/n0BTBh6N+oCU91691M/0YsEdqzZSmnRhXoqgVvXWPVHSKachsQ1shra7C6A='
