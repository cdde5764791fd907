/** The words about what a share is for and what was agreed to, in each language. German and Spanish await a native reader. */

import { inLanguage } from "../../words/language.ts";

export const say = inLanguage(
  {
    purpose: "What may they use it for?",
    purposes: { care: "To help me", proceedings: "For a court or an authority" },
    care: "{part}: {terms}",
    proceedings:
      "{part}: {terms} They may use it in a case at a court or an authority, and show it there. This agrees to that only. You need not agree: no help depends on it.",
    title: "What was agreed with {name}",
    text: "These are the words that were signed, the newest first. Nobody can change them later.",
    none: "Nothing was agreed yet.",
    open: "What you agreed to",
    mine: "You agreed on {date}.",
    theirs: "{name} agreed on {date}.",
    ended: "It ended on {date}.",
    for: { care: "To help", notes: "Notes of therapy, kept apart", proceedings: "For a case at a court or an authority" },
    noWords: "The words were not kept with this one.",
    differs: "What they sealed with this is not what they signed. Ask them about it.",
    receipt: "Receipt",
    saved: "A receipt was saved. It shows others what you agreed to, and when. It shows nothing that you wrote.",
  },
  {
    purpose: "Wofür darf es dienen?",
    purposes: { care: "Um mir zu helfen", proceedings: "Für ein Gericht oder ein Amt" },
    care: "{part}: {terms}",
    proceedings:
      "{part}: {terms} Es darf in einem Verfahren bei Gericht oder einem Amt dienen und dort gezeigt werden. Das gilt nur dafür. Du musst nicht zustimmen: Keine Hilfe hängt davon ab.",
    title: "Was mit {name} vereinbart ist",
    text: "Das sind die Worte, die unterschrieben wurden, die neuesten zuerst. Niemand kann sie später ändern.",
    none: "Noch ist nichts vereinbart.",
    open: "Was du erlaubt hast",
    mine: "Du hast am {date} zugestimmt.",
    theirs: "{name} hat am {date} zugestimmt.",
    ended: "Das endete am {date}.",
    for: { care: "Zur Hilfe", notes: "Notizen einer Therapie, getrennt geführt", proceedings: "Für ein Verfahren bei Gericht oder einem Amt" },
    noWords: "Die Worte dazu wurden nicht aufgehoben.",
    differs: "Was dazu verschlossen wurde, ist nicht das, was unterschrieben wurde. Frag nach.",
    receipt: "Beleg",
    saved: "Ein Beleg wurde gespeichert. Er zeigt anderen, was du erlaubt hast, und wann. Was du schreibst, zeigt er nicht.",
  },
  {
    purpose: "¿Para qué lo pueden usar?",
    purposes: { care: "Para ayudarme", proceedings: "Para un juez o una autoridad" },
    care: "{part}: {terms}",
    proceedings:
      "{part}: {terms} Se puede usar en un caso ante un juez o una autoridad, y mostrarlo allí. Solo vale para eso. No tienes que aceptar: ninguna ayuda depende de ello.",
    title: "Lo acordado con {name}",
    text: "Estas son las palabras que se firmaron, las más nuevas primero. Nadie puede cambiarlas después.",
    none: "Aún no hay nada acordado.",
    open: "Lo que aceptaste",
    mine: "Lo aceptaste el {date}.",
    theirs: "{name} lo aceptó el {date}.",
    ended: "Terminó el {date}.",
    for: { care: "Para ayudar", notes: "Notas de terapia, guardadas aparte", proceedings: "Para un caso ante un juez o una autoridad" },
    noWords: "Las palabras de esto no se guardaron.",
    differs: "Lo que cerró con esto no es lo que firmó. Pregúntale.",
    receipt: "Comprobante",
    saved: "Se guardó un comprobante. Muestra a otros qué aceptaste y cuándo. No muestra nada de lo que escribes.",
  },
);
