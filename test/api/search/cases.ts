/** Messages, and which of them a term finds: the same on both databases. */
export interface Case {
  about: string
  texts: string[]
  /** Term → the places in `texts` of what it finds. */
  finds: Record<string, number[]>
}

const long = 'а'.repeat(20)

export const CASES: readonly Case[] = [
  {
    about: 'words by their beginning, in any order and any case',
    texts: ['The warehouse is full', 'Software update', 'WARE', 'aware of the fullness'],
    finds: {
      ware: [0, 2],
      'full ware': [0],
      'WAREHOUSE the': [0],
      warehouses: [],
      house: [],
      'of full': [3],
    },
  },
  {
    about: 'words of one and two letters, and words that servers leave out',
    texts: ['I am on it', 'Plan B', 'to be or not to be', 'The who', 'x'],
    finds: { b: [1, 2], it: [0], on: [0], to: [2], 'not to be': [2], the: [3], who: [3], x: [4], i: [0] },
  },
  {
    about: 'numbers and what holds words together',
    texts: [
      "Don't ship SO-2024-0042 before 14:30",
      'e-mail to anna.b@test.example',
      'C++ & C#',
      'snake_case',
    ],
    finds: {
      "don't": [0],
      'so-2024': [0],
      '0042': [0],
      '14:30': [0],
      'anna.b@test': [1],
      'C++': [2, 3],
      case: [3],
    },
  },
  {
    about: 'words in quotation marks as they stand',
    texts: ['the quick brown fox', 'brown, quick and the fox', 'quick   Brown\nfoxes', 'quick browner fox'],
    finds: {
      'quick brown': [0, 1, 2, 3],
      '"quick brown"': [0, 2],
      '“quick brown” fox': [0, 2],
      '"quick brow"': [],
      '"brown fox"': [0],
      '"quick brown': [0, 1, 2, 3],
      'the "fox"': [0, 1],
    },
  },
  {
    about: 'German and other European languages',
    texts: [
      'Größe der Straße: über',
      'GROESSE STRASSE',
      'Łódź und Ærø',
      'naïve café',
      'Ελλάδος ΟΔΟΣ',
      'fiancée',
    ],
    finds: {
      grosse: [0],
      GRÖSSE: [0],
      strasse: [0, 1],
      STRAẞE: [0, 1],
      uber: [0],
      lodz: [2],
      aero: [2],
      cafe: [3],
      'cafe\u0301': [3],
      ελλαδοσ: [4],
      οδος: [4],
      fiance: [5],
    },
  },
  {
    about: 'Turkish',
    texts: ['İstanbul’dan ısparta’ya', 'ISPARTA', 'istanbul'],
    finds: { istanbul: [0, 2], İSTANBUL: [0, 2], isparta: [0, 1], ISPARTA: [0, 1], ısparta: [0, 1] },
  },
  {
    about: 'Russian, also in words longer than a token',
    texts: ['Ёлка и ещё', 'достопримечательность', `${long}б`, `${long}в`],
    finds: {
      елка: [0],
      ЁЛ: [0],
      достоприм: [1],
      достопримечательность: [1],
      достопримечательный: [],
      ность: [],
      [`${long}б`]: [2],
      [`"${long}"`]: [],
      [long]: [2, 3],
    },
  },
  {
    about: 'Arabic and Hebrew, with and without vowels',
    texts: ['قرأتُ الكِتَابَ أمس', 'كـــتاب', 'שָׁלוֹם עולם'],
    finds: { الكتاب: [0], اَلْكِتَاب: [0], امس: [0], كتاب: [1], שלום: [2], שָׁלוֹם: [2] },
  },
  {
    about: 'Hindi, whose vowels are marks',
    texts: ['हिन्दी में लिखना', 'हीन भावना', 'काम'],
    finds: { हिन्दी: [0], हि: [0], ही: [1], हन: [], काम: [2], कम: [] },
  },
  {
    about: 'Chinese and Japanese: any part of a run',
    texts: ['我在北京大学学习', '東京都に行く', 'ラーメンが好き', '北京', 'カード ガード'],
    finds: {
      北京: [0, 3],
      京大: [0],
      学: [0],
      北京大学: [0],
      大学北京: [],
      京都: [1],
      く: [1],
      ラーメン: [2],
      メ: [2],
      '東京 行く': [1],
      ガード: [4],
      ガー: [4],
      カ: [4],
    },
  },
  {
    about: 'Korean and Thai: any part, too',
    texts: ['창고에 재고가 없습니다', 'ฉันกินข้าวที่บ้าน', '창'],
    finds: { 창고: [0], 고에: [0], 없습니다: [0], 창: [0, 2], กินข้าว: [1], บ้าน: [1], กน: [] },
  },
  {
    about: 'emoji',
    texts: ['Ship it 👍🏽', '👩‍💻 at work', 'Made in 🇩🇪', '🇩🇰', 'it’s 1️⃣ o’clock', '❤️'],
    finds: { '👍': [0], '👍🏿': [0], '👩‍💻': [1], '💻': [1], '🇩🇪': [2], '🇩🇰': [3], '1': [4], '❤': [5], '👎': [] },
  },
  {
    about: 'scripts side by side, zero-width and full-width characters',
    texts: ['Order 北京 now', 'zero\u200bwidth', 'ＡＢＣ１２３', 'so\u00adft', 'x\u202ereversed'],
    finds: {
      'order 京': [0],
      '"order 北京 now"': [0],
      zerowidth: [1],
      abc123: [2],
      soft: [3],
      xreversed: [4],
    },
  },
  {
    about: 'what is an operator elsewhere',
    texts: ['alpha beta', 'alpha', 'gamma * near', 'beta OR NOT alpha'],
    finds: {
      'alpha -beta': [0, 3],
      '+alpha': [0, 1, 3],
      'alpha*': [0, 1, 3],
      'alpha OR beta': [3],
      'NOT alpha': [3],
      'al"pha': [],
      'alpha" OR 1=1 --': [],
      "alpha') or ('1'='1": [],
      'NEAR(alpha beta)': [],
      '(alpha)': [0, 1, 3],
      'tokens : alpha': [],
      '^alpha': [0, 1, 3],
      '~beta @2 >alpha <beta': [],
      'alpha\0beta': [0, 3],
      '\ud800 alpha': [0, 1, 3],
      '%': [],
      'a_p%': [],
    },
  },
]

/** Terms without a word: refused. */
export const WORDLESS = ['', '   ', '""', '***', '%', '\u200b', '\ud800', '\0', '.,;!?', '+-<>()~*"@']
