import { crc32, deflateSync } from 'node:zlib'
import sharp from 'sharp'
import t from 'tap'
import { eachDatabase } from '../../support/databases.ts'
import { fileWire, wave } from '../../support/room-files.ts'
import { ANN, BEN, OUTSIDER } from '../../support/site.ts'

/** A PNG that claims to be so large, and unfolds to nothing but zeros. */
function bomb(width: number, height: number): Buffer {
  const chunk = (type: string, data: Buffer): Buffer => {
    const body = Buffer.concat([Buffer.from(type, 'latin1'), data])
    const ends = Buffer.alloc(8)
    ends.writeUInt32BE(data.length, 0)
    ends.writeUInt32BE(crc32(body), 4)
    return Buffer.concat([ends.subarray(0, 4), body, ends.subarray(4)])
  }
  const head = Buffer.alloc(13)
  head.writeUInt32BE(width, 0)
  head.writeUInt32BE(height, 4)
  head.set([1, 0, 0, 0, 0], 8)
  const rows = Buffer.alloc((Math.ceil(width / 8) + 1) * Math.min(height, 2000))
  return Buffer.concat([
    Buffer.from('89504e470d0a1a0a', 'hex'),
    chunk('IHDR', head),
    chunk('IDAT', deflateSync(rows)),
    chunk('IEND', Buffer.alloc(0)),
  ])
}

await eachDatabase(t, 'thumbnails', async (t, db) => {
  const chat = await fileWire(t, db)
  const room = await chat.room(ANN, [BEN])
  const ben = await chat.as(BEN)
  const thumbnailOf = async (name: string, content: Uint8Array) => {
    const [file] = await chat.uploaded(BEN, room, { name, content })
    const { thumbnail_url: url = null, width, height } = file ?? {}
    if (url === null) return { width, height, thumbnail: null }
    const response = await fetch(chat.served.url + url, { headers: { Cookie: ben.cookie } })
    t.match(response.headers.get('content-type'), 'image/webp')
    t.match(response.headers.get('content-disposition'), /^inline/)
    return { width, height, thumbnail: Buffer.from(await response.arrayBuffer()) }
  }

  await t.test('are small, upright, and say nothing of where a picture was taken', async (t) => {
    // Red above blue, lying on its side as cameras store it.
    const half = (background: string) => ({
      create: { width: 600, height: 400, channels: 3 as const, background },
    })
    const upright = await sharp({ create: { width: 600, height: 800, channels: 3, background: 'red' } })
      .composite([{ input: await sharp(half('blue')).png().toBuffer(), top: 400, left: 0 }])
      .png()
      .toBuffer()
    const photo = await sharp(await sharp(upright).rotate(270).toBuffer())
      .withExif({
        IFD0: { Copyright: 'Somebody' },
        IFD3: { GPSLatitudeRef: 'N', GPSLatitude: '51/1 30/1 0/1' },
      })
      .withMetadata({ orientation: 6 })
      .jpeg()
      .toBuffer()
    t.equal((await sharp(photo).metadata()).orientation, 6)
    t.ok((await sharp(photo).metadata()).exif)
    const { width, height, thumbnail } = await thumbnailOf('photo.jpg', photo)
    t.same([width, height], [600, 800], 'as it is shown')
    const small = sharp(thumbnail ?? Buffer.alloc(0))
    const about = await small.metadata()
    t.match(about, { format: 'webp', width: 360, height: 480 })
    for (const part of ['exif', 'iptc', 'xmp', 'icc', 'orientation'] as const)
      t.equal(about[part], undefined, part)
    const { data, info } = await small.raw().toBuffer({ resolveWithObject: true })
    const at = (x: number, y: number) => data[(y * info.width + x) * info.channels] ?? 0
    t.ok(at(180, 20) > 200 && at(180, 460) < 60, 'red is above')
    t.ok((thumbnail?.length ?? 0) < 20_000)
  })

  await t.test('of every kind that browsers show', async (t) => {
    const frames = await sharp(
      await Promise.all(
        ['red', 'blue'].map((background) =>
          sharp({ create: { width: 32, height: 16, channels: 3, background } })
            .png()
            .toBuffer(),
        ),
      ),
      { join: { animated: true } },
    )
      .gif()
      .toBuffer()
    const moving = await thumbnailOf('moving.gif', frames)
    t.match(moving, { width: 32, height: 16 }, 'one frame of an animated picture')
    t.equal((await sharp(moving.thumbnail ?? undefined).metadata()).pages ?? 1, 1)
    for (const format of ['png', 'webp', 'avif', 'jpeg'] as const) {
      const content = await sharp({ create: { width: 20, height: 10, channels: 3, background: 'red' } })
        .toFormat(format)
        .toBuffer()
      const { width, height, thumbnail } = await thumbnailOf(`x.${format}`, content)
      t.match(
        [width, height, (await sharp(thumbnail ?? undefined).metadata()).format],
        [20, 10, 'webp'],
        format,
      )
    }
  })

  await t.test('not of what is broken, or made to harm; the file itself is kept', async (t) => {
    const before = (await chat.counts()).files
    const nothing = { thumbnail: null }
    const svg =
      '<svg xmlns="http://www.w3.org/2000/svg" width="9" height="9"><image href="file:///etc/passwd"/></svg>'
    t.match(await thumbnailOf('x.svg', Buffer.from(svg)), { ...nothing, width: null })
    const peak = process.resourceUsage().maxRSS
    t.match(await thumbnailOf('wide.png', bomb(50_000, 50_000)), nothing)
    t.match(await thumbnailOf('line.png', bomb(2_000_000_000, 1)), nothing)
    t.ok(process.resourceUsage().maxRSS - peak < 100 * 1024, 'nothing was unfolded')
    const whole = await sharp({ create: { width: 400, height: 400, channels: 3, background: 'red' } })
      .jpeg()
      .toBuffer()
    t.match(await thumbnailOf('cut.jpg', whole.subarray(0, whole.length / 3)), { thumbnail: null })
    t.match(await thumbnailOf('head.png', Buffer.from('89504e470d0a1a0a0000000d49484452', 'hex')), nothing)
    const page = Buffer.concat([whole, Buffer.from('<script>alert(1)</script>')])
    const both = await thumbnailOf('polyglot.jpg', page)
    t.ok(both.thumbnail && !both.thumbnail.includes('script'), 'what hangs on behind is not in the thumbnail')
    const pdf = Buffer.concat([Buffer.from('GIF89a\x01\0\x01\0', 'latin1'), Buffer.from('%PDF-1.4 <script>')])
    t.match(await thumbnailOf('gif.gif', pdf), nothing)
    t.equal((await chat.counts()).files, before + 8)
  })

  await t.test('many at once', async (t) => {
    const picture = await sharp({ create: { width: 1500, height: 1500, channels: 3, background: 'green' } })
      .jpeg()
      .toBuffer()
    const ten = Array.from({ length: 10 }, (_, i) => ({ name: `${String(i)}.jpg`, content: picture }))
    const answers = await Promise.all([chat.uploaded(BEN, room, ...ten), chat.uploaded(ANN, room, ...ten)])
    t.ok(answers.flat().every(({ thumbnail_url }) => thumbnail_url !== null))
  })
})

await eachDatabase(t, 'sound and video', async (t, db) => {
  const chat = await fileWire(t, db)
  const room = await chat.room(ANN, [BEN])
  const sound = wave(3)
  const [file] = await chat.uploaded(BEN, room, { name: 'voice.wav', content: sound })
  if (!file) throw new Error('no file')
  await chat.sendFiles(BEN, room, [file], { message_type: 'Voice' })
  const ann = await chat.as(ANN)
  const part = await ann.request('GET', file.file_url, { headers: { Range: 'bytes=44-1043' } })
  t.match(part, { status: 206 })
  t.equal(part.headers.get('content-range'), `bytes 44-1043/${String(sound.length)}`)
  t.equal(part.headers.get('content-type'), 'audio/wav')
  t.match(part.headers.get('content-disposition'), /^inline/)
  t.match(part.headers.get('cache-control'), /private/)
  const end = await ann.request('GET', file.file_url, { headers: { Range: 'bytes=-10' } })
  t.equal(end.headers.get('content-length'), '10')
  t.match(await ann.request('GET', file.file_url, { headers: { Range: 'bytes=999999999-' } }), {
    status: 416,
  })
  const outsider = await chat.as(OUTSIDER)
  t.match(await outsider.request('GET', file.file_url, { headers: { Range: 'bytes=0-9' } }), { status: 404 })
  t.match(await outsider.request('HEAD', file.file_url), { status: 404 })

  for (const [name, content] of [
    ['broken.wav', sound.subarray(0, 20)],
    ['broken.mp3', Buffer.concat([Buffer.from('ID3\x04\0\0\x7f\x7f\x7f\x7f', 'latin1'), Buffer.alloc(100)])],
    ['broken.mp4', Buffer.from('\0\0\0\x18ftypmp42\0\0\0\0mp42isom\xff\xff\xff\xffmoov', 'latin1')],
    ['broken.ogg', Buffer.from('OggS\0\x02'.padEnd(60, '\0'), 'latin1')],
    ['broken.webm', Buffer.from('1a45dfa3874282847765626d', 'hex')],
  ] as const) {
    const [broken] = await chat.uploaded(BEN, room, { name, content })
    t.match(broken, { duration: null, waveform: null }, name)
  }
})
