/** Every word of the app, in one place for each language. Braces are filled in by `fill`. */

export const en = {
  exit: "Exit",
  help: "Help now",
  back: "Back",
  main: "Main",
  square: "A square to scan",
  unchanged: "Nothing was changed.",
  unexpected: "Something went wrong in this app.",
  unexpectedHint: "Your entries on this device stay. Close this page and open it again.",
  today: "Today",
  lookBack: "Look back",
  people: "People",
  you: "You",

  unknownApp:
    "The app that this server sends is not a known release. Don't unlock yet. Ask the people who run it, or use the copy already on this device.",

  welcomeTitle: "A private place for how you are",
  welcome: "Only you can read it, and the people you choose.",
  start: "Start",
  already: "I already use this",

  howTitle: "How do you want to open it?",
  byLock: "With this device's lock",
  byLockText:
    "Use your fingerprint, face or screen lock. It is quick. But anyone who can unlock this phone can open this too.",
  byLockNext: "Your device will now ask for your finger, face or PIN.",
  byWords: "With five words",
  byWordsText: "Use five words that we make up for you. This is best if someone else can unlock your phone.",
  noPrf:
    "This passkey can sign you in, but it can't unlock your entries. You did nothing wrong: some phones and keys can't do it. Please use five words.",
  noSecret:
    "This passkey can't unlock your entries here: some browsers can't do it. You did nothing wrong. Please open them another way.",
  refused: "Nothing was set up. You can try again, or choose five words.",

  wordsTitle: "Your five words",
  wordsText: "Write them down or learn them. They open your entries on this device, and nobody here has a copy.",
  otherWords: "Other words",
  typeWords: "Type your five words",
  wordsDiffer: "These are not the same words. Look at them again.",
  haveThem: "I have them",
  nameLabel: "A name to sign in with",
  nameText: "Not your real name. No e-mail is needed. Some digits are added to it.",
  nameWrong: "Use 2 to 24 small letters and digits, a letter first.",

  moodTitle: "How are you right now?",
  moods: ["very low", "low", "so-so", "good", "very good"],
  save: "Save",
  chooseFace: "Choose a face first.",
  savedHere: "Saved. Sealed on this device.",
  addNote: "Add a note",
  note: "Note",
  undo: "Undo",
  next: "Go on",

  spareTitle: "Keep a spare key",
  spare:
    "This is your spare key. If you lose this phone, it opens your entries on a new one. Nobody here has a copy, so we can't send you another.",
  spareHave: "I have it",
  spareLater: "Later",
  sparePrint: "Print",
  spareSave: "Save as a file",
  spareFile: "Spare key for {host}. Keep it where you keep papers that matter.",
  spareCheckTitle: "Two rows, to be sure",
  spareCheck: "Type row {one} and row {two} of your spare key. Small letters and spaces do not matter.",
  row: "Row {row}",
  check: "Check",
  laterText:
    "You can do this later. Until then, your entries are only on this device. If its browser data is cleared, they are gone.",

  copyTitle: "Keep a sealed copy on this server?",
  copyText:
    "Then you can use it on other devices and share parts of it. The server stores it but can't read it. You can stop at any time.",
  copyYes: "Keep a sealed copy",
  copyNo: "Only on this device",
  unfinished: "Your entries are only on this device.",
  finish: "Keep them safe from a lost phone",

  unlockTitle: "Open your notes",
  unlock: "Open",
  unlockLock: "Open with this device's lock",
  unlockSpare: "Open with the spare key",
  elsewhereTitle: "Open in another tab",
  elsewhere: "Your notes are open in another tab or window. Close it there, then open this page again.",

  signInTitle: "Open what you already have",
  withPasskey: "With a passkey",
  withDevice: "With a device where it is open",
  withDeviceText: "This device shows a square. You scan it with the other one.",
  pairTitle: "Scan this with the other device",
  pairText:
    "On a device where your notes are open, scan this square with its camera, or open the link there. Show it to nobody else. It works for ten minutes.",
  pairWait: "Waiting for the other device.",
  offlineWait: "You are offline. This goes on when you are back.",
  pairNew: "Show a new square",
  letInTitle: "Let a new device in?",
  letInText:
    "It will read and write everything that you can. Go on only if you hold that device yourself, and opened this link on it.",
  letInYes: "Let it in",
  letInNo: "Don't let it in",
  letInDone: "It was let in. It shows among your devices.",
  withName: "With a name and five words",
  withSpare: "With the spare key",
  signInName: "Sign-in name",
  code: "Code of your second factor",
  spareRows: "Spare key, all eight rows",
  signIn: "Open",
  opening: "Opening. This can take some seconds.",

  nothingToday: "Nothing yet today.",
  nothingYet: "Your days will show here once you have written.",
  waits: "waits on this device",
  notOpen: "This entry does not open on this device.",
  conflict: "Two edits met. Both are kept.",
  remove: "Remove",
  removeText: "It goes from here and from the server, and can't be brought back. Who has read it may keep it.",
  removeYes: "Remove for good",
  earlier: "Earlier entries",
  noteSave: "Save note",
  offline: "You are offline. Everything you write waits here.",
  logFault: "What you write is still saved. Nothing new can be shared until this is clear.",
  keepWriting: "Your copy on this device has not changed. Keep writing: what you write stays here.",

  peopleNone: "Nobody can read anything of yours.",
  peopleFinish: "To share, first keep a sealed copy: under You.",
  addPerson: "Add a person",
  inviteTitle: "Invite one person",
  inviteText:
    "Let them scan this, or send them the link in a way that you trust. It works once, for 7 days. It lets them answer; it does not show them anything yet.",
  copyLink: "Copy the link",
  copied: "Copied",
  lookAnswers: "See if they answered",
  answered: "{names} answered.",
  noAnswer: "No answer yet.",
  acceptTitle: "Someone wants to share with you",
  acceptText: "They get your answer and your name as you write it here. Nothing of yours is shown to them.",
  myName: "Your name, as they should see it",
  theirName: "What you call them",
  acceptYes: "Answer",
  acceptNo: "Not now",
  acceptDone: "Answered. When they share something, it shows here.",
  canRead: "can read: {parts}",
  sharesWith: "shares with you: {parts}",
  nothingShared: "nothing is shared",
  shareSomething: "Share something",
  compare: "Compare words",
  compareText:
    "Read these words to {name}, face to face or by phone. If both of you see the same words, you have the right person. If not, don't share.",
  keysLogged: {
    logged: "The server's public log has this person's newest keys: you see the same ones as everyone.",
    waiting: "This person's newest keys are not in the server's public log yet. That takes a moment.",
    unvouched: "Not enough outside witnesses vouch for the server's public log just now. Compare the words before you share.",
    unknown: "The server's public log of keys has not been read yet. Compare the words before you share.",
  },
  stopSharing: "Stop sharing {part}",
  stopTitle: "Stop sharing with {name}?",
  stopText:
    "They get nothing new from now on. They may keep what they have read. They will see that it stopped, but not why.",
  keep: "Keep sharing",
  stopped: "Stopped. {name} gets nothing new.",

  shareWhat: "What do you want to share with {name}?",
  shareLess: "Is someone asking you to share this? You can share less. They can't read what you leave out.",
  shareFrom: "From which month on?",
  thisMonth: "This month",
  lastThree: "The last three months",
  everything: "From the beginning",
  shareUntil: "Until when?",
  lastDay: "Last day",
  shareConfirm: "Share {part} with {name}?",
  shareText:
    "They can read entries from {start} on. This ends on {end}. You can stop at any time. They may keep what they have read.",
  shareOpenText:
    "They can read entries from {start} on. This has no last day. You can stop at any time. They may keep what they have read.",
  shareYes: "Share it",
  shareNo: "Don't share",
  shared: "{name} can now read {part}.",
  beginning: "the beginning",
  parts: { mood: "moods", journal: "journal", checkups: "check-ups", plan: "safety plan" } as Record<string, string>,
  readFrom: "What {name} shares",

  youTitle: "Your ways in and devices",
  signInAs: "Your sign-in name is {handle}.",
  onlyHere: "You have no account at this server. Your entries are only on this device.",
  devices: "Devices",
  calls: "calls itself {name}",
  thisDevice: "this device",
  since: "since {date}",
  signOutDevice: "Sign out and make new keys",
  lockNow: "Lock now",
  leave: "Delete everything",
  leaveText:
    "Your keys are destroyed, so we can't bring your entries back. After 14 days that is true for this server's backups too. People you shared with may keep what they have read.",
  leaveYes: "Delete it all",
  leaveNo: "Keep it",
  leaveNeeds: "To delete, open your ways in once more: the one you use each day, and the spare key.",
  gone: "Everything is deleted.",
  serverSees: "What this server can see",
  serverSeesText:
    "The server knows when you save something, about how big it is, and which month it is about. It can't read your words or your moods. Someone could still guess how often you use this. A server that lies could also send you a false app; only a check from outside finds that.",
  working: "One moment",
};

export type Words = typeof en;

/** The words of the language in use. */
export const words: Words = en;

/** Return a text with its braces filled in. */
export function fill(text: string, values: Readonly<Record<string, string>>): string {
  return text.replace(/\{(\w+)\}/g, (_whole, name: string) => values[name] ?? "");
}
