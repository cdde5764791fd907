/**
 * What went wrong, in German and Spanish: by the stable code of an error, else by its family. English is in the errors
 * themselves. Awaits native readers. No I/O.
 */

import type { HeldShown } from "../engine/shown.ts";
import type { Language } from "./language.ts";

interface Told {
  readonly message: string;
  readonly hint: string | null;
}

type Spoken = Exclude<Language, "en">;
type Texts = Readonly<Record<string, readonly [message: string, hint?: string]>>;

/** By code: what a person meets. */
const BY_CODE: Readonly<Record<Spoken, Texts>> = {
  de: {
    "wrong-key": ["Das öffnet es nicht.", "Sieh es dir noch einmal an, oder öffne es anders."],
    offline: ["Der Server ist gerade nicht zu erreichen.", "Was du schreibst, bleibt hier. Versuch es später."],
    "signed-out": ["Dieses Gerät ist nicht mehr angemeldet.", "Deine Einträge bleiben hier. Melde dich noch einmal an."],
    "spare-row": ["Eine Zeile ist nicht wie auf deinem Schlüssel.", "Sieh sie dir noch einmal an."],
    "recovery-row": ["In einer Zeile des Ersatzschlüssels ist ein Tippfehler.", "Sieh die Zeilen noch einmal durch."],
    "recovery-length": ["Der Ersatzschlüssel hat acht Zeilen mit je acht Zeichen.", "Gib alle acht Zeilen ein."],
    "passphrase-short": ["Das ist zu kurz.", "Nimm mindestens 12 Zeichen, etwa fünf Wörter."],
    "passphrase-easy": ["Das lässt sich leicht erraten.", "Nimm fünf Wörter, die nicht zusammengehören."],
    "last-slot": ["Dann bliebe zu wenig, womit du öffnen kannst.", "Füg zuerst einen anderen Zugang hinzu."],
    "unlock-here": ["Das öffnet dein Konto, aber nicht dieses Gerät.", "Öffne dieses Gerät noch einmal so wie heute."],
    "store-exists": ["Auf diesem Gerät ist schon etwas.", "Öffne es, oder nimm ein anderes Browserprofil."],
    "storage-full": ["In diesem Browser ist kein Platz mehr.", "Schaff etwas Platz und schreib es dann noch einmal."],
    storage: ["Dieser Browser behält für diese Seite nichts.", "Private Fenster verbieten das oft."],
    "no-account": ["Eine Datei braucht die verschlossene Kopie auf dem Server.", "Was du schreibst, braucht keine."],
    "file-too-large": ["Diese Datei ist größer als 4 GB."],
    "file-unreadable": ["Diese Datei lässt sich nicht lesen.", "Wähl sie noch einmal aus."],
    split: ["Der zurückgesetzte Server hat dort eine andere Fassung."],
    "blob-missing": ["Der Server hat eine angehängte Datei nicht mehr ganz.", "Häng sie noch einmal an."],
    "day-off": ["Das Datum dieses Geräts weicht zu weit von dem des Servers ab.", "Stell Datum und Uhrzeit richtig."],
    "key-replaced": ["Der Schlüssel dieses Geräts wurde ersetzt.", "Öffne hier einen Zugang."],
    "account-unfinished": ["Die Anmeldung ist noch nicht fertig.", "Füg zuerst einen zweiten Zugang hinzu."],
    "collection-full": ["In diesem Teil ist kein Platz mehr."],
    "too-many-collections": ["Mehr Teile nimmt der Server nicht an."],
    "collection-ended": ["Diesen Teil gibt es nicht mehr."],
    "collection-unknown": ["Diesen Teil kennt der Server nicht."],
    "share-ended": ["Das wird nicht mehr geteilt."],
    "not-a-member": ["Dieser Teil wird nicht mit dir geteilt."],
    "reader-writes": ["In diesem Teil darfst du lesen, aber nicht schreiben."],
    "entry-not-yours": ["Dieser Eintrag ist von jemand anderem."],
    "not-the-author": ["Dieser Eintrag ist von jemand anderem."],
    "not-the-owner": ["Das darf nur, wem dieser Teil gehört."],
    "item-erased": ["Dieser Eintrag wurde inzwischen entfernt."],
    "month-not-entitled": ["Dieser Monat wird nicht mit dir geteilt."],
    "on-hold": ["Das muss noch aufbewahrt werden und lässt sich nicht entfernen."],
    overtaken: ["Andere haben gerade zuerst geschrieben."],
    withheld: ["Der Server gibt einen Eintrag nicht heraus, den er haben müsste."],
    rollback: ["Der Server zeigt einen älteren Stand, als dieses Gerät schon gesehen hat."],
    fork: ["Der Server zeigt einen anderen Verlauf, als dieses Gerät gesehen hat."],
    "owner-swapped": ["Der Server zeigt als von deinem Kontakt, was jemand anderes angelegt hat."],
    "file-differs": ["Das ist keine der Dateien, die der Server verloren hat. Nichts davon wurde gesendet.", "Eine Datei, die seither geändert wurde, passt nicht."],
    "entry-unknown": ["Diesen Eintrag gibt es hier noch nicht."],
    "pairing-unknown": ["Unter diesem Link wartet kein Gerät mehr.", "Zeig ein neues Quadrat."],
    "contact-unchecked": ["Vergleicht zuerst die Wörter.", "Dann kannst du mit dieser Person teilen."],
    "not-shared": ["Das wurde schon beendet."],
    "invitation-over": ["Dieser Link gilt nicht mehr.", "Bitte um einen neuen."],
    "invitation-taken": ["Dieser Link wurde schon benutzt.", "Bitte um einen neuen."],
    "login-refused": ["Name und Wörter passen nicht zusammen.", "Sieh sie dir noch einmal an."],
    "totp-refused": ["Dieser Code passt nicht.", "Nimm den, den deine Code-App jetzt zeigt."],
    "totp-needed": ["Gib auch den Code aus deiner Code-App ein."],
    "passkey-needed": ["Dein Passkey wird auch verlangt."],
    "too-many-tries": ["Das waren zu viele Versuche.", "Warte etwas, dann geht es wieder."],
    "import-header": ["Diese Tabelle hat andere Spalten, als wir kennen.", "Sieh nach, ob es die richtige Datei ist."],
    "import-not-text": ["Diese Datei ist kein lesbarer Text.", "Speichere sie als CSV in UTF-8 und versuch es noch einmal."],
    "import-line-length": ["Eine Zeile dieser Datei ist zu lang für eine Tabelle."],
    "import-map": ["So lassen sich die Spalten nicht lesen.", "Sieh dir an, was du für jede gewählt hast."],
    "import-mood-level": ["Eine Stimmung braucht eine Zahl von 1 bis 5."],
    "import-unknown": ["Diese Art von Datei kennen wir nicht."],
    "import-too-large": ["Diese Datei ist größer als 64 MB.", "Teil sie in mehrere Tabellen. Was schon da ist, kommt nicht doppelt."],
    "import-over": ["Wähl die Datei noch einmal aus."],
    "zone-unknown": ["Diese Zeitzone kennt das Gerät nicht.", "Schreib sie wie Europe/Berlin oder +02:00."],
    "log-key-changed": ["Der Server unterschreibt seine Protokolle auf einmal mit einem anderen Schlüssel."],
    "log-missing": ["Der Server zeigt ein Protokoll nicht mehr, das er hatte."],
    "log-shrunk": ["Ein Protokoll des Servers ist kürzer als zuvor."],
    "log-rewritten": ["In einem Protokoll des Servers steht etwas anderes als zuvor."],
    "log-fork": ["Der Server zeigt zwei Fassungen eines Protokolls."],
    "head-missing": ["Im Protokoll fehlt ein Stand deiner Einträge."],
    "head-unknown": ["Im Protokoll steht ein Stand deiner Einträge, den dieses Gerät nicht kennt."],
    "head-double": ["Im Protokoll steht ein Stand deiner Einträge zweimal."],
    "statement-hidden": ["Das Protokoll hat neuere Schlüssel, als der Server zeigt."],
    "statement-double": ["Im Protokoll stehen Schlüssel zweimal."],
    "receipt-early": ["Das Verzeichnis hat das noch nicht unterschrieben.", "Das geschieht jede Stunde: Versuch es später."],
    "receipt-broken": ["Der Server hält etwas nicht ein, das er zugesagt hat."],
    "receipt-unknown": ["Etwas, das der Server zugesagt hat, fehlt in seinem Protokoll."],
  },
  es: {
    "wrong-key": ["Eso no lo abre.", "Míralo otra vez o ábrelo de otra forma."],
    offline: ["Ahora no se llega al servidor.", "Lo que escribes se queda aquí. Prueba más tarde."],
    "signed-out": ["Este aparato ya no tiene la sesión abierta.", "Tus entradas siguen aquí. Entra otra vez."],
    "spare-row": ["Una fila no es como la de tu llave.", "Mírala otra vez."],
    "recovery-row": ["Hay una errata en una fila de la llave de repuesto.", "Repasa las filas."],
    "recovery-length": ["La llave de repuesto tiene ocho filas de ocho signos.", "Escribe las ocho filas."],
    "passphrase-short": ["Es demasiado corta.", "Usa al menos 12 signos, por ejemplo cinco palabras."],
    "passphrase-easy": ["Es fácil de adivinar.", "Usa cinco palabras sin relación."],
    "last-slot": ["Te quedaría muy poco con lo que abrir.", "Añade antes otra forma de entrar."],
    "unlock-here": ["Eso abre tu cuenta, pero no este aparato.", "Abre este aparato otra vez como hoy."],
    "store-exists": ["Ya hay algo en este aparato.", "Ábrelo o usa otro perfil del navegador."],
    "storage-full": ["No queda sitio en este navegador.", "Libera espacio y escríbelo otra vez."],
    storage: ["Este navegador no guarda nada de esta página.", "Las ventanas privadas suelen impedirlo."],
    "no-account": ["Un archivo necesita la copia cerrada en el servidor.", "Lo que escribes no la necesita."],
    "file-too-large": ["Este archivo pasa de 4 GB."],
    "file-unreadable": ["Este archivo no se puede leer.", "Elígelo otra vez."],
    split: ["El servidor, que volvió a un día anterior, tiene allí otra versión."],
    "blob-missing": ["El servidor ya no tiene entero un archivo adjunto.", "Adjúntalo otra vez."],
    "day-off": ["La fecha de este aparato no coincide con la del servidor.", "Pon bien la fecha y la hora."],
    "key-replaced": ["La llave de este aparato se cambió por otra.", "Abre aquí una forma de entrar."],
    "account-unfinished": ["El registro no está completo.", "Añade antes una segunda forma de entrar."],
    "collection-full": ["En esta parte ya no cabe más."],
    "too-many-collections": ["El servidor no admite más partes."],
    "collection-ended": ["Esta parte ya no existe."],
    "collection-unknown": ["El servidor no conoce esta parte."],
    "share-ended": ["Ya no se comparte."],
    "not-a-member": ["Esta parte no se comparte contigo."],
    "reader-writes": ["En esta parte puedes leer, pero no escribir."],
    "entry-not-yours": ["Esta entrada es de otra persona."],
    "not-the-author": ["Esta entrada es de otra persona."],
    "not-the-owner": ["Eso solo lo puede hacer quien tiene esta parte."],
    "item-erased": ["Esta entrada se quitó mientras tanto."],
    "month-not-entitled": ["Este mes no se comparte contigo."],
    "on-hold": ["Aún hay que guardarlo y no se puede quitar."],
    overtaken: ["Otros acaban de escribir antes."],
    withheld: ["El servidor no entrega una entrada que debería tener."],
    rollback: ["El servidor muestra un estado más viejo que el que este aparato ya vio."],
    fork: ["El servidor muestra otra historia que la que este aparato vio."],
    "owner-swapped": ["El servidor muestra como de tu contacto algo que hizo otra persona."],
    "file-differs": ["No es ninguno de los archivos que el servidor perdió. No se envió nada.", "Un archivo que cambió desde entonces no vale."],
    "entry-unknown": ["Esta entrada aún no está aquí."],
    "pairing-unknown": ["Ya no espera ningún aparato en este enlace.", "Muestra otro cuadro."],
    "contact-unchecked": ["Comparad antes las palabras.", "Luego podrás compartir con esta persona."],
    "not-shared": ["Eso ya se había parado."],
    "invitation-over": ["Este enlace ya no sirve.", "Pide otro."],
    "invitation-taken": ["Este enlace ya se usó.", "Pide otro."],
    "login-refused": ["El nombre y las palabras no van juntos.", "Míralos otra vez."],
    "totp-refused": ["Este código no vale.", "Usa el que tu app de códigos muestra ahora."],
    "totp-needed": ["Escribe también el código de tu app de códigos."],
    "passkey-needed": ["También se pide tu llave de acceso."],
    "too-many-tries": ["Han sido demasiados intentos.", "Espera un poco y vuelve a probar."],
    "import-header": ["Esta tabla tiene otras columnas que las que conocemos.", "Mira si es el archivo correcto."],
    "import-not-text": ["Este archivo no es un texto que se pueda leer.", "Guárdalo como CSV en UTF-8 y prueba otra vez."],
    "import-line-length": ["Una línea de este archivo es muy larga para una tabla."],
    "import-map": ["Así no se pueden leer las columnas.", "Mira lo que has elegido para cada una."],
    "import-mood-level": ["Un ánimo necesita un número del 1 al 5."],
    "import-unknown": ["No conocemos este tipo de archivo."],
    "import-too-large": ["Este archivo pasa de 64 MB.", "Divídelo en varias tablas. Lo que ya está no se trae dos veces."],
    "import-over": ["Elige el archivo otra vez."],
    "zone-unknown": ["El aparato no conoce esa zona horaria.", "Escríbela como Europe/Madrid o +02:00."],
    "log-key-changed": ["De pronto el servidor firma sus registros con otra llave."],
    "log-missing": ["El servidor ya no muestra un registro que tenía."],
    "log-shrunk": ["Un registro del servidor es más corto que antes."],
    "log-rewritten": ["En un registro del servidor pone otra cosa que antes."],
    "log-fork": ["El servidor muestra dos versiones de un registro."],
    "head-missing": ["En el registro falta un estado de tus entradas."],
    "head-unknown": ["En el registro hay un estado de tus entradas que este aparato no conoce."],
    "head-double": ["En el registro un estado de tus entradas está dos veces."],
    "statement-hidden": ["El registro tiene llaves más nuevas que las que muestra el servidor."],
    "statement-double": ["En el registro hay llaves dos veces."],
    "receipt-early": ["El registro aún no lo ha firmado.", "Lo hace cada hora: prueba más tarde."],
    "receipt-broken": ["El servidor no cumple algo que prometió."],
    "receipt-unknown": ["Algo que el servidor prometió falta en su registro."],
  },
};

/** By family: what is so, whatever it was exactly. */
const BY_FAMILY: Readonly<Record<Spoken, Texts>> = {
  de: {
    IntegrityError: ["Der Server hat etwas geschickt, das nicht zu deinen Einträgen passt. Wir haben es nicht geladen."],
    RollbackError: ["Der Server zeigt einen älteren oder anderen Stand als den, den dieses Gerät geprüft hat."],
    WithheldError: ["Der Server gibt nicht heraus, was er haben müsste."],
    UnavailableError: ["Der Server kann das gerade nicht.", "Versuch es später noch einmal."],
    DeniedError: ["Das erlaubt der Server nicht."],
    NotFoundError: ["Das gibt es hier nicht."],
    ConflictError: ["Etwas hat sich inzwischen geändert.", "Sieh nach und versuch es noch einmal."],
    InvalidInputError: ["So geht das nicht.", "Sieh dir die Eingabe noch einmal an."],
    "": ["Das hat nicht geklappt."],
  },
  es: {
    IntegrityError: ["El servidor ha enviado algo que no coincide con tus entradas. No lo hemos cargado."],
    RollbackError: ["El servidor muestra un estado más viejo u otro distinto del que este aparato comprobó."],
    WithheldError: ["El servidor no entrega lo que debería tener."],
    UnavailableError: ["El servidor no puede hacerlo ahora.", "Prueba más tarde."],
    DeniedError: ["El servidor no lo permite."],
    NotFoundError: ["Eso no está aquí."],
    ConflictError: ["Algo ha cambiado mientras tanto.", "Míralo y prueba otra vez."],
    InvalidInputError: ["Así no se puede.", "Mira otra vez lo que has escrito."],
    "": ["No ha salido bien."],
  },
};

/** What could not be sent or loaded, as it begins: one entry, several, something of others. */
const HELD: Readonly<Record<Spoken, readonly [one: string, several: string, ofOthers: string]>> = {
  de: ["1 Eintrag bleibt auf diesem Gerät.", "{count} Einträge bleiben auf diesem Gerät.", "Etwas, das mit dir geteilt ist:"],
  es: ["1 entrada se queda en este aparato.", "{count} entradas se quedan en este aparato.", "Algo que comparten contigo:"],
};

/** Return what could not be sent or loaded and why, in a language other than English. */
export function heldIn(language: Spoken, { count, reason, family }: HeldShown): string {
  const [one, several, ofOthers] = HELD[language];
  const begins = count === 0 ? ofOthers : count === 1 ? one : several.replace("{count}", String(count));
  return `${begins} ${faultIn(language, reason, family).message}`;
}

/** Return what an error means, in a language other than English; its code stands at the end, for whoever is asked. */
export function faultIn(language: Spoken, reason: string, family: string): Told {
  const known = BY_CODE[language][reason];
  if (known !== undefined) return { message: known[0], hint: known[1] ?? null };
  const [message, hint = null] = BY_FAMILY[language][family] ?? BY_FAMILY[language][""] ?? [""];
  return { message: `${message} (${reason})`, hint };
}
